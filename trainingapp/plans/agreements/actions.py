"""The supervisor's word on a plan: asked for by the participant, given behind a personal link."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.participants import actions as participants
from trainingapp.plans import queries
from trainingapp.plans.agreements import messages
from trainingapp.plans.agreements.models import SupervisorAgreement, SupervisorWord
from trainingapp.plans.agreements.queries import is_open, of_plan, own_addresses, token
from trainingapp.plans.models import ENDED, ActionPlan
from trainingapp.refusals import Refusal
from trainingapp.tokens import fingerprint

LASTS = timedelta(days=30)
MOST = 10  # questions about one plan: each is a mail to somebody who has no account with us


class NothingToAgree(Refusal):
    """The plan was never sent, or it has ended."""


class OwnAddress(Refusal):
    """Nobody agrees to their own plan."""


class AskedOften(Refusal):
    """A supervisor is a person, not a wall to throw mails at."""


class LinkClosed(Refusal):
    """Answered, withdrawn, too old, or of a plan that has ended."""


class PlanChanged(Refusal):
    """A newer version was sent while the supervisor read."""


class ReasonMissing(Refusal):
    """A "not yet" helps only with its because."""


def ask(
    plan: ActionPlan,
    name: str,
    email: str,
    language: str,
    now: datetime,
    form_id: str | None = None,
) -> SupervisorAgreement:
    """Mails the supervisor a personal link about the version that was sent last. A question that is still
    open is withdrawn. Raises NothingToAgree, OwnAddress, AskedOften, once.Twice.
    """
    lock(plan)
    versions = queries.versions_of(plan)
    if not versions or plan.state in ENDED:
        raise NothingToAgree(_("First send your plan to your coordinator. Then your supervisor can read it."))
    address = participants.normalise_email(email)
    if address in own_addresses(plan):
        raise OwnAddress(_("This is your own address. Write the address of your supervisor."), "email")
    asked = of_plan(plan)
    if len(asked) >= MOST:
        raise AskedOften(_("You have asked often about this plan. Speak with your supervisor."))
    made = SupervisorAgreement(
        plan_id=plan.id,
        plan_version_id=versions[-1].id,
        name=name,
        email=address,
        language=language,
        asked_at=now,
        expires_at=now + LASTS,
        form_id=form_id,
    )
    once.keep(made)
    made.token_hash = fingerprint(token(made))
    for earlier in asked:
        if is_open(earlier, now):
            withdraw(earlier, now)
    _record(made, "asked the supervisor", after=made.email)
    messages.write_asked(made, now)
    return made


def withdraw(asked: SupervisorAgreement, now: datetime) -> None:
    """The link opens nothing any more. What was answered stays."""
    lock(asked)
    if asked.answer is None and asked.withdrawn_at is None:
        asked.withdrawn_at = now
        db.session.flush()
        _record(asked, "withdrew the question", before=asked.email)


def answer(
    asked: SupervisorAgreement, version: int, said: SupervisorWord, reason: str, now: datetime
) -> None:
    """Once, about the version that was on the page. Raises LinkClosed, PlanChanged, ReasonMissing."""
    lock(asked.plan)
    lock(asked)
    if not is_open(asked, now):
        raise LinkClosed(_("This question is closed."))
    latest = queries.versions_of(asked.plan)[-1]
    if latest.number != version:
        raise PlanChanged(_("The plan was changed while you read it. Please look at it again, then answer."))
    if said == SupervisorWord.NOT_YET and not reason:
        raise ReasonMissing(
            _("Say in a few words what is missing: it helps to make the plan better."), "reason"
        )
    asked.plan_version_id = latest.id
    asked.answer, asked.reason, asked.answered_at = said, reason, now
    db.session.flush()
    _record(asked, "answered", after=said, why=reason or None)
    messages.write_answered(asked, now)


def _record(asked: SupervisorAgreement, verb: str, **facts: Any) -> None:
    programme_id = asked.plan.enrolment.cohort.theme.programme_id
    audit.record(asked.plan, verb, programme_id=programme_id, **facts)
