"""A week before an activity is due its owner hears of it: once, in her hours, and never beside a wave."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from clients import counting
from factories import NOW, deliver

from trainingapp import clock
from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.followups.due import actions as due
from trainingapp.followups.due import queries as due_queries
from trainingapp.followups.due.models import DueLine, DueNotice
from trainingapp.followups.models import InvitationState
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants.models import ContactPoint
from trainingapp.plans import actions as plans
from trainingapp.plans.models import Activity, ActivityState, PlanState
from trainingapp.plans.progress.actions import Said
from trainingapp.plans.progress.models import ProgressUpdate, Source

DAY = timedelta(days=1)
SOON = NOW.date() + 5 * DAY


@pytest.fixture
def plan(make):
    """Approved ten days ago; two activities, one due in five days."""
    enrolment = make.alumna(make.cohort(), "Sita", "sita@example.org")
    since = NOW - 10 * DAY
    made = make.planned(enrolment, "Ring the weavers", "Open a shop", submitted_at=since, approved_at=since)
    first, second = lines(made)
    first.due_on, second.due_on = SOON, NOW.date() + 300 * DAY
    first.first_step = "Find their numbers"
    db.session.commit()
    return made


def lines(plan):
    every = sa.select(Activity).where(Activity.plan_id == plan.id).order_by(Activity.position)
    return db.session.scalars(every).all()


def remind(now=NOW):
    made = sum(due.remind_due(now))
    db.session.commit()
    return made


def mail():
    return db.session.scalars(sa.select(OutgoingEmail)).one()


def unwanted():
    return KINDS["due_activities"].unwanted_because(mail())


def test_it_names_the_activity_in_her_hours_once(plan):
    assert remind() == 1
    email = mail()
    place = calendar.Place("Asia/Kathmandu", frozenset({5}))
    assert email.next_attempt_at == calendar.next_instant(NOW, place, calendar.USUAL)
    assert email.reader == f"participant:{plan.enrolment.participant_id}"
    message = KINDS[email.kind].render(email)
    assert "Ring the weavers" in message.subject
    assert "Open a shop" not in message.text
    assert f"?a=a-{lines(plan)[0].id}.done" in message.html
    assert unwanted() is None
    assert remind(NOW + DAY) == 0


def test_a_day_that_moves_is_another_day(plan):
    remind()
    lines(plan)[0].due_on += 2 * DAY
    db.session.commit()
    assert remind(NOW + 2 * DAY) == 1


def test_several_in_one_mail(plan):
    lines(plan)[1].due_on = SOON
    db.session.commit()
    assert remind() == 1
    assert db.session.scalar(sa.select(sa.func.count(DueLine.id))) == 2
    assert "2 of your activities" in KINDS["due_activities"].render(mail()).subject


def test_a_first_step_is_due_thirty_days_after_the_approval(plan):
    lines(plan)[0].due_on = NOW.date() + 200 * DAY
    plan.approved_at = NOW - 24 * DAY
    db.session.commit()
    assert remind() == 1
    assert "Find their numbers" in KINDS["due_activities"].render(mail()).text
    assert remind(NOW + DAY) == 0


def test_nothing_for_what_is_over_or_whom_nobody_may_write_to(plan, make):
    def stays_silent():
        db.session.commit()
        silent = sum(due.remind_due(NOW)) == 0
        db.session.rollback()
        return silent

    person, first = plan.enrolment.participant, lines(plan)[0]
    for row, name, value in (
        (first, "state", ActivityState.DONE),
        (plan, "state", PlanState.STOPPED),
        (person, "opted_out_at", NOW),
        (person, "deceased_on", NOW.date()),
        (person, "erased_at", NOW),
        (person, "contact_lost_at", NOW),
    ):
        before = getattr(row, name)
        setattr(row, name, value)
        assert stays_silent(), name
        setattr(row, name, before)
    db.session.commit()
    outbox.suppress(digest("sita@example.org"), due_queries.TOPIC, reason="unsubscribed", by="her", now=NOW)
    assert stays_silent()


def test_it_is_asked_again_at_the_last_moment(plan):
    remind()
    person = plan.enrolment.participant
    person.opted_out_at = NOW
    assert unwanted() == "opted out"
    person.opted_out_at = None
    plans.report(plan, Source.SELF, NOW, activities=[(lines(plan)[0], Said(ActivityState.DONE))])
    assert unwanted() == "nothing is due any more"
    plan.state = PlanState.DONE
    assert unwanted() == "plan ended"


def test_a_wave_that_is_near_or_still_writes_goes_first(plan, make):
    schedule = make.schedule(plan.enrolment.cohort)
    wave = make.wave(schedule, opens_on=NOW.date() + 6 * DAY, closes_on=NOW.date() + 30 * DAY)
    db.session.commit()
    assert remind() == 0
    wave.opens_on = NOW.date() + 9 * DAY
    db.session.commit()
    assert remind() == 1


def test_it_keeps_a_week_from_other_mail_and_comes_not_at_all_after_its_day(plan):
    other = {"now": NOW, "language": "en", "about": "x:1", "facts": {}}
    asked = outbox.enqueue(
        "invitation", "i", "sita@example.org", reader=f"participant:{plan.enrolment.participant_id}", **other
    )
    asked.next_attempt_at = NOW - 4 * DAY
    db.session.commit()
    assert remind() == 1
    assert mail_of("due_activities").next_attempt_at >= NOW + 3 * DAY
    db.session.execute(sa.delete(OutgoingEmail).where(OutgoingEmail.kind == "due_activities"))
    db.session.execute(sa.delete(DueNotice))
    asked.next_attempt_at = NOW
    db.session.commit()
    assert remind() == 0


def mail_of(kind):
    return db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == kind)).one()


def test_the_link_of_an_open_wave_is_used_when_it_asks_the_same(plan, make):
    invitation, token = make.asked(plan.enrolment, look_at=None, state=InvitationState.SENT)
    invitation.wave.closes_on = NOW.date() + 3650 * DAY
    db.session.commit()
    assert remind() == 1
    assert f"/r/{token}" in KINDS["due_activities"].render(mail_of("due_activities")).text


def test_the_questions_do_not_grow_with_the_people(make):
    counts = []
    for number in (2, 9):
        for _person in range(number):
            enrolment = make.alumna(make.cohort())
            row = make.planned(enrolment, "Ring", submitted_at=NOW, approved_at=NOW)
            lines(row)[0].due_on = SOON
        db.session.commit()
        with counting() as asked:
            assert sum(due.remind_due(NOW)) == number
        counts.append(len([one for one in asked if "UPDATE due_notices" not in str(one)]))
        db.session.commit()
    assert counts[0] == counts[1]


def test_many_whom_nobody_can_write_to_keep_nobody_waiting(plan, make, monkeypatch):
    monkeypatch.setattr(due, "PIECE", 2)
    for _person in range(3):
        lost = make.planned(make.enrolment(state="completed"), "Ring", submitted_at=NOW, approved_at=NOW)
        lines(lost)[0].due_on = SOON - DAY
        db.session.execute(sa.delete(ContactPoint).where(ContactPoint.value.not_like("sita@%")))
    db.session.commit()
    assert remind() == 1
    assert mail().reader == f"participant:{plan.enrolment.participant_id}"


def test_each_piece_is_read_and_written_by_itself(plan, make, monkeypatch):
    monkeypatch.setattr(due, "PIECE", 2)
    for number in range(4):
        one = make.alumna(make.cohort(), email=f"p{number}@example.org")
        lines(make.planned(one, "Ring", submitted_at=NOW, approved_at=NOW))[0].due_on = SOON
    db.session.commit()
    reminding = due.remind_due(NOW)
    assert next(reminding) == 2
    db.session.commit()
    assert next(reminding) == 2
    db.session.rollback()  # as a worker that is killed
    assert remind() == 3


def link(client, plan):
    remind()
    notice = db.session.scalars(sa.select(DueNotice)).one()
    notice.due_at = clock.now()
    db.session.commit()
    chosen = f"?a=a-{lines(plan)[0].id}.done"
    page = client.get(f"/due/{due_queries.token(notice)}{chosen}", follow_redirects=True)
    return page, page.request.path


def test_a_tap_in_the_mail_is_shown_and_only_sending_reports_it(client, plan):
    page, address = link(client, plan)
    assert "checked" in page.text
    assert db.session.scalars(sa.select(ProgressUpdate)).all() == []
    assert client.post(address, data={}).status_code == 422
    first = lines(plan)[0]
    said = {f"a-{first.id}": "done", f"a-{first.id}-note": "All thirty."}
    for _press in range(2):
        assert client.post(address, data=said).status_code == 303
    assert first.state is ActivityState.DONE
    assert len(db.session.scalars(sa.select(ProgressUpdate)).all()) == 1
    assert "This is in your plan now" in client.get(address).text


def test_a_note_of_a_line_that_was_not_tapped_is_asked_about_and_never_lost(client, plan):
    for line in lines(plan):
        line.due_on = lines(plan)[0].due_on
    _page, address = link(client, plan)
    first, second = lines(plan)[:2]
    said = {f"a-{first.id}": "done", f"a-{second.id}-note": "The bank said no."}
    page = client.post(address, data=said)
    assert page.status_code == 422
    assert "Say also how it stands: your note stays here." in page.text
    assert "The bank said no." in page.text
    assert db.session.scalars(sa.select(ProgressUpdate)).all() == []
    assert client.post(address, data={**said, f"a-{second.id}": "blocked"}).status_code == 303


def test_a_wrong_link_opens_nothing(client, plan):
    assert client.get("/due/wrong").status_code == 410


def test_went_is_noted_and_what_she_hears_is_kept(plan):
    remind()
    deliver(mail(), NOW + DAY)
    assert db.session.scalars(sa.select(DueNotice)).one().sent_at == NOW + DAY
