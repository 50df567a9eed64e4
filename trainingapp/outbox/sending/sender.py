"""Takes due messages to the relays. An edge: commits before the network, at the fence, and after the reply.

No transaction is open while it talks.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep

from flask import current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from trainingapp import clock
from trainingapp.db import db, reading
from trainingapp.outbox import actions, senders
from trainingapp.outbox.lines.contract import Letter
from trainingapp.outbox.lines.replies import Reply, Stage, Verdict
from trainingapp.outbox.models import EmailState
from trainingapp.outbox.sending import brakes, ledger
from trainingapp.outbox.sending.desk import Desk
from trainingapp.outbox.sending.ledger import Lease

BATCH = 10  # a batch must be done within its lease, also through a slow relay
NOBODY = 5  # so many in a row refused, and nobody accepted: that is the relay, not the people
SILENCES = 2  # so many messages without any answer in a row: the relay is not well
STALE_FENCE = 60.0  # seconds
NOTING = 30.0  # seconds: how long a database that is away is given to come back and hear a reply
AWAY = (OperationalError, InterfaceError)


def drain(
    worker: str,
    seconds: float,
    now: Callable[[], datetime] = clock.now,
    is_told_to_stop: Callable[[], bool] = lambda: False,
    nth: int = 0,
) -> Counter[str]:
    """Sends what is due for about so long; returns how many came to which verdict.

    Told to stop, it ends the message in hand and hands the rest back. Each sender gets a batch in turn; the
    `nth` process that drains at a time leaves those alone that may have no more connections.
    """
    end = monotonic() + seconds
    is_over: Callable[[], bool] = lambda: is_told_to_stop() or monotonic() >= end  # noqa: E731
    tally: Counter[str] = Counter()
    settings = current_app.config["SETTINGS"]
    busy = [
        Sending(worker, sender, settings.host, now, tally)
        for sender in senders.all(settings).values()
        if sender.connections > nth
    ]
    opened = list(busy)
    try:
        while busy and not is_over():
            busy = [sending for sending in busy if not is_over() and sending.batch(is_told_to_stop)]
    except AWAY as problem:
        db.session.rollback()
        current_app.logger.error("the database is away; what was claimed waits: %s", problem)  # noqa: TRY400
    finally:
        for sending in opened:
            sending.line.quit()
    return tally


class Sending:
    """What goes out as one sender, over one line."""

    def __init__(
        self,
        worker: str,
        sender: senders.Sender,
        host: str,
        now: Callable[[], datetime],
        tally: Counter[str],
    ) -> None:
        self.worker = worker
        self.sender = sender
        self.now = now
        self.tally = tally
        self.line = senders.connect(sender, host)
        self.relay = f"{sender.name} ({sender.relay.name})"
        self.is_trusted = False  # it took a message since the last pause

    def batch(self, is_told_to_stop: Callable[[], bool]) -> bool:
        """Whether there may be more."""
        if self._rests():
            return False
        leases = ledger.claim(self.worker, BATCH, self.now(), self.sender.name)
        db.session.commit()
        self._send(leases, is_told_to_stop)
        return bool(leases)

    def _rests(self) -> bool:
        with reading():
            rests = brakes.rests(self.relay, self.sender.name, self.now())
            db.session.rollback()
        return rests

    def _send(self, leases: list[Lease], is_told_to_stop: Callable[[], bool]) -> None:
        """Refused recipients wait for the end of the batch: when everybody is refused, nobody is at fault."""
        tried, silent, refused = 0, 0, list[tuple[Lease, Reply]]()
        desk = Desk(self.sender, leases, self.now)
        for number, lease in enumerate(leases, start=1):
            if is_told_to_stop():
                self._hand_back(leases[number - 1 :])
                break
            reply = self._offer(lease, desk)
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
        if len(refused) == tried >= NOBODY:
            self._rest(refused[-1][1], [lease for lease, _ in refused])
        else:
            for lease, reply in refused:
                self._record(lease, reply)

    def _offer(self, lease: Lease, desk: Desk) -> Reply | None:
        """None: there is nothing to note, for the message is no longer wanted or no longer ours."""
        letter = desk.take(lease)
        if not isinstance(letter, Letter):
            self._let_go(lease, *letter)
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

    def _let_go(self, lease: Lease, state: EmailState, why: str) -> None:
        ledger.let_go(lease, self.now(), state, why)
        db.session.commit()
        self.tally[state.value] += 1

    def _record(self, lease: Lease, reply: Reply) -> None:
        """The relay has spoken: a database that restarts just now is told as soon as it is back."""
        end = monotonic() + NOTING
        while True:
            try:
                self._note(lease, reply)
            except AWAY:
                db.session.rollback()
                if monotonic() > end:
                    raise
                sleep(0.2)
            else:
                self.tally[reply.verdict.value] += 1
                return

    def _note(self, lease: Lease, reply: Reply) -> None:
        write = ledger.put_back if reply.verdict is Verdict.LATER else ledger.finish
        write(lease, self.now(), reply)
        if reply.verdict is Verdict.SENT and not self.is_trusted:
            actions.trust_relay(self.relay)
            self.is_trusted = True
        db.session.commit()

    def _hand_back(self, leases: list[Lease]) -> None:
        """To whoever comes next, at once."""
        now = self.now()
        for lease in leases:
            ledger.hand_back(lease, now, now, "the sender was stopped", "stopped")
        db.session.commit()

    def _rest(self, reply: Reply, leases: list[Lease]) -> None:
        pause = actions.rest_relay(self.relay, reply, self.now())
        for lease in leases:
            ledger.hand_back(lease, self.now(), pause.until, reply.text)
        db.session.commit()
        self.line.drop()
        self.is_trusted = False
        self.tally[Verdict.RELAY_FAULT.value] += len(leases)
