"""Takes due messages to the relay. An edge: it commits before the network, at the fence, and after the reply.

No transaction is open while it talks.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from flask import current_app

from trainingapp import clock
from trainingapp.config import Config
from trainingapp.db import db, reading
from trainingapp.outbox import actions, ledger, letters, senders
from trainingapp.outbox.ledger import Lease
from trainingapp.outbox.lines import Letter
from trainingapp.outbox.models import EmailState, OutgoingEmail, RelayPause
from trainingapp.outbox.queries import due
from trainingapp.outbox.replies import Reply, Stage, Verdict

BATCH = 10  # a batch must be done within its lease, also through a slow relay
TELLING = 5  # so many in a row refused, and nobody accepted: that is the relay, not the people
SILENCES = 2  # so many messages without any answer in a row: the relay is not well
STALE_FENCE = 60.0  # seconds


def drain(worker: str, seconds: float, now: Callable[[], datetime] = clock.now) -> Counter[str]:
    """Sends what is due for about so long; returns how many came to which verdict."""
    sender = Sender(worker, current_app.config["SETTINGS"], now)
    try:
        sender.drain(seconds)
    finally:
        sender.line.quit()
    return sender.tally


class Sender:
    def __init__(self, worker: str, settings: Config, now: Callable[[], datetime]) -> None:
        self.worker = worker
        self.sender = senders.of(settings, senders.DEFAULT)
        self.now = now
        self.line = senders.connect(self.sender, helo=settings.host)
        self.relay = self.sender.relay.name
        self.is_trusted = False  # it took a message since the last pause
        self.tally: Counter[str] = Counter()

    def drain(self, seconds: float) -> None:
        end = monotonic() + seconds
        while monotonic() < end and not self._rests():
            leases = ledger.claim(self.worker, BATCH, self.now())
            more = bool(leases) or due(self.now(), 1) > 0
            db.session.commit()
            if not more:
                return
            self._send(leases)

    def _rests(self) -> bool:
        with reading():
            pause = db.session.get(RelayPause, self.relay)
            rests = pause is not None and pause.until > self.now()
            db.session.rollback()
        return rests

    def _send(self, leases: list[Lease]) -> None:
        """Refused recipients wait for the end of the batch: when everybody is refused, nobody is at fault."""
        tried, silent, refused = 0, 0, list[tuple[Lease, Reply]]()
        for number, lease in enumerate(leases, start=1):
            reply = self._offer(lease)
            if reply is None:
                continue
            tried += 1
            silent = silent + 1 if reply.code is None else 0
            if reply.verdict is Verdict.RELAY_FAULT:
                self._rest(reply, [*(lease for lease, _ in refused), lease, *leases[number:]])
                return
            if reply.stage is Stage.RCPT and reply.verdict in {Verdict.DEAD_ADDRESS, Verdict.REFUSED}:
                refused.append((lease, reply))
                continue
            self._record(lease, reply)
            if silent == SILENCES:
                self._rest(reply, [*(lease for lease, _ in refused), *leases[number:]])
                return
        if len(refused) == tried >= TELLING:
            self._rest(refused[-1][1], [lease for lease, _ in refused])
        else:
            for lease, reply in refused:
                self._record(lease, reply)

    def _offer(self, lease: Lease) -> Reply | None:
        """None: there is nothing to note, for the message is no longer wanted or no longer ours."""
        letter = self._compose(lease)
        if letter is None:
            return None
        refused = self.line.offer(letter)
        if refused:
            return refused
        is_ours = ledger.fence(lease, self.now())
        fenced = monotonic()
        db.session.commit()
        if not is_ours:
            self.line.drop()
            return None
        if monotonic() - fenced > STALE_FENCE:  # frozen in between: others may soon decide about it
            self.line.drop()
            return Reply(Stage.DATA, None, "the sender was held up after the fence, and hung up")
        return self.line.dot()

    def _compose(self, lease: Lease) -> Letter | None:
        """Asks once more whether it is wanted: a slow relay may have held this batch up for minutes."""
        now = self.now()
        try:
            with reading():
                email = db.session.get_one(OutgoingEmail, lease.email_id)
                reason = ledger.unwanted_because(email, now)
                letter = None if reason else letters.compose(email, self.sender, now)
                db.session.rollback()
        except letters.NoMailAddress as problem:
            self._let_go(lease, EmailState.FAILED, str(problem))
        except Exception as problem:  # a template, a fact: this message alone is set aside
            current_app.logger.exception("e-mail %s cannot be written", lease.email_id)
            self._let_go(lease, EmailState.SET_ASIDE, f"{type(problem).__name__}: {problem}")
        else:
            if reason:
                self._let_go(lease, EmailState.SKIPPED, reason)
            return letter
        return None

    def _let_go(self, lease: Lease, state: EmailState, why: str) -> None:
        db.session.rollback()
        ledger.let_go(lease, self.now(), state, why)
        db.session.commit()
        self.tally[state.value] += 1

    def _record(self, lease: Lease, reply: Reply) -> None:
        write = ledger.put_back if reply.verdict is Verdict.LATER else ledger.finish
        write(lease, self.now(), reply)
        if reply.verdict is Verdict.SENT and not self.is_trusted:
            actions.trust_relay(self.relay)
            self.is_trusted = True
        db.session.commit()
        self.tally[reply.verdict.value] += 1

    def _rest(self, reply: Reply, leases: list[Lease]) -> None:
        pause = actions.rest_relay(self.relay, reply, self.now())
        for lease in leases:
            ledger.hand_back(lease, self.now(), pause.until, reply.text)
        db.session.commit()
        self.line.drop()
        self.is_trusted = False
        self.tally[Verdict.RELAY_FAULT.value] += len(leases)
