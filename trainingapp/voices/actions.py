"""Verbs of one voice: asked, answered, declined; what the alumna says; what a coordinator corrects."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.followups import calendar
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.sending import fatigue
from trainingapp.participants import actions as participants
from trainingapp.participants import queries as people
from trainingapp.refusals import Refusal
from trainingapp.responses import actions as responses
from trainingapp.responses.actions import Filled
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import queries as surveys
from trainingapp.tokens import fingerprint
from trainingapp.voices import asking, queries, rounds
from trainingapp.voices.kinds import NotAsked, kind_of
from trainingapp.voices.models import WAITS, RoundState, Voice, VoiceRound, VoiceState

ALUMNA_SAID_NO = "the alumna said no"
ASK_AGAIN = "ask_again"  # the key of the question whether they may be asked another time
S = VoiceState


class VoiceClosed(Refusal):
    """The questions take no more answers."""


class NothingAnswered(Refusal):
    """An empty page is no answer."""


class NotNow(Refusal):
    """It is over for them, or it has not begun."""


class OwnAddress(Refusal):
    """Nobody is asked about herself."""


# Who is asked ---------------------------------------------------------------------------------------


def answer(voice: Voice, filled: Filled, *, language: str, promise: str, now: datetime) -> None:
    """Once: a second press changes nothing. Raises VoiceClosed, NothingAnswered, responses.PromiseChanged."""
    lock(voice)
    if voice.state is S.ANSWERED:
        return
    if not queries.takes_answers(voice, now):
        raise VoiceClosed(_("These questions have closed."))
    given = {number: values for number, values in filled.answers.items() if number not in filled.irrelevant}
    if not any(given.values()):
        raise NothingAnswered(_("Answer at least one question before you send."))
    responses.keep_promise(voice.round.survey_version, promise, now)
    response = Response(state=ResponseState.SENT, language=language, saved_at=now, sent_at=now)
    db.session.add(response)
    db.session.flush()
    db.session.add_all(
        Answer(response=response, question_id=number, **asdict(value))
        for number, values in given.items()
        for value in values
    )
    voice.response_id, voice.answered_at = response.id, now
    _end(voice, S.ANSWERED, "answered")
    if _says_no_more(voice, filled):
        _stop_writing(voice, now)


def _says_no_more(voice: Voice, filled: Filled) -> bool:
    asked = surveys.questions_of(voice.round.survey_version)
    numbers = [question.id for question in asked if question.key == ASK_AGAIN]
    return any(value.choice == "no" for number in numbers for value in filled.answers.get(number, []))


def decline(voice: Voice, now: datetime) -> None:
    """They do not want to be asked: neither now nor in any later round."""
    lock(voice)
    if voice.state in {*WAITS, S.NOT_DELIVERED}:
        _end(voice, S.DECLINED, "declined")
    _stop_writing(voice, now)


def _stop_writing(voice: Voice, now: datetime) -> None:
    topic = kind_of(voice.round).topic
    outbox.suppress(digest(voice.address), topic, reason="declined", by="personal link", now=now)


# The alumna, of her supervisor ----------------------------------------------------------------------


def refuse(voice: Voice, now: datetime) -> None:  # noqa: ARG001 - a verb like the others
    """She does not want this supervisor to be asked about her. Holds for later rounds, too. Raises NotNow."""
    lock(voice)
    if voice.state is S.REFUSED:
        return
    if voice.state not in {*WAITS, S.NOT_DELIVERED}:
        raise NotNow(_("It is too late for that: the answer is there, or the questions have closed."))
    _end(voice, S.REFUSED, ALUMNA_SAID_NO)


def allow(voice: Voice, now: datetime) -> None:
    """She takes her no back. Raises NotNow."""
    lock(voice)
    if voice.state is not S.REFUSED:
        return
    if voice.round.state is not RoundState.OPEN:
        raise NotNow(_("These questions have closed."))
    voice.due_at = outbox.wait_again(asking.about(voice), ALUMNA_SAID_NO)
    voice.look_at = None if voice.due_at else now
    _turn(voice, S.SENT if voice.sent_at else S.PLANNED, "the alumna allowed it")


def name_another(voice: Voice, name: str, text: str, language: str, now: datetime) -> None:
    """Somebody else is asked, or the same at another address: by a new link. Raises Refusal."""
    lock(voice)
    if voice.state not in {*WAITS, S.NOT_DELIVERED, S.REFUSED} or voice.round.state is not RoundState.OPEN:
        raise NotNow(_("It is too late for that: the answer is there, or the questions have closed."))
    address = participants.normalise_email(text)
    _must_be_another(voice, address)
    outbox.cancel(asking.about(voice), "another address")
    before = voice.address
    voice.name, voice.address, voice.language = name, address, language
    _renew(voice)
    voice.sent_at = voice.reminded_at = voice.due_at = None
    voice.reminders, voice.look_at = 0, now
    kind = kind_of(voice.round)
    kind.keep(voice.round, getattr(voice, kind.subject), name, address)
    _turn(voice, S.PLANNED, "address corrected", facts={"from": before, "to": address})


def _must_be_another(voice: Voice, address: str) -> None:
    owner = voice.enrolment.participant_id if voice.enrolment else 0
    if asking.readers_at([address])[address] == people.reader(owner):
        raise OwnAddress(
            _("This is the address of the alumna herself. Write that of her supervisor."), "email"
        )


def _renew(voice: Voice) -> None:
    voice.link_number += 1
    voice.token_hash = fingerprint(asking.token(voice))


# What became of a mail ------------------------------------------------------------------------------


def note_told(voice: Voice, at: datetime) -> None:
    if voice.told_at is None:
        voice.told_at = voice.look_at = at


def note_went(voice: Voice, at: datetime) -> None:
    voice.due_at = None
    if voice.sent_at is None:
        voice.sent_at = at
    else:
        voice.reminded_at = at
    days = voice.round.schedule.reminder_days
    voice.look_at = calendar.reminder_look(voice.sent_at, voice.reminders, days)
    if voice.state in {S.PLANNED, S.NOT_DELIVERED}:
        voice.state = S.SENT


def note_bounced(voice: Voice, why: str) -> None:
    if voice.state in WAITS:
        _end(voice, S.NOT_DELIVERED, "bounced", why=why)


# What a coordinator does ----------------------------------------------------------------------------


def correct(
    of: VoiceRound, subject_id: int, name: str, text: str, language: str, now: datetime
) -> NotAsked | None:
    """The address from now on; who can be asked by it is asked, else it says why not. Raises Refusal,
    LookupError.
    """
    lock(of)
    voice = queries.voice_about(of, subject_id)
    if voice is None:
        address = participants.normalise_email(text)
        kind_of(of).keep(of, subject_id, name, address)
        rounds.note(of, "address kept", after=address)
        candidate = queries.candidate(of, subject_id)
        return candidate.why_not if candidate else None
    if voice.state is S.REFUSED:
        raise NotNow(_("The alumna does not want her supervisor to be asked. Only she can take that back."))
    name_another(voice, name, text, language, now)
    return None


def send_now(voice: Voice, now: datetime) -> None:
    """By a coordinator's own hand, whatever the hour, with a new link; but a week after what they had last.

    Where the alumna has not had her week yet, the coordinator knows from her that she agrees. Raises NotNow.
    """
    lock(voice)
    of, kind = voice.round, kind_of(voice.round)
    if voice.state not in WAITS or not queries.takes_answers(voice, now):
        raise NotNow(_("These questions have not begun, or are over for this person. Nothing was sent."))
    if kind.notice and (voice.told_at is None or now < voice.told_at + kind.notice):
        voice.told_at = now - kind.notice
        _note(voice, "the alumna agreed")
    outbox.cancel(asking.about(voice), "sent by hand")
    _renew(voice)
    voice.look_at = None
    reader = asking.readers_at([voice.address])[voice.address]
    turn = fatigue.turn(reader, now)
    hours = asking.hours(of)
    asking.ask_at(voice, now if turn <= now else calendar.next_instant(turn, kind.place(voice), hours), now)
    _note(voice, "sent by hand")


def _end(voice: Voice, state: VoiceState, verb: str, **facts: Any) -> None:
    outbox.cancel(asking.about(voice), verb)
    voice.due_at = voice.look_at = None
    _turn(voice, state, verb, **facts)


def _turn(voice: Voice, state: VoiceState, verb: str, **facts: Any) -> None:
    before, voice.state = voice.state, state
    _note(voice, verb, before=before, after=state, **facts)


def _note(voice: Voice, verb: str, **facts: Any) -> None:
    db.session.flush()
    audit.record(voice, verb, programme_id=voice.round.schedule.cohort.theme.programme_id, **facts)
