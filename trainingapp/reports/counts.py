"""What reports count that nobody counted before: as of a day, so that the same day gives the same again."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from trainingapp.archives.models import Archive
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.feedback.promises.models import Promise
from trainingapp.followups.models import Schedule, Wave, WaveState
from trainingapp.impact import queries
from trainingapp.impact.scope import Scope
from trainingapp.participants.models import Participant
from trainingapp.plans.models import ActionPlan, Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, EvidenceLevel, EvidenceStep, ProgressUpdate
from trainingapp.programmes.models import Theme
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.models import Audience, Survey, SurveyVersion

SEX: InstrumentedAttribute[Any] = Participant.sex
KIND: InstrumentedAttribute[Any] = Enrolment.kind


def people_by(scope: Scope, column: InstrumentedAttribute[Any]) -> Counter[Any]:
    """Who held a place on the day, by sex or by kind."""
    query = (
        sa.select(column, sa.func.count())
        .select_from(Enrolment)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.id.in_(queries.places(scope)), Cohort.starts_on <= scope.on)
        .group_by(column)
    )
    found: Counter[Any] = Counter()
    for group, people in db.session.execute(query):
        found[group] = people
    return found


def waves(scope: Scope) -> Sequence[Wave]:
    """Of alumni, that had begun by the day; editions in order, each in the order of its waves."""
    query = (
        sa.select(Wave)
        .join(Wave.schedule)
        .join(Schedule.cohort)
        .join(Cohort.theme)
        .join(Wave.survey_version)
        .join(SurveyVersion.survey)
        .where(*scope.holds(), Survey.audience == Audience.ALUMNI, Wave.opened_at < scope.until)
        .options(
            joinedload(Wave.schedule).joinedload(Schedule.cohort).joinedload(Cohort.theme),
            joinedload(Wave.survey_version).joinedload(SurveyVersion.survey),
        )
        .order_by(Cohort.starts_on, Cohort.id, Wave.offset_months)
    )
    return db.session.scalars(query).all()


def is_over(wave: Wave, scope: Scope) -> bool:
    """No answer came after that day: only then are its results the same whenever they are counted, and no
    second look shows one answer more.
    """
    return wave.state is WaveState.CLOSED and scope.on is not None and wave.closes_on < scope.on


def archives(scope: Scope) -> Sequence[Archive]:
    """Old answers of the scope's editions that were collected, and brought in, by the day."""
    query = (
        sa.select(Archive)
        .join(Archive.cohort)
        .join(Cohort.theme)
        .where(
            *scope.holds(),
            Archive.brought_in_at < scope.until,
            sa.or_(Archive.taken_back_at.is_(None), Archive.taken_back_at >= scope.until),
        )
        .options(joinedload(Archive.survey_version).joinedload(SurveyVersion.survey))
        .order_by(Archive.collected_to, Archive.id)
    )
    return db.session.scalars(query).all()


def activities(scope: Scope) -> dict[EvidenceLevel, Counter[ActivityState]]:
    """How the activities of plans stood that day by their latest report, by how well that was shown. Nothing
    where fewer than five people reported, however many their activities are.
    """
    assert scope.until
    order = sa.func.row_number().over(
        partition_by=ActivityReport.activity_id,
        order_by=(ProgressUpdate.reported_at.desc(), ActivityReport.id.desc()),
    )
    then = (
        sa.select(ActivityReport.id, ActivityReport.state, ActionPlan.enrolment_id, order.label("age"))
        .join(ProgressUpdate, ProgressUpdate.id == ActivityReport.update_id)
        .join(Activity, Activity.id == ActivityReport.activity_id)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .join(Enrolment, Enrolment.id == ActionPlan.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(ProgressUpdate.reported_at < scope.until, *scope.holds_people())
        .where(sa.or_(Activity.removed_at.is_(None), Activity.removed_at >= scope.until))
        .subquery()
    )
    step = (
        sa.select(EvidenceStep.level)
        .where(EvidenceStep.report_id == then.c.id, EvidenceStep.taken_at < scope.until)
        .order_by(EvidenceStep.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    level = sa.func.coalesce(sa.cast(step, sa.String(40)), EvidenceLevel.CLAIMED.value).label("level")
    people = sa.select(sa.func.count(then.c.enrolment_id.distinct())).scalar_subquery()
    latest = sa.select(then.c.state, level).where(then.c.age == 1, people >= SMALLEST_GROUP)
    each = latest.subquery()
    query = sa.select(each.c.level, each.c.state, sa.func.count()).group_by(each.c.level, each.c.state)
    found: dict[EvidenceLevel, Counter[ActivityState]] = {one: Counter() for one in EvidenceLevel}
    for shown, state, count in db.session.execute(query):
        found[EvidenceLevel(shown)][ActivityState(state)] += count
    return found


def promises(scope: Scope) -> Sequence[Promise]:
    """Those that participants could read that day: what nobody was shown is nobody else's to read either."""
    query = (
        sa.select(Promise)
        .join(Promise.cohort)
        .join(Cohort.theme)
        .where(*scope.holds(), Promise.shown_at < scope.until)
        .options(joinedload(Promise.cohort).joinedload(Cohort.theme))
        .order_by(Cohort.starts_on, Promise.id)
    )
    return db.session.scalars(query).all()
