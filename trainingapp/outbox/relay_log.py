"""What a mail server's log knows of messages that are uncertain."""

import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.outbox import actions
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger

_NAME = re.compile(r"[^\s<>=,;\"']+@[^\s<>,;\"']+")
# Postfix notes the name while it still reads a message, and has taken it only once it is in the queue.
_IS_READ = re.compile(r"/cleanup\[\d+\]: (\w+): message-id=")
_IS_QUEUED = re.compile(r"/qmgr\[\d+\]: (\w+): from=.*\(queue active\)")


@dataclass(frozen=True)
class Stretch:
    """The log has every message that was taken between these moments."""

    begins: datetime
    ends: datetime

    def covers(self, dot_at: datetime) -> bool:
        """Also the time that a relay may take to decide, and what two clocks may differ by."""
        return self.begins + ledger.MARGIN <= dot_at <= self.ends - ledger.GRACE


@dataclass(frozen=True)
class Settled:
    sent: int
    again: int
    left: int


def accepted(log: Iterable[str], message_ids: Collection[str]) -> set[str]:
    """Those that the relay took. Any log or list that names what was taken will do."""
    wanted = {name.strip("<>"): name for name in message_ids}
    taken, read = set(), dict[str, str]()
    for line in log:
        if queued := _IS_QUEUED.search(line):
            taken |= {read[queued[1]]} if queued[1] in read else set()
            continue
        for name in wanted.keys() & set(_NAME.findall(line)):
            if being_read := _IS_READ.search(line):
                read[being_read[1]] = wanted[name]
            else:
                taken.add(wanted[name])
    return taken


def uncertain() -> set[str]:
    """Their Message-IDs."""
    query = sa.select(OutgoingEmail.message_id).where(OutgoingEmail.state == EmailState.UNCERTAIN)
    return set(db.session.scalars(query))


def settle(names: Collection[str], taken: Collection[str], whole: Stretch | None, now: datetime) -> Settled:
    """Sent if the log has it; out once more if a log that is whole does not; else left to a person."""
    query = sa.select(OutgoingEmail).where(OutgoingEmail.state == EmailState.UNCERTAIN)
    sent = again = left = 0
    for email in db.session.scalars(query.order_by(OutgoingEmail.id)).all():
        was_sent = email.message_id in taken
        is_absent = whole is not None and email.dot_at is not None and whole.covers(email.dot_at)
        if email.message_id not in names or not (was_sent or is_absent):
            left += 1
            continue
        why = "the relay's log has it" if was_sent else "the relay's log does not have it"
        with suppress(actions.NotUncertain):  # somebody was quicker
            actions.settle(email, was_sent=was_sent, why=why, now=now)
            sent, again = sent + was_sent, again + (not was_sent)
    return Settled(sent, again, left)
