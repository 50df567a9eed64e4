"""Ticks that are broken off, that meet a broken wave, or come days late; and what they cost."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from clients import counting
from factories import deliver
from sqlalchemy.exc import OperationalError

from trainingapp.clock import TimeIsUp
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.followups import actions, audience, calendar, queries
from trainingapp.followups.models import (
    AT_ONCE,
    Invitation,
    InvitationState,
    LeftOut,
    LeftOutReason,
    Messages,
    Wave,
    WaveState,
)
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.followups.waves import sending, ticks
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import ContentFault, EmailState, OutgoingEmail
from trainingapp.participants import actions as participants
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState

DAY = timedelta(days=1)


def mails():
    return db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id)).all()


def invitations():
    return db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()


def tick(now, pieces=None):
    """As the worker does: a commit after each piece; killed after `pieces` of them."""
    for number, _done in enumerate(actions.follow_up(now)):
        db.session.commit()
        if number == pieces:
            break
    db.session.commit()


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(audience, "CHUNK", 3)


@pytest.fixture
def ten(make, small_chunks):
    """A wave that is due, of an edition of ten of whom one withdrew."""
    wave = make.wave()
    for number in range(10):
        make.alumna(wave.schedule.cohort, f"Person {number}", f"p{number}@example.org")
    db.session.scalars(sa.select(audience.Enrolment)).all()[4].state = EnrolmentState.WITHDRAWN
    db.session.commit()
    return wave


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_an_opening_that_was_broken_off_goes_on_where_it_stopped(make, ten, pieces):
    tick(make.NOW, pieces)
    assert ten.state is WaveState.OPEN
    assert 0 < len(invitations()) < 9
    assert ten.opening_to
    tick(make.NOW + timedelta(minutes=5))
    assert (len(invitations()), len(mails()), ten.opening_to) == (9, 9, None)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LeftOut)) == 1
    assert ten.opened_at == make.NOW


def test_who_enrols_while_a_wave_opens_is_not_in_its_frozen_audience(make, ten):
    tick(make.NOW, 1)
    make.alumna(ten.schedule.cohort, "Too late", "late@example.org")
    db.session.commit()
    tick(make.NOW + DAY)
    assert "late@example.org" not in {mail.address for mail in mails()}


def test_a_wave_held_while_it_opens_goes_on_when_it_is_resumed(make, ten):
    tick(make.NOW, 1)
    scheduling.hold(ten, "Wrong questions")
    db.session.commit()
    tick(make.NOW + DAY)
    assert len(invitations()) < 9
    scheduling.resume(ten, make.NOW + DAY)
    db.session.commit()
    tick(make.NOW + DAY)
    assert len(invitations()) == 9


def test_two_workers_open_one_wave_together_and_each_is_asked_once(app, ten, make):
    start = threading.Barrier(2)

    def work():
        with app.app_context():
            start.wait()
            tick(make.NOW)
            db.session.remove()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    db.session.expire_all()
    assert (len(invitations()), len(mails()), ten.opening_to) == (9, 9, None)


def test_sending_a_wave_by_hand_leaves_the_rest_of_it_to_the_ticks_at_once(make, ten):
    sunday = make.NOW - DAY
    actions.send_wave_now(ten, sunday)
    db.session.commit()
    tick(sunday)
    assert [mail.next_attempt_at for mail in mails()] == [sunday] * 9


@pytest.fixture
def broken(make):
    """Two waves that are due; the schedule of the first has hours that never come."""
    first, second = make.wave(make.schedule(from_hour=9, to_hour=9)), make.wave()
    for number, wave in enumerate((first, second)):
        make.alumna(wave.schedule.cohort, f"Person {number}", f"p{number}@example.org")
    db.session.commit()
    return first, second


def test_a_wave_that_raises_is_marked_and_the_next_opens_all_the_same(make, broken):
    first, second = broken
    tick(make.NOW)
    assert (first.state, second.state) == (WaveState.PLANNED, WaveState.OPEN)
    assert "no working day" in first.problem
    assert [mail.address for mail in mails()] == ["p1@example.org"]


def test_a_wave_that_raised_is_tried_again_after_a_rest_and_loses_its_mark(make, broken):
    first, _second = broken
    tick(make.NOW)
    first.schedule.to_hour = 16
    db.session.commit()
    tick(make.NOW + ticks.REST - timedelta(seconds=1))
    assert first.state is WaveState.PLANNED
    tick(make.NOW + ticks.REST)
    assert (first.state, first.problem) == (WaveState.OPEN, None)


def test_a_wave_at_which_the_time_of_a_tick_ended_is_not_broken(make):
    wave = make.wave()
    db.session.commit()

    def takes_long(_wave):
        raise TimeIsUp

    with pytest.raises(TimeIsUp):
        ticks.apart(wave.id, takes_long, make.NOW)
    assert wave.problem is None


def test_reminders_of_a_broken_wave_hold_up_no_others(make, broken):
    first, _second = broken
    first.schedule.to_hour = 16
    db.session.commit()
    tick(make.NOW)
    for mail in mails():
        deliver(mail)
    first.schedule.to_hour = 9
    db.session.commit()
    tick(make.NOW + 9 * DAY)
    assert [mail.address for mail in mails()[2:]] == ["p1@example.org"]
    first.schedule.to_hour = 16
    db.session.commit()
    tick(make.NOW + 9 * DAY + ticks.REST)
    assert [mail.address for mail in mails()[2:]] == ["p1@example.org", "p0@example.org"]


def test_a_database_that_is_away_is_no_fault_of_a_wave(make, ten):
    def away(_wave):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    with pytest.raises(OperationalError):
        ticks.apart(ten.id, away, make.NOW)
    db.session.rollback()
    assert ten.problem is None


@pytest.mark.parametrize("days", [1, 6, 12])
def test_after_an_outage_of_days_everyone_gets_what_is_still_due_once(make, ten, days):
    tick(make.NOW + days * DAY)
    assert len(mails()) == 9
    for mail in mails():
        assert mail.next_attempt_at >= make.NOW + days * DAY
        deliver(mail)
    tick(make.NOW + 25 * DAY)
    reminders = mails()[9:]
    assert len(reminders) == 9
    assert all(mail.next_attempt_at - make.NOW >= 17 * DAY for mail in reminders)


def test_a_tick_that_finds_nothing_due_asks_a_fixed_number_of_questions(make, ten):
    tick(make.NOW)
    for mail in mails():
        deliver(mail)
    with counting() as few:
        tick(make.NOW + DAY)
    assert len(few) <= 6


# What is written about a reader is followed -----------------------------------------------------------


@pytest.fixture
def sita(make):
    """Invited for tomorrow morning, her time."""
    wave = make.wave(opens_on=make.NOW.date() + DAY)
    alumna = make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    db.session.commit()
    tick(make.NOW + timedelta(hours=6))
    assert mails()[0].next_attempt_at.isoformat() == "2026-03-03T03:15:00+00:00"
    return alumna


def test_a_mail_that_waits_follows_its_reader_to_another_country(make, sita):
    sita.participant.country = "PE"
    db.session.commit()
    tick(make.NOW)
    [mail], [one] = mails(), invitations()
    assert mail.next_attempt_at.isoformat() == "2026-03-03T14:00:00+00:00"
    assert (one.next_at, one.time_zone) == (mail.next_attempt_at, "America/Lima")


def test_a_mail_that_waits_is_written_in_the_language_its_reader_chose_since(make, sita):
    sita.participant.language = "fr"
    db.session.commit()
    tick(make.NOW)
    assert (mails()[0].language, invitations()[0].language) == ("fr", "fr")


def test_a_mail_that_waits_goes_to_the_address_that_was_corrected_since(make, sita):
    point = db.session.scalars(sa.select(ContactPoint)).one()
    participants.edit_contact(point, "sita.palpali@else.example", ContactState.WORKING)
    db.session.commit()
    tick(make.NOW)
    [mail], [one] = mails(), invitations()
    assert (mail.address, mail.domain, one.address) == (point.normalised, "else.example", point.normalised)
    assert mail.address_hmac == digest(point.normalised)
    assert KINDS["invitation"].unwanted_because(mail) is None


def test_a_closing_day_that_moves_leaves_time_for_the_reminder_again(make, sita):
    wave = invitations()[0].wave
    deliver(mails()[0])
    facts = {"opens_on": wave.opens_on, "survey_version_id": wave.survey_version_id}
    scheduling.change_wave(wave, closes_on=wave.opens_on + 8 * DAY, **facts)
    db.session.commit()
    tick(make.NOW + 10 * DAY)
    assert len(mails()) == 1
    scheduling.change_wave(wave, closes_on=wave.opens_on + 30 * DAY, **facts)
    db.session.commit()
    tick(make.NOW + 10 * DAY)
    assert len(mails()) == 2


@pytest.mark.parametrize("state", [WaveState.CLOSED, WaveState.CANCELLED])
def test_the_days_of_a_wave_that_is_over_stay_as_they_were(make, sita, state):
    wave = invitations()[0].wave
    wave.state, before = state, wave.closes_on
    with pytest.raises(scheduling.WaveHasBegun):
        scheduling.change_wave(
            wave,
            opens_on=wave.opens_on,
            closes_on=before + 400 * DAY,
            survey_version_id=wave.survey_version_id,
        )
    assert wave.closes_on == before


@pytest.mark.parametrize("address", ["sita@example.org", None])
def test_whoever_is_asked_is_not_let_in_a_second_time(make, address):
    wave = make.wave()
    alumna = make.alumna(wave.schedule.cohort, "Sita Palpali", address)
    alumna.state = EnrolmentState.JOINED if address else EnrolmentState.COMPLETED
    make.alumna(wave.schedule.cohort, "Farida Herati", "farida@example.org")
    db.session.commit()
    tick(make.NOW)
    left_out = db.session.scalars(sa.select(LeftOut)).one()
    if address:
        alumna.state = EnrolmentState.COMPLETED
        actions.let_in(left_out, make.NOW)
        make.add(LeftOut(wave_id=wave.id, enrolment_id=alumna.id, reason=LeftOutReason.NOT_COMPLETED))
    else:
        participants.add_contact(alumna.participant, ContactKind.EMAIL, "sita@example.org")
    db.session.commit()
    with pytest.raises(actions.StillLeftOut):
        actions.let_in(db.session.scalars(sa.select(LeftOut)).one(), make.NOW)
    assert len(invitations()) == 2


def test_an_address_that_comes_later_gets_the_reminder(make, sita):
    deliver(mails()[0])
    point = db.session.scalars(sa.select(ContactPoint)).one()
    point.state = ContactState.BOUNCED
    db.session.commit()
    tick(make.NOW + 11 * DAY)
    assert len(mails()) == 1
    point.state = ContactState.WORKING
    db.session.commit()
    tick(make.NOW + 11 * DAY)
    assert len(mails()) == 2


def test_who_opted_out_and_came_back_is_reminded(make, sita):
    deliver(mails()[0])
    sita.participant.opted_out_at = make.NOW
    db.session.commit()
    tick(make.NOW + 11 * DAY)
    assert len(mails()) == 1
    sita.participant.opted_out_at = None
    db.session.commit()
    tick(make.NOW + 11 * DAY)
    assert len(mails()) == 2


def test_a_look_leaves_what_a_sender_wrote_meanwhile(make, sita):
    """A mail goes between the look at its invitation and the look at itself: no reminder must be lost."""
    [mail], [one] = mails(), invitations()
    now, reminder = one.look_at, one.look_at + 9 * DAY
    senders = ["the one who is quicker"]

    def goes_now(connection, _cursor, statement, *_more):
        if senders and statement.startswith("UPDATE invitations"):
            senders.pop()
            written = {"look_at": reminder, "next_at": None, "sent_at": now, "state": InvitationState.SENT}
            connection.execute(sa.update(Invitation).values(written))

    mail.state = EmailState.SENT
    db.session.commit()
    sa.event.listen(db.engine, "before_cursor_execute", goes_now)
    tick(now)
    sa.event.remove(db.engine, "before_cursor_execute", goes_now)
    db.session.refresh(one)
    assert (senders, one.look_at) == ([], reminder)
    tick(now + 10 * DAY)
    assert len(mails()) == 2


def test_other_news_about_a_reader_wakes_nothing(make, sita):
    sita.participant.full_name = "Sita Palpali Magar"
    db.session.commit()
    assert invitations()[0].look_at != AT_ONCE


def test_new_rules_move_the_reminders_of_a_wave_that_is_open(make, sita):
    deliver(mails()[0])
    tick(make.NOW + DAY)
    schedule = invitations()[0].wave.schedule
    rules = {"from_hour": 9, "to_hour": 16, "open_days": 28, "uncertain_rule": schedule.uncertain_rule}
    scheduling.set_rules(schedule, reminder_days=[7], **rules)
    db.session.commit()
    tick(make.NOW + 7 * DAY)
    assert len(mails()) == 2


# The messages of one person ---------------------------------------------------------------------------


def test_messages_to_one_person_are_held_and_go_on_at_the_next_good_hour(make, sita):
    [one] = invitations()
    actions.hold_one(one, "On leave")
    db.session.commit()
    assert (mails()[0].state, one.messages_why) == (EmailState.HELD, "On leave")
    saturday = make.NOW + 5 * DAY
    tick(saturday)
    actions.resume_one(one, saturday)
    db.session.commit()
    [mail] = mails()
    assert mail.state is EmailState.QUEUED
    assert mail.next_attempt_at == one.next_at
    assert mail.next_attempt_at.isoformat() == "2026-03-08T03:15:00+00:00"  # Sunday: a working day there


def test_who_is_held_is_not_reminded_until_their_messages_go_on(make, sita):
    deliver(mails()[0])
    [one] = invitations()
    actions.hold_one(one, "On leave")
    db.session.commit()
    tick(make.NOW + 12 * DAY)
    assert len(mails()) == 1
    actions.resume_one(one, make.NOW + 12 * DAY)
    db.session.commit()
    tick(make.NOW + 12 * DAY)
    assert len(mails()) == 2


def test_a_wave_that_is_resumed_leaves_the_one_held_person_alone(make, sita):
    [one] = invitations()
    actions.hold_one(one, "On leave")
    scheduling.hold(one.wave, "Wrong questions")
    scheduling.resume(one.wave, make.NOW)
    db.session.commit()
    assert mails()[0].state is EmailState.HELD


def test_cancelled_messages_stay_cancelled_and_the_link_still_opens(app, make, sita):
    deliver(mails()[0])
    [one] = invitations()
    actions.cancel_one(one, "Asked by telephone")
    db.session.commit()
    tick(make.NOW + 12 * DAY)
    assert len(mails()) == 1
    assert one.state is InvitationState.SENT
    with app.test_request_context(), pytest.raises(sending.NothingToStop):
        actions.cancel_one(one, "Again")


def test_cancelled_messages_that_go_on_go_at_the_next_good_hour(make, sita):
    [one] = invitations()
    actions.cancel_one(one, "Asked by telephone")
    db.session.commit()
    saturday = make.NOW + 5 * DAY
    tick(saturday)
    actions.resume_one(one, saturday)
    db.session.commit()
    tick(saturday)
    [mail] = mails()
    assert (mail.state, mail.next_attempt_at) == (EmailState.QUEUED, one.next_at)
    assert one.next_at.isoformat() == "2026-03-08T03:15:00+00:00"


def test_what_goes_on_for_one_person_waits_while_the_wave_is_held(make, sita):
    [one] = invitations()
    actions.cancel_one(one, "Asked by telephone")
    scheduling.hold(one.wave, "Wrong questions")
    actions.resume_one(one, make.NOW)
    db.session.commit()
    assert mails()[0].state is EmailState.HELD


def test_sending_by_hand_ends_a_hold(make, sita):
    [one] = invitations()
    actions.hold_one(one, "On leave")
    db.session.commit()
    actions.send_now(one, make.NOW)
    db.session.commit()
    assert (mails()[0].state, one.messages) == (EmailState.QUEUED, Messages.GO)


def test_send_now_twice_within_a_minute_leaves_the_first_link_alive(app, make, sita):
    [one] = invitations()
    actions.send_now(one, make.NOW)
    db.session.commit()
    deliver(mails()[0], make.NOW + timedelta(seconds=20))
    with app.test_request_context(), pytest.raises(actions.JustSent):
        actions.send_now(one, make.NOW + timedelta(minutes=1))
    [one] = invitations()
    assert one.link_number == 1
    actions.send_now(one, make.NOW + timedelta(hours=1))
    assert one.link_number == 2


# What the questions cost ------------------------------------------------------------------------------


@pytest.fixture
def sleepers(make, app):
    """Two thousand who were invited and are silent, in forty waves."""
    cohort = make.cohort()
    version = make.survey_version(cohort.theme.programme)
    people = [make.participant(f"Person {number}") for number in range(50)]
    numbers = [make.enrolment(cohort, one, state=EnrolmentState.COMPLETED).id for one in people]
    schedule = make.schedule(cohort)
    for months in range(40):
        wave = make.wave(schedule, offset_months=months, version=version, state=WaveState.OPEN)
        rows = [
            {
                "wave_id": wave.id,
                "enrolment_id": enrolment,
                "state": InvitationState.SENT,
                "language": "en",
                "time_zone": "Asia/Kathmandu",
                "token_hash": f"{months} {enrolment}",
                "due_at": make.NOW,
                "sent_at": make.NOW,
                "look_at": make.NOW + 9 * DAY,
            }
            for enrolment in numbers
        ]
        db.session.execute(sa.insert(Invitation), rows)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()


@contextmanager
def with_values():
    """The statements asked inside, as the database gets them."""
    asked = []

    def note(_connection, _cursor, statement, values, *_rest):
        asked.append((statement, values))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(db.engine, "before_cursor_execute", note)


BIG = ("invitations", "outgoing_emails", "participants", "enrolments", "delivery_attempts")


def test_a_tick_reads_no_big_table_from_end_to_end(make, sleepers):
    with with_values() as asked:
        tick(make.NOW + DAY)
    plans = [(text, plan(text, values)) for text, values in asked if text.lstrip().startswith("SELECT")]
    assert len(plans) >= 4
    for text, lines in plans:
        for table in BIG:
            assert not reads_all(lines, table), f"{text}\n{lines}"


def plan(text, values):
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")  # a table of one page is read whole else
        return "\n".join(
            " ".join(map(str, row)) for row in connection.exec_driver_sql(explain + text, values)
        )


def reads_all(lines, table):
    if db.engine.dialect.name == "sqlite":
        return f"SCAN {table}\n" in f"{lines}\n"
    return f"Seq Scan on {table}" in lines


def test_a_wave_that_closes_no_longer_wakes_anyone(make, sita):
    deliver(mails()[0])
    wave = db.session.scalars(sa.select(Wave)).one()
    tick(calendar.ends(wave.closes_on))
    assert invitations()[0].look_at is None


def test_a_wave_of_which_servers_refuse_the_words_is_held_with_what_they_said(make, sita):
    [one] = invitations()
    make.add(
        ContentFault(batch=queries.batch(one.wave_id), since=make.NOW, code=554, text="5.7.1 Looks like spam")
    )
    db.session.commit()
    tick(make.NOW)
    assert (one.wave.state, one.wave.reason) == (WaveState.HELD, "refused: 554 5.7.1 Looks like spam")
    assert mails()[0].state is EmailState.HELD
    scheduling.resume(one.wave, make.NOW)
    db.session.commit()
    tick(make.NOW)
    assert (one.wave.state, mails()[0].state) == (WaveState.OPEN, EmailState.QUEUED)
