"""Verbs: keep what was answered so far, send it, say where she works now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.followups import actions as followups
from trainingapp.followups.models import Invitation
from trainingapp.participants import moves
from trainingapp.participants.models import Employment
from trainingapp.plans import actions as plans
from trainingapp.plans import queries as plan_queries
from trainingapp.plans.progress_models import ActivityReport, ProgressUpdate, Source
from trainingapp.refusals import Refusal
from trainingapp.responses import queries
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.responses.queries import Said
from trainingapp.surveys.question_types import AnswerValue


class AlreadyAnswered(Refusal):
    """The answers are in. They are changed by someone who has seen them, never by a second sending."""


class Closed(Refusal):
    """The wave takes no more answers."""


@dataclass
class Filled:
    """What was read from the page. Only what stands here is written; an empty list takes an answer back."""

    answers: dict[int, list[AnswerValue]] = field(default_factory=dict)  # question id -> values
    reports: dict[int, Said] = field(default_factory=dict)  # activity id -> state and note


def save(invitation: Invitation, filled: Filled, *, language: str, now: datetime) -> bool:
    """Keeps a draft. An answer that was sent is left alone (False): only sending changes it."""
    lock(invitation)
    if not queries.takes_answers(invitation, now):
        raise Closed(_("These questions have closed."))
    response = _response(invitation, language, now)
    if response.state is ResponseState.SENT:
        return False
    followups.note_started(invitation, now)
    _write(response, invitation, filled, now)
    response.language = language
    response.saved_at = now
    return True


def send(
    invitation: Invitation,
    filled: Filled,
    *,
    language: str,
    now: datetime,
    changes: str = "",
    recorded_by: User | None = None,
) -> Response:
    """Once. To change what was sent, `changes` is the `stamp` of the answer she saw.

    `recorded_by` is who typed it for her, on the telephone. Raises AlreadyAnswered, Closed.
    """
    lock(invitation)
    if not queries.takes_answers(invitation, now):
        raise Closed(_("These questions have closed."))
    response = _response(invitation, language, now)
    was_sent = response.state is ResponseState.SENT
    if was_sent and (recorded_by or stamp(response) != changes):
        raise AlreadyAnswered(_("These questions were answered already. What was sent stays as it is."))
    if recorded_by:
        response.source, response.recorded_by_id = Source.PHONE, recorded_by.id
    _write(response, invitation, filled, now, recorded_by)
    _send_update(response, now)
    before, response.state = response.state, ResponseState.SENT
    response.language, response.saved_at, response.sent_at = language, now, now
    followups.note_answered(invitation, now)
    db.session.flush()
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    verb = "changed" if was_sent else "recorded by phone" if recorded_by else "sent"
    audit.record(response, verb, before=before, after=response.state, programme_id=programme_id)
    return response


def stamp(response: Response | None) -> str:
    """Names one sending: a page that carries it has seen exactly that answer."""
    return f"{response.sent_at.timestamp():.6f}" if response and response.sent_at else ""


def is_hers(invitation: Invitation) -> bool:
    """Whether the holder of the link may speak for the person at all."""
    person = invitation.enrolment.participant
    return invitation.disowned_at is None and person.erased_at is None and person.deceased_on is None


def told_since_asked(invitation: Invitation) -> Employment | None:
    """What the person told us since the wave opened."""
    told = moves.latest(invitation.enrolment.participant_id)
    opened_at = invitation.wave.opened_at or invitation.due_at
    return told if told and told.told_at >= opened_at else None


def _response(invitation: Invitation, language: str, now: datetime) -> Response:
    """The invitation's only one. Its row is locked, so nobody makes a second meanwhile."""
    found = db.session.scalar(sa.select(Response).where(Response.invitation_id == invitation.id))
    if found is None:
        found = Response(
            wave_id=invitation.wave_id,
            invitation_id=invitation.id,
            state=ResponseState.DRAFT,
            language=language,
            saved_at=now,
        )
        db.session.add(found)
        db.session.flush()
    return found


def _write(
    response: Response,
    invitation: Invitation,
    filled: Filled,
    now: datetime,
    recorded_by: User | None = None,
) -> None:
    _write_answers(response, filled.answers)
    if filled.reports:
        _write_reports(response, invitation, filled.reports, now, recorded_by)


def _write_answers(response: Response, answers: Mapping[int, Sequence[AnswerValue]]) -> None:
    """Only what differs is written."""
    stored: dict[int, list[Answer]] = {}
    mine = sa.select(Answer).where(Answer.response_id == response.id, Answer.question_id.in_(answers))
    for row in db.session.scalars(mine.order_by(Answer.id)):
        stored.setdefault(row.question_id, []).append(row)
    changed = [
        question_id
        for question_id, values in answers.items()
        if [AnswerValue(row.choice, row.number, row.text) for row in stored.get(question_id, [])]
        != list(values)
    ]
    if not changed:
        return
    db.session.execute(
        sa.delete(Answer).where(Answer.response_id == response.id, Answer.question_id.in_(changed))
    )
    db.session.add_all(
        Answer(
            response_id=response.id,
            question_id=question_id,
            choice=value.choice,
            number=value.number,
            text=value.text,
        )
        for question_id in changed
        for value in answers[question_id]
    )
    db.session.flush()


def _write_reports(
    response: Response,
    invitation: Invitation,
    reports: Mapping[int, Said],
    now: datetime,
    recorded_by: User | None,
) -> None:
    """Into the response's draft update. A sent update stays: what changed begins a new one beside it."""
    update = db.session.get(ProgressUpdate, response.progress_update_id or 0)
    written = _said_in(update)
    if all(written.get(activity_id) == said for activity_id, said in reports.items()):
        return
    plan = plan_queries.plan_of(invitation.enrolment_id)
    if plan is None:
        return
    if update is None or update.reported_at is not None:
        update = plans.begin_update(plan, Source.PHONE if recorded_by else Source.SELF, now, recorded_by)
        response.progress_update_id = update.id
        written, reports = {}, {**written, **reports}
    activities = {activity.id: activity for activity in plan_queries.activities_of(plan)}
    for activity_id, said in reports.items():
        if activity_id in activities and written.get(activity_id) != said:
            plans.report_activity(update, activities[activity_id], said.state, said.note)


def _said_in(update: ProgressUpdate | None) -> dict[int, Said]:
    if update is None:
        return {}
    query = sa.select(ActivityReport).where(ActivityReport.update_id == update.id)
    return {row.activity_id: Said(row.state, row.note) for row in db.session.scalars(query)}


def _send_update(response: Response, now: datetime) -> None:
    update = db.session.get(ProgressUpdate, response.progress_update_id or 0)
    if update and update.reported_at is None:
        plans.send_update(update, now)
