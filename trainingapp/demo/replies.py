"""What some who have not answered wrote back by email: understood, not understood, from a stranger."""

from datetime import datetime, timedelta
from email.message import EmailMessage

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.followups import steps
from trainingapp.followups.models import MAY_ANSWER, Invitation, Wave, WaveState
from trainingapp.inbound import actions as inbound
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.surveys.models import SurveyVersion

WORDS = (
    ("1 done, 2 60 %, 3 blocked: budget", False),
    ("Many thanks. The training went well and the laboratory waits for the committee.", False),
    ("1 selesai, 2 masih berjalan", False),
    ("I answer for my colleague: 1 done", True),
)


def make(now: datetime) -> None:
    """To mails that went out in open waves about a plan."""
    asked = (
        sa.select(Invitation)
        .join(Wave, Wave.id == Invitation.wave_id)
        .join(SurveyVersion, SurveyVersion.id == Wave.survey_version_id)
        .where(Wave.state == WaveState.OPEN, Invitation.state.in_(MAY_ANSWER), SurveyVersion.asks_progress)
        .order_by(Invitation.id)
    )
    found = ((one, _mail(one)) for one in db.session.scalars(asked) if steps.steps_of([one.enrolment_id]))
    sent = [(one, mail) for one, mail in found if mail]
    for (one, mail), (text, is_stranger) in zip(sent, WORDS, strict=False):
        letter = EmailMessage()
        letter["From"] = "colleague@ministry.example" if is_stranger else mail.address
        letter["Subject"], letter["In-Reply-To"] = "Re: your questions", mail.message_id
        letter["Message-ID"] = f"<reply-{one.id}@ministry.example>"
        letter.set_content(text)
        inbound.take_in(letter.as_bytes(), now - timedelta(hours=2))


def _mail(invitation: Invitation) -> OutgoingEmail | None:
    went = sa.select(OutgoingEmail).where(
        OutgoingEmail.about == f"invitation:{invitation.id}",
        OutgoingEmail.state == EmailState.SENT,
        OutgoingEmail.kind.in_(["invitation", "reminder"]),
    )
    return db.session.scalar(went.order_by(OutgoingEmail.id.desc()).limit(1))
