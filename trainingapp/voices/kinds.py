"""Whom a round may ask: a kind finds its people, says when they may be asked, and about what."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from flask_babel import LazyString

from trainingapp.db import db
from trainingapp.followups.calendar import Place
from trainingapp.followups.models import Schedule
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.models import Suppression
from trainingapp.surveys.models import Audience
from trainingapp.voices.models import Voice, VoiceRound


class NotAsked(StrEnum):
    NO_ADDRESS = "no_address"
    STOPPED = "stopped"  # by the one who would be asked
    ALUMNA_SAID_NO = "alumna_said_no"
    ALUMNA_OPTED_OUT = "alumna_opted_out"
    CANNOT_TELL = "cannot_tell"  # the alumna, who has no address that works


@dataclass(frozen=True)
class Alumna:
    """Who is told before somebody is asked about her."""

    reader: str
    address: str
    language: str


@dataclass(frozen=True)
class Candidate:
    """Somebody whom a round may ask, and has not."""

    subject_id: int  # the enrolment or the visit
    about: str  # whose supervisor, or which host
    name: str
    address: str
    language: str
    place: Place
    ready_at: datetime  # not before
    why_not: NotAsked | None
    tell: Alumna | None = None


class VoiceKind(ABC):
    audience: ClassVar[Audience]
    topic: ClassVar[str]  # what an unsubscribe is about
    topic_name: ClassVar[LazyString | str]
    subject: ClassVar[str]  # the column of Voice that says about what
    lead: ClassVar[str]  # the partial that says on the page about what
    verb: ClassVar[LazyString]  # to a coordinator who may add a round
    how: ClassVar[LazyString]
    whose: ClassVar[LazyString]  # beside the form of an address
    has_months = False  # it can be asked at several times after an edition
    notice = timedelta(0)  # how long before, somebody else is told

    @abstractmethod
    def title(self, of: VoiceRound) -> str: ...

    @abstractmethod
    def days(self, schedule: Schedule, months: int) -> tuple[date, date]:
        """The first and the last day of a round."""

    @abstractmethod
    def candidates(self, of: VoiceRound, after: int = 0, only: int | None = None) -> Sequence[Candidate]:
        """Who has no voice in this round, audience.CHUNK of them beyond subject `after`."""

    @abstractmethod
    def place(self, voice: Voice) -> Place: ...

    @abstractmethod
    def about(self, voice: Voice) -> str: ...

    @abstractmethod
    def unwanted_because(self, voice: Voice) -> str | None:
        """Why nobody may be asked about this any more, whatever the address; or None."""

    @abstractmethod
    def keep(self, of: VoiceRound, subject_id: int, name: str, address: str) -> None:
        """Where the next round looks for them. Raises LookupError for a subject of another edition."""


KINDS: dict[Audience, VoiceKind] = {}


def register(kind: type[VoiceKind]) -> type[VoiceKind]:
    """Class decorator: lists the kind by its audience."""
    KINDS[kind.audience] = kind()
    return kind


def kind_of(of: VoiceRound) -> VoiceKind:
    return KINDS[of.audience]


def stopped_by(addresses: Sequence[str]) -> dict[str, set[str]]:
    """Address -> what does not go there: "all", or a topic."""
    digests = {address: digest(address) for address in addresses}
    query = sa.select(Suppression.address_hmac, Suppression.scope).where(
        Suppression.address_hmac.in_(digests.values())
    )
    scopes: dict[str, set[str]] = {}
    for hmac, scope in db.session.execute(query):
        scopes.setdefault(hmac, set()).add(scope)
    return {address: scopes.get(hmac, set()) for address, hmac in digests.items()}
