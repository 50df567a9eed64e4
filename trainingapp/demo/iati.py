"""What the programme says of itself in IATI files, and one activity of an invented publisher."""

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.iati import details as iati_details
from trainingapp.impact.iati import judging
from trainingapp.impact.references import actions as references
from trainingapp.impact.references.models import ReferenceActivity, ReferenceIndicator
from trainingapp.programmes.models import Programme

OTHERS = Path(__file__).parent / "reference_activity.xml"
OFFICE = "Secretariat for Technical Co-operation (invented)"
KNOWN = {
    "Colombo Plan Secretariat": ("XM-EXM-0071", "40"),
    "Ministry of Industry, Indonesia": ("ID-EXM-0102", "10"),
}


def make(programme: Programme, coordinator: User, now: datetime) -> None:
    """One partner stays without an identifier, one year's budget is agreed and one is an estimate."""
    facts = {
        "organisation_name": OFFICE,
        "organisation_ref": "ID-EXM-0101",
        "contact_name": "Reporting desk",
        "contact_email": "reporting@lanjut.example",
        "website": "https://lanjut.example/programme",
        "sdgs": ["8", "9", "17", "8.3", "9.3", "17.9"],
    }
    money = {
        now.year: (Decimal(240000), True),
        now.year + 1: (Decimal(265000), False),
    }
    iati_details.save(programme, None, facts, KNOWN, money, now)
    data = OTHERS.read_bytes()
    for name in ("weavers-and-loans.xml", "weavers-and-loans-corrected.xml"):
        file = io.BytesIO(data)
        references.bring_in(file, judging.judged(file, now), name, coordinator, now)
        data = data.replace(b'value="268"', b'value="274"')
    latest = (
        sa.select(ReferenceIndicator).join(ReferenceIndicator.activity).where(ReferenceActivity.is_latest)
    )
    theirs = db.session.scalars(latest.order_by(ReferenceIndicator.position)).first()
    ours = db.session.scalars(sa.select(FrameIndicator).where(FrameIndicator.code == "R3")).first()
    if theirs and ours:
        references.put_beside(theirs, ours, coordinator, now)
