"""Verbs: keep what was answered so far, send it, say where she works now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock, table
from trainingapp.followups import actions as followups
from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.participants import moves
from trainingapp.participants.models import Employment
from trainingapp.plans.progress.models import Source
from trainingapp.refusals import Refusal
from trainingapp.responses import devices, proposals, queries, reports, sealed
from trainingapp.responses.devices import Device
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.responses.reports import How, Told
from trainingapp.surveys.models import SurveyVersion
from trainingapp.surveys.question_types import AnswerValue

_MINE = (
    sa.select(Response)
    .where(Response.invitation_id == sa.bindparam("invitation_id"))
    .execution_options(populate_existing=True)
)
VERBS = {
    Source.PHONE: "recorded by phone",
    Source.FILE: "recorded from a file",
    Source.EMAIL: "confirmed from an email",
}


class AlreadyAnswered(Refusal):
    """The answers are in. They are changed by someone who has seen them, never by a second sending."""


class Closed(Refusal):
    """The wave takes no more answers."""


class PromiseChanged(Refusal):
    """Who sees the answers was changed after she opened the page, while nobody had answered yet."""


@dataclass
class Filled:
    """What was read from the page. Only what stands here is written; an empty list takes an answer back."""

    answers: dict[int, list[AnswerValue]] = field(default_factory=dict)  # question id -> values
    told: Told = field(default_factory=Told)  # about her plan
    device: Device = field(default_factory=Device)
    proposal: str = ""  # the stamp of what she told another way, where the page had shown it
    irrelevant: set[int] = field(default_factory=set)  # ids of questions that the answers leave unasked


@dataclass(frozen=True)
class Kept:
    """What became of a draft: its revision, and the fields for which another device knew better."""

    revision: int
    elsewhere: frozenset[str]
    changed: Mapping[int, Sequence[AnswerValue]]  # question id -> what is to stand there now


def save(
    invitation: Invitation, filled: Filled, *, language: str, now: datetime, promise: str = ""
) -> Kept | None:
    """Keeps a draft. An answer that was sent is left alone (None): only sending changes it.

    Raises Closed, PromiseChanged. Anonymous answers have no draft: they are on the phone until they are sent.
    """
    _hold(invitation, promise, now)
    with db.session.no_autoflush:  # what is written is written at once
        response = _response(invitation, language, now)
        if response.state is ResponseState.SENT:
            return None
        followups.note_started(invitation, now)
        kept = _take(response, invitation, filled, now)
        response.language = language
        response.saved_at = now
        _add(response, kept.changed)
    return kept


def send(
    invitation: Invitation,
    filled: Filled,
    *,
    language: str,
    now: datetime,
    changes: str = "",
    promise: str = "",
    key: str = "",
    recorded_by: User | None = None,
    source: Source = Source.PHONE,
    told_on: date | None = None,
) -> None:
    """Once: what arrives again with the same `key` is there already.

    To change what was sent, `changes` is the `stamp` of the answer she saw. `recorded_by` is who typed it
    for her, `source` how it came to them, and `told_on` the day of the call.
    Raises AlreadyAnswered, Closed, PromiseChanged, ToldElsewhere.
    """
    _hold(invitation, promise, now)
    if key and invitation.sent_with == key:
        return
    with db.session.no_autoflush:  # what is written is written at once
        if queries.is_anonymous(invitation):
            _seal(invitation, filled)
        else:
            told = proposals.settle(invitation, filled.proposal) or Source.SELF
            how = (source, recorded_by) if recorded_by else (told, None)
            response = _send(invitation, filled, language, now, changes, how)
            if told_on:
                response.told_on = told_on
        invitation.sent_with = key or None
        followups.note_answered(invitation, now)


def _seal(invitation: Invitation, filled: Filled) -> None:
    if invitation.state is InvitationState.ANSWERED:
        raise _already_answered()
    sealed.put_in(invitation.wave, filled.answers)


def _send(
    invitation: Invitation,
    filled: Filled,
    language: str,
    now: datetime,
    changes: str,
    how: How,
) -> Response:
    source, recorded_by = how
    response = _response(invitation, language, now)
    was_sent = response.state is ResponseState.SENT
    if was_sent and (recorded_by or stamp(response) != changes):
        raise _already_answered()
    if recorded_by or source is not Source.SELF:
        response.source, response.recorded_by_id = source, recorded_by.id if recorded_by else None
    before, response.state = response.state, ResponseState.SENT
    response.language, response.saved_at, response.sent_at = language, now, now
    kept = _take(response, invitation, filled, now, how)
    reports.send(response, now)
    _add(response, kept.changed)
    programme_id = invitation.wave.schedule.cohort.theme.programme_id
    verb = "changed" if was_sent else VERBS.get(source, "sent")
    audit.record(response, verb, before=before, after=response.state, programme_id=programme_id)
    return response


def _already_answered() -> AlreadyAnswered:
    return AlreadyAnswered(_("These questions were answered already. What was sent stays as it is."))


def _hold(invitation: Invitation, promise: str, now: datetime) -> None:
    """Nobody else answers for her meanwhile, nor changes what she was promised."""
    lock(invitation)
    if not queries.takes_answers(invitation, now):
        raise Closed(_("These questions have closed."))
    keep_promise(invitation.wave.survey_version, promise, now)


def keep_promise(version: SurveyVersion, promise: str, now: datetime) -> None:
    """From the first answer on, who sees the answers is fixed. Raises PromiseChanged."""
    if version.first_answered_at is None:
        lock(version)
        version.first_answered_at = version.first_answered_at or now.date()
    if promise and promise != version.anonymity:
        raise PromiseChanged(
            _("Who will see your answers was changed since you opened this page. Read it again, then send.")
        )


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
    found = db.session.scalar(_MINE, {"invitation_id": invitation.id}) if invitation.started_at else None
    if found is None:
        found = Response(
            wave_id=invitation.wave_id,
            invitation_id=invitation.id,
            state=ResponseState.DRAFT,
            language=language,
            saved_at=now,
            touched={},
        )
        db.session.add(found)
    return found


def _take(
    response: Response,
    invitation: Invitation,
    filled: Filled,
    now: datetime,
    how: How = (Source.SELF, None),
) -> Kept:
    """Only what another device has not answered since, and of that only what differs."""
    seen = filled.device.seen
    elsewhere = devices.since(response.touched, seen)
    hers = {number: values for number, values in filled.answers.items() if number not in filled.irrelevant}
    answered = {f"q{number}": bool(values) for number, values in hers.items()}
    answered |= {devices.key(name): True for name in filled.told.lines}
    lost = filled.device.loses(response.touched, answered)
    answers = {number: values for number, values in filled.answers.items() if f"q{number}" not in lost}
    told = filled.told.without({name for name in filled.told.lines if devices.key(name) in lost})
    differing = _clear(response, answers)
    changed = {f"q{number}" for number in differing}
    if told.lines or told.taken_back:
        changed |= {devices.key(name) for name in reports.write(response, invitation, told, now, how)}
    changed |= (answered.keys() - lost) & (filled.device.touched or {}).keys()
    if changed:
        response.touched = devices.touch(response.touched, filled.device, changed, int(now.timestamp()))
    return Kept(devices.revision(response.touched), frozenset(elsewhere - changed), differing)


def _clear(
    response: Response, answers: Mapping[int, Sequence[AnswerValue]]
) -> dict[int, Sequence[AnswerValue]]:
    """Those that differ from what is stored, which goes."""
    stored = _stored(response, answers) if response.id else {}
    changed = {number: values for number, values in answers.items() if stored.get(number, []) != values}
    if stored.keys() & changed.keys():
        mine = sa.delete(Answer).where(Answer.response_id == response.id, Answer.question_id.in_(changed))
        db.session.execute(mine)
    return changed


def _stored(response: Response, questions: Iterable[int]) -> dict[int, list[AnswerValue]]:
    mine = sa.select(Answer).where(Answer.response_id == response.id, Answer.question_id.in_(questions))
    stored: dict[int, list[AnswerValue]] = {}
    for row in db.session.scalars(mine.order_by(Answer.id)):
        stored.setdefault(row.question_id, []).append(row.value)
    return stored


def _add(response: Response, answers: Mapping[int, Sequence[AnswerValue]]) -> None:
    """All in one statement, past the bookkeeping of objects that nobody asks for again."""
    if not response.id:
        db.session.flush()
    rows = [
        {"response_id": response.id, "question_id": number, **asdict(value)}
        for number, values in answers.items()
        for value in values
    ]
    if rows:
        db.session.execute(sa.insert(table(Answer)), rows)
