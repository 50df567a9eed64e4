"""Mail of which nobody knows whether it arrived: evidence first, then the schedule's rule, or a person."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups import actions, ledger
from trainingapp.followups.invitations import uncertain
from trainingapp.followups.models import Invitation, InvitationState, UncertainRule, Wave
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.programmes.models import Role
from trainingapp.surveys.models import Anonymity

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def mail():
    return db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id)).first()


def one():
    return db.session.scalars(sa.select(Invitation)).one()


def tick(now):
    for _piece in actions.follow_up(now):
        db.session.commit()


def lose(make, email, at, number=1):
    """The line broke after the last dot, and a quarter of an hour later the sweep says so."""
    email.state, email.dot_at, email.attempts = EmailState.UNCERTAIN, at, number
    make.add(
        DeliveryAttempt(
            email_id=email.id, number=number, worker="w", began_at=at, dot_at=at, outcome="uncertain"
        )
    )
    db.session.commit()


@pytest.fixture
def unclear(make):
    """One invitation, uncertain since make.NOW."""
    wave = make.wave()
    make.alumna(wave.schedule.cohort, "Sita Palpali", "sita@example.org")
    db.session.commit()
    tick(make.NOW)
    lose(make, mail(), make.NOW)
    return wave


def rule(wave, value):
    wave.schedule.uncertain_rule = value
    db.session.commit()


@pytest.mark.parametrize("value", UncertainRule)
def test_for_a_day_no_rule_settles_what_evidence_may_settle(make, unclear, value):
    rule(unclear, value)
    tick(make.NOW + DAY - timedelta(seconds=1))
    assert mail().state is EmailState.UNCERTAIN


def test_what_is_held_waits_for_a_person_however_long(make, unclear):
    tick(make.NOW + 20 * DAY)
    assert mail().state is EmailState.UNCERTAIN
    assert len(db.session.scalars(sa.select(OutgoingEmail)).all()) == 1


def test_taken_as_sent_it_counts_from_the_moment_it_left_and_reminders_follow(make, unclear):
    rule(unclear, UncertainRule.ASSUME_SENT)
    tick(make.NOW + DAY)
    assert (mail().state, one().state) == (EmailState.SENT, InvitationState.SENT)
    assert (one().sent_at, one().next_at) == (make.NOW, None)
    tick(make.NOW + 9 * DAY)
    assert len(db.session.scalars(sa.select(OutgoingEmail)).all()) == 2
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "settled as arrived")).one()
    assert "rule" in entry.why


def test_sent_once_more_it_goes_in_the_readers_hours_and_only_once(make, unclear):
    rule(unclear, UncertainRule.SEND_ONCE_MORE)
    evening = make.NOW + DAY + 3 * HOUR  # 17:45 in Kathmandu
    tick(evening)
    email = mail()
    assert email.state is EmailState.QUEUED
    assert email.next_attempt_at.isoformat() == "2026-03-04T03:15:00+00:00"
    assert one().next_at == email.next_attempt_at
    lose(make, email, email.next_attempt_at, number=2)
    tick(make.NOW + 10 * DAY)
    assert mail().state is EmailState.UNCERTAIN


def test_the_link_being_used_settles_it_at_once(make, unclear):
    actions.note_opened(one(), make.NOW + HOUR)
    db.session.commit()
    assert (mail().state, mail().last_text) == (EmailState.SENT, uncertain.OPENED)
    assert (one().state, one().sent_at) == (InvitationState.OPENED, make.NOW)


def test_where_answers_are_anonymous_no_line_of_the_trail_tells_when(make, unclear):
    unclear.survey_version.anonymity = Anonymity.ANONYMOUS
    db.session.commit()
    before = db.session.scalar(sa.select(sa.func.count(AuditEntry.id)))
    actions.note_answered(one(), make.NOW + HOUR)
    db.session.commit()
    assert mail().state is EmailState.SENT
    assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == before


def test_a_link_used_before_the_sweep_came_settles_it_at_the_next_tick(make, unclear):
    email = mail()
    email.state = EmailState.DOT
    db.session.commit()
    actions.note_opened(one(), make.NOW + timedelta(minutes=5))
    email.state = EmailState.UNCERTAIN
    db.session.commit()
    tick(make.NOW + HOUR)
    assert mail().state is EmailState.SENT


def test_an_answer_leaves_nothing_unclear(make, unclear):
    actions.note_answered(one(), make.NOW + HOUR)
    db.session.commit()
    assert mail().state is EmailState.SENT


def test_the_funnel_counts_what_is_unclear_apart_from_what_waits(make, unclear):
    found = ledger.funnel(unclear)
    assert (found.sent, found.uncertain, found.waiting) == (0, 1, 0)


@pytest.fixture
def coordinator(make, client, unclear):
    import time_machine

    with time_machine.travel(make.NOW + HOUR, tick=False):
        client.sign_in(make.user((unclear.schedule.cohort.theme.programme, Role.COORDINATOR), name="Devi"))
        yield client


def test_the_wave_shows_it_and_a_person_says_that_it_arrived(make, coordinator):
    wave = db.session.scalars(sa.select(Wave)).one().id
    page = coordinator.get(f"/followups/waves/{wave}").text
    assert "Unclear whether it arrived" in page
    coordinator.post(f"/followups/waves/{wave}/settle", data={"email": mail().id, "verb": "arrived"})
    db.session.expire_all()
    assert mail().state is EmailState.SENT
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "settled as arrived")).one()
    assert entry.actor == "Devi"
    assert 'id="unclear"' not in coordinator.get(f"/followups/waves/{wave}").text


def test_sending_once_more_by_hand_asks_first(make, coordinator):
    wave = db.session.scalars(sa.select(Wave)).one().id
    typed = {"email": mail().id, "verb": "again"}
    asked = coordinator.post(f"/followups/waves/{wave}/settle", data=typed)
    assert "gets it twice" in asked.text
    assert mail().state is EmailState.UNCERTAIN
    coordinator.post(f"/followups/waves/{wave}/settle", data={**typed, "sure": "1"})
    db.session.expire_all()
    assert (mail().state, mail().next_attempt_at) == (EmailState.QUEUED, make.NOW + HOUR)
    coordinator.post(f"/followups/waves/{wave}/settle", data={**typed, "sure": "1"})  # a second click
    assert (
        len(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.verb.startswith("settled"))).all()) == 1
    )


def test_the_messages_of_those_chosen_are_held_go_on_and_are_cancelled(make, coordinator):
    wave = db.session.scalars(sa.select(Wave)).one().id
    for verb, state in (("hold", "held"), ("resume", "go"), ("cancel", "cancelled")):
        coordinator.post(f"/followups/waves/{wave}/messages/{verb}", data={"id": one().id})
        db.session.expire_all()
        assert one().messages == state
    assert "Messages cancelled" in coordinator.get(f"/followups/waves/{wave}").text


def test_the_wave_names_outcomes_and_every_attempt_in_few_questions(make, coordinator):
    wave = db.session.scalars(sa.select(Wave)).one().id
    mail().last_text = "the sender stopped after the last dot"
    db.session.commit()
    page = coordinator.get(f"/followups/waves/{wave}").text
    assert "3.19" in page
    assert "the sender stopped after the last dot" in page
    export = coordinator.post(f"/followups/waves/{wave}/people.csv").text
    assert "3.19,Unclear whether it arrived" in export
