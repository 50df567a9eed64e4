"""How much of what changed alumni put down to the programme: what they were asked and what they said."""

from dataclasses import dataclass

import sqlalchemy as sa

from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation, Schedule, Wave, WaveState
from trainingapp.impact.scope import Scope
from trainingapp.programmes.models import Theme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.models import Question

KEY = "contribution"  # of the question in the box that asks it


@dataclass(frozen=True)
class Said:
    question: Question | None  # as it was asked last; none: nobody was asked
    people: int  # who answered it, each once: with what they said last
    chosen: dict[str, int]  # value -> people

    @property
    def may_show(self) -> bool:
        return self.people >= SMALLEST_GROUP


def said(scope: Scope, *, is_published: bool = False) -> Said:
    """Of people, not of answers: who was asked in two waves counts with the later. What is published is only
    of waves that had closed by the scope's day with five answers or more: no second look shows one more.
    """
    order = sa.func.row_number().over(
        partition_by=Invitation.enrolment_id, order_by=(Wave.offset_months.desc(), Response.id.desc())
    )
    each = (
        sa.select(Answer.choice, Answer.question_id, order.label("age"))
        .join(Question, Question.id == Answer.question_id)
        .join(Response, Response.id == Answer.response_id)
        .join(Invitation, Invitation.id == Response.invitation_id)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Wave, Wave.id == Response.wave_id)
        .join(Schedule, Schedule.id == Wave.schedule_id)
        .join(Cohort, Cohort.id == Schedule.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(Question.key == KEY, Response.state == ResponseState.SENT, *scope.holds_people())
    )
    if scope.until:
        each = each.where(Response.sent_at < scope.until)
    if is_published:
        closed = sa.and_(Wave.state == WaveState.CLOSED, Wave.closes_on < scope.on)
        each = each.where(closed, Wave.id.in_(_of_many()))
    latest = each.subquery()
    rows = db.session.execute(
        sa.select(latest.c.choice, sa.func.count(), sa.func.max(latest.c.question_id))
        .where(latest.c.age == 1)
        .group_by(latest.c.choice)
    ).all()
    asked = db.session.get(Question, max(number for *_, number in rows)) if rows else None
    chosen = {choice: count for choice, count, _number in rows}
    return Said(asked, sum(chosen.values()), chosen)


def _of_many() -> sa.Select[int | None]:
    """Waves in which enough people answered it."""
    return (
        sa.select(Response.wave_id)
        .join(Answer, Answer.response_id == Response.id)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.key == KEY, Response.state == ResponseState.SENT)
        .group_by(Response.wave_id)
        .having(sa.func.count() >= SMALLEST_GROUP)
    )
