"""Of all that is sent unbidden one person gets one message a week, whoever planned it and whoever sends."""

import threading
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone
from factories import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.db import db
from trainingapp.outbox import actions
from trainingapp.outbox.kinds import KINDS, Asks, register
from trainingapp.outbox.lines.replies import Reply, Stage
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import fatigue, ledger

DAY, WEEK, HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
TAKEN = Reply(Stage.DOT, 250, "ok")
SITA = "participant:1"


@pytest.fixture(autouse=True)
def kinds(probe):
    """Three of different weight."""
    made = {"questions": Asks.QUESTIONS, "again": Asks.QUESTIONS_AGAIN, "progress": Asks.PROGRESS}
    for name, weight in made.items():
        register(type(name, (probe,), {"name": name, "asks": weight}))
    yield
    for name in made:
        KINDS.pop(name)


@pytest.fixture
def waits(enqueue):
    def put(kind, address="sita@example.org", reader=SITA, **facts):
        return enqueue(
            address, kind=kind, reader=reader, dedupe_key=f"{kind}:{address}:{len(facts)}", **facts
        )

    return put


def go(now=NOW, reply=TAKEN):
    """What one claim takes, sent; the kinds of it."""
    leases = ledger.claim("w", 10, now)
    db.session.commit()
    for lease in leases:
        ledger.fence(lease, now)
        ledger.finish(lease, now, reply)
    db.session.commit()
    return [lease.email.kind for lease in leases]


def test_the_second_message_of_a_week_waits_for_its_end_whatever_its_kind_and_address(waits):
    waits("questions")
    assert go() == ["questions"]
    other = waits("progress", "sita@home.example")
    assert go(NOW + HOUR) == []
    assert (other.state, other.next_attempt_at) == (EmailState.QUEUED, NOW + WEEK)
    assert go(NOW + WEEK - HOUR) == []
    assert go(NOW + WEEK) == ["progress"]


def test_without_a_person_the_address_counts(waits):
    waits("questions", "Sita@example.org", reader=None)
    waits("again", "other@example.org", reader=None)
    assert sorted(go()) == ["again", "questions"]
    waits("again", "sita@example.org", reader=None)
    assert go(NOW + DAY) == []


def test_of_several_that_are_due_the_weightiest_goes_first(waits):
    waits("progress", send_at=NOW - DAY)
    waits("again", send_at=NOW - HOUR)
    waits("questions")
    assert go() == ["questions"]
    assert go(NOW + WEEK) == ["again"]
    assert go(NOW + 2 * WEEK) == ["progress"]


def test_one_that_another_sender_is_to_take_is_let_pass(waits):
    light, heavy = waits("progress"), waits("questions")
    heavy.sender = "surveys"
    db.session.commit()
    assert go() == []
    assert light.next_attempt_at == NOW + fatigue.YIELDS


def test_what_its_reader_asked_for_neither_waits_nor_counts(waits):
    waits("questions", is_asked_for=True)
    waits("probe", "sita@home.example")
    waits("again", "sita@work.example")
    assert sorted(go()) == ["again", "probe", "questions"]
    waits("progress", is_asked_for=True)
    assert go(NOW + HOUR) == ["progress"]


def test_what_may_not_go_so_late_ends_with_its_reason(waits):
    waits("questions")
    go()
    late = waits("again", not_after=NOW + 6 * DAY)
    assert go(NOW + DAY) == []
    assert (late.state, late.last_text) == (EmailState.SKIPPED, fatigue.TOO_MANY)


@pytest.mark.parametrize("state", [EmailState.FAILED, EmailState.BOUNCED, EmailState.SKIPPED])
def test_what_did_not_reach_anybody_tires_nobody(waits, state):
    first = waits("questions")
    go()
    first.state = state
    waits("again")
    assert go(NOW + HOUR) == ["again"]


def test_what_may_have_arrived_counts(waits):
    waits("questions")
    go(reply=Reply(Stage.DOT, None, "the line broke"))
    waits("again")
    assert go(NOW + HOUR) == []


def test_what_is_tried_again_is_not_in_its_own_way(waits):
    first = waits("questions")
    [lease] = ledger.claim("w", 10, NOW)
    ledger.put_back(lease, NOW, Reply(Stage.DATA, 451, "later"))
    db.session.commit()
    assert first.state is EmailState.QUEUED
    assert go(NOW + 2 * HOUR) == ["questions"]


def test_mail_to_an_address_that_was_somebody_elses_does_not_count(waits):
    waits("questions", "wrong@example.org")
    go()
    fatigue.count_apart(SITA, "wrong@example.org")
    waits("again", "right@example.org")
    assert fatigue.turn(SITA, NOW + HOUR) == NOW + HOUR
    assert go(NOW + HOUR) == ["again"]
    assert fatigue.turn(SITA, NOW + 2 * HOUR) == NOW + HOUR + WEEK


def test_a_larger_batch_of_them_costs_no_more_statements(app, enqueue):
    told, counts = [], []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *facts: told.append(facts[2]))
    for size in (2, 10):
        for number in range(size):
            enqueue(
                f"p{number}@example.org",
                kind="again",
                dedupe_key=f"{size}:{number}",
                reader=f"{size}:{number}",
            )
            enqueue(
                f"p{number}@example.org",
                kind="progress",
                dedupe_key=f"{size}.{number}",
                reader=f"{size}:{number}",
            )
        db.session.commit()
        told.clear()
        assert len(ledger.claim("w", 2 * size, NOW)) == size
        counts.append(len(told))
        db.session.commit()
    assert counts[0] == counts[1]


@on_postgresql_alone
def test_two_senders_at_the_same_moment_take_one_of_two(app, waits):
    """SQLite has no such moment. The second waits, and sees what the first has taken."""
    first, second = waits("progress"), waits("questions", "sita@home.example")
    db.session.commit()
    taken = []

    def claim():
        with app.app_context():
            taken.extend(ledger.claim("b", 1, NOW))
            db.session.commit()
            db.session.remove()

    first.next_attempt_at -= HOUR
    second.next_attempt_at += HOUR  # not due when the first is claimed
    db.session.commit()
    assert [lease.email_id for lease in ledger.claim("a", 1, NOW)] == [first.id]
    with db.engine.connect() as beside:
        beside.execute(
            sa.update(OutgoingEmail).where(OutgoingEmail.id == second.id).values(next_attempt_at=NOW)
        )
        beside.commit()
        other = threading.Thread(target=claim)
        other.start()
        waiting = sa.text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event = 'advisory' AND datname = current_database()"
        )
        while not beside.scalar(waiting):
            beside.rollback()
    db.session.commit()
    other.join()
    assert taken == []
    assert second.next_attempt_at == NOW + WEEK


@pytest.mark.parametrize("kind", ["invitation", "still_you", "due_activities"])
def test_what_the_relay_says_is_kept_though_what_the_mail_is_about_is_gone(enqueue, kind):
    row = enqueue(kind=kind, facts={})
    row.state, row.lease_token, row.lease_until = EmailState.DOT, "mine", NOW + HOUR
    db.session.commit()
    assert ledger.finish(ledger.Lease(row.id, "mine", 1, row), NOW, TAKEN)
    assert row.state is EmailState.SENT


KINDS_OF_MAIL = st.sampled_from(["questions", "again", "progress"])
MAIL = st.tuples(KINDS_OF_MAIL, st.integers(0, 2), st.integers(0, 40 * 24), st.none() | st.integers(1, 60))


@settings(max_examples=60, deadline=None)
@given(mails=st.lists(MAIL, max_size=12), ticks=st.integers(3, 12))
def test_whatever_is_planned_nobody_gets_two_in_a_week_and_nothing_is_lost(memory, mails, ticks):
    """`mails`: kind, reader, hour when it is due, days until it is too late. A claim every few hours."""
    db.session.rollback()
    db.session.execute(sa.delete(OutgoingEmail))
    for number, (kind, reader, hour, days) in enumerate(mails):
        actions.enqueue(
            kind,
            f"{number}",
            f"p{reader}@d{number}.example",
            now=NOW,
            language="en",
            about=f"x:{number}",
            facts={},
            send_at=NOW + hour * HOUR,
            not_after=NOW + hour * HOUR + days * DAY if days else None,
            reader=f"participant:{reader}",
        )
    db.session.commit()
    for step in range(0, (len(mails) + 7) * 7 * 24, ticks):
        go(NOW + step * HOUR)
    went = defaultdict(list)
    for email in db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.sent_at)):
        assert email.state is EmailState.SENT or email.not_after
        if email.state is EmailState.SENT:
            went[email.reader].append(email.sent_at)
        else:
            assert email.last_text in {fatigue.TOO_MANY, "expired"}
    assert all(later - earlier >= WEEK for sent in went.values() for earlier, later in pairwise(sent))
