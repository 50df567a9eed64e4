"""One tap each: later, a new job, not me, no more. A look does nothing, and each tap can be taken back."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import ticking

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.followups.invitations import wishes
from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.followups.rescue.models import RescueTask
from trainingapp.followups.waves import looks
from trainingapp.outbox import actions as outbox
from trainingapp.outbox import bulk, queries
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactPoint, ContactState, Employment
from trainingapp.plans.models import Activity
from trainingapp.programmes.models import Role

DAY = timedelta(days=1)
S = InvitationState


@pytest.fixture
def asked(make, client):
    """(invitation, address of the page in this client) of someone who was written to; a reminder waits."""
    now = clock.now()
    person = make.participant("Sita Nettlecloth", "sita@example.org")
    enrolment = make.enrolment(None, person, state="completed", post="Officer", organisation="Cottage office")
    invitation, token = make.asked(
        enrolment, sent_at=now - 3 * DAY, address="sita@example.org", next_at=now + 2 * DAY, reminders=1
    )
    bulk.enqueue_many("reminder", [waiting(invitation, now + 2 * DAY)], now)
    db.session.commit()
    return invitation, client.get(f"/r/{token}").location


def waiting(invitation, send_at):
    return {
        "dedupe_key": f"invitation:{invitation.id}:remind:1",
        "address": invitation.address,
        "language": "en",
        "about": f"invitation:{invitation.id}",
        "facts": {"invitation_id": invitation.id},
        "send_at": send_at,
        "not_after": calendar.ends(invitation.wave.closes_on),
    }


def mails(kind="reminder"):
    db.session.rollback()
    query = sa.select(OutgoingEmail).where(OutgoingEmail.kind == kind).order_by(OutgoingEmail.id)
    return list(db.session.scalars(query))


def states():
    return [mail.state for mail in mails()]


def test_later_is_one_mail_in_two_weeks_in_her_hours_and_no_other(client, asked):
    invitation, place = asked
    page = client.get(f"{place}/later")
    assert page.text.count("<button") == 1
    assert states() == [EmailState.QUEUED]
    assert client.post(f"{place}/later").location == f"{place}/later"
    first, second = mails()
    assert (first.state, second.state) == (EmailState.CANCELLED, EmailState.QUEUED)
    assert invitation.next_at == invitation.snoozed_until == second.next_attempt_at
    assert 14 * DAY <= second.next_attempt_at - second.created_at < 18 * DAY
    here = calendar.next_instant(
        second.next_attempt_at, calendar.Place("Asia/Kathmandu", frozenset({5})), calendar.Hours(9, 16)
    )
    assert here == second.next_attempt_at
    assert invitation.state is S.OPENED
    done = client.get(f"{place}/later").text
    assert "We write again on" in done
    assert "Take it back" in done
    client.post(f"{place}/later")
    assert len(mails()) == 2


def test_the_mail_she_asked_for_says_so_and_is_the_last(client, asked, make):
    invitation, place = asked
    client.post(f"{place}/later")
    email = mails()[1]
    message = KINDS["reminder"].render(email)
    assert "you asked us to write again" in message.subject
    assert "Two weeks ago you asked us" in message.text
    email.state, email.sent_at = EmailState.SENT, email.next_attempt_at
    KINDS["reminder"].went(email)
    invitation.wave.closes_on += 60 * DAY
    db.session.commit()
    assert ticking.plan_reminders(email.sent_at + 30 * DAY) == 0


def test_later_taken_back_puts_everything_as_it_was(client, asked):
    invitation, place = asked
    client.post(f"{place}/later")
    client.post(f"{place}/later", data={"undo": "yes"})
    assert states() == [EmailState.QUEUED, EmailState.CANCELLED]
    assert invitation.snoozed_until is None
    assert invitation.next_at == mails()[0].next_attempt_at
    assert "Remind me in two weeks?" in client.get(f"{place}/later").text


def test_later_taken_back_where_nothing_waited_leaves_nothing_waiting(client, asked):
    invitation, place = asked
    outbox.cancel(f"invitation:{invitation.id}", "another reason")
    invitation.next_at = None
    db.session.commit()
    client.post(f"{place}/later")
    client.post(f"{place}/later", data={"undo": "yes"})
    db.session.expire_all()
    assert (invitation.next_at, invitation.snoozed_until) == (None, None)
    assert states() == [EmailState.CANCELLED, EmailState.CANCELLED]


def test_her_hour_follows_her_when_she_moves_after_asking_for_later(client, asked):
    invitation, place = asked
    client.post(f"{place}/later")
    client.post(f"{place}/moved", data={"country": "PE"})
    list(looks.remind_due(clock.now()))
    db.session.commit()
    at = mails()[1].next_attempt_at
    assert at == invitation.next_at != invitation.snoozed_until
    assert 9 <= at.astimezone(ZoneInfo("America/Lima")).hour < 16
    assert "Take it back" in client.get(f"{place}/later").text


def test_later_is_promised_twice_and_not_beyond_the_closing_day(client, asked):
    invitation, place = asked
    for _time in range(2):
        client.post(f"{place}/later")
        client.post(f"{place}/later", data={"undo": "yes"})
    refused = client.post(f"{place}/later")
    assert refused.status_code == 409
    assert "We can write later twice" in refused.text
    invitation.snoozes, invitation.wave.closes_on = 0, clock.today("UTC") + 9 * DAY
    db.session.commit()
    refused = client.post(f"{place}/later")
    assert "before two weeks are over" in refused.text
    assert states().count(EmailState.QUEUED) == 1


def test_who_has_no_mail_yet_is_invited_in_two_weeks(make, asked):
    invitation, _place = asked
    invitation.sent_at = None
    db.session.commit()
    wishes.remind_later(invitation, clock.now())
    db.session.commit()
    (email,) = mails("invitation")
    assert "None" not in KINDS["invitation"].render(email).text


def test_an_answer_cancels_what_she_put_off(client, asked):
    _invitation, place = asked
    client.post(f"{place}/later")
    client.post(place, data={"q-use": "weekly"})
    assert states() == [EmailState.CANCELLED, EmailState.CANCELLED]
    assert client.post(f"{place}/later").status_code == 409


def test_a_new_job_is_kept_beside_the_old_and_her_hours_follow(client, asked):
    invitation, place = asked
    person = invitation.enrolment.participant
    form = client.get(f"{place}/moved").text
    assert 'value="Cottage office"' in form
    told = {
        "post": "Director",
        "organisation": "Weavers' union",
        "country": "FJ",
        "email": "Sita@union.example",
    }
    assert client.post(f"{place}/moved", data=told).location == f"{place}/moved"
    db.session.expire_all()
    assert (person.country, person.time_zone) == ("FJ", "Pacific/Fiji")
    assert (invitation.enrolment.organisation, invitation.enrolment.country) == ("Cottage office", "NP")
    points = db.session.scalars(sa.select(ContactPoint).order_by(ContactPoint.position)).all()
    assert [point.normalised for point in points] == ["sita@union.example", "sita@example.org"]
    assert "Weavers&#39; union" in client.get(f"{place}/moved").text
    assert db.session.scalars(sa.select(RescueTask)).all() == []
    client.post(f"{place}/moved", data={"undo": "yes"})
    db.session.expire_all()
    assert (person.country, person.time_zone) == ("NP", None)
    assert db.session.scalars(sa.select(ContactPoint.normalised)).all() == ["sita@example.org"]
    assert db.session.scalars(sa.select(Employment)).all() == []


def test_a_new_job_without_an_address_makes_a_task(client, asked):
    _invitation, place = asked
    client.post(f"{place}/moved", data={"post": "Director", "country": "NP"})
    (task,) = db.session.scalars(sa.select(RescueTask)).all()
    assert task.cause.value == "moved"


def test_an_address_of_someone_else_is_not_given_away(client, asked, make):
    _invitation, place = asked
    make.participant("Hari", "hari@example.org")
    db.session.commit()
    told = {"country": "NP", "email": "hari@example.org"}
    assert client.post(f"{place}/moved", data=told).status_code == 303
    assert "belongs" not in client.get(f"{place}/moved").text
    points = db.session.scalars(sa.select(ContactPoint.normalised)).all()
    assert sorted(points) == ["hari@example.org", "sita@example.org"]
    assert db.session.scalars(sa.select(RescueTask.cause)).one().value == "moved"


def test_an_address_that_cannot_be_read_is_asked_for_again(client, asked):
    _invitation, place = asked
    page = client.post(f"{place}/moved", data={"country": "NP", "email": "sita at home", "post": "Director"})
    assert page.status_code == 422
    assert 'value="Director"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert db.session.scalars(sa.select(Employment)).all() == []


def test_not_me_stops_the_address_for_her_and_asks_a_person_to_look(client, asked, make):
    invitation, place = asked
    assert client.get(f"{place}/not-me").text.count("<button") == 1
    client.post(f"{place}/not-me")
    db.session.expire_all()
    assert invitation.state is S.GONE
    assert states() == [EmailState.CANCELLED]
    assert db.session.scalars(sa.select(ContactPoint.state)).one() is ContactState.UNREACHABLE
    (task,) = db.session.scalars(sa.select(RescueTask)).all()
    assert task.cause.value == "not_theirs"
    page = client.get(f"{place}/not-me").text
    for private in ("sita@example.org", "Cottage office", "Officer"):
        assert private not in page
    for hers in ("moved", "later"):
        assert client.get(f"{place}/{hers}").status_code in {200, 410}
    assert client.get(f"{place}/moved").status_code == 410
    assert client.post(f"{place}/later").status_code == 409


def test_not_me_taken_back_puts_everything_as_it_was(client, asked):
    invitation, place = asked
    client.post(f"{place}/not-me")
    client.post(f"{place}/not-me", data={"undo": "yes"})
    db.session.expire_all()
    assert invitation.state is S.SENT
    assert states() == [EmailState.QUEUED]
    assert db.session.scalars(sa.select(ContactPoint.state)).one() is ContactState.WORKING
    assert [task.state.value for task in db.session.scalars(sa.select(RescueTask))] == ["solved"]
    entries = sa.select(AuditEntry.verb).where(AuditEntry.subject == "invitations").order_by(AuditEntry.id)
    verbs = db.session.scalars(entries).all()
    assert verbs == ["reached someone else", "reached her after all"]


def test_stop_on_the_page_is_the_stop_of_the_mail_and_works_between_queueing_and_sending(client, asked, app):
    _invitation, place = asked
    stop = re.search(r'href="http://localhost(/outbox/unsubscribe/[^"]+)"', client.get(place).text)[1]
    assert client.get(stop).status_code == 200
    assert states() == [EmailState.QUEUED]
    fresh = app.test_client()
    fresh.without_csrf = True
    assert fresh.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert states() == [EmailState.CANCELLED]
    email = mails()[0]
    assert queries.is_suppressed(email.address_hmac, email.topic)
    assert client.post(f"{place}/later").status_code == 409
    assert "We have no address that we may write to" in client.post(f"{place}/later").text


def test_everything_is_stopped_but_what_she_asks_for_herself(client, asked, make):
    _invitation, place = asked
    stop = re.search(r'href="http://localhost(/outbox/unsubscribe/[^"]+)"', client.get(place).text)[1]
    for kind in ("plan-approved", "account-reset"):
        outbox.enqueue(
            kind, kind, "sita@example.org", now=make.NOW, language="en", about="x:1", facts={"link": 0}
        )
    page = client.post(stop, data={"everything": "yes"})
    assert "All our emails have stopped" in page.text
    found = dict(db.session.execute(sa.select(OutgoingEmail.kind, OutgoingEmail.state)).all())
    assert found == {
        "reminder": EmailState.CANCELLED,
        "plan-approved": EmailState.CANCELLED,
        "account-reset": EmailState.QUEUED,
    }
    client.post(stop, data={"again": "yes"})
    assert not queries.stopped(mails()[0].address_hmac)


def test_the_taps_in_a_mail_lead_to_their_pages(client, make):
    _invitation, token = make.asked()
    db.session.commit()
    for tap in ("later", "moved", "not-me"):
        hop = client.get(f"/r/{token}/{tap}?l=fr")
        assert (hop.status_code, hop.location.split("?")[0].rpartition("/")[2]) == (303, tap)
        assert token not in hop.location
        page = client.get(hop.location)
        assert page.status_code == 200
        assert 'lang="fr"' in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/r/nobody/later").status_code == 410


def test_a_choice_of_the_mail_is_shown_and_only_sending_records_it(client, make):
    invitation, token = make.asked()
    number = invitation.id
    db.session.commit()
    place = client.get(f"/r/{token}?a=q-use.monthly").location
    page = client.get(place).text
    assert "You chose “Every month”." in page
    assert 'value="monthly" checked' in page
    assert db.session.get(Invitation, number).state is S.SENT
    client.post(place.split("?")[0], data={"q-use": "monthly"})
    db.session.expire_all()
    assert db.session.get(Invitation, number).state is S.ANSWERED


@pytest.mark.parametrize(
    "tap", ["q-use.never-heard", "q-none.1", "q-obstacles.money", "q-use", "a-999.done", "<b>"]
)
def test_a_choice_that_is_not_asked_is_passed_over(client, make, tap):
    _invitation, token = make.asked()
    db.session.commit()
    page = client.get(client.get(f"/r/{token}", query_string={"a": tap}).location)
    assert page.status_code == 200
    assert "You chose" not in page.text
    assert " checked" not in page.text


def test_the_state_of_a_step_is_chosen_in_the_mail_too(client, make):
    enrolment = make.enrolment(state="completed")
    plan = make.planned(enrolment, "Train ten weavers")
    _invitation, token = make.asked(enrolment)
    db.session.commit()
    number = db.session.scalars(sa.select(Activity.id).where(Activity.plan_id == plan.id)).one()
    page = client.get(client.get(f"/r/{token}?a=a-{number}.blocked").location).text
    assert "You chose “Stuck”." in page


def test_a_coordinator_sees_what_she_asked_for(client, asked, make, app):
    invitation, place = asked
    stop = re.search(r'href="http://localhost(/outbox/unsubscribe/[^"]+)"', client.get(place).text)[1]
    client.post(f"{place}/later")
    client.post(f"{place}/moved", data={"post": "Director", "country": "BT"})
    client.post(stop)
    staff = app.test_client()
    staff.sign_in(make.user((invitation.wave.schedule.cohort.theme.programme, Role.COORDINATOR)))
    page = staff.get(f"/followups/invitations/{invitation.id}").text
    for words in ("Asked to be reminded on", "Director, Bhutan", "Asked for no more mail of this kind on"):
        assert words in page
