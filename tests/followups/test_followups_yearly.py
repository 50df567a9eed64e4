"""Still you? Once a year and never twice, in her hours, apart from any other mail, and only to who is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from clients import counting

from trainingapp import clock
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.followups import audience
from trainingapp.followups.models import CheckState, ContactCheck, InvitationState, WaveState
from trainingapp.followups.rescue.models import RescueTask
from trainingapp.followups.yearly import actions as yearly
from trainingapp.followups.yearly import queries as yearly_queries
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactPoint, ContactState, Employment
from trainingapp.programmes.models import Role

DAY = timedelta(days=1)
ENDED = date(2019, 8, 9)
DUE = datetime(2021, 2, 9, 3, 0, tzinfo=UTC)  # 18 months later, a Tuesday


@pytest.fixture
def alumna(make):
    """Of an edition whose schedule is armed; its first yearly day is 9 February 2021."""
    schedule = make.schedule(make.cohort(name="2019 edition"))
    one = make.alumna(schedule.cohort, "Sita Palpali", "sita@example.org")
    db.session.commit()
    list(yearly.ask_due(DUE - 30 * DAY))
    db.session.commit()
    assert schedule.next_check_on == DUE.date()
    return one


def ask(now=DUE):
    asked = sum(yearly.ask_due(now))
    db.session.commit()
    return asked


def check():
    return db.session.scalars(sa.select(ContactCheck)).one()


def email():
    return db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == "still_you")).one()


def deliver(mail, at):
    mail.state, mail.sent_at = EmailState.SENT, at
    KINDS[mail.kind].went(mail)
    db.session.commit()


@pytest.mark.parametrize(
    ("ends_on", "after", "next_on"),
    [
        (ENDED, date(2019, 8, 10), date(2021, 2, 9)),
        (ENDED, date(2021, 2, 9), date(2022, 2, 9)),
        (date(2019, 8, 31), date(2020, 1, 1), date(2021, 2, 28)),
        (date(1999, 8, 9), date(2026, 3, 2), date(2027, 2, 9)),
    ],
)
def test_an_edition_has_one_day_a_year_half_way_between_its_waves(ends_on, after, next_on):
    assert yearly.next_day(ends_on, after) == next_on


def test_she_is_asked_once_in_her_hours(alumna):
    assert ask(DUE - DAY) == 0
    assert ask() == 1
    assert ask() == 0
    assert ask(DUE + 9 * DAY) == 0
    assert check().due_at == datetime(2021, 2, 9, 3, 15, tzinfo=UTC)  # 09:00 in Kathmandu
    assert (email().next_attempt_at, email().state) == (check().due_at, EmailState.QUEUED)
    deliver(email(), check().due_at)
    assert check().state is CheckState.SENT
    assert ask(DUE + 365 * DAY) == 1


def test_what_ends_in_the_middle_has_finished_the_editions_before(alumna, make):
    for number in range(2):
        schedule = make.schedule(make.cohort(), next_check_on=DUE.date() + number * DAY)
        make.alumna(schedule.cohort, email=f"p{number}@example.org")
    db.session.commit()
    later = DUE + 2 * DAY
    asking = yearly.ask_due(later)
    assert [next(asking), next(asking)] == [0, 1]
    db.session.commit()
    next(asking)
    db.session.rollback()
    assert ask(later) == 2
    assert ask(later) == 0


def test_who_took_part_in_two_editions_is_asked_once(alumna, make):
    schedule = make.schedule(make.cohort(ends_on=date(2019, 9, 9)))
    make.enrolment(schedule.cohort, alumna.participant, state=EnrolmentState.COMPLETED)
    schedule.next_check_on = date(2021, 3, 9)
    db.session.commit()
    assert ask() == 1
    assert ask(DUE + 30 * DAY) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda one, _make: setattr(one.participant, "opted_out_at", DUE),
        lambda one, _make: setattr(one.participant, "deceased_on", ENDED),
        lambda one, _make: setattr(one.participant, "erased_at", DUE),
        lambda one, _make: setattr(one.participant, "contact_lost_at", DUE),
        lambda one, _make: setattr(one, "state", EnrolmentState.WITHDRAWN),
        lambda _one, _make: db.session.execute(
            sa.update(ContactPoint).values(state=ContactState.BOUNCED, confirmed_at=None)
        ),
        lambda _one, _make: db.session.execute(sa.update(ContactPoint).values(confirmed_at=DUE - 200 * DAY)),
        lambda _one, _make: outbox.suppress(
            digest("sita@example.org"), "surveys", reason="unsubscribed", by="her", now=DUE
        ),
        lambda one, make: make.add(
            Employment(
                participant_id=one.participant_id,
                organisation="",
                post="Director",
                country="NP",
                told_at=DUE - 100 * DAY,
                before={},
            )
        ),
    ],
    ids=[
        *("opted out", "died", "erased", "lost", "withdrew", "bounced", "confirmed lately"),
        *("unsubscribed", "told us lately"),
    ],
)
def test_who_may_not_or_need_not_be_asked_is_not(alumna, make, change):
    change(alumna, make)
    db.session.commit()
    assert ask() == 0


@pytest.mark.parametrize(
    ("years", "armed", "asked"), [(5, True, 1), (1, True, 0), (0, True, 0), (5, False, 0)]
)
def test_a_schedule_says_for_how_many_years_and_whether_at_all(alumna, make, years, armed, asked):
    schedule = db.session.scalars(sa.select(yearly.Schedule)).one()
    schedule.check_years, schedule.armed_at = years, make.NOW if armed else None
    db.session.commit()
    assert ask() == asked
    assert schedule.next_check_on == date(2022, 2, 9)


def test_who_answered_a_wave_within_the_year_is_left_in_peace(alumna, make):
    invitation, _token = make.asked(alumna, months=12, state=InvitationState.ANSWERED)
    invitation.wave.state, invitation.answered_at = WaveState.CLOSED, DUE - 150 * DAY
    db.session.commit()
    assert ask() == 0


def test_who_never_answered_is_asked_though_waves_wrote(alumna, make):
    invitation, _token = make.asked(alumna, months=12, state=InvitationState.CLOSED)
    invitation.wave.state, invitation.sent_at = WaveState.CLOSED, DUE - 150 * DAY
    db.session.commit()
    assert ask() == 1


def test_it_keeps_a_week_from_every_other_mail_and_they_from_it(alumna, make):
    other = {"now": DUE, "language": "en", "about": "x:1", "facts": {}}
    asked = outbox.enqueue(
        "reminder", "r", "sita@home.example", reader=f"participant:{alumna.participant_id}", **other
    )
    told = outbox.enqueue(
        "plan-approved", "p", "sita@example.org", **other
    )  # she sent the plan: it tires nobody
    asked.state, asked.sent_at = EmailState.SENT, DUE - 3 * DAY
    told.state, told.sent_at = EmailState.SENT, DUE - 1 * DAY
    db.session.commit()
    assert ask() == 1
    assert asked.sent_at + 7 * DAY <= check().due_at < told.sent_at + 7 * DAY
    owner = alumna.participant_id
    assert audience.last_contacts([owner]) == {owner: check().due_at}


def test_what_changed_since_it_was_planned_stops_it(alumna):
    ask()
    unwanted = KINDS["still_you"].unwanted_because
    assert unwanted(email()) is None
    alumna.participant.opted_out_at = DUE
    assert unwanted(email()) == "opted out"
    alumna.participant.opted_out_at = None
    db.session.execute(sa.update(ContactPoint).values(state=ContactState.UNREACHABLE))
    assert unwanted(email()) == "address no longer theirs"


def test_one_that_comes_back_makes_a_task(alumna):
    ask()
    deliver(email(), DUE)
    KINDS["still_you"].bounced(email())
    db.session.commit()
    assert check().state is CheckState.NOT_DELIVERED
    assert db.session.scalars(sa.select(ContactPoint.state)).one() is ContactState.BOUNCED
    assert db.session.scalars(sa.select(RescueTask.cause)).one().value == "bounced"


def test_who_calls_it_spam_is_not_asked_again(alumna):
    ask()
    KINDS["still_you"].complained(email(), DUE)
    db.session.commit()
    assert alumna.participant.opted_out_at == DUE


def test_a_tick_reads_only_the_editions_whose_day_has_come(alumna, make):
    for _each in range(5):
        make.schedule(make.cohort(), next_check_on=date(2030, 1, 1))
    db.session.commit()
    with counting() as asked:
        list(yearly.ask_due(DUE - 20 * DAY))
    assert len(asked) == 2
    plan = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    query = "SELECT id FROM schedules WHERE next_check_on <= '2020-01-01' ORDER BY next_check_on LIMIT 20"
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))  # six rows need no index
    told = " ".join(str(row) for row in db.session.execute(sa.text(f"{plan} {query}")))
    assert "ix_schedules_next_check_on" in told


def test_many_people_cost_no_more_statements(alumna, make):
    schedule = db.session.scalars(sa.select(yearly.Schedule)).one()
    with counting() as few:
        ask()
    for _each in range(20):
        make.alumna(schedule.cohort)
    schedule.next_check_on = DUE.date()
    db.session.commit()
    with counting() as many:
        assert ask() == 20
    assert len(many) <= len(few) + 2


# The page behind it ---------------------------------------------------------------------------------


@pytest.fixture
def page(alumna, client):
    """Its address, in this client; asked today."""
    schedule = db.session.scalars(sa.select(yearly.Schedule)).one()
    schedule.next_check_on, schedule.check_years = clock.today("UTC"), 50
    alumna.post, alumna.organisation = "Officer", "Cottage office"
    db.session.commit()
    assert ask(clock.now()) == 1
    return client.get(f"/still-you/{yearly_queries.token(check())}").location


def test_the_page_shows_what_we_have_and_masks_the_address(client, page):
    text = client.get(page).text
    assert "Sita Palpali, is this still right?" in text
    assert "Cottage office" in text
    assert "s…@example.org" in text
    assert "sita@example.org" not in text
    assert text.count("<button") == 1
    assert check().answered_at is None


def test_one_tap_confirms_and_can_be_taken_back(client, page):
    assert client.post(page, data={"do": "right", "language": "en"}).status_code == 303
    db.session.expire_all()
    assert check().state is CheckState.CONFIRMED
    assert db.session.scalars(sa.select(ContactPoint.confirmed_at)).one() == check().answered_at
    assert email().state is EmailState.CANCELLED
    assert "Thank you, Sita Palpali" in client.get(page).text
    client.post(page, data={"undo": "yes"})
    db.session.expire_all()
    assert (check().state, check().answered_at) == (CheckState.SENT, None)
    assert db.session.scalars(sa.select(ContactPoint.confirmed_at)).one() is None


def test_what_changed_is_told_on_the_same_page(client, page):
    assert 'value="Officer"' in client.get(f"{page}?change=1").text
    assert client.post(page, data={"do": "changed", "country": ""}).status_code == 422
    told = {"do": "changed", "post": "Director", "country": "BT", "email": "sita@union.example"}
    assert client.post(page, data=told).status_code == 303
    db.session.expire_all()
    assert check().state is CheckState.CHANGED
    assert "Director" in client.get(page).text
    assert db.session.scalars(sa.select(Employment.country)).one() == "BT"
    client.post(page, data={"undo": "yes"})
    db.session.expire_all()
    assert db.session.scalars(sa.select(Employment)).all() == []


@pytest.mark.parametrize("second", ["changed", "right"])
def test_a_second_press_says_nothing_more_and_the_first_can_be_taken_back(client, alumna, page, second):
    before = alumna.participant.country
    told = {"post": "Director", "country": "BT", "email": "sita@union.example"}
    client.post(page, data={"do": "changed", **told})
    assert client.post(page, data={"do": second, **told}).status_code == 303
    db.session.expire_all()
    assert check().state is CheckState.CHANGED
    assert len(db.session.scalars(sa.select(Employment)).all()) == 1
    client.post(page, data={"undo": "yes"})
    client.post(page, data={"undo": "yes"})
    db.session.expire_all()
    assert db.session.scalars(sa.select(Employment)).all() == []
    assert alumna.participant.country == before
    assert db.session.scalars(sa.select(ContactPoint.normalised)).all() == ["sita@example.org"]


def test_its_token_opens_nothing_else_and_nothing_else_opens_it(client, page, make, app):
    token = yearly_queries.token(check())
    assert client.get(f"/r/{token}").status_code == 410
    _invitation, other = make.asked()
    db.session.commit()
    assert client.get(f"/still-you/{other}").status_code == 410
    assert app.test_client().get(page).status_code == 410
    assert "Send a new link" not in client.get("/still-you/nobody").text


def test_the_index_counts_what_came_of_it(client, page, make):
    programme = check().enrolment.cohort.theme.programme
    client.post(page, data={"do": "right"})
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    text = client.get("/followups/").text
    assert "Still you?" in text
    assert "<dt>Confirmed</dt><dd>1<small>of 1</small></dd>" in text
    cohort = check().enrolment.cohort
    rules = f"/followups/cohorts/{cohort.id}/rules"
    assert "still you" in client.get(rules).text
    typed = {"from_hour": 9, "to_hour": 16, "reminder_days": "10, 17", "open_days": 28, "check_years": 0}
    client.post(rules, data=typed)
    db.session.expire_all()
    assert db.session.scalars(sa.select(yearly.Schedule.check_years)).one() == 0
