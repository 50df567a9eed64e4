"""The ledger as a state machine: two senders, crashes, frozen ones, lost replies, a moving clock.

The machine runs the product's own functions on a real database. Three planted faults show that it can see.
"""

import contextlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from trainingapp import config, create_app
from trainingapp.db import db
from trainingapp.outbox import actions, ledger
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.replies import Reply, Stage

SENDERS = st.integers(0, 1)
REPLIES = {
    "taken": Reply(Stage.DOT, 250, "2.0.0 ok"),
    "busy": Reply(Stage.DOT, 451, "4.3.0 busy"),
    "refused": Reply(Stage.DOT, 554, "5.6.0 no"),
    "lost": Reply(Stage.DOT, None, "cut"),
}
ANY_REPLY = st.sampled_from(["taken", "taken", *REPLIES])
DONE = (EmailState.SENT, EmailState.FAILED, EmailState.UNCERTAIN)


def sweep_that_requeues_dots(now):
    held = sa.update(OutgoingEmail).where(
        OutgoingEmail.state.in_((EmailState.LEASED, EmailState.DOT)), OutgoingEmail.lease_until < now
    )
    db.session.execute(held.values(state=EmailState.QUEUED, lease_token=None, next_attempt_at=now))


def fence_without_comparing(lease, now):
    mine = sa.update(OutgoingEmail).where(OutgoingEmail.id == lease.email_id)
    db.session.execute(mine.values(state=EmailState.DOT, dot_at=now))
    return True


def no_sweep(now):
    pass


class Ledger(RuleBasedStateMachine):
    claim, fence, sweep = (staticmethod(f) for f in (ledger.claim, ledger.fence, ledger.sweep))

    @initialize(messages=st.integers(1, 2))
    def begin(self, messages):
        db.session.rollback()
        for table in ("delivery_attempts", "outgoing_emails"):
            db.session.execute(sa.text(f"DELETE FROM {table}"))
        for number in range(messages):
            address = f"person{number}@example.org"
            actions.enqueue(
                "probe", address, address, now=NOW, language="en", about="x:1", facts={}, not_after=None
            )
        db.session.commit()
        self.now = NOW
        self.senders = {0: None, 1: None}
        self.delivered = {}

    @rule(sender=SENDERS, steps=st.integers(1, 3), reply=ANY_REPLY, was_taken=st.booleans())
    def goes_on(self, sender, steps, reply, was_taken):
        """Some of: claim, fence, dot, note the reply."""
        for _ in range(steps):
            step = self.senders[sender][0] if self.senders[sender] else None
            if step is None:
                self.claims(sender)
            elif step == "claimed":
                self.passes_the_fence(sender)
            elif step == "fenced":
                self.sends_the_dot(sender, reply, was_taken=was_taken)
            else:
                self.notes_the_reply(sender)

    @rule(sender=SENDERS, reply=ANY_REPLY, was_taken=st.booleans())
    def freezes_while_the_other_works(self, sender, reply, was_taken):
        self.time_passes(6)
        self.goes_on(1 - sender, 3, reply, was_taken)

    @rule(sender=SENDERS)
    def crashes(self, sender):
        self.senders[sender] = None

    @rule(minutes=st.sampled_from([1, 16]))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)
        self.is_swept()

    def is_swept(self):
        self.sweep(self.now)
        db.session.commit()

    def claims(self, sender):
        if self.senders[sender] is None:
            leases = self.claim(f"sender {sender}", 1, self.now)
            db.session.commit()
            self.senders[sender] = ("claimed", leases[0], self.now) if leases else None

    def passes_the_fence(self, sender):
        if self.holds(sender, "claimed"):
            lease = self.senders[sender][1]
            is_ours = self.fence(lease, self.now)
            db.session.commit()
            self.senders[sender] = ("fenced", lease, self.now) if is_ours else None

    def sends_the_dot(self, sender, reply, *, was_taken):
        if self.holds(sender, "fenced"):
            _, lease, since = self.senders[sender]
            if self.now - since > timedelta(minutes=10):  # the relay has hung up on a frozen sender long ago
                self.senders[sender] = None
                return
            if reply == "taken" or (reply == "lost" and was_taken):
                self.delivered[lease.email_id] = self.delivered.get(lease.email_id, 0) + 1
            self.senders[sender] = ("replied", lease, REPLIES[reply])

    def notes_the_reply(self, sender):
        if self.holds(sender, "replied"):
            _, lease, reply = self.senders[sender]
            (ledger.put_back if reply.code == 451 else ledger.finish)(lease, self.now, reply)
            db.session.commit()
            self.senders[sender] = None

    def holds(self, sender, step):
        return self.senders[sender] is not None and self.senders[sender][0] == step

    @invariant()
    def nobody_gets_it_twice(self):
        assert all(times == 1 for times in getattr(self, "delivered", {}).values()), self.delivered

    @invariant()
    def sent_means_delivered(self):
        if hasattr(self, "delivered"):
            sent = sa.select(OutgoingEmail.id).where(OutgoingEmail.state == EmailState.SENT)
            assert set(db.session.scalars(sent)) <= set(self.delivered)

    def teardown(self):
        """All senders die and the relay is well: every message still comes to an end."""
        if not hasattr(self, "delivered"):
            return
        self.senders = dict.fromkeys(self.senders)
        for _ in range(4):
            self.now += timedelta(hours=30)
            self.is_swept()
            self.claims(0)
            self.passes_the_fence(0)
            self.sends_the_dot(0, "taken", was_taken=True)
            self.notes_the_reply(0)
        self.nobody_gets_it_twice()
        db.session.expire_all()
        assert all(email.state in DONE for email in db.session.scalars(sa.select(OutgoingEmail)))


def machine(**faults):
    return type("Planted", (Ledger,), {name: staticmethod(fault) for name, fault in faults.items()})


@pytest.fixture(scope="module")
def memory():
    """SQLite in memory: thousands of steps, each with its commits."""
    app = create_app(config.load({"SECRET_KEY": "x" * 40, "DATABASE_URL": "sqlite:///:memory:"}))
    with app.app_context():
        db.create_all()
        yield
        db.session.remove()
        db.engine.dispose()


def run(kind, examples):
    check = settings(
        max_examples=examples,
        stateful_step_count=30,
        phases=[Phase.generate],  # finding one is enough; making it small takes minutes
        deadline=None,
        database=None,
        derandomize=True,  # the same tries each time: a fault that is seen today is seen tomorrow
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    with contextlib.redirect_stdout(None):
        run_state_machine_as_test(kind, settings=check)


@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled(memory):
    run(machine(), 40)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "fault",
    [
        {"sweep": sweep_that_requeues_dots},
        {"sweep": no_sweep},
    ],
    ids=["a sweep that sends dots again", "no sweep at all"],
)
def test_the_machine_sees_a_planted_fault(memory, fault):
    with pytest.raises(AssertionError):
        run(machine(**fault), 600)


def test_the_machine_sees_a_fence_that_does_not_compare(memory):
    """Too rare a way for chance: frozen before the fence, while another sends."""

    def goes_the_way(kind):
        run = kind()
        run.begin(1)
        run.goes_on(0, 1, "taken", was_taken=True)
        run.freezes_while_the_other_works(0, "taken", was_taken=True)
        run.goes_on(0, 2, "taken", was_taken=True)
        run.nobody_gets_it_twice()

    goes_the_way(machine())
    with pytest.raises(AssertionError):
        goes_the_way(machine(fence=fence_without_comparing))
