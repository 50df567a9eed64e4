"""Who reads what people, not servers, write back: later packages list themselves here."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from trainingapp.inbound.reading import Letter
from trainingapp.outbox.models import OutgoingEmail


@dataclass(frozen=True)
class Reply:
    """A mail that no machine wrote, about one of ours."""

    to: OutgoingEmail
    raw: bytes
    raw_hash: str
    letter: Letter


class Reader(ABC):
    @abstractmethod
    def read(self, reply: Reply, now: datetime) -> None:
        """Once a mail, in the transaction that notes that it came. What it raises sets the mail aside."""


READERS: dict[str, Reader] = {}  # by the kind of message that is answered


def register(reader: Reader, *kinds: str) -> None:
    READERS.update(dict.fromkeys(kinds, reader))
