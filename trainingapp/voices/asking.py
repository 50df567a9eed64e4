"""Rows for those who are asked, and their mails: to the alumna that it happens, then to whom it is put."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.followups.calendar import WEEK, Hours, Place
from trainingapp.outbox import bulk
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.sending import fatigue
from trainingapp.participants import queries as participants
from trainingapp.participants.models import ContactKind, ContactPoint
from trainingapp.surveys.models import Audience
from trainingapp.tokens import fingerprint, issue
from trainingapp.voices.kinds import Candidate, kind_of
from trainingapp.voices.models import Voice, VoiceRound

TELL = "voice_told"  # kinds of message: see messages.py
ASK = {Audience.SUPERVISORS: "supervisor_questions", Audience.HOSTS: "host_questions"}
REMIND = {Audience.SUPERVISORS: "supervisor_reminder", Audience.HOSTS: "host_reminder"}


def about(voice: Voice) -> str:
    return f"voices:{voice.id}"


def token(voice: Voice) -> str:
    return issue("voice", voice.id, voice.link_number)


def told_token(voice: Voice) -> str:
    """The alumna's own, which opens no question."""
    return issue("voice-told", voice.id)


def hours(of: VoiceRound) -> Hours:
    return Hours(of.schedule.from_hour, of.schedule.to_hour)


def begin(of: VoiceRound, candidates: Sequence[Candidate], now: datetime) -> list[Voice]:
    """A row for each of these, and its first mail: to whom is asked, or to the alumna who is told before."""
    kind = kind_of(of)
    made = [
        Voice(
            **{kind.subject: one.subject_id},
            round=of,
            name=one.name,
            address=one.address,
            language=one.language,
            token_hash=f"{of.id} {one.subject_id}",  # until the id is known
        )
        for one in candidates
    ]
    db.session.add_all(made)
    db.session.flush()
    for voice in made:
        voice.token_hash = fingerprint(token(voice))
        voice.told_hash = fingerprint(told_token(voice)) if kind.notice else None
    db.session.flush()
    pairs = list(zip(made, candidates, strict=True))
    if kind.notice:
        _tell(of, pairs, now)
    else:
        ask(of, [(voice, one.place, max(now, one.ready_at)) for voice, one in pairs], now)
    return made


def _tell(of: VoiceRound, pairs: Iterable[tuple[Voice, Candidate]], now: datetime) -> None:
    told = [(voice, one.place, one.tell) for voice, one in pairs if one.tell]
    latest = fatigue.latest([her.reader for _voice, _place, her in told])
    end = calendar.ends(of.closes_on)
    mails = []
    for voice, place, her in told:
        send_at = calendar.next_instant(_turn(latest.get(her.reader), now), place, hours(of))
        mails.append(_mail(voice, TELL, her.address, her.language, her.reader, send_at, end))
    bulk.enqueue_many(TELL, mails, now)


def ask(of: VoiceRound, due: Sequence[tuple[Voice, Place, datetime]], now: datetime) -> None:
    """Puts the question to each at their first good hour from then on, a week after what they had last."""
    _write(of, due, ASK[of.audience], now)


def remind(of: VoiceRound, due: Sequence[tuple[Voice, Place, datetime]], now: datetime) -> None:
    _write(of, due, REMIND[of.audience], now)


def ask_at(voice: Voice, moment: datetime, now: datetime) -> None:
    """Whatever the hour: somebody wants it so."""
    of = voice.round
    reader = readers_at([voice.address])[voice.address]
    voice.due_at = moment
    kind, end = ASK[of.audience], calendar.ends(of.closes_on)
    mail = _mail(voice, kind, voice.address, voice.language, reader, moment, end)
    bulk.enqueue_many(kind, [mail], now)


def _write(of: VoiceRound, due: Sequence[tuple[Voice, Place, datetime]], kind: str, now: datetime) -> None:
    known = readers_at([voice.address for voice, _place, _at in due])
    latest, end = fatigue.latest(known.values()), calendar.ends(of.closes_on)
    mails = []
    for voice, place, earliest in due:
        reader = known[voice.address]
        send_at = calendar.next_instant(_turn(latest.get(reader), earliest), place, hours(of))
        if send_at < end:
            voice.due_at = latest[reader] = send_at  # somebody may supervise several
            mails.append(_mail(voice, kind, voice.address, voice.language, reader, send_at, end))
    bulk.enqueue_many(kind, mails, now)


def _turn(last: datetime | None, earliest: datetime) -> datetime:
    return max(earliest, last + WEEK) if last else earliest


def _mail(
    voice: Voice, kind: str, address: str, language: str, reader: str, send_at: datetime, end: datetime
) -> dict[str, Any]:
    return {
        "dedupe_key": f"{about(voice)}:{kind}:{voice.link_number}.{voice.reminders}",
        "address": address,
        "language": language,
        "about": about(voice),
        "facts": {"voice_id": voice.id},
        "reader": reader,
        "send_at": send_at,
        "not_after": end,
    }


def readers_at(addresses: Collection[str]) -> dict[str, str]:
    """Address -> whom the fatigue guard counts: a supervisor may be an alumna of another year."""
    owned = sa.select(ContactPoint.normalised, ContactPoint.participant_id).where(
        ContactPoint.kind == ContactKind.EMAIL, ContactPoint.normalised.in_(addresses)
    )
    owners = {address: participants.reader(owner) for address, owner in db.session.execute(owned)}
    return {address: owners.get(address) or digest(address) for address in addresses}
