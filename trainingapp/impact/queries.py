"""Reach, completion, answers and plans of a programme, as of a day. No writes."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave
from trainingapp.impact import history
from trainingapp.impact.figures import Dimension, EditionFigures, PlanFate, ProgrammeFigures, Share
from trainingapp.impact.frames.models import CountryGroup
from trainingapp.impact.frames.standings import Standings
from trainingapp.impact.scope import Scope
from trainingapp.participants.models import Participant
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import ActionPlan, PlanState, PlanVersion
from trainingapp.programmes.models import Theme
from trainingapp.surveys.models import Audience, Survey, SurveyVersion

HELD = tuple(state.value for state in HOLDS_A_PLACE)
CALLED_OFF = (CohortState.CANCELLED.value, CohortState.POSTPONED.value)
FATES: dict[str, PlanFate] = {
    PlanState.SUBMITTED: PlanFate.SENT,
    PlanState.RETURNED: PlanFate.SENT,
    PlanState.APPROVED: PlanFate.SENT,
    PlanState.IN_PROGRESS: PlanFate.MOVING,
    PlanState.DONE: PlanFate.DONE,
    PlanState.STOPPED: PlanFate.STOPPED,
}
UNDER_WAY_OR_OVER = [state for state, fate in FATES.items() if fate is not PlanFate.SENT]
People = Mapping[int, Counter[str]]  # cohort -> country -> people


def programme(scope: Scope) -> ProgrammeFigures:
    """In a handful of statements, whatever the number of people."""
    people, completed = _reach(scope)
    responses, plans = _responses(scope), _plans(scope)
    standings = Standings(CountryGroup.LDC)
    query = sa.select(Cohort, Theme).join(Theme, Theme.id == Cohort.theme_id).where(*scope.holds())
    if scope.on:
        query = query.where(Cohort.starts_on <= scope.on)
    editions = []
    for cohort, theme in db.session.execute(query.order_by(Cohort.starts_on.desc(), Cohort.id.desc())):
        here = people.get(cohort.id)
        if not here:
            continue
        least_developed = standings.on(cohort.starts_on)
        reached = here.total()
        editions.append(
            EditionFigures(
                cohort_id=cohort.id,
                name=cohort.name,
                year=theme.year,
                theme_id=theme.id,
                theme=theme.title,
                starts_on=cohort.starts_on,
                ends_on=cohort.ends_on,
                mode=cohort.mode,
                people=here,
                completed=completed[cohort.id],
                from_ldcs=Share(
                    sum(count for country, count in here.items() if country in least_developed),
                    reached if standings.is_known else 0,
                ),
                responses=responses.get(cohort.id, {}),
                plans=plans.get(cohort.id, {}),
                least_developed=frozenset(country for country in here if country in least_developed),
            )
        )
    undated = sum(edition.plans.get(PlanFate.UNDATED, 0) for edition in editions)
    return ProgrammeFigures(editions, None if scope.on else _different_people(scope), undated)


def _reach(scope: Scope) -> tuple[People, Counter[int]]:
    """Who hold a place, by cohort and country; how many of them completed, by cohort."""
    query, state = _held(scope)
    is_done = _how_many(state == EnrolmentState.COMPLETED.value)
    columns: list[Any] = [Enrolment.cohort_id, Enrolment.country, sa.func.count(), is_done]
    query = query.with_only_columns(*columns)
    people: dict[int, Counter[str]] = defaultdict(Counter)
    completed: Counter[int] = Counter()
    for cohort_id, country, count, done in db.session.execute(
        query.group_by(Enrolment.cohort_id, Enrolment.country)
    ):
        people[cohort_id][country] += count
        completed[cohort_id] += int(done)
    return people, completed


def by_country_and_sex(scope: Scope) -> dict[int, Counter[tuple[str, ...]]]:
    """Cohort -> who hold a place."""
    query, _state = _held(scope)
    columns: tuple[Any, ...] = (Enrolment.cohort_id, Enrolment.country, Participant.sex)
    query = query.join(Participant, Participant.id == Enrolment.participant_id)
    found: dict[int, Counter[tuple[str, ...]]] = defaultdict(Counter)
    counted: list[Any] = [*columns, sa.func.count()]
    query = query.with_only_columns(*counted).group_by(*columns)
    for cohort_id, country, sex, count in db.session.execute(query):
        found[cohort_id][country, sex.value] += count
    return found


def places(scope: Scope) -> sa.Select[Any]:
    """Ids of the enrolments that hold a place."""
    return _held(scope)[0]


def _held(scope: Scope) -> tuple[sa.Select[Any], Any]:
    """Who hold a place, and the column that says how they stand."""
    if scope.until:
        states, editions = history.States(Enrolment, scope.until), history.States(Cohort, scope.until)
        state = history.enrolment_state(states, scope.until, Cohort.ends_on)
        query = editions.join(states.join(_people(scope))).where(Enrolment.enrolled_at < scope.until)
        return query.where(state.in_(HELD), _took_place(state, editions.state)), state
    query = _people(scope).where(Enrolment.state.in_(HOLDS_A_PLACE))
    return query.where(_took_place(Enrolment.state, Cohort.state)), Enrolment.state


def _took_place(state: Any, edition: Any) -> sa.ColumnElement[bool]:
    """Of an edition that was called off nobody came but those who had joined before."""
    return sa.or_(edition.not_in(CALLED_OFF), state != EnrolmentState.ENROLLED.value)


def _people(scope: Scope) -> sa.Select[Any]:
    return (
        sa.select(Enrolment.id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(*scope.holds_people())
    )


def _different_people(scope: Scope) -> int:
    count = _held(scope)[0].with_only_columns(sa.func.count(Enrolment.participant_id.distinct()))
    return db.session.scalar(count) or 0


def _responses(scope: Scope) -> dict[int, dict[int, Share]]:
    """Cohort -> months after its end -> alumni who answered of those who were asked."""
    is_in: Any = Invitation.state == InvitationState.ANSWERED
    opened: Any = Wave.opened_at.is_not(None)
    if scope.until:
        is_in, opened = Invitation.answered_at < scope.until, Wave.opened_at < scope.until
    query = (
        sa.select(Cohort.id, Wave.offset_months, sa.func.count(), _how_many(is_in))
        .select_from(Invitation)
        .join(Wave, Wave.id == Invitation.wave_id)
        .join(SurveyVersion, SurveyVersion.id == Wave.survey_version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .join(Schedule, Schedule.id == Wave.schedule_id)
        .join(Cohort, Cohort.id == Schedule.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(Survey.audience == Audience.ALUMNI, opened)
        .group_by(Cohort.id, Wave.offset_months)
    )
    if scope.country:
        query = query.join(Enrolment, Enrolment.id == Invitation.enrolment_id)
    found: dict[int, dict[int, Share]] = defaultdict(dict)
    for cohort_id, months, asked, answered in db.session.execute(
        query.where(*(scope.holds_people() if scope.country else scope.holds()))
    ):
        found[cohort_id][months] = Share(int(answered), asked)
    return found


def _plans(scope: Scope) -> dict[int, dict[PlanFate, int]]:
    """Cohort -> what became of the plans that were sent."""
    found: dict[int, dict[PlanFate, int]] = defaultdict(lambda: dict.fromkeys(PlanFate, 0))
    for cohort_id, state, is_dated, count in db.session.execute(
        _plans_then(scope) if scope.until else _plans_now(scope)
    ):
        fate = FATES.get(state, PlanFate.SENT)
        found[cohort_id][fate if is_dated or fate is PlanFate.SENT else PlanFate.UNDATED] += count
    return found


def _plans_now(scope: Scope) -> sa.Select[Any]:
    columns: list[Any] = [PlanStanding.cohort_id, PlanStanding.state, sa.true(), sa.func.count()]
    query = (
        sa.select(*columns)
        .join(Cohort, Cohort.id == PlanStanding.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(PlanStanding.programme_id == scope.programme_id, *scope.holds())
        .group_by(PlanStanding.cohort_id, PlanStanding.state)
    )
    return query.where(PlanStanding.country == scope.country) if scope.country else query


def _plans_then(scope: Scope) -> sa.Select[Any]:
    assert scope.until
    states = history.States(ActionPlan, scope.until)
    first = sa.and_(PlanVersion.plan_id == ActionPlan.id, PlanVersion.number == 1)
    sent_at = sa.func.coalesce(PlanVersion.submitted_at, ActionPlan.submitted_at)
    is_sent = states.state.not_in(UNDER_WAY_OR_OVER)  # whenever that was: the trail need not be asked
    each: list[Any] = [
        Enrolment.cohort_id,
        states.state.label("state"),
        sa.or_(is_sent, states.is_dated).label("is_dated"),
    ]
    query = (
        sa.select(*each)
        .select_from(ActionPlan)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .outerjoin(PlanVersion, first)
        .where(*scope.holds_people(), sent_at < scope.until)
    )
    plans = states.join(query).subquery()
    columns: list[Any] = [plans.c.cohort_id, plans.c.state, plans.c.is_dated]
    return sa.select(*columns, sa.func.count()).group_by(*columns)


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def names(figured: ProgrammeFigures, by: Dimension) -> dict[Any, str]:
    """Of the groups that are known by a number."""
    if by is Dimension.COHORT:
        return {edition.cohort_id: f"{edition.year} {edition.name}" for edition in figured.editions}
    if by is Dimension.THEME:
        return {edition.theme_id: f"{edition.theme} ({edition.year})" for edition in figured.editions}
    return {}
