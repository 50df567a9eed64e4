"""Two senders as a state machine: they claim, ask, pass the fence, send the dot, note the reply; they crash
and freeze. What is sent, and what is done to it meanwhile, a subclass says.

The machine runs the product's own functions on a real database.
"""

import contextlib
from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from factories import NOW
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from trainingapp.db import db
from trainingapp.outbox.lines.replies import Reply, Stage, Verdict
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import claims, ledger

SENDERS = st.integers(0, 1)
REPLIES = {
    "taken": Reply(Stage.DOT, 250, "2.0.0 ok"),
    "busy": Reply(Stage.DOT, 451, "4.3.0 busy"),
    "refused": Reply(Stage.DOT, 550, "5.6.0 no"),
    "lost": Reply(Stage.DOT, None, "cut"),
}
ANY_REPLY = st.sampled_from(["taken", "taken", *REPLIES])
PATIENCE = timedelta(minutes=10)  # after which a relay has hung up on a frozen sender
STEPS = ("claimed", "asked", "fenced", "replied")


class Senders(RuleBasedStateMachine):
    """A sender is None, or one of STEPS with its lease, since when, and the reply it has not noted yet."""

    claim, fence, sweep = (staticmethod(f) for f in (ledger.claim, ledger.fence, ledger.sweep))

    def start(self, now=NOW):
        self.now = now
        self.senders = {0: None, 1: None}
        self.delivered = Counter()

    @property
    def has_begun(self):
        return hasattr(self, "delivered")

    @rule(sender=SENDERS, steps=st.integers(1, 4), reply=ANY_REPLY, was_taken=st.booleans())
    def goes_on(self, sender, steps, reply, was_taken):
        for _ in range(steps):
            held = self.senders[sender]
            if held is None:
                self.claims(sender)
            elif held[0] == "claimed":
                self.asks(sender)
            elif held[0] == "asked":
                self.passes_the_fence(sender)
            elif held[0] == "fenced":
                self.sends_the_dot(sender, reply, was_taken=was_taken)
            else:
                self.notes_the_reply(sender)

    @rule(sender=SENDERS, reply=ANY_REPLY, was_taken=st.booleans())
    def freezes_while_the_other_works(self, sender, reply, was_taken):
        self.time_passes(6)
        self.goes_on(1 - sender, 4, reply, was_taken)

    @rule(sender=SENDERS)
    def crashes(self, sender):
        self.senders[sender] = None

    @rule(minutes=st.sampled_from([1, 16, -3]))
    def time_passes(self, minutes):
        """Or is set right: a clock may jump back."""
        self.now += timedelta(minutes=minutes)
        self.is_swept()

    def is_swept(self):
        self.sweep(self.now)
        db.session.commit()

    def claims(self, sender):
        leases = self.claim(f"sender {sender}", 1, self.now)
        db.session.commit()
        self.senders[sender] = ("claimed", leases[0], self.now, None) if leases else None

    def asks(self, sender):
        """As the desk does, just before a letter goes: others may have held the batch up."""
        _, lease, *_ = self.senders[sender]
        end = claims.unwanted([lease.email], self.now).get(lease.email_id)
        if end:
            ledger.let_go(lease, self.now, *end)
        db.session.commit()
        self.senders[sender] = None if end else ("asked", lease, self.now, None)

    def passes_the_fence(self, sender):
        _, lease, *_ = self.senders[sender]
        is_ours = self.fence(lease, self.now)
        db.session.commit()
        self.senders[sender] = ("fenced", lease, self.now, None) if is_ours else None

    def sends_the_dot(self, sender, reply, *, was_taken):
        _, lease, since, _ = self.senders[sender]
        if self.now - since > PATIENCE:
            self.senders[sender] = None
            return
        if reply == "taken" or (reply == "lost" and was_taken):
            self.delivered[lease.email_id] += 1
            self.is_taken(lease)
        self.senders[sender] = ("replied", lease, self.now, REPLIES[reply])

    def is_taken(self, lease):
        """The relay has it now."""

    def notes_the_reply(self, sender):
        _, lease, _, reply = self.senders[sender]
        (ledger.put_back if reply.verdict is Verdict.LATER else ledger.finish)(lease, self.now, reply)
        db.session.commit()
        self.senders[sender] = None

    @invariant()
    def nobody_gets_it_twice(self):
        if self.has_begun:
            assert all(times == 1 for times in self.delivered.values()), self.delivered

    @invariant()
    def sent_means_delivered(self):
        if self.has_begun:
            sent = sa.select(OutgoingEmail.id).where(OutgoingEmail.state == EmailState.SENT)
            assert set(db.session.scalars(sent)) <= set(self.delivered)

    def all_die_and_the_relay_is_well(self, most):
        """Until nothing is due, or `most` messages went."""
        self.senders = dict.fromkeys(self.senders)
        for _ in range(most):
            self.is_swept()
            self.goes_on(0, 5, "taken", was_taken=True)

    def check_that_all_came_to_an_end(self):
        db.session.expire_all()
        waiting = (EmailState.QUEUED, EmailState.LEASED, EmailState.DOT)
        query = sa.select(OutgoingEmail).where(OutgoingEmail.state.in_(waiting))
        left = [(mail.dedupe_key, mail.state, mail.next_attempt_at) for mail in db.session.scalars(query)]
        assert not left, (left, self.now)


def run(kind, examples, steps=30):
    check = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],  # finding one is enough; making it small takes minutes
        deadline=None,
        database=None,
        derandomize=True,  # the same tries each time: a fault that is seen today is seen tomorrow
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    with contextlib.redirect_stdout(None):
        run_state_machine_as_test(kind, settings=check)


def planted(kind, **faults):
    return type("Planted", (kind,), {name: staticmethod(fault) for name, fault in faults.items()})
