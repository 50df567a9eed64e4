"""The ledger in any order of events, and three planted faults that show that the machine can see."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from hypothesis import strategies as st
from hypothesis.stateful import initialize
from machine import Senders, planted, run

from trainingapp.db import db
from trainingapp.outbox import actions
from trainingapp.outbox.models import EmailState, OutgoingEmail


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


class Ledger(Senders):
    @initialize(messages=st.integers(1, 2))
    def begin(self, messages):
        db.session.rollback()
        db.session.execute(sa.delete(OutgoingEmail))
        for number in range(messages):
            address = f"person{number}@example.org"
            actions.enqueue("probe", address, address, now=NOW, language="en", about="x:1", facts={})
        db.session.commit()
        self.start()

    def teardown(self):
        if self.has_begun:
            self.now += timedelta(hours=30)
            self.all_die_and_the_relay_is_well(most=4)
            self.nobody_gets_it_twice()
            self.check_that_all_came_to_an_end()


@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled(memory):
    run(Ledger, 40)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", [sweep_that_requeues_dots, no_sweep], ids=lambda fault: fault.__name__)
def test_the_machine_sees_a_planted_sweep(memory, fault):
    with pytest.raises(AssertionError):
        run(planted(Ledger, sweep=fault), 600)


def test_the_machine_sees_a_fence_that_does_not_compare(memory):
    """Too rare a way for chance: frozen before the fence, while another sends."""

    def goes_the_way(kind):
        machine = kind()
        machine.begin(1)
        machine.goes_on(0, 2, "taken", was_taken=True)
        machine.freezes_while_the_other_works(0, "taken", was_taken=True)
        machine.goes_on(0, 2, "taken", was_taken=True)
        machine.nobody_gets_it_twice()

    goes_the_way(Ledger)
    with pytest.raises(AssertionError):
        goes_the_way(planted(Ledger, fence=fence_without_comparing))
