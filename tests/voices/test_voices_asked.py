"""Who is asked, when, and what stops it: supervisors after their alumna knows, hosts after their visit."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from clients import counting
from factories import NOW, deliver

from trainingapp.db import db
from trainingapp.followups import queries as followups
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.surveys.models import Audience
from trainingapp.voices import actions, asking, queries, rounds, ticks
from trainingapp.voices.host_kind import language_in
from trainingapp.voices.kinds import NotAsked
from trainingapp.voices.models import RoundState, Voice, VoiceState

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def tick(now=NOW):
    for _piece in ticks.follow(now):
        db.session.commit()
    db.session.commit()


def voices():
    return db.session.scalars(sa.select(Voice).order_by(Voice.id)).all()


def mails(*kinds):
    query = sa.select(OutgoingEmail).where(OutgoingEmail.kind.in_(kinds) if kinds else sa.true())
    return db.session.scalars(query.order_by(OutgoingEmail.id)).all()


def alumna(make, cohort, name="Sita", **facts):
    made = make.alumna(cohort, name)
    made.supervisor_name, made.supervisor_email = "Ram Bahadur", f"ram.{name.lower()}@office.example"
    for key, value in facts.items():
        setattr(made, key, value)
    db.session.commit()
    return made


@pytest.fixture
def told(make, cohort, planned):
    """A supervisor whose alumna was told this morning; the number of the round."""
    alumna(make, cohort)
    number = planned()
    tick()
    deliver(mails(asking.TELL)[0], NOW)
    return number


@pytest.fixture
def asked(told):
    """A supervisor who was written to; when."""
    tick()
    mail = mails("supervisor_questions")[0]
    deliver(mail)
    return mail.sent_at


def test_the_alumna_hears_of_it_first_and_the_supervisor_a_week_later(make, cohort, planned):
    sita = alumna(make, cohort)
    planned()
    tick()
    (told,) = mails()
    assert (told.kind, told.reader) == (asking.TELL, f"participant:{sita.participant_id}")
    assert "Ram Bahadur" in KINDS[told.kind].render(told).text
    tick(NOW + 20 * DAY)
    assert len(mails()) == 1  # as long as she does not know, nobody is asked
    deliver(told, NOW)
    tick()
    (mail,) = mails("supervisor_questions")
    assert mail.address == "ram.sita@office.example"
    assert mail.next_attempt_at >= NOW + WEEK
    message = KINDS[mail.kind].render(mail)
    assert "Sita" in message.subject
    assert "/voices/answer/" in message.text
    assert KINDS[mail.kind].unwanted_because(mail) is None


def test_nothing_begins_before_the_notice_or_while_the_schedule_is_not_armed(make, cohort, planned):
    alumna(make, cohort)
    of = planned(months=3)
    tick(NOW)
    assert not voices()
    schedule = followups.schedule_of(cohort.id)
    schedule.armed_at = None
    db.session.commit()
    tick(NOW + 65 * DAY)
    assert queries.round_of(of).state is RoundState.PLANNED


def test_who_cannot_be_asked_is_named_and_asked_when_the_reason_is_gone(make, cohort, planned):
    unknown = alumna(make, cohort, "Unknown", supervisor_email="")
    make.alumna(cohort, "Silent", email=None).supervisor_email = "head@office.example"
    out = alumna(make, cohort, "Out")
    out.participant.opted_out_at = NOW
    stopped = alumna(make, cohort, "Stopped")
    outbox.suppress(digest(stopped.supervisor_email), "supervisor", reason="declined", by="test", now=NOW)
    of = planned()
    tick()
    assert not voices()
    reasons = {one.about: one.why_not for one in queries.not_asked(queries.round_of(of))}
    assert reasons == {
        "Unknown": NotAsked.NO_ADDRESS,
        "Silent": NotAsked.CANNOT_TELL,
        "Out": NotAsked.ALUMNA_OPTED_OUT,
        "Stopped": NotAsked.STOPPED,
    }
    actions.correct(queries.round_of(of), unknown.id, "Maya", "Maya@office.example.", "fr", NOW)
    db.session.commit()
    tick()
    assert [one.address for one in voices()] == ["maya@office.example"]


def test_her_no_holds_for_this_round_and_every_later_one_until_she_takes_it_back(told, cohort, planned):
    tick()
    actions.refuse(voices()[0], NOW)
    db.session.commit()
    assert mails("supervisor_questions")[0].state is EmailState.CANCELLED
    later = planned(months=2)
    tick(NOW + 35 * DAY)
    assert len(voices()) == 1
    assert queries.not_asked(queries.round_of(later))[0].why_not is NotAsked.ALUMNA_SAID_NO


def test_a_no_that_is_taken_back_lets_the_mail_go_on(told):
    tick()
    actions.refuse(voices()[0], NOW)
    actions.allow(voices()[0], NOW)
    db.session.commit()
    assert mails("supervisor_questions")[0].state is EmailState.QUEUED
    assert voices()[0].state is VoiceState.PLANNED


def test_reminders_come_in_the_days_of_the_schedule_and_stop_with_the_answer(asked):
    tick(asked + 9.5 * DAY)
    (reminder,) = mails("supervisor_reminder")
    assert reminder.next_attempt_at >= asked + 10 * DAY
    assert "Still open" in KINDS[reminder.kind].render(reminder).subject
    actions.decline(voices()[0], asked + 9.6 * DAY)
    db.session.commit()
    assert mails("supervisor_reminder")[0].state is EmailState.CANCELLED
    tick(asked + 17 * DAY)
    assert len(mails("supervisor_reminder")) == 1


def test_a_mail_that_comes_back_waits_for_another_address_and_its_old_link_dies(asked, told):
    old = asking.token(voices()[0])
    KINDS["supervisor_questions"].bounced(mails("supervisor_questions")[0])
    db.session.commit()
    assert voices()[0].state is VoiceState.NOT_DELIVERED
    of, about = queries.round_of(told), voices()[0].enrolment_id
    actions.correct(of, about, "Ram Bahadur", "ram@home.example", "en", asked)
    db.session.commit()
    tick(asked)
    assert mails("supervisor_questions")[-1].address == "ram@home.example"
    assert queries.voice_for(old) is None
    assert queries.voice_for(asking.token(voices()[0])).id == voices()[0].id


def test_nobody_is_asked_about_herself(told):
    (mail,) = mails(asking.TELL)
    with pytest.raises(actions.OwnAddress):
        actions.name_another(voices()[0], "Sita", mail.address, "en", NOW)


def test_one_supervisor_of_several_gets_one_message_a_week(make, cohort, planned):
    for name in ("Sita", "Gita", "Rita"):
        alumna(make, cohort, name, supervisor_email="head@office.example")
    planned()
    tick()
    for mail in mails(asking.TELL):
        deliver(mail, NOW)
    tick()
    days = sorted(mail.next_attempt_at for mail in mails("supervisor_questions"))
    assert len(days) == 3
    assert all(later - earlier >= WEEK for earlier, later in pairwise(days))


def test_a_coordinators_own_hand_sends_at_once_but_never_a_second_within_the_week(told):
    voice = voices()[0]
    actions.send_now(voice, NOW)
    db.session.commit()
    (mail,) = [one for one in mails("supervisor_questions") if one.state is EmailState.QUEUED]
    assert mail.next_attempt_at == NOW
    deliver(mail, NOW)
    actions.send_now(voices()[0], NOW + DAY)
    db.session.commit()
    assert voices()[0].due_at >= NOW + WEEK


def test_a_host_is_asked_once_when_the_last_visit_is_over(make, cohort, planned):
    host = make.host(
        cohort.theme.programme,
        contact_name="Ibu Wulan",
        contact_email="wulan@batik.example",
        languages="Indonesian, some English",
    )
    make.site_visit(cohort, host, visit_on=date(2026, 2, 3))
    last = make.site_visit(cohort, host, visit_on=date(2026, 2, 5))
    make.site_visit(cohort, host, visit_on=date(2026, 2, 6), cancelled_because="rain")
    planned(Audience.HOSTS)
    tick()
    (voice,) = voices()
    assert (voice.visit_id, voice.language) == (last.id, "id")
    (mail,) = mails("host_questions")
    assert "Ibu Wulan" in KINDS[mail.kind].render(mail).text
    make.site_visit(cohort, host, visit_on=date(2026, 2, 8))
    tick(NOW + DAY)
    assert len(voices()) == 1
    last.cancelled_because = "it did not take place"
    db.session.commit()
    assert KINDS[mail.kind].unwanted_because(mail) == "over"


def test_a_host_hears_nothing_before_the_visit(make, cohort, planned):
    host = make.host(cohort.theme.programme, contact_email="wulan@batik.example")
    make.site_visit(cohort, host, visit_on=NOW.date() + 3 * DAY)
    planned(Audience.HOSTS)
    tick()
    assert not voices()
    tick(NOW + 4 * DAY)
    assert len(voices()) == 1


@pytest.mark.parametrize(
    ("words", "language"),
    [("Indonesian, some English", "id"), ("English; bahasa Indonesia", "en"), ("Javanese", "en"), ("", "en")],
)
def test_a_host_is_written_to_in_the_language_named_first(words, language):
    assert language_in(words, ["en", "id", "fr", "fa_AF"]) == language


def test_a_round_closes_with_its_day_and_a_cancelled_one_sends_nothing(asked, told):
    of = queries.round_of(told)
    tick(asked + 40 * DAY)
    assert queries.round_of(told).state is RoundState.CLOSED
    assert voices()[0].state is VoiceState.CLOSED
    with pytest.raises(rounds.RoundHasBegun):
        rounds.remove(of)
    with pytest.raises(actions.NotNow):
        actions.send_now(voices()[0], asked + 41 * DAY)


def test_the_same_people_are_not_asked_twice_at_one_time(cohort, planned):
    planned()
    with pytest.raises(rounds.RoundExists):
        planned()


def test_a_tick_asks_the_database_no_more_for_many_than_for_few(make, cohort, planned):
    for number in range(2):
        alumna(make, cohort, f"First{number}")
    planned()
    with counting() as few:
        tick()
    for number in range(9):
        alumna(make, cohort, f"Second{number}")
    with counting() as many:
        tick()
    assert len(voices()) == 11
    assert len(many) <= len(few)
