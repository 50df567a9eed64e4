"""The supervisor's two questions: is it so, line by line, and what do you see of it? By a link of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from trainingapp import once, tokens
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db, lock
from trainingapp.outbox import actions as outbox
from trainingapp.participants import actions as participants
from trainingapp.plans import evidence_ladder as ladder
from trainingapp.plans.agreement_queries import own_addresses
from trainingapp.plans.evidence_ladder import Line
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, Indicator
from trainingapp.plans.progress_models import (
    ActivityReport,
    Confirmation,
    EvidenceLevel,
    IndicatorValue,
    SupervisorAnswer,
    SupervisorCheck,
)
from trainingapp.programmes.models import Theme
from trainingapp.refusals import Refusal

LIVES = timedelta(days=60)
AGAIN_AFTER = timedelta(days=14)  # a supervisor who did not answer is not pressed
MOST_LINES = 7  # as many as a telephone shows on two screens
KIND = "supervisor-check"


class NothingToConfirm(Refusal):
    """No report says that anything was done or counted, or all of it is confirmed."""


class AskedAlready(Refusal):
    """A question is open with this supervisor."""


class OwnAddress(Refusal):
    """Nobody confirms what they report themselves."""


class NotNow(Refusal):
    """It was answered, or its time is over."""


@dataclass(frozen=True)
class Claim:
    """One line of a check: what she says, and what the supervisor said of it."""

    answer: SupervisorAnswer
    about: Activity | Indicator
    line: Line


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


def claims_of(plan: ActionPlan) -> list[Line]:
    """What she says was done, or is going on, and what was counted: the latest, below "confirmed"."""
    below = [level for level in EvidenceLevel if level.rank < EvidenceLevel.CONFIRMED.rank]
    said = (ActivityState.DONE, ActivityState.ON_TRACK, ActivityState.HANDED_OVER)
    reports = (
        sa.select(ActivityReport)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .where(
            Activity.plan_id == plan.id,
            Activity.removed_at.is_(None),
            ActivityReport.is_latest,
            ActivityReport.state.in_(said),
            ActivityReport.evidence.in_(below),
        )
        .order_by(ActivityReport.state != ActivityState.DONE, Activity.position)
    )
    values = (
        sa.select(IndicatorValue)
        .join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        .where(
            Indicator.plan_id == plan.id,
            Indicator.removed_at.is_(None),
            IndicatorValue.is_latest,
            IndicatorValue.evidence.in_(below),
        )
        .order_by(Indicator.position)
    )
    return [*db.session.scalars(reports), *db.session.scalars(values)][:MOST_LINES]


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
    outbox.cancel(f"supervisor_checks:{check.id}", "answered")
    programme_id = check.plan.enrolment.cohort.theme.programme_id
    audit.record(check, "answered", programme_id=programme_id, by="supervisor")


def claims_in(check: SupervisorCheck) -> list[Claim]:
    """In the order they were asked."""
    reports = (
        sa.select(SupervisorAnswer, Activity, ActivityReport)
        .join(ActivityReport, ActivityReport.id == SupervisorAnswer.report_id)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .where(SupervisorAnswer.check_id == check.id)
    )
    values = (
        sa.select(SupervisorAnswer, Indicator, IndicatorValue)
        .join(IndicatorValue, IndicatorValue.id == SupervisorAnswer.value_id)
        .join(Indicator, Indicator.id == IndicatorValue.indicator_id)
        .where(SupervisorAnswer.check_id == check.id)
    )
    found = [Claim(*row) for row in [*db.session.execute(reports), *db.session.execute(values)]]
    return sorted(found, key=lambda claim: claim.answer.id)


def token(check: SupervisorCheck) -> str:
    return tokens.issue(KIND, check.id)


def check_for(given: str, now: datetime) -> SupervisorCheck | None:
    """What a link opens, as long as it lives and the person is there."""
    query = (
        sa.select(SupervisorCheck)
        .where(SupervisorCheck.token_hash == tokens.fingerprint(given), SupervisorCheck.expires_at > now)
        .options(
            joinedload(SupervisorCheck.plan)
            .joinedload(ActionPlan.enrolment)
            .options(
                joinedload(Enrolment.participant),
                joinedload(Enrolment.cohort).joinedload(Cohort.theme).joinedload(Theme.programme),
            )
        )
    )
    found = db.session.scalar(query)
    return None if found is None or found.plan.enrolment.participant.erased_at else found


def supervisor_of(plan: ActionPlan) -> dict[str, str]:
    """Name and address, as last asked or as nominated."""
    last = next(iter(checks_of(plan)), None)
    if last:
        return {"name": last.name, "email": last.email}
    return {"name": plan.enrolment.supervisor_name, "email": plan.enrolment.supervisor_email}


def checks_of(plan: ActionPlan) -> Sequence[SupervisorCheck]:
    """The latest first."""
    query = sa.select(SupervisorCheck).where(SupervisorCheck.plan_id == plan.id)
    return db.session.scalars(query.order_by(SupervisorCheck.id.desc())).all()


def said_of(plan: ActionPlan) -> dict[tuple[str, int], tuple[SupervisorCheck, Confirmation]]:
    """("a", report's number) or ("i", value's number) -> what the supervisor said of it last."""
    query = (
        sa.select(SupervisorCheck, SupervisorAnswer)
        .join(SupervisorAnswer, SupervisorAnswer.check_id == SupervisorCheck.id)
        .where(SupervisorCheck.plan_id == plan.id, SupervisorAnswer.said.is_not(None))
        .order_by(SupervisorCheck.id)
    )
    found: dict[tuple[str, int], tuple[SupervisorCheck, Confirmation]] = {}
    for check, one in db.session.execute(query):
        key = ("a", one.report_id) if one.report_id else ("i", one.value_id or 0)
        if one.said:
            found[key] = (check, one.said)
    return found
