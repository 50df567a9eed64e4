"""What came back lately: someone is away, a mailbox is full, and a report about a mail that is not ours."""

from datetime import datetime, timedelta
from email.message import EmailMessage

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.inbound import actions
from trainingapp.outbox.models import EmailState, OutgoingEmail

AWAY = (
    "I am on a field visit until Monday and read my mail when I am back. For urgent matters call the office."
)
FULL = "<{address}>: host mail.example.org said: 452 4.2.2 The mailbox is full, please try again later"
STRANGE = "<nobody@example.net>: host mail.example.net said: 550 5.1.1 User unknown"


def make(now: datetime) -> None:
    sent = sa.select(OutgoingEmail).where(OutgoingEmail.state == EmailState.SENT)
    away, full = db.session.scalars(sent.order_by(OutgoingEmail.sent_at.desc(), OutgoingEmail.id).limit(2))
    answer = _letter(away.address, "Automatic reply: your follow-up questions", AWAY, away.message_id)
    answer["Auto-Submitted"] = "auto-replied"
    server = "Mail Delivery System <mailer-daemon@mail.example.org>"
    late = _letter(server, "Undelivered mail", FULL.format(address=full.address), full.message_id)
    strange = _letter(server, "Undelivered mail", STRANGE, "<newsletter.17@example.net>")
    for days, letter in enumerate((answer, late, strange), start=1):
        letter["Return-Path"] = "<>"
        actions.take_in(letter.as_bytes(), now - timedelta(days=days))


def _letter(sender: str, subject: str, words: str, about: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["In-Reply-To"] = sender, subject, about
    letter.set_content(words)
    ours = EmailMessage()
    ours["Message-ID"] = about
    letter.add_attachment(ours)
    return letter
