"""What people answered, and how their plans went."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from random import Random

from werkzeug.datastructures import MultiDict

from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.plans import WrittenPlan
from trainingapp.demo.waves import Asked
from trainingapp.plans.models import ActivityState, PlanState
from trainingapp.plans.progress.models import ActivityReport, IndicatorValue, ProgressUpdate, Source
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import queries
from trainingapp.surveys.conditions import Rules, objection
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue
from trainingapp.surveys.question_types import Asked as AskedWith

BY_PHONE = 0.08
BLANK, WRITES = 0.1, 0.5
WHOLE_PLAN = 14  # months after which a plan is through
STUCK = (ActivityState.BLOCKED, ActivityState.DELAYED)
GOING = (ActivityState.NOT_STARTED, ActivityState.ON_TRACK, ActivityState.ON_TRACK, *STUCK)


def make(rng: Random, asked: list[Asked], plans: dict[int, WrittenPlan]) -> None:
    """In the order of time, so that each activity ends in the state last reported."""
    dice = {"contribution": Random("contribution")}  # noqa: S311 - asked since later: others' answers stay
    answered = [(one, one.invitation.answered_at) for one in asked if one.invitation.answered_at]
    reported = []
    for one, when in answered:
        written = plans.get(one.invitation.enrolment_id)
        source = Source.PHONE if rng.random() < BY_PHONE else Source.SELF
        update = None
        if written and one.wave.survey_version.asks_progress:
            update = ProgressUpdate(plan_id=written.plan.id, source=source, started_at=when, reported_at=when)
        reported.append((one, when, source, written, update))
    db.session.add_all(update for *_, update in reported if update)
    db.session.flush()
    responses = [_response(one, when, source, update) for one, when, source, _, update in reported]
    db.session.add_all(responses)
    db.session.flush()
    versions = {one.wave.survey_version_id: one.wave.survey_version for one, _ in answered}
    rules = {number: Rules(queries.questions_of(version)) for number, version in versions.items()}
    for (one, _, _, written, update), response in zip(reported, responses, strict=True):
        asked_here = rules[one.wave.survey_version_id]
        said = {
            question.id: _said(dice.get(question.key, rng), question) for question in asked_here.questions
        }
        settled = asked_here.settle(said)
        db.session.add_all(
            Answer(response_id=response.id, question_id=question.id, **asdict(value))
            for question in asked_here.questions
            if question.id not in settled.irrelevant
            and not objection(question, said[question.id], settled.values, AskedWith("en"))
            for value in said[question.id]
        )
        if written and update:
            _report(rng, one, written, update)
    db.session.flush()


def _response(one: Asked, when: datetime, source: Source, update: ProgressUpdate | None) -> Response:
    return Response(
        wave_id=one.wave.id,
        invitation_id=one.invitation.id,
        progress_update_id=update.id if update else None,
        state=ResponseState.SENT,
        source=source,
        language=one.invitation.language,
        saved_at=when,
        sent_at=when,
    )


def _said(rng: Random, question: Question) -> list[AnswerValue]:
    """Something a person might give, as the question's own class reads it; nobody answers everything."""
    if rng.random() < BLANK:
        return []
    kind = QUESTION_TYPES[question.kind]
    asked = AskedWith("en")
    options, items = kind.options(question, asked), kind.items(question, asked)
    if items:  # better from row to row, as from then to now
        points = sorted(rng.randrange(len(options)) for _ in items)
        rows = zip(items, points, strict=True)
        typed = {kind.part(question, item.value): options[point].value for item, point in rows}
    elif options:
        typed = {kind.name(question): rng.choice([*options, *options[-2:]]).value}  # mostly content
    elif kind.takes_file:
        return []
    elif kind.has_words:
        typed = {kind.name(question): rng.choice(facts.COMMENTS) if rng.random() < WRITES else ""}
    else:
        typed = {kind.name(question): str(rng.randrange(0, 40))}
    return kind.read(question, MultiDict(typed), asked) or _ranked(rng, question)


def _ranked(rng: Random, question: Question) -> list[AnswerValue]:
    """Where no single answer is enough: a place for each option."""
    kind, asked = QUESTION_TYPES[question.kind], AskedWith("en")
    options = kind.options(question, asked)
    order = rng.sample(range(1, len(options) + 1), len(options))
    places = zip(options, order, strict=True)
    return kind.read(
        question, MultiDict({kind.part(question, one.value): str(place) for one, place in places}), asked
    )


def _report(rng: Random, one: Asked, written: WrittenPlan, update: ProgressUpdate) -> None:
    share = min(1.0, one.wave.offset_months / WHOLE_PLAN)
    for number, activity in enumerate(written.activities):
        state = _reached(rng, written, number, share)
        note = rng.choice(facts.PROGRESS_NOTES) if state in STUCK else ""
        db.session.add(ActivityReport(update_id=update.id, activity_id=activity.id, state=state, note=note))
        activity.state = state
    low, high = written.indicator.baseline or Decimal(0), written.indicator.target or Decimal(0)
    reached = low + (high - low) * Decimal(str(round(share * rng.uniform(0.4, 1.0), 2)))
    db.session.add(
        IndicatorValue(update_id=update.id, indicator_id=written.indicator.id, value=round(reached))
    )


def _reached(rng: Random, written: WrittenPlan, number: int, share: float) -> ActivityState:
    """Earlier lines are finished first; a stopped plan drops what it had not finished."""
    through = (number + 0.5) / len(written.activities) < share
    if through or (written.plan.state == PlanState.DONE and share > 0.8):  # noqa: PLR2004 - the last year
        return ActivityState.DONE
    if written.plan.state == PlanState.STOPPED and share > 0.4:  # noqa: PLR2004 - given up half way
        return ActivityState.DROPPED
    return rng.choice(GOING)
