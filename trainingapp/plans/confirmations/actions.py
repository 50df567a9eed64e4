"""The supervisor's two questions: is it so, line by line, and what do you see of it? By a link of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp import once, tokens
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.outbox import actions as outbox
from trainingapp.participants import actions as participants
from trainingapp.plans.agreements.queries import own_addresses
from trainingapp.plans.confirmations.queries import KIND, claims_in, claims_of, token
from trainingapp.plans.models import ActionPlan
from trainingapp.plans.progress import ladder
from trainingapp.plans.progress.models import (
    ActivityReport,
    Confirmation,
    IndicatorValue,
    SupervisorAnswer,
    SupervisorCheck,
)
from trainingapp.refusals import Refusal

LIVES = timedelta(days=60)
AGAIN_AFTER = timedelta(days=14)  # a supervisor who did not answer is not pressed


class NothingToConfirm(Refusal):
    """No report says that anything was done or counted, or all of it is confirmed."""


class AskedAlready(Refusal):
    """A question is open with this supervisor."""


class OwnAddress(Refusal):
    """Nobody confirms what they report themselves."""


class NotNow(Refusal):
    """It was answered, or its time is over."""


def ask(
    plan: ActionPlan, name: str, email: str, now: datetime, by: User | None, form_id: str | None = None
) -> SupervisorCheck:
    """Raises NothingToConfirm, AskedAlready, OwnAddress, once.Twice, Refusal for an unreadable address."""
    lock(plan)
    address = participants.normalise_email(email)
    if address in own_addresses(plan):
        raise OwnAddress(_("This is the address of the participant. Write that of the supervisor."), "email")
    claims = claims_of(plan)
    if not claims:
        raise NothingToConfirm(_("There is nothing to confirm: report first what was done or counted."))
    waiting = sa.select(SupervisorCheck.id).where(
        SupervisorCheck.plan_id == plan.id,
        SupervisorCheck.answered_at.is_(None),
        SupervisorCheck.asked_at > now - AGAIN_AFTER,
    )
    if db.session.scalar(waiting.limit(1)):
        raise AskedAlready(_("The supervisor was asked less than two weeks ago. Give a little more time."))
    check = SupervisorCheck(
        plan_id=plan.id,
        name=name,
        email=address,
        language=plan.enrolment.participant.language,
        asked_at=now,
        expires_at=now + LIVES,
        asked_by_id=by.id if by else None,
        form_id=form_id,
    )
    once.keep(check)
    check.token_hash = tokens.fingerprint(token(check))
    for line in claims:
        db.session.add(
            SupervisorAnswer(
                check_id=check.id,
                report_id=line.id if isinstance(line, ActivityReport) else None,
                value_id=line.id if isinstance(line, IndicatorValue) else None,
            )
        )
    db.session.flush()
    outbox.enqueue(
        KIND,
        f"{KIND}:{check.id}",
        address,
        now=now,
        language=check.language,
        about=f"supervisor_checks:{check.id}",
        facts={"check": check.id},
    )
    audit.record(check, "asked", programme_id=plan.enrolment.cohort.theme.programme_id)
    return check


def answer(check: SupervisorCheck, said: Mapping[int, Confirmation], words: str, now: datetime) -> None:
    """`said` by the number of the line's answer. What is confirmed climbs. Raises NotNow, Refusal."""
    lock(check)
    if check.answered_at or now > check.expires_at:
        raise NotNow(_("These questions were answered already, or their time is over."))
    claims = claims_in(check)
    if not said and not words:
        raise Refusal(_("Tap an answer for at least one line, or write what you see."), "words")
    check.answered_at, check.words = now, words
    for claim in claims:
        claim.answer.said = said.get(claim.answer.id)
        if claim.answer.said is Confirmation.YES:
            ladder.confirm(claim.line, check.name, words, now)
            if again := ladder.said_again(claim.line):  # she reported the same while the question waited
                ladder.confirm(again, check.name, words, now)
    outbox.cancel(f"supervisor_checks:{check.id}", "answered")
    programme_id = check.plan.enrolment.cohort.theme.programme_id
    audit.record(check, "answered", programme_id=programme_id, by="supervisor")
