"""Whom mail does not reach becomes a task for a person: once, and never for who may not be looked for."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import ticking

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.followups import actions
from trainingapp.followups.invitations import attempts
from trainingapp.followups.invitations.attempts import Said
from trainingapp.followups.models import AttemptOutcome, Channel, ContactAttempt, Invitation, InvitationState
from trainingapp.followups.rescue import actions as rescue
from trainingapp.followups.rescue import silence
from trainingapp.followups.rescue.models import Ending, RescueCause, RescueState, RescueTask
from trainingapp.once import Twice
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState
from trainingapp.programmes.models import Role

DAY = timedelta(days=1)


@pytest.fixture
def wave(make):
    """Open since a moment ago: Sita has an address, Farida has none."""
    made = make.wave(make.schedule())
    make.alumna(made.schedule.cohort, "Sita Palpali", "sita@example.org")
    make.alumna(made.schedule.cohort, "Farida Herati", None, country="AF")
    db.session.flush()
    ticking.open_due_waves(make.NOW)
    db.session.commit()
    return made


def of(name):
    query = sa.select(Invitation).join(Invitation.enrolment).where(sa.column("sort_name") == name)
    return db.session.scalars(query).one()


def tasks():
    db.session.expire_all()
    query = sa.select(RescueTask).order_by(RescueTask.id)
    return [
        (task.enrolment.sort_name, task.cause.value, task.state.value) for task in db.session.scalars(query)
    ]


def tick(now):
    rescue.wake(now.date())
    silence.open_due(now)
    silence.open_uncertain(now)
    rescue.end_moot(now)
    db.session.commit()


def sent(invitation, at):
    actions.note_went(invitation, at)
    db.session.commit()


def test_who_has_no_address_is_a_task_as_soon_as_the_wave_opens(wave, make):
    tick(make.NOW + DAY)
    assert tasks() == [("farida herati", "no_address", "open")]


def test_a_bounce_is_a_task_at_the_next_tick(wave, make):
    sent(of("sita palpali"), make.NOW)
    actions.note_bounced(of("sita palpali"), "sita@example.org", "550 5.1.1 No such person")
    db.session.commit()
    tick(make.NOW + timedelta(minutes=1))
    assert ("sita palpali", "bounced", "open") in tasks()


def test_silence_is_a_task_some_days_after_the_last_reminder_and_not_before(wave, make):
    sita = of("sita palpali")
    sent(sita, make.NOW)
    for day in (10, 17):
        tick(make.NOW + day * DAY)
        sent(sita, make.NOW + day * DAY)
    tick(make.NOW + 20 * DAY)
    assert [name for name, *_rest in tasks()] == ["farida herati"]
    tick(make.NOW + 21 * DAY + timedelta(hours=1))
    assert ("sita palpali", "silent", "open") in tasks()


def test_while_a_reminder_waits_nobody_is_asked_to_call(wave, make):
    sita = of("sita palpali")
    sent(sita, make.NOW)
    sita.next_at = make.NOW + 23 * DAY
    tick(make.NOW + 22 * DAY)
    assert [name for name, *_rest in tasks()] == ["farida herati"]
    assert of("sita palpali").rescue_at == make.NOW + 24 * DAY


def test_a_mail_that_was_never_sent_is_a_task_too(wave, make):
    sita = of("sita palpali")
    sita.next_at = None
    tick(make.NOW + 23 * DAY)
    assert ("sita palpali", "not_sent", "open") in tasks()


def test_ticks_again_and_again_open_one_task(wave, make):
    for minute in range(4):
        of("farida herati").rescue_at = make.NOW
        tick(make.NOW + DAY + timedelta(minutes=minute))
    assert len(tasks()) == 1
    assert (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                AuditEntry.subject == "rescue_tasks", AuditEntry.verb == "opened"
            )
        )
        == 1
    )


def test_the_database_holds_no_second_live_task_of_a_person(wave, make):
    farida = of("farida herati")
    for _twice in range(2):
        db.session.add(
            RescueTask(
                enrolment_id=farida.enrolment_id,
                cause=RescueCause.SILENT,
                opened_at=make.NOW,
                due_on=make.NOW.date(),
            )
        )
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_two_waves_of_one_person_share_a_task_that_names_the_weightier_cause(wave, make):
    sita = of("sita palpali")
    first = rescue.open_task(sita, RescueCause.SILENT, make.NOW)
    rescue.wait(first, (make.NOW + 9 * DAY).date())
    again = rescue.open_task(sita, RescueCause.BOUNCED, make.NOW + DAY)
    assert again is first
    assert (again.cause, again.state) == (RescueCause.BOUNCED, RescueState.OPEN)
    assert rescue.open_task(sita, RescueCause.SILENT, make.NOW + DAY).cause is RescueCause.BOUNCED


def test_a_changed_post_is_a_task_without_any_wave(make):
    enrolment = make.alumna(make.cohort(), "Karma")
    task = rescue.open_task(enrolment, RescueCause.MOVED, make.NOW)
    assert task.invitation_id is None
    assert tasks() == [("karma", "moved", "open")]


def stop(kind, sita, now):
    person = sita.enrolment.participant
    if kind == "answered":
        actions.note_answered(sita, now)
    elif kind == "declined":
        actions.decline(sita)
    elif kind == "opted out":
        person.opted_out_at = now
    elif kind == "unsubscribed":
        outbox.suppress(digest("sita@example.org"), "surveys", reason="unsubscribed", by="her", now=now)
    elif kind == "withdrew":
        sita.enrolment.state = EnrolmentState.WITHDRAWN
    elif kind == "died":
        person.deceased_on = now.date()
    else:
        person.erased_at = now
    db.session.commit()


KINDS = ["answered", "declined", "opted out", "unsubscribed", "withdrew", "died", "erased"]


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_looks_for_someone_who(wave, make, kind):
    sita = of("sita palpali")
    sent(sita, make.NOW)
    stop(kind, sita, make.NOW + DAY)
    tick(make.NOW + 22 * DAY)
    assert rescue.open_task(of("sita palpali"), RescueCause.BOUNCED, make.NOW + 22 * DAY) is None
    assert [name for name, *_rest in tasks()] == ["farida herati"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_ends_by_itself_when_the_person(wave, make, kind):
    sita = of("sita palpali")
    sent(sita, make.NOW)
    task = rescue.open_task(sita, RescueCause.SILENT, make.NOW)
    stop(kind, sita, make.NOW + DAY)
    tick(make.NOW + DAY + timedelta(minutes=5))
    db.session.refresh(task)
    assert task.state in {RescueState.SOLVED, RescueState.GIVEN_UP}
    assert task.ending.value == {"answered": "answered", "declined": "declined", "died": "deceased"}.get(
        kind, "stopped"
    )


def test_an_unclear_mail_is_a_task_after_a_day_and_does_not_come_back_when_let_go(wave, make):
    sita = of("sita palpali")
    email = db.session.scalars(sa.select(OutgoingEmail)).one()
    email.state, email.dot_at = EmailState.UNCERTAIN, make.NOW
    sita.next_at = None
    tick(make.NOW + timedelta(hours=23))
    assert not [name for name, cause, _state in tasks() if cause == "uncertain"]
    tick(make.NOW + DAY)
    task = rescue.live_task(sita.enrolment_id)
    assert task.cause is RescueCause.UNCERTAIN
    rescue.finish(task, Ending.LET_GO, "", make.NOW + DAY)
    tick(make.NOW + 2 * DAY)
    assert rescue.live_task(sita.enrolment_id) is None


def test_a_waiting_task_is_open_again_on_its_day(wave, make):
    task = rescue.open_task(of("sita palpali"), RescueCause.SILENT, make.NOW)
    rescue.wait(task, (make.NOW + 3 * DAY).date())
    tick(make.NOW + 2 * DAY)
    assert ("sita palpali", "silent", "waiting") in tasks()
    tick(make.NOW + 3 * DAY)
    assert ("sita palpali", "silent", "open") in tasks()


def test_a_wave_that_closes_ends_the_search_for_an_answer_and_not_for_an_address(wave, make):
    sita = of("sita palpali")
    sent(sita, make.NOW)
    tick(make.NOW + 22 * DAY)
    ticking.close_due_waves(make.NOW + 40 * DAY)
    tick(make.NOW + 40 * DAY)
    assert tasks() == [("farida herati", "no_address", "open"), ("sita palpali", "silent", "given_up")]


def test_the_tick_reads_only_what_is_due(app, wave, make):
    is_sqlite = db.engine.dialect.name == "sqlite"
    if not is_sqlite:
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    for query, *indexes in (
        (
            "SELECT id FROM invitations WHERE rescue_at <= '2026-03-02' ORDER BY rescue_at, id LIMIT 9",
            "rescue_at",
        ),
        (
            "SELECT id FROM rescue_tasks WHERE state = 'waiting' AND due_on <= '2026-03-02'",
            *("tasks_state", "tasks_live"),  # of an empty table PostgreSQL takes either
        ),
    ):
        plan = db.session.execute(sa.text(("EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN ") + query))
        told = "\n".join(str(row) for row in plan)
        assert any(f"_{index}" in told for index in indexes)


# What a person does ---------------------------------------------------------------------------------


@pytest.fixture
def devi(make, wave):
    return make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR), name="Devi")


def said(outcome, **facts):
    return Said(Channel.PHONE, outcome, **facts)


def record(name, what, devi, now, form_id=None):
    invitation = of(name)
    attempts.record(invitation.enrolment, invitation, what, by=devi, now=now, form_id=form_id)
    db.session.commit()


def test_call_again_on_a_day_makes_the_task_wait_until_then(wave, devi, make):
    tick(make.NOW + DAY)
    day = (make.NOW + 6 * DAY).date()
    record("farida herati", said(AttemptOutcome.CALL_AGAIN, day=day), devi, make.NOW + DAY)
    task = rescue.live_task(of("farida herati").enrolment_id)
    assert (task.state, task.due_on) == (RescueState.WAITING, day)


def test_a_day_that_is_over_is_refused(wave, devi, make):
    with pytest.raises(attempts.NoDay):
        record("farida herati", said(AttemptOutcome.CALL_AGAIN, day=make.NOW.date() - DAY), devi, make.NOW)
    db.session.rollback()


def test_a_new_address_gets_the_invitation_at_once_and_ends_the_task(wave, devi, make):
    tick(make.NOW + DAY)
    record(
        "farida herati", said(AttemptOutcome.NEW_ADDRESS, email="farida@example.org"), devi, make.NOW + DAY
    )
    task = db.session.scalars(sa.select(RescueTask)).one()
    assert (task.state, task.ending) == (RescueState.SOLVED, Ending.NEW_ADDRESS)
    mail = db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
    assert mail.address == "farida@example.org"


def test_a_link_that_reached_someone_else_goes_to_the_right_address_once_it_is_known(wave, devi, make):
    sita = of("sita palpali")
    sita.state = InvitationState.GONE
    assert rescue.open_task(sita, RescueCause.NOT_THEIRS, make.NOW)
    record("sita palpali", said(AttemptOutcome.NEW_ADDRESS, email="right@example.org"), devi, make.NOW)
    assert of("sita palpali").address == "right@example.org"
    assert rescue.live_task(sita.enrolment_id) is None


def test_without_the_new_address_it_is_refused(wave, devi, make):
    with pytest.raises(attempts.AddressMissing):
        record("farida herati", said(AttemptOutcome.NEW_ADDRESS), devi, make.NOW)
    db.session.rollback()


def test_a_wrong_number_is_not_rung_again(wave, devi, make):
    farida = of("farida herati")
    point = make.add(
        ContactPoint(
            participant_id=farida.enrolment.participant_id,
            kind=ContactKind.PHONE,
            value="+93 70 000 0000",
            normalised="+93700000000",
        )
    )
    record("farida herati", said(AttemptOutcome.WRONG_CONTACT, contact=point.value), devi, make.NOW)
    db.session.refresh(point)
    assert point.state is ContactState.UNREACHABLE


@pytest.mark.parametrize(
    ("outcome", "ending", "state"),
    [
        (AttemptOutcome.DECLINED, Ending.DECLINED, InvitationState.DECLINED),
        (AttemptOutcome.NO_MORE, Ending.STOPPED, InvitationState.DECLINED),
        (AttemptOutcome.GONE, Ending.GONE, InvitationState.GONE),
        (AttemptOutcome.DECEASED, Ending.DECEASED, InvitationState.GONE),
    ],
)
def test_what_was_said_has_its_consequence(wave, devi, make, outcome, ending, state):
    tick(make.NOW + DAY)
    record("farida herati", said(outcome), devi, make.NOW + DAY)
    farida, task = of("farida herati"), db.session.scalars(sa.select(RescueTask)).one()
    person = farida.enrolment.participant
    assert (task.ending, farida.state) == (ending, state)
    assert (person.opted_out_at is not None) == (outcome is AttemptOutcome.NO_MORE)
    assert (person.contact_lost_at is not None) == (outcome is AttemptOutcome.GONE)
    assert (person.deceased_on is not None) == (outcome is AttemptOutcome.DECEASED)


def test_the_second_press_makes_no_second_row(wave, devi, make):
    record("farida herati", said(AttemptOutcome.SPOKE), devi, make.NOW, form_id="a" * 22)
    with pytest.raises(Twice):
        record("farida herati", said(AttemptOutcome.SPOKE), devi, make.NOW, form_id="a" * 22)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ContactAttempt)) == 1


def test_a_task_is_given_only_to_someone_who_runs_follow_ups_there(wave, devi, make):
    task = rescue.open_task(of("sita palpali"), RescueCause.SILENT, make.NOW)
    stranger = make.user((make.programme(), Role.COORDINATOR))
    assert rescue.assign([task], devi) == 1
    assert rescue.assign([task], devi) == 0
    with pytest.raises(rescue.NotTheirs):
        rescue.assign([task], stranger)
    assert rescue.assign([task], None) == 1
