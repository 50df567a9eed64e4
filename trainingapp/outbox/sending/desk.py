"""The letters of one batch: written together, and each is asked about once more before it goes."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from flask import current_app

from trainingapp.db import db, is_away, reading
from trainingapp.outbox.kinds import KINDS, Message
from trainingapp.outbox.letters import composing
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.senders import Sender
from trainingapp.outbox.sending import claims
from trainingapp.outbox.sending.claims import End
from trainingapp.outbox.sending.ledger import Lease

STALE = 10.0  # seconds: what was written longer ago, through a slow relay, is written again

Write = Callable[[OutgoingEmail], Message]


class Desk:
    def __init__(self, sender: Sender, leases: list[Lease], now: Callable[[], datetime]) -> None:
        self.sender = sender
        self.now = now
        self._left = [lease.email for lease in leases]
        self._letters: dict[int, Letter | End] = {}
        self._written = -STALE

    def take(self, lease: Lease) -> Letter | End:
        """The next letter in turn, or what becomes of the message instead. Leaves no transaction open."""
        now = self.now()
        with reading():
            try:
                if monotonic() - self._written >= STALE:
                    self._write(now)
                end = self._ask(lease.email, now)
            finally:
                db.session.rollback()
        self._left.remove(lease.email)
        return end or self._letters.pop(lease.email_id)

    def _ask(self, email: OutgoingEmail, now: datetime) -> End | None:
        """A slow relay may have held this batch up for minutes."""
        try:
            return claims.unwanted([email], now).get(email.id)
        except Exception as problem:  # noqa: BLE001 - logged: this message alone is set aside
            return _set_aside(email, problem)

    def _write(self, now: datetime) -> None:
        by_kind = defaultdict[str, list[OutgoingEmail]](list)
        for email in self._left:
            by_kind[email.kind].append(email)
        for kind, emails in by_kind.items():
            for email, write in _writers(kind, emails):
                self._letters[email.id] = self._letter(email, write, now)
        self._written = monotonic()

    def _letter(self, email: OutgoingEmail, write: Write, now: datetime) -> Letter | End:
        try:
            return composing.address(email, write(email), self.sender, now)
        except composing.NoMailAddress as problem:
            return EmailState.FAILED, str(problem)
        except Exception as problem:  # noqa: BLE001 - a template, a fact: this message alone is set aside
            return _set_aside(email, problem)


def _writers(kind: str, emails: list[OutgoingEmail]) -> list[tuple[OutgoingEmail, Write]]:
    """One for all of them; where their rows cannot be loaded together, one each."""
    try:
        together = KINDS[kind].writer(emails)
    except Exception as problem:  # noqa: BLE001 - logged: it fails again for the one that is broken
        _set_aside(emails[0], problem)
        return [(email, KINDS[kind].render) for email in emails]
    return [(email, together) for email in emails]


def _set_aside(email: OutgoingEmail, problem: Exception) -> End:
    if is_away(problem):
        raise problem
    db.session.rollback()
    current_app.logger.error("e-mail %s cannot be written", email.id, exc_info=problem)
    return EmailState.SET_ASIDE, f"{type(problem).__name__}: {problem}"
