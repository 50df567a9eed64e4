"""A kind of message is a class: how it reads, and why it may no longer be wanted."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import ClassVar

from flask_babel import LazyString

from trainingapp.outbox.models import URGENT, USUAL, OutgoingEmail


@dataclass(frozen=True)
class Message:
    subject: str
    text: str
    html: str
    unsubscribe_url: str | None = None  # POST without a cookie stops this topic at once
    reply_to: str | None = None
    may_be_answered: bool = (
        False  # a plain reply is read as an answer, where the sender has an address for it
    )
    answers: str | None = None  # the Message-ID of the mail that this one answers


class Asks(IntEnum):
    """What a message asks of its reader unbidden, the weightiest first: see sending/fatigue.py."""

    NOTHING = 0  # it follows something its reader did: it is never kept waiting
    QUESTIONS = 1
    QUESTIONS_AGAIN = 2
    CONFIRMATION = 3  # of what somebody else said, of a plan
    ADDRESS = 4
    PROGRESS = 5
    CONSENT = 6  # to something that happens unless they say no


class MessageKind(ABC):
    """Messages are taken up by the dozen: a kind that goes out in waves answers for all of them at once."""

    name: ClassVar[str]
    topic: ClassVar[str]  # what an unsubscribe is about
    topic_name: ClassVar[LazyString | str] = ""  # to the person who stops it
    asks: ClassVar[Asks] = Asks.NOTHING

    @abstractmethod
    def render(self, email: OutgoingEmail) -> Message:
        """In email.language; from email.facts and what they point to. Writes nothing."""

    @abstractmethod
    def unwanted_because(self, email: OutgoingEmail) -> str | None:
        """Asked inside the claim: a reason code such as "withdrawn", or None to send."""

    def writer(self, emails: Sequence[OutgoingEmail]) -> Callable[[OutgoingEmail], Message]:  # noqa: ARG002
        """What renders these; a kind may load the rows of all of them first."""
        return self.render

    def unwanted_among(self, emails: Sequence[OutgoingEmail]) -> Mapping[int, str]:
        """The reasons of those that are not wanted, by id."""
        reasons = {email.id: self.unwanted_because(email) for email in emails}
        return {number: reason for number, reason in reasons.items() if reason}

    def put_off(
        self,
        emails: Sequence[OutgoingEmail],  # noqa: ARG002
        turns: Mapping[int, datetime],
    ) -> Mapping[int, datetime]:
        """Their reader had another message this week: when each goes, not before its turn.

        A kind that keeps its reader's hours looks for the next good one, and notes it. It may not wait for a
        row (see `hold`): of what is busy it says nothing, and is asked again in a minute.
        """
        return turns

    def hold(self, email: OutgoingEmail) -> object:  # noqa: ARG002
        """Locks the row that `went`, `bounced` and `complained` write to, and returns it.

        The order of locks, everywhere: wave, then invitation (or whatever else a message is about), then
        message; several of one table by their ids. Who holds a message never waits for what it is about.
        """
        return None

    def bounced(self, email: OutgoingEmail) -> None:  # noqa: B027 - most kinds have nothing to note
        """Called in the transaction that finds the address dead (a 5.1.x reply, a hard bounce)."""

    def complained(self, email: OutgoingEmail, now: datetime) -> None:  # noqa: B027 - most kinds have nothing to note
        """Called in the transaction that notes that its recipient called it spam."""

    def went(self, email: OutgoingEmail) -> None:  # noqa: B027 - most kinds have nothing to note
        """Called in the transaction that marks the message sent."""


ACCOUNT = "account"  # the topic of what its reader asked for: there is nothing to stop
KINDS: dict[str, MessageKind] = {}


def register(kind: type[MessageKind]) -> type[MessageKind]:
    """Class decorator: lists the kind by its name."""
    KINDS[kind.name] = kind()
    return kind


def topics() -> dict[str, LazyString | str]:
    """What can be stopped, and what each is called."""
    return {kind.topic: kind.topic_name for kind in KINDS.values() if kind.topic != ACCOUNT}


def priority(kind: str) -> int:
    return URGENT if KINDS[kind].topic == ACCOUNT else USUAL
