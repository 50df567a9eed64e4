"""The order of locks (MessageKind.hold): an invitation before its mails. Two connections that meet."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone
from factories import NOW

from trainingapp.db import db, lock
from trainingapp.followups import actions, queries
from trainingapp.followups.models import Invitation, InvitationState, Wave
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.lines.replies import Reply, Stage
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger

TAKEN, NOBODY = Reply(Stage.DOT, 250, "ok"), Reply(Stage.RCPT, 550, "5.1.1 no such user")
pytestmark = [
    on_postgresql_alone,  # SQLite has one lock for all
    pytest.mark.timeout(60),
]


@pytest.fixture
def claimed(app, make):
    """Someone whose invitation a sender holds; the lease."""
    cohort = make.cohort()
    enrolment = make.alumna(cohort, email="sita@example.org")
    invitation, _token = make.asked(enrolment, state=InvitationState.PLANNED, address="sita@example.org")
    outbox.enqueue(
        "invitation",
        "one",
        "sita@example.org",
        now=NOW,
        language="en",
        about=queries.about(invitation),
        facts={"invitation_id": invitation.id},
        reader=f"participant:{enrolment.participant_id}",
    )
    invitation.next_at = NOW
    db.session.commit()
    [lease] = ledger.claim("w", 10, NOW)
    ledger.fence(lease, NOW)
    db.session.commit()
    return lease


@pytest.fixture
def beside(app):
    """Runs something on a connection of its own and says whether it waits for a lock, or has ended."""
    started = []

    def run(act):
        def whole():
            with app.app_context():
                act()
                db.session.commit()
                db.session.remove()

        thread = threading.Thread(target=whole)
        thread.start()
        started.append(thread)
        waits = sa.text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with db.engine.connect() as connection:
            while thread.is_alive() and not connection.scalar(waits):
                connection.rollback()
        return thread

    yield run
    for thread in started:
        thread.join()


def mine():
    return db.session.scalars(sa.select(Invitation)).one()


@pytest.mark.parametrize("reply", [TAKEN, NOBODY], ids=["sent", "no such address"])
def test_a_senders_word_waits_for_an_answer_without_holding_the_mail(claimed, beside, reply):
    invitation = mine()
    lock(invitation)
    waiting = beside(lambda: ledger.finish(claimed, NOW, reply))
    assert waiting.is_alive()
    actions.note_answered(invitation, NOW)  # cancels her mails: PostgreSQL would break a circle here
    db.session.commit()
    waiting.join()
    db.session.rollback()
    assert mine().state is InvitationState.ANSWERED
    assert db.session.scalars(sa.select(OutgoingEmail)).one().sent_at == (NOW if reply is TAKEN else None)


def test_an_answer_does_not_wait_for_whoever_holds_its_wave(app, make, beside):
    """Who holds the wave looks at its invitations next, and would wait for the answer: a circle."""
    invitation, link = make.asked(make.enrolment(state="completed"))
    make.question(invitation.wave.survey_version, key="stays", kind="text", wording={"en": "What stays?"})
    db.session.commit()
    client = app.test_client()
    page = client.get(f"/r/{link}").location
    lock(db.session.scalars(sa.select(Wave)).one())
    assert not beside(lambda: client.post(page, data={"q-stays": "Listening", "do": "send"})).is_alive()
    db.session.rollback()
    assert mine().state is InvitationState.ANSWERED


def test_a_first_touch_that_comes_beside_the_answer_does_not_take_it_back(app, make, beside):
    invitation, link = make.asked(make.enrolment(state="completed"))
    db.session.commit()
    client = app.test_client()
    page = client.get(f"/r/{link}").location
    lock(invitation)
    waiting = beside(lambda: client.post(f"{page}/opened"))
    assert waiting.is_alive()
    actions.note_answered(invitation, NOW)
    db.session.commit()
    waiting.join()
    db.session.rollback()
    assert mine().state is InvitationState.ANSWERED


def test_a_returned_mail_and_evidence_wait_in_the_same_way(claimed, beside):
    email = db.session.scalars(sa.select(OutgoingEmail)).one()
    email.state = EmailState.UNCERTAIN
    db.session.commit()
    lock(mine())

    def settle():
        found = db.session.get_one(OutgoingEmail, claimed.email_id)
        with suppress(outbox.NotUncertain):  # her answer has told it meanwhile
            outbox.settle(found, was_sent=True, why="the log", now=NOW)

    waiting = beside(settle)
    assert waiting.is_alive()
    actions.note_answered(mine(), NOW)
    db.session.commit()
    waiting.join()


def test_a_wave_that_is_cancelled_takes_its_invitations_first(claimed, beside):
    ledger.finish(claimed, NOW, TAKEN)  # holds the invitation and the mail, and has not committed

    def cancel():
        scheduling.cancel(db.session.scalars(sa.select(Wave)).one(), "why")

    waiting = beside(cancel)
    assert waiting.is_alive()
    locked = sa.select(OutgoingEmail.id).with_for_update(nowait=True)
    assert db.session.scalars(locked).all() == [claimed.email_id]
    db.session.commit()
    waiting.join()
    db.session.rollback()
    assert mine().state is InvitationState.CLOSED


def test_a_claim_that_puts_a_mail_off_does_not_wait_for_its_invitation(claimed, beside, make):
    """It holds the mail: it leaves the invitation to whoever writes to it, and asks again in a minute."""
    ledger.finish(claimed, NOW, TAKEN)
    db.session.commit()
    later = NOW + timedelta(hours=1)
    reminder = outbox.enqueue(
        "reminder",
        "two",
        "sita@example.org",
        now=later,
        language="en",
        about=queries.about(mine()),
        facts={"invitation_id": mine().id},
        reader=f"participant:{mine().enrolment.participant_id}",
    )
    db.session.commit()
    lock(mine())
    done = beside(lambda: ledger.claim("w", 10, later))
    done.join()
    db.session.refresh(reminder)
    assert later < reminder.next_attempt_at < later + timedelta(minutes=5)
    db.session.commit()
    assert ledger.claim("w", 10, later + timedelta(minutes=5)) == []
    db.session.commit()
    assert mine().next_at == reminder.next_attempt_at >= NOW + timedelta(days=7)
