"""The ledger's laws: two senders, lost leases, the fence, waiting times."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone
from factories import NOW
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.db import db
from trainingapp.outbox import actions
from trainingapp.outbox.lines.replies import Reply, Stage, Verdict
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger

TAKEN = Reply(Stage.DOT, 250, "2.0.0 ok")
REFUSED = Reply(Stage.CONNECT, 421, "4.3.2 not now")
BUSY = Reply(Stage.RCPT, 451, "4.3.0 busy")


def test_two_senders_never_hold_the_same_message(app, enqueue):
    for number in range(8):
        enqueue(f"person{number}@example.org")
    db.session.commit()
    first = {lease.email_id for lease in ledger.claim("one", 5, NOW)}
    db.session.commit()
    second = {lease.email_id for lease in ledger.claim("two", 5, NOW)}
    assert (len(first), len(second), first & second) == (5, 3, set())


@on_postgresql_alone  # on SQLite the second claim would wait for the first to commit
def test_a_second_sender_passes_by_rows_that_are_being_claimed(app, enqueue):
    for number in range(4):
        enqueue(f"person{number}@example.org")
    db.session.commit()
    ledger.claim("one", 2, NOW)  # not yet committed
    with app.app_context():
        assert len(ledger.claim("two", 5, NOW)) == 2
        db.session.rollback()


def test_a_sender_that_was_too_slow_is_stopped_at_the_fence(app, enqueue):
    email = enqueue()
    [lease] = ledger.claim("slow", 1, NOW)
    assert not ledger.fence(lease, NOW + ledger.LEASE - ledger.MARGIN + timedelta(seconds=1))
    assert email.state is EmailState.LEASED


def test_a_sender_that_lost_its_lease_can_do_nothing_more(app, enqueue):
    email = enqueue()
    [lost] = ledger.claim("frozen", 1, NOW)
    later = NOW + ledger.LEASE + timedelta(seconds=1)
    assert ledger.sweep(later) == (1, 0)
    [mine] = ledger.claim("awake", 1, later)
    assert not ledger.fence(lost, NOW)
    assert not ledger.finish(lost, NOW, TAKEN)
    assert not ledger.put_back(lost, NOW, BUSY)
    assert ledger.fence(mine, later)
    assert ledger.finish(mine, later, TAKEN)
    db.session.refresh(email)
    assert (email.state, email.attempts) == (EmailState.SENT, 2)
    outcomes = db.session.scalars(sa.select(DeliveryAttempt.outcome).order_by(DeliveryAttempt.number)).all()
    assert outcomes == ["lease ran out", "sent"]


def test_a_crash_after_the_fence_is_uncertain_and_stays_so(app, enqueue):
    email = enqueue()
    [lease] = ledger.claim("crashes", 1, NOW)
    assert ledger.fence(lease, NOW)
    assert ledger.sweep(NOW + ledger.GRACE) == (0, 0)
    assert ledger.sweep(NOW + ledger.GRACE + timedelta(seconds=1)) == (0, 1)
    assert ledger.sweep(NOW + timedelta(days=3)) == (0, 0)
    assert ledger.claim("next", 5, NOW + timedelta(days=3)) == []
    db.session.refresh(email)
    assert email.state is EmailState.UNCERTAIN


def test_a_reply_that_comes_after_the_grace_still_counts(app, enqueue):
    email = enqueue()
    [lease] = ledger.claim("slow", 1, NOW)
    ledger.fence(lease, NOW)
    ledger.sweep(NOW + timedelta(hours=1))
    assert ledger.finish(lease, NOW + timedelta(hours=1), TAKEN)
    assert email.state is EmailState.SENT


def test_waiting_grows_from_a_minute_to_a_day_and_ends_after_three_days(app, enqueue):
    email, now, waits = enqueue(), NOW, []
    while email.state is EmailState.QUEUED:
        [lease] = ledger.claim("w", 1, now)
        ledger.put_back(lease, now, BUSY)
        waits.append((email.next_attempt_at - now) / timedelta(minutes=1))
        now = email.next_attempt_at
    for waited, planned in zip(waits, (1, 5, 15, 60, 240, 480, 1440, 1440), strict=False):
        assert planned * 0.8 <= waited <= planned * 1.2
    assert email.state is EmailState.FAILED
    assert timedelta(hours=48) < now - NOW < timedelta(hours=72 + 28)
    assert email.last_text == "4.3.0 busy"


def test_nothing_is_tried_again_after_its_last_moment(app, enqueue):
    email = enqueue(not_after=NOW + timedelta(seconds=30))
    [lease] = ledger.claim("w", 1, NOW)
    ledger.put_back(lease, NOW, BUSY)
    assert email.state is EmailState.FAILED


def test_a_kind_that_breaks_after_sending_does_not_undo_the_sending(app, enqueue, probe, monkeypatch):
    def breaks(self, email):
        db.session.execute(sa.text("SELECT nothing FROM nowhere"))

    email = enqueue()
    monkeypatch.setattr(probe, "went", breaks)
    [lease] = ledger.claim("w", 1, NOW)
    ledger.fence(lease, NOW)
    assert ledger.finish(lease, NOW, TAKEN)
    db.session.commit()
    assert email.state is EmailState.SENT


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(Stage.DOT, 250, "ok"), Verdict.SENT),
        (Reply(Stage.DOT, None, "timed out"), Verdict.UNCERTAIN),
        (Reply(Stage.DOT, 354, "what"), Verdict.UNCERTAIN),
        (Reply(Stage.DOT, 452, "4.3.1 disk"), Verdict.LATER),
        (Reply(Stage.DOT, 552, "5.3.4 too big"), Verdict.REFUSED),
        (Reply(Stage.DOT, 550, "5.7.1 DMARC"), Verdict.RELAY_FAULT),
        (Reply(Stage.RCPT, 550, "5.1.1 unknown"), Verdict.DEAD_ADDRESS),
        (Reply(Stage.RCPT, 553, "5.1.3 bad syntax"), Verdict.DEAD_ADDRESS),
        (Reply(Stage.RCPT, 550, "User unknown"), Verdict.REFUSED),
        (Reply(Stage.RCPT, 550, "5.1.10 null MX"), Verdict.DEAD_ADDRESS),
        (Reply(Stage.RCPT, 550, "5.1.8 bad sender"), Verdict.RELAY_FAULT),
        (Reply(Stage.RCPT, 550, "5.7.1 relaying denied"), Verdict.RELAY_FAULT),
        (Reply(Stage.RCPT, 552, "5.2.2 full"), Verdict.LATER),
        (Reply(Stage.RCPT, 550, "5.2.1 disabled"), Verdict.REFUSED),
        (Reply(Stage.RCPT, 450, "4.2.0 greylisted"), Verdict.LATER),
        (Reply(Stage.MAIL, 530, "sign in first"), Verdict.RELAY_FAULT),
        (Reply(Stage.CONNECT, 535, "5.7.8 wrong password"), Verdict.RELAY_FAULT),
        (Reply(Stage.CONNECT, None, "refused"), Verdict.RELAY_FAULT),
        (Reply(Stage.DATA, None, "cut"), Verdict.LATER),
    ],
)
def test_what_a_reply_means(reply, verdict):
    assert reply.verdict is verdict


@given(st.sampled_from(Stage), st.one_of(st.none(), st.integers(100, 599)), st.text(max_size=30))
def test_only_a_two_hundred_after_the_dot_means_sent(stage, code, text):
    is_sent = Reply(stage, code, text).verdict is Verdict.SENT
    assert is_sent == (stage is Stage.DOT and code is not None and 200 <= code < 300)


@given(st.sampled_from(Stage), st.one_of(st.none(), st.integers(100, 599)), st.text(max_size=30))
def test_before_the_dot_nothing_is_ever_uncertain(stage, code, text):
    is_uncertain = Reply(stage, code, text).verdict is Verdict.UNCERTAIN
    assert not is_uncertain or stage is Stage.DOT


def test_suppressed_between_queueing_and_claiming(app, enqueue):
    from trainingapp.outbox import actions, addresses

    actions.suppress(addresses.digest("sita@example.org"), "follow-up", reason="x", by="y", now=NOW)
    email, other = enqueue("Sita@example.org"), enqueue(kind="account probe")
    assert [lease.email_id for lease in ledger.claim("w", 5, NOW)] == [other.id]
    assert (email.state, email.last_text) == (EmailState.SKIPPED, "suppressed")


def test_a_row_keeps_the_digest_of_its_address(app, enqueue):
    one, two = enqueue("Sita@Example.org"), enqueue("sita@example.org", dedupe_key="b")
    db.session.flush()
    assert one.address_hmac == two.address_hmac != db.session.scalar(sa.select(OutgoingEmail.address))


def test_two_senders_at_the_same_wall_make_one_pause(app):
    """Both find no pause, and the second waits until the first has committed its own."""
    first_has_it = threading.Event()

    def hit_the_wall(is_first):
        with app.app_context():
            if not is_first:
                first_has_it.wait(10)
            pause = actions.rest_relay("relay:25", REFUSED, NOW)
            if is_first:
                first_has_it.set()
                time.sleep(0.3)
            db.session.commit()
            return pause.times, pause.text

    with ThreadPoolExecutor(2) as senders:
        assert list(senders.map(hit_the_wall, [True, False])) == [(1, "4.3.2 not now")] * 2
