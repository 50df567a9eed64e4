"""What is shown with a report: photos, files and links. Kept with a draft; once it was sent, they stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.files import actions as files
from trainingapp.files.kinds import Judged
from trainingapp.plans.models import ActionPlan, Activity, Indicator
from trainingapp.plans.progress.models import Evidence, EvidenceKind, ProgressUpdate
from trainingapp.refusals import Refusal

MOST = 6  # of one line of a report
LONGEST_URL, LONGEST_CAPTION = 2000, 300


class NotALink(Refusal):
    """It cannot be opened in a browser."""


class TooMuch(Refusal):
    """More on one line than anybody looks at."""


@dataclass(frozen=True)
class Shown:
    """Something to show with a line, read from a form and not yet kept."""

    caption: str = ""
    url: str = ""
    name: str = ""
    judged: Judged | None = None


def read_link(text: str) -> str:
    """An address that a browser opens; we never do. "" for nothing. Raises NotALink."""
    written = text.strip()
    if not written:
        return ""
    address = written if "://" in written else f"https://{written}"
    try:
        parts = urlsplit(address)
        is_link = parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
    except ValueError:
        is_link = False
    if not is_link or len(address) > LONGEST_URL or any(letter.isspace() for letter in address):
        raise NotALink(
            _("This cannot be read as a link. Copy it from your browser, like https://example.org.")
        )
    return address


def attach(
    update: ProgressUpdate,
    shown: Shown,
    now: datetime,
    *,
    activity: Activity | None = None,
    indicator: Indicator | None = None,
    by: User | None = None,
) -> Evidence:
    """To a draft, on one of its lines or on the whole; what is there already is not added. Raises TooMuch."""
    number = activity.id if activity else None, indicator.id if indicator else None
    there = [one for one in update.shown if (one.activity_id, one.indicator_id) == number]
    same = next((one for one in there if _is_same(one, shown)), None)
    if same:
        same.caption = shown.caption or same.caption
        return same
    must_fit(there, [shown])
    file = files.keep_judged(shown.judged, shown.name, now, by) if shown.judged else None
    kind = EvidenceKind.LINK if file is None else EvidenceKind.PHOTO if file.is_picture else EvidenceKind.FILE
    made = Evidence(
        activity_id=number[0],
        indicator_id=number[1],
        kind=kind,
        file_id=file.id if file else None,
        url=shown.url,
        caption=shown.caption[:LONGEST_CAPTION],
        added_at=now,
    )
    update.shown.append(made)
    return made


def must_fit(there: Sequence[Evidence], more: Sequence[Shown]) -> None:
    """On one line. What is there already is not added. Raises TooMuch."""
    new = [shown for shown in more if not any(_is_same(one, shown) for one in there)]
    if len(there) + len(new) > MOST:
        raise TooMuch(_("Up to %(most)d photos, files and links fit on one line.", most=MOST))


def _is_same(one: Evidence, shown: Shown) -> bool:
    if shown.judged:
        return one.file is not None and one.file.sha256 == files.digest(shown.judged.data)
    return one.url == shown.url


def take_back(update: ProgressUpdate, evidence_id: int) -> None:
    """Out of a draft. What was sent stays."""
    found = db.session.get(Evidence, evidence_id)
    if found is None or found.update_id != update.id or update.reported_at is not None:
        return
    file = found.file
    db.session.delete(found)
    db.session.flush()
    db.session.expire(update, ["shown"])
    if file:
        files.forget([file])


def forget(plan: ActionPlan) -> None:
    """Erases what she showed. That something was shown, and when, stays: figures keep their level."""
    query = (
        sa.select(Evidence)
        .join(ProgressUpdate, ProgressUpdate.id == Evidence.update_id)
        .where(ProgressUpdate.plan_id == plan.id)
    )
    shown = db.session.scalars(query).all()
    gone = [one.file for one in shown if one.file]
    for one in shown:
        one.file, one.url, one.caption = None, "", ""
    db.session.flush()
    files.forget(gone)
