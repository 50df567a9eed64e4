"""What a mail server's reply means for the message, for the address and for the relay. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

FULL = "5.2.2"  # a mailbox that is emptied one day


class Stage(StrEnum):
    CONNECT = "connect"  # up to and including signing in
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # everything but the last dot
    DOT = "dot"


class Verdict(StrEnum):
    SENT = "sent"
    LATER = "later"
    DEAD_ADDRESS = "dead address"
    REFUSED = "refused"  # this message to this address; another may pass
    RELAY_FAULT = "relay fault"  # would hit everybody: nobody pays for it
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Reply:
    stage: Stage
    code: int | None  # None: silence, or the line was cut
    text: str

    @property
    def enhanced(self) -> str | None:
        """RFC 3463, such as "5.1.1"."""
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)", self.text)
        return found[0] if found else None

    @property
    def is_about_content(self) -> bool:
        """What it says is refused: not its recipient, and not its sender."""
        about_somebody = (self.enhanced or "").startswith(("5.1.", "5.2."))
        return self.stage is Stage.DOT and self.code in {552, 554} and not about_somebody

    @property
    def asks_for_patience(self) -> bool:
        """The domain would take more if it came more slowly."""
        is_theirs = self.stage not in {Stage.CONNECT, Stage.MAIL}
        return is_theirs and (self.code == 421 or (self.enhanced or "").startswith("4.7."))  # noqa: PLR2004

    @property
    def verdict(self) -> Verdict:
        kind = (self.code or 0) // 100
        if self.stage is Stage.DOT:
            return self._after_the_dot(kind)
        if self.stage is Stage.CONNECT:
            return Verdict.RELAY_FAULT
        if kind == 5:  # noqa: PLR2004 - RFC 5321: permanent
            return self._before_the_dot()
        return Verdict.LATER  # nothing was accepted

    def _after_the_dot(self, kind: int) -> Verdict:
        meaning = {2: Verdict.SENT, 4: Verdict.LATER, 5: Verdict.REFUSED}.get(kind, Verdict.UNCERTAIN)
        if meaning is Verdict.REFUSED and self.enhanced == FULL:
            return Verdict.LATER
        if meaning is Verdict.REFUSED and self._is_policy and not self.is_about_content:
            return Verdict.RELAY_FAULT
        return meaning

    def _before_the_dot(self) -> Verdict:
        enhanced = self.enhanced or ""
        about_us = enhanced in {"5.1.7", "5.1.8"}  # the sender's address, not the recipient's
        if self.stage is Stage.MAIL or self._is_policy or about_us:
            return Verdict.RELAY_FAULT
        if enhanced == FULL:
            return Verdict.LATER
        if self.stage is Stage.RCPT and enhanced.startswith("5.1."):
            return Verdict.DEAD_ADDRESS
        return Verdict.REFUSED

    @property
    def _is_policy(self) -> bool:
        return self.code in {530, 535} or (self.enhanced or "").startswith("5.7.")
