import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import ticking
from clients import counting
from factories import deliver

from trainingapp.cohorts.models import CohortState, EnrolmentState
from trainingapp.db import db
from trainingapp.followups import actions, calendar
from trainingapp.followups.models import (
    TOO_LATE,
    Invitation,
    InvitationState,
    LeftOut,
    LeftOutReason,
    WaveState,
)
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactPoint, ContactState
from trainingapp.surveys.models import Anonymity
from trainingapp.tokens import fingerprint, issue

DAY = timedelta(days=1)


def mails():
    return db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id)).all()


def invitations():
    return db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()


@pytest.fixture
def opened(make):
    """A wave open on Monday 2 March 2026, 09:00 UTC, with one alumna in Kathmandu who got its mail."""
    wave = make.wave()
    make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 1
    db.session.commit()
    deliver(mails()[0])
    return wave


def test_an_opening_wave_freezes_its_audience_and_queues_one_mail_a_person(make):
    wave = make.wave()
    cohort = wave.schedule.cohort
    make.alumna(cohort, "Sita Palpali", "sita@example.org")
    make.alumna(cohort, "Farida Herati", None, country="AF")
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 1
    db.session.commit()
    sita, farida = invitations()
    assert (wave.state, wave.opened_at) == (WaveState.OPEN, make.NOW)
    [mail] = mails()
    assert mail.dedupe_key == f"invitation:{sita.id}:invite"
    assert (mail.address, mail.topic, mail.about) == ("sita@example.org", "surveys", f"invitation:{sita.id}")
    assert mail.next_attempt_at == sita.due_at == sita.next_at == make.NOW  # 14:45 in Kathmandu
    assert mail.not_after == calendar.ends(wave.closes_on)
    assert sita.token_hash == fingerprint(issue("invitation", sita.id, 1))
    assert (farida.address, farida.next_at) == (None, None)
    assert db.session.scalars(sa.select(LeftOut.reason)).all() == [LeftOutReason.NO_ADDRESS]


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({}, EnrolmentState.WITHDRAWN, LeftOutReason.WITHDRAWN),
        ({}, EnrolmentState.NO_SHOW, LeftOutReason.NO_SHOW),
        ({}, EnrolmentState.LEFT_EARLY, LeftOutReason.LEFT_EARLY),
        ({}, EnrolmentState.JOINED, LeftOutReason.NOT_COMPLETED),
        ({"opted_out_at": True}, EnrolmentState.COMPLETED, LeftOutReason.OPTED_OUT),
        ({"deceased_on": date(2025, 1, 1)}, EnrolmentState.COMPLETED, LeftOutReason.DECEASED),
        ({"erased_at": True}, EnrolmentState.WITHDRAWN, LeftOutReason.ERASED),
        ({"contact_lost_at": True}, EnrolmentState.COMPLETED, LeftOutReason.CONTACT_LOST),
    ],
)
def test_who_is_left_out_is_written_down_with_the_reason(make, facts, state, reason):
    wave = make.wave()
    facts = {name: make.NOW if value is True else value for name, value in facts.items()}
    make.alumna(wave.schedule.cohort)
    make.alumna(wave.schedule.cohort, **facts).state = state
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    db.session.commit()
    assert db.session.scalars(sa.select(LeftOut.reason)).all() == [reason]
    assert len(invitations()) == len(mails()) == 1


def test_a_bounced_address_gives_way_to_the_next_working_one(make):
    wave = make.wave()
    alumna = make.alumna(wave.schedule.cohort, "Sita Palpali", "old@example.org")
    db.session.scalars(sa.select(ContactPoint)).one().state = ContactState.BOUNCED
    make.add(
        ContactPoint(
            participant_id=alumna.participant_id,
            kind="email",
            value="New@example.org",
            normalised="new@example.org",
            position=1,
        )
    )
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    assert [mail.address for mail in mails()] == ["new@example.org"]


def test_each_gets_it_in_their_own_hours_and_not_on_their_rest_day(make):
    friday = date(2026, 3, 6)
    wave = make.wave(opens_on=friday, closes_on=friday + 28 * DAY)
    make.alumna(wave.schedule.cohort, "A of Dhaka", country="BD")
    make.alumna(wave.schedule.cohort, "B of Suva", country="FJ")
    make.alumna(wave.schedule.cohort, "C moved to Berlin", country="FJ", time_zone="Europe/Berlin")
    db.session.commit()
    begins = calendar.begins(friday)
    assert ticking.open_due_waves(begins - timedelta(seconds=1)) == 0
    assert ticking.open_due_waves(begins) == 1
    assert [mail.next_attempt_at.isoformat() for mail in mails()] == [
        "2026-03-08T03:00:00+00:00",  # Sunday
        "2026-03-05T21:00:00+00:00",  # Friday morning, hours before it is Friday in London
        "2026-03-06T08:00:00+00:00",
    ]


def test_nothing_opens_before_the_schedule_is_armed(make):
    wave = make.wave(make.schedule(armed_at=None))
    make.alumna(wave.schedule.cohort)
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 0
    assert not mails()


def test_nobody_is_written_to_about_a_cancelled_edition(make):
    wave = make.wave(make.schedule(make.cohort(state=CohortState.CANCELLED)))
    make.alumna(wave.schedule.cohort)
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 0


def test_a_wave_waits_until_somebody_is_marked_as_completed(make):
    wave = make.wave(offset_months=0)
    alumna = make.alumna(wave.schedule.cohort)
    alumna.state = EnrolmentState.JOINED
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 0
    alumna.state = EnrolmentState.COMPLETED
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 1


def test_a_wave_found_twenty_years_late_is_held_and_writes_to_nobody(make):
    long_ago = date(2006, 3, 2)
    wave = make.wave(opens_on=long_ago, closes_on=long_ago + 28 * DAY)
    make.alumna(wave.schedule.cohort)
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 0
    db.session.commit()
    assert (wave.state, wave.reason) == (WaveState.HELD, TOO_LATE)
    assert not mails()
    assert not invitations()


def test_a_late_wave_still_goes_while_a_day_is_left(make):
    closes_on = make.NOW.date()
    wave = make.wave(opens_on=closes_on - 28 * DAY, closes_on=closes_on)
    make.alumna(wave.schedule.cohort)
    db.session.commit()
    assert ticking.open_due_waves(calendar.ends(closes_on) - DAY) == 1
    assert wave.state is WaveState.OPEN


def test_opening_again_changes_nothing(make, opened):
    assert ticking.open_due_waves(make.NOW + DAY) == 0
    assert len(mails()) == len(invitations()) == 1


def test_two_workers_open_a_wave_once(app, make):
    wave = make.wave()
    for _number in range(20):
        make.alumna(wave.schedule.cohort)
    db.session.commit()
    start, results = threading.Barrier(2), []

    def work():
        with app.app_context():
            start.wait()
            results.append(ticking.open_due_waves(make.NOW))
            db.session.commit()
            db.session.remove()

    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(results) == [0, 1]
    assert len(mails()) == len(invitations()) == 20


def test_one_message_a_week_to_one_person_from_all_waves_together(make, opened):
    other = make.wave(offset_months=12)
    other.schedule.cohort.theme.programme_id = opened.schedule.cohort.theme.programme_id
    first = db.session.scalars(sa.select(Invitation)).one()
    make.enrolment(other.schedule.cohort, first.enrolment.participant, state=EnrolmentState.COMPLETED)
    db.session.commit()
    ticking.open_due_waves(make.NOW + DAY)
    second = invitations()[-1]
    assert second.wave_id == other.id
    assert second.due_at - first.sent_at >= calendar.WEEK


def test_a_reminder_follows_silence_and_none_follows_an_answer(make, opened):
    assert ticking.plan_reminders(make.NOW + 8 * DAY) == 0
    assert ticking.plan_reminders(make.NOW + 9 * DAY) == 1
    db.session.commit()
    assert ticking.plan_reminders(make.NOW + 9 * DAY) == 0
    [invitation], reminder = invitations(), mails()[-1]
    assert reminder.dedupe_key == f"invitation:{invitation.id}:remind:1"
    assert reminder.next_attempt_at == make.NOW + 10 * DAY  # Thursday, 14:45 in Kathmandu
    deliver(reminder)
    actions.note_answered(invitation, make.NOW + 11 * DAY)
    db.session.commit()
    assert ticking.plan_reminders(make.NOW + 20 * DAY) == 0


def test_after_a_pause_the_missed_reminders_are_one_and_two_is_the_most(make, opened):
    assert ticking.plan_reminders(make.NOW + 20 * DAY) == 1
    reminder = mails()[-1]
    assert reminder.dedupe_key.endswith(":remind:2")
    deliver(reminder, make.NOW + 20 * DAY)
    assert ticking.plan_reminders(make.NOW + 27 * DAY) == 0


@pytest.mark.parametrize(
    "state", [InvitationState.DECLINED, InvitationState.NOT_DELIVERED, InvitationState.GONE]
)
def test_nobody_is_reminded_who_declined_bounced_or_left(make, opened, state):
    invitations()[0].state = state
    db.session.commit()
    assert ticking.plan_reminders(make.NOW + 12 * DAY) == 0


@pytest.mark.parametrize("fact", ["opted_out_at", "erased_at", "contact_lost_at"])
def test_nobody_is_reminded_who_asked_us_to_stop(make, opened, fact):
    setattr(invitations()[0].enrolment.participant, fact, make.NOW)
    db.session.commit()
    assert ticking.plan_reminders(make.NOW + 12 * DAY) == 0


def test_what_waits_for_someone_who_withdrew_is_cancelled(make):
    wave = make.wave()
    alumna = make.alumna(wave.schedule.cohort)
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    alumna.state = EnrolmentState.WITHDRAWN
    db.session.commit()
    ticking.plan_reminders(make.NOW)
    assert [mail.state for mail in mails()] == [EmailState.CANCELLED]


def test_who_unsubscribed_is_left_out_of_the_next_wave_and_not_reminded_of_this_one(make, opened):
    outbox.suppress(digest("sita@example.org"), "surveys", reason="unsubscribed", by="her", now=make.NOW)
    later = make.wave(opened.schedule, offset_months=12, version=opened.survey_version)
    db.session.commit()
    ticking.open_due_waves(make.NOW + 2 * DAY)
    left_out = sa.select(LeftOut.reason).where(LeftOut.wave_id == later.id)
    assert db.session.scalars(left_out).all() == [LeftOutReason.OPTED_OUT]
    assert ticking.plan_reminders(make.NOW + 12 * DAY) == 0


def test_an_address_that_the_relay_found_dead_counts_as_none(make):
    wave = make.wave()
    make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    outbox.suppress(digest("sita@example.org"), "all", reason="no such address", by="relay", now=make.NOW)
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    assert db.session.scalars(sa.select(LeftOut.reason)).all() == [LeftOutReason.NO_ADDRESS]
    assert invitations()[0].address is None


def test_the_hour_of_a_mail_that_was_let_go_is_forgotten(make):
    wave = make.wave()
    make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    outbox.suppress(digest("sita@example.org"), "surveys", reason="unsubscribed", by="her", now=make.NOW)
    db.session.commit()
    ticking.plan_reminders(make.NOW + DAY)
    db.session.expire_all()
    assert invitations()[0].next_at is None


def test_a_mail_that_waits_follows_its_reader_to_another_zone(make):
    wave = make.wave()
    moved = make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org").participant
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    moved.time_zone = "America/Lima"
    db.session.commit()
    ticking.plan_reminders(make.NOW)
    db.session.expire_all()
    assert mails()[0].next_attempt_at.isoformat() == "2026-03-02T14:00:00+00:00"
    assert invitations()[0].next_at == mails()[0].next_attempt_at


def test_a_wave_closes_when_its_last_day_is_over_everywhere(make, opened):
    ticking.plan_reminders(make.NOW + 9 * DAY)
    end = calendar.ends(opened.closes_on)
    assert ticking.close_due_waves(end - timedelta(seconds=1)) == 0
    assert ticking.close_due_waves(end) == 1
    db.session.commit()
    assert opened.state is WaveState.CLOSED
    assert invitations()[0].state is InvitationState.CLOSED
    assert [mail.state for mail in mails()] == [EmailState.SENT, EmailState.CANCELLED]
    assert ticking.close_due_waves(end + DAY) == 0


def test_opening_takes_the_same_number_of_statements_for_two_people_and_for_a_chunk(make):
    counts = []
    for size in (2, 200):
        wave = make.wave()
        for _number in range(size):
            make.alumna(wave.schedule.cohort)
        db.session.commit()
        with counting() as statements:
            ticking.open_due_waves(make.NOW)
        db.session.commit()
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_wave_that_promises_anonymity_and_asks_for_activities_does_not_open(app, make):
    wave = make.wave()
    make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    wave.survey_version.anonymity, wave.survey_version.asks_progress = Anonymity.ANONYMOUS, True
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 0
    with app.test_request_context(), pytest.raises(scheduling.AnonymityNotKept):
        actions.send_wave_now(wave, make.NOW)
    assert wave.state is WaveState.PLANNED
    assert mails() == []


def test_a_wave_that_can_keep_its_promise_opens(make):
    wave = make.wave()
    make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    wave.survey_version.anonymity = Anonymity.ANONYMOUS
    db.session.commit()
    assert ticking.open_due_waves(make.NOW) == 1
