"""What one message brings along, and what every way out can do with it."""

from dataclasses import dataclass
from typing import Protocol

from trainingapp.outbox.lines.replies import Reply


@dataclass(frozen=True)
class Letter:
    sender: str  # the return path
    recipient: str
    body: bytes
    message_id: str
    envelope_id: str  # RFC 3461: comes back in a notice about this message
    is_evidence_wanted: bool = False  # a notice of success too, where the relay can give it


class Line(Protocol):
    """A way out that can stop before the last dot, which is where the fence stands."""

    def offer(self, letter: Letter) -> Reply | None:
        """Everything but the last dot. None when the other side now waits for it; else why not.

        Whatever is returned or raised here, nothing was accepted.
        """

    def dot(self) -> Reply:
        """Ends the message offered before. From here on only the reply tells what became of it."""

    def drop(self) -> None:
        """Hangs up at once; a message without its dot is forgotten by the other side."""

    def quit(self) -> None: ...
