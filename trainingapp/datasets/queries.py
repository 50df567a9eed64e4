"""What a package is made of, as rows about people. No writes."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment
from trainingapp.datasets.anonymity import Record
from trainingapp.datasets.ladders import age_band
from trainingapp.datasets.models import Release
from trainingapp.db import db
from trainingapp.feedback.results import queries as feedback
from trainingapp.followups.models import Invitation, Schedule, Wave
from trainingapp.impact import results
from trainingapp.impact.scope import Scope
from trainingapp.participants.models import Participant
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import ActionPlan
from trainingapp.plans.progress.models import ActivityReport, EvidenceLevel, ProgressUpdate
from trainingapp.programmes.models import Programme, Theme
from trainingapp.responses.models import Answer, Response
from trainingapp.surveys.models import Audience, Question, Survey, SurveyVersion

EVERY = 1_000_000  # plans behind one indicator
STRETCH = 2000  # rows fetched at a time
MONTHS = ((3, "0-3"), (6, "4-6"), (12, "7-12"), (24, "13-24"))
LATER = "25+"
YEAR_ONLY = 4  # traits that answers do not tell


@dataclass(frozen=True)
class Measured:
    """What one plan adds to an indicator."""

    person: int
    value: Decimal
    baseline: Decimal | None


def releases(programme: Programme) -> Sequence[Release]:
    """The newest first."""
    query = sa.select(Release).where(Release.programme_id == programme.id).order_by(Release.number.desc())
    return db.session.scalars(query.options(joinedload(Release.made_by))).all()


def shown(programme: Programme) -> list[Release]:
    return [release for release in releases(programme) if release.is_shown]


def ever_published(programme_id: int) -> Sequence[Release]:
    """Withdrawn ones too: nobody can take a copy back."""
    query = sa.select(Release).where(Release.programme_id == programme_id, Release.published_at.is_not(None))
    return db.session.scalars(query.order_by(Release.number)).all()


def people(programme: Programme, on: date) -> list[Record]:
    """Who held a place in an edition that had begun; a row for each edition."""
    query = _people(programme, on).with_only_columns(*_WHO)
    return [Record(row[0], _traits(*row[1:])) for row in db.session.execute(query)]


def plans(programme: Programme, on: date) -> list[Record]:
    """Plans that were sent: state, evidence, problem, and months until the last report."""
    reported = (
        sa.select(ProgressUpdate.plan_id, sa.func.max(ProgressUpdate.reported_at).label("last_at"))
        .group_by(ProgressUpdate.plan_id)
        .subquery()
    )
    columns: list[Any] = [ActionPlan.id, ActionPlan.problem_kind, PlanStanding.state, Cohort.ends_on]
    query = (
        _people(programme, on)
        .join(ActionPlan, ActionPlan.enrolment_id == Enrolment.id)
        .join(PlanStanding, PlanStanding.plan_id == ActionPlan.id)
        .outerjoin(reported, reported.c.plan_id == ActionPlan.id)
        .with_only_columns(*_WHO, *columns, reported.c.last_at)
    )
    shown_by = _evidence(programme)
    found = []
    for unit, *who, plan_id, problem, state, ends_on, last_at in db.session.execute(query):
        level = shown_by.get(plan_id)
        facts = (state.value, level.value if level else "", problem.value if problem else "")
        found.append(Record(unit, _traits(*who), facts=(*facts, _months(ends_on, last_at))))
    return found


_WHO: tuple[Any, ...] = (
    *(Enrolment.participant_id, Theme.year, Enrolment.country, Participant.born_on, Cohort.starts_on),
    *(Participant.sex, Enrolment.kind),
)


def _people(programme: Programme, on: date) -> sa.Select[Any]:
    return (
        sa.select(Enrolment.id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(Theme.programme_id == programme.id, Cohort.starts_on <= on, Participant.erased_at.is_(None))
        .where(Enrolment.state.in_(HOLDS_A_PLACE))
        .order_by(Enrolment.id)
    )


def _traits(year: int, country: str, born_on: date | None, starts_on: date, *codes: Any) -> tuple[str, ...]:
    age = relativedelta(starts_on, born_on).years if born_on else None
    return (str(year), country, age_band(age), *(code.value for code in codes))


def _evidence(programme: Programme) -> dict[int, EvidenceLevel]:
    """Plan -> the best that shows one of its activities."""
    query = (
        sa.select(PlanStanding.plan_id, ActivityReport.evidence)
        .join(ProgressUpdate, ProgressUpdate.plan_id == PlanStanding.plan_id)
        .join(ActivityReport, ActivityReport.update_id == ProgressUpdate.id)
        .where(PlanStanding.programme_id == programme.id, ActivityReport.is_latest)
        .distinct()
    )
    best: dict[int, EvidenceLevel] = {}
    for plan_id, level in db.session.execute(query):
        best[plan_id] = max(best.get(plan_id, level), level, key=lambda one: one.rank)
    return best


def _months(ends_on: date, last_at: datetime | None) -> str:
    if last_at is None:
        return ""
    passed = relativedelta(last_at.date(), ends_on)
    months = passed.years * 12 + passed.months
    return next((band for most, band in MONTHS if months <= most), LATER)


def waves(programme: Programme) -> list[tuple[int, Wave]]:
    """Year and wave, of alumni only, where answers may be read."""
    query = (
        sa.select(Theme.year, Wave)
        .join(Wave.schedule)
        .join(Cohort, Cohort.id == Schedule.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .join(SurveyVersion, SurveyVersion.id == Wave.survey_version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .where(Theme.programme_id == programme.id, Survey.audience == Audience.ALUMNI)
        .options(joinedload(Wave.survey_version))
        .order_by(Theme.year, Wave.offset_months, Wave.id)
    )
    found = [(year, wave) for year, wave in db.session.execute(query)]
    return [(year, wave) for year, wave in found if feedback.is_released(wave, feedback.answered(wave))]


def responses(year: int, wave: Wave) -> list[Record]:
    """A row a response; of an anonymous one it is its own unit. Its only fact is its number."""
    query = (
        sa.select(Response.id, Enrolment.participant_id)
        .outerjoin(Invitation, Invitation.id == Response.invitation_id)
        .outerjoin(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .where(Response.id.in_(feedback.sent_responses(wave)))
        .order_by(Response.id)
    )
    traits = (str(year), *("",) * YEAR_ONLY)
    return [
        Record(person or -number, traits, (str(wave.offset_months),), (str(number),))
        for number, person in db.session.execute(query)
    ]


def answers(wave: Wave, questions: Sequence[Question]) -> Iterator[tuple[int, int, str]]:
    """Response, question and what was chosen."""
    query = sa.select(Answer.response_id, Answer.question_id, Answer.choice).where(
        Answer.response_id.in_(feedback.sent_responses(wave)),
        Answer.question_id.in_([question.id for question in questions]),
        Answer.choice != "",
    )
    for row in db.session.execute(query, execution_options={"yield_per": STRETCH}):
        yield row.response_id, row.question_id, row.choice


def questions(version_ids: set[int], kinds: Sequence[str]) -> Sequence[Question]:
    """In the order in which versions came to be."""
    query = sa.select(Question).where(Question.version_id.in_(version_ids), Question.kind.in_(kinds))
    return db.session.scalars(query.order_by(Question.key, Question.version_id, Question.id)).all()


def measured(programme: Programme, level: EvidenceLevel) -> dict[tuple[str, ...], list[Measured]]:
    """Frame, code, name and unit of each indicator, with what counts from a level of evidence up."""
    scope = Scope(programme.id)
    found: dict[tuple[str, ...], list[Measured]] = defaultdict(list)
    for one in results.results(scope, level):
        indicator = one.indicator
        key = (indicator.frame.name, indicator.code, indicator.name or indicator.code, one.unit)
        for row in results.behind(scope, level, indicator, EVERY):
            if row.counts and row.value and row.feed.currency == one.currency:
                baseline = row.feed.indicator.baseline
                found[key].append(Measured(row.enrolment.participant_id, row.value.value, baseline))
    return found
