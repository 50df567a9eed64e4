"""A coordinator writes down what she hears on the telephone."""

import threading

import pytest
import sqlalchemy as sa

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups import queries as invitations
from trainingapp.followups.models import Invitation, InvitationState, WaveState
from trainingapp.plans.models import Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, ProgressUpdate, Source
from trainingapp.programmes.models import Role
from trainingapp.responses import actions
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.question_types import AnswerValue


@pytest.fixture
def asked(make):
    """(address of the form, invitation, activity id, token), with its coordinator."""
    enrolment = make.enrolment(make.cohort(), make.participant("Sita Nettlecloth"), state="completed")
    plan = make.planned(enrolment, "Train 15 weavers in cost records")
    invitation, token = make.asked(enrolment)
    activity = db.session.scalar(sa.select(Activity).where(Activity.plan_id == plan.id))
    programme = enrolment.cohort.theme.programme
    coordinator = make.user((programme, Role.COORDINATOR), name="Devi Northstar")
    db.session.commit()
    return f"/responses/record/{invitation.id}", invitation, activity, token, coordinator, programme


def test_an_answer_by_telephone_keeps_who_wrote_it_down(client, asked):
    address, invitation, activity, _, coordinator, _ = asked
    client.sign_in(coordinator)
    page = client.get(address).text
    assert "Train 15 weavers in cost records" in page
    assert "How often do you use something you learnt?" in page
    sent = client.post(address, data={f"a-{activity.id}": "done", "q-use": "weekly", "q-shared": "4"})
    assert sent.status_code == 302
    db.session.expire_all()
    response = db.session.scalar(sa.select(Response))
    assert (response.state, response.source) == (ResponseState.SENT, Source.PHONE)
    assert response.recorded_by_id == coordinator.id
    update = db.session.get(ProgressUpdate, response.progress_update_id)
    assert (update.source, update.recorded_by_id) == (Source.PHONE, coordinator.id)
    assert db.session.get(Activity, activity.id).state is ActivityState.DONE
    assert db.session.get(Invitation, invitation.id).state is InvitationState.ANSWERED
    entry = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.subject == "responses"))
    assert (entry.actor, entry.verb) == ("Devi Northstar", "recorded by phone")


def test_what_was_said_last_time_is_read_out_too(client, asked, make):
    address, _, activity, _, coordinator, _ = asked
    update = make.add(
        ProgressUpdate(plan_id=activity.plan_id, source="self", started_at=make.NOW, reported_at=make.NOW)
    )
    make.add(ActivityReport(update_id=update.id, activity_id=activity.id, state="delayed", note="No room"))
    client.sign_in(coordinator)
    assert "You said last time: Going on, but late" in client.get(address).text


def test_what_cannot_be_read_stays_on_the_page(client, asked):
    client.sign_in(asked[4])
    again = client.post(asked[0], data={"q-shared": "a few", "q-story": "Wages"})
    assert again.status_code == 422
    assert 'value="a few"' in again.text
    assert "Wages</textarea>" in again.text
    assert db.session.scalar(sa.select(Response)) is None


def test_her_own_answer_is_shown_and_never_overwritten(client, asked):
    address, _, _, token, coordinator, _ = asked
    place = client.get(f"/r/{token}").location
    client.post(place, data={"q-use": "weekly"})
    client.sign_in(coordinator)
    assert "These questions were answered on" in client.get(address).text
    late = client.post(address, data={"q-use": "never"})
    assert late.status_code == 409
    assert 'value="weekly" checked' in late.text
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["weekly"]


def test_a_wave_that_is_over_takes_nothing(client, asked):
    asked[1].wave.state = WaveState.CLOSED
    client.sign_in(asked[4])
    assert "takes no answers now" in client.get(asked[0]).text
    assert client.post(asked[0], data={"q-use": "never"}).status_code == 409


def test_only_whoever_runs_follow_ups_of_this_programme(client, asked, make):
    address, programme = asked[0], asked[5]
    assert client.get(address).status_code == 302
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    client.sign_in(make.user((programme, Role.ORGANISER)))
    assert client.get(address).status_code == 403


def test_two_sendings_at_once_are_one_response(app, asked):
    number = asked[1].id
    question = surveys.questions_of(asked[1].wave.survey_version)[0].id
    db.session.rollback()
    begin = threading.Barrier(2)
    outcomes = []

    def send(choice):
        with app.app_context():
            begin.wait()
            invitation = invitations.invitation(number)
            filled = actions.Filled(answers={question: [AnswerValue(choice=choice)]})
            try:
                actions.send(invitation, filled, language="en", now=clock.now())
                db.session.commit()
                outcomes.append(choice)
            except actions.AlreadyAnswered:
                db.session.rollback()

    both = [threading.Thread(target=send, args=(choice,)) for choice in ("weekly", "never")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    assert len(outcomes) == 1
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == outcomes
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Response)) == 1
