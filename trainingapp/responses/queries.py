"""What the page behind a personal link shows: seven queries, however much is stored; eight with a draft.

1 the invitation and all it belongs to (followups), 2 the waves, 3 the questions (surveys), 4 the response
with its answers, 5 the activities, 6 what she counts, 7 what the draft shows, 8 what was said about the
activities, where it is shown: who sends the page has said it anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.followups.models import Invitation, InvitationState, Wave, WaveState
from trainingapp.plans.models import OVER, ActionPlan, Activity, ActivityState, Indicator, PlanState
from trainingapp.plans.progress.actions import Counted, Said, counted_in, said_in
from trainingapp.plans.progress.models import ActivityReport, Evidence, IndicatorValue, ProgressUpdate
from trainingapp.plans.progress.reading import LastValue
from trainingapp.responses import devices
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity, Question, SurveySection
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue

FOLLOW_UPS_SHOWN = 3  # check-ins before the third month are shown only while they run
REPORTS_READ = 200  # of one plan, newest first: six waves of thirty activities

# Built once: putting a statement together costs more than running it.
_WAVES = (
    sa.select(Wave.offset_months, Wave.opens_on)
    .where(Wave.schedule_id == sa.bindparam("schedule_id"), Wave.state != WaveState.CANCELLED)
    .order_by(Wave.offset_months)
)
_ANSWERS = (
    sa.select(
        Response,
        Answer.question_id,
        Answer.choice,
        Answer.number,
        Answer.text,
        Answer.item,
        Answer.file_id,
    )
    .outerjoin(Answer, Answer.response_id == Response.id)
    .where(Response.invitation_id == sa.bindparam("invitation_id"))
    .order_by(Answer.id)
)
_ACTIVITIES = (
    sa.select(Activity)
    .join(ActionPlan, ActionPlan.id == Activity.plan_id)
    .where(
        ActionPlan.enrolment_id == sa.bindparam("enrolment_id"),
        ActionPlan.state != PlanState.STOPPED,
        Activity.removed_at.is_(None),
        Activity.what != "",
    )
    .order_by(Activity.position, Activity.id)
)
_REPORTS = (
    sa.select(ProgressUpdate.id, ProgressUpdate.corrects_id, ActivityReport)
    .outerjoin(ActivityReport, ActivityReport.update_id == ProgressUpdate.id)
    .where(
        ProgressUpdate.plan_id == sa.bindparam("plan_id"),
        sa.or_(ProgressUpdate.reported_at.is_not(None), ProgressUpdate.id == sa.bindparam("update_id")),
    )
    .order_by(ProgressUpdate.id.desc())
    .limit(REPORTS_READ)
)
_INDICATORS = (
    sa.select(Indicator, IndicatorValue, ProgressUpdate.reported_at)
    .join(ActionPlan, ActionPlan.id == Indicator.plan_id)
    .outerjoin(
        IndicatorValue,
        sa.and_(
            IndicatorValue.indicator_id == Indicator.id,
            sa.or_(IndicatorValue.is_latest, IndicatorValue.update_id == sa.bindparam("update_id")),
        ),
    )
    .outerjoin(ProgressUpdate, ProgressUpdate.id == IndicatorValue.update_id)
    .where(
        ActionPlan.enrolment_id == sa.bindparam("enrolment_id"),
        ActionPlan.state != PlanState.STOPPED,
        Indicator.removed_at.is_(None),
        Indicator.name != "",
    )
    .order_by(Indicator.position, Indicator.id)
)
_KEPT = (
    sa.select(Evidence)
    .join(ProgressUpdate, ProgressUpdate.id == Evidence.update_id)
    .where(Evidence.update_id == sa.bindparam("update_id"), ProgressUpdate.reported_at.is_(None))
    .options(joinedload(Evidence.file))
    .order_by(Evidence.id)
)


@dataclass(frozen=True)
class CheckIn:
    months: int
    opens_on: date
    is_past: bool
    is_now: bool


@dataclass
class Sheet:
    """Everything one page asks, and what has been said so far."""

    questions: Sequence[Question]
    anonymity: Anonymity = Anonymity.CONFIDENTIAL
    activities: Sequence[Activity] = ()
    indicators: Sequence[Indicator] = ()
    last_values: Mapping[int, LastValue] = field(default_factory=dict)  # indicator id -> counted before
    counted: Mapping[int, Counted] = field(default_factory=dict)  # indicator id -> in this response
    kept: Mapping[str, list[Evidence]] = field(default_factory=dict)  # line's name -> shown with the draft
    response: Response | None = None
    sections: Sequence[SurveySection] = ()
    open_activities: Sequence[Activity] = ()  # what a question may ask about each of
    answers: Mapping[int, list[AnswerValue]] = field(default_factory=dict)  # question id -> values
    is_sealed: bool = False  # sent, and nobody can tell which of all it is

    @property
    def is_sent(self) -> bool:
        return self.is_sealed or (self.response is not None and self.response.state is ResponseState.SENT)

    @property
    def is_anonymous(self) -> bool:
        return self.anonymity is Anonymity.ANONYMOUS

    @property
    def revision(self) -> int:
        """Of the draft."""
        return devices.revision(self.response.touched) if self.response else 0

    @property
    def last(self) -> dict[int, Said]:
        """Activity id -> in an earlier update."""
        return self._told[0]

    @property
    def said(self) -> dict[int, Said]:
        """Activity id -> in this response."""
        return self._told[1]

    @cached_property
    def _told(self) -> tuple[dict[int, Said], dict[int, Said]]:
        if not self.activities:
            return {}, {}
        update_id = self.response.progress_update_id if self.response else None
        return _reports(self.activities[0].plan_id, update_id)

    @property
    def stuck(self) -> list[str]:
        """What she said is blocked, in this response."""
        blocked = {number for number, said in self.said.items() if said.state is ActivityState.BLOCKED}
        return [activity.what for activity in self.activities if activity.id in blocked]

    @property
    def minutes(self) -> int:
        return surveys.minutes(self.questions, len(self.activities) + len(self.indicators))


def is_anonymous(invitation: Invitation) -> bool:
    return invitation.wave.survey_version.anonymity is Anonymity.ANONYMOUS


def takes_answers(invitation: Invitation, now: datetime) -> bool:
    """Until the closing day has ended everywhere; also when there is an answer that may be changed."""
    person = invitation.enrolment.participant
    return (
        invitation.wave.state in {WaveState.OPEN, WaveState.HELD}
        and invitation.state not in {InvitationState.GONE, InvitationState.CLOSED}
        and person.erased_at is None
        and person.deceased_on is None
        and now < calendar.ends(invitation.wave.closes_on)
    )


def check_ins(wave: Wave) -> list[CheckIn]:
    return [
        CheckIn(months, opens_on, months < wave.offset_months, months == wave.offset_months)
        for months, opens_on in db.session.execute(_WAVES, {"schedule_id": wave.schedule_id})
        if months >= FOLLOW_UPS_SHOWN or months == wave.offset_months
    ]


def sheet(invitation: Invitation) -> Sheet:
    version = invitation.wave.survey_version
    if version.anonymity is Anonymity.ANONYMOUS:
        is_sealed = invitation.state is InvitationState.ANSWERED
        questions = surveys.questions_of(version)
        sections = surveys.sections_of(version, questions)
        return Sheet(questions, version.anonymity, sections=sections, is_sealed=is_sealed)
    response, answers = _response(invitation.id) if invitation.started_at else (None, {})
    questions = surveys.questions_of(version)
    asks_each = any(QUESTION_TYPES[question.kind].asks_activities for question in questions)
    hers = _activities(invitation.enrolment_id) if version.asks_progress or asks_each else []
    activities = hers if version.asks_progress else []
    found = Sheet(questions, version.anonymity, activities, response=response, answers=answers)
    found.sections = surveys.sections_of(version, questions)
    found.open_activities = [one for one in hers if one.state not in OVER] if asks_each else []
    if activities:
        update_id = response.progress_update_id if response else None
        _ask_indicators(found, invitation.enrolment_id, update_id)
    return found


def _ask_indicators(sheet: Sheet, enrolment_id: int, update_id: int | None) -> None:
    """What she counts, what she counted, and what the draft shows already."""
    named = {"enrolment_id": enrolment_id, "update_id": update_id or 0}
    asked: dict[int, Indicator] = {}
    last: dict[int, LastValue] = {}
    counted: dict[int, Counted] = {}
    kept: dict[str, list[Evidence]] = {}
    for indicator, value, reported_at in db.session.execute(_INDICATORS, named):
        asked[indicator.id] = indicator
        if value is not None and value.update_id == update_id:
            counted[indicator.id] = counted_in(value)
        elif value is not None and reported_at:
            last[indicator.id] = LastValue(value.value, reported_at, value.evidence)
    for one in db.session.scalars(_KEPT, named) if update_id else ():
        name = f"a-{one.activity_id}" if one.activity_id else f"i-{one.indicator_id}"
        kept.setdefault(name, []).append(one)
    sheet.indicators, sheet.last_values = list(asked.values()), last
    sheet.counted, sheet.kept = counted, kept


def _response(invitation_id: int) -> tuple[Response | None, dict[int, list[AnswerValue]]]:
    response = None
    answers: dict[int, list[AnswerValue]] = {}
    found = db.session.execute(_ANSWERS, {"invitation_id": invitation_id})
    for response, question_id, choice, number, text, item, file_id in found:  # noqa: B007 - each row has it
        if question_id is not None:
            value = AnswerValue(choice, number, text, item, file_id)
            answers.setdefault(question_id, []).append(value)
    return response, answers


def _activities(enrolment_id: int) -> Sequence[Activity]:
    return db.session.scalars(_ACTIVITIES, {"enrolment_id": enrolment_id}).all()


def _reports(plan_id: int, update_id: int | None) -> tuple[dict[int, Said], dict[int, Said]]:
    """The latest of earlier updates that were sent, and what the updates that belong to the page say."""
    last: dict[int, Said] = {}
    said: dict[int, Said] = {}
    found = db.session.execute(_REPORTS, {"plan_id": plan_id, "update_id": update_id or 0})
    hers = {update_id}  # the page's update, and those it corrects
    for owner, corrects_id, report in found:
        is_hers = owner in hers
        if is_hers and corrects_id:
            hers.add(corrects_id)
        if report is not None and is_hers:
            said.setdefault(report.activity_id, said_in(report))
        elif report is not None and (update_id is None or owner < update_id):
            last.setdefault(report.activity_id, said_in(report))
    return last, said
