"""Someone who was asked by a mail that may be answered, and replies to it."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from trainingapp import clock
from trainingapp.db import db
from trainingapp.inbound import actions as inbound
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import senders
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.letters import composing
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.plans.models import Activity
from trainingapp.replies.models import EmailReply

STEPS = ("Train two firms in cost records", "Open a testing laboratory", "Write a guide on export papers")


class Asked:
    def __init__(self, make, app):
        self.app = app
        app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_answers="answers@lanjut.example")
        self.person = make.participant("Sita Nettlecloth", "sita@example.org")
        self.enrolment = make.enrolment(make.cohort(), self.person, state="completed")
        self.plan = make.planned(self.enrolment, *STEPS)
        self.invitation, self.token = make.asked(self.enrolment, address="sita@example.org")
        self.programme = self.enrolment.cohort.theme.programme
        self.email = self.write("invitation")
        self.activities = list(db.session.scalars(sa.select(Activity).order_by(Activity.position)))
        db.session.commit()

    def write(self, kind):
        email = outbox.enqueue(
            kind,
            f"{kind}:1",
            "sita@example.org",
            now=clock.now(),
            language="en",
            about=f"invitation:{self.invitation.id}",
            facts={"invitation_id": self.invitation.id},
        )
        email.state, email.sent_at, email.dot_at = EmailState.SENT, clock.now(), clock.now()
        return email

    @property
    def reply_to(self):
        sender = senders.of(self.app.config["SETTINGS"], "default")
        return composing.reply_to(self.email, KINDS[self.email.kind].render(self.email), sender)

    def mail(self, text, sender="Sita <sita@example.org>", **headers):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.reply_to, "Re: how is your plan?"
        mail["Message-ID"] = "<her-mail@example.org>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail.as_bytes()

    def replies(self, text, **facts):
        return self.takes(self.mail(text, **facts))

    def takes(self, raw):
        inbound.take_in(raw, clock.now())
        db.session.commit()
        return db.session.scalar(sa.select(EmailReply).order_by(EmailReply.id.desc()).limit(1))

    def answers(self):
        """What we wrote back."""
        query = sa.select(OutgoingEmail).where(OutgoingEmail.kind == "reply_read").order_by(OutgoingEmail.id)
        return list(db.session.scalars(query))

    def answer(self):
        [email] = self.answers()
        return KINDS[email.kind].render(email)


@pytest.fixture
def asked(make, app):
    return Asked(make, app)
