import io
from datetime import date, timedelta
from html import unescape

import openpyxl
import pytest
import sqlalchemy as sa
import ticking

from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups import actions
from trainingapp.followups.models import (
    ContactAttempt,
    Invitation,
    InvitationState,
    Schedule,
    Wave,
    WaveState,
)
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.programmes.models import Role
from trainingapp.surveys.models import Anonymity

DAY = timedelta(days=1)


@pytest.fixture
def now(make, time_machine_at):
    return make.NOW


@pytest.fixture
def time_machine_at(make):
    import time_machine

    with time_machine.travel(make.NOW, tick=False):
        yield


class Fresh:
    """A row read again whenever it is asked, because each request ends the session it was read in."""

    def __init__(self, row):
        self.__dict__.update(kind=type(row), number=row.id)

    def __getattr__(self, name):
        return getattr(db.session.get(self.kind, self.number), name)

    def __setattr__(self, name, value):
        setattr(db.session.get(self.kind, self.number), name, value)


@pytest.fixture
def wave(make):
    """Open since a moment ago, with Sita in Kathmandu and Farida, who has no address."""
    made = make.wave(make.schedule(make.cohort(ends_on=date(2025, 9, 2))))
    make.alumna(made.schedule.cohort, "Sita Palpali", "sita@example.org")
    make.alumna(made.schedule.cohort, "Farida Herati", None, country="AF")
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    db.session.commit()
    return Fresh(made)


def programme_of(wave):
    return wave.schedule.cohort.theme.programme


@pytest.fixture
def coordinator(make, client, wave, now):
    user = make.user((programme_of(wave), Role.COORDINATOR), name="Devi Northstar")
    client.sign_in(user)
    return client


def of(name):
    query = sa.select(Invitation).join(Invitation.enrolment).where(sa.column("sort_name") == name.lower())
    return Fresh(db.session.scalars(query).one())


def text(page):
    return unescape(page.get_data(as_text=True))


def test_the_ledger_shows_each_edition_and_wave_with_k_of_n(coordinator, wave):
    page = coordinator.get("/followups/")
    assert page.status_code == 200
    assert "0 of 2" in text(page)
    assert wave.schedule.cohort.name in text(page)


def test_the_ledger_needs_the_same_queries_for_two_editions_and_for_thirty(make, coordinator, wave):
    counts = []
    for _round in range(2):
        counts.append(coordinator.statements("/followups/"))
        for _number in range(30):
            theme = make.theme(programme_of(wave))
            make.wave(make.schedule(make.cohort(theme)), version=wave.survey_version)
        db.session.commit()
    assert counts[0] == counts[1]


def test_a_wave_needs_the_same_queries_for_two_people_and_for_sixty(make, coordinator, wave):
    longer = make.wave(wave.schedule, offset_months=9, version=wave.survey_version).id
    for _number in range(58):
        make.alumna(wave.schedule.cohort)
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    db.session.commit()
    few = coordinator.statements(f"/followups/waves/{wave.id}")
    assert coordinator.statements(f"/followups/waves/{longer}") == few


def test_another_programmes_wave_is_not_said_to_exist(make, client, wave, now):
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    for path in (
        f"/followups/waves/{wave.id}",
        f"/followups/cohorts/{wave.schedule.cohort_id}",
        f"/followups/invitations/{of('sita palpali').id}",
        f"/followups/cohorts/{wave.schedule.cohort_id}/test-clock",
        f"/followups/waves/{wave.id}/edit",
    ):
        assert client.get(path).status_code == 404
    assert wave.schedule.cohort.name not in text(client.get("/followups/"))


def test_an_organiser_sees_and_does_not_send(make, client, wave, now):
    client.sign_in(make.user((programme_of(wave), Role.ORGANISER)))
    page = client.get(f"/followups/waves/{wave.id}")
    assert page.status_code == 200
    assert "Send now" not in text(page)
    assert client.post(f"/followups/waves/{wave.id}/send", data={"all": "1"}).status_code == 403


def test_a_schedule_is_made_changed_and_armed(make, client, now):
    cohort = make.cohort(ends_on=date(2026, 2, 27))
    version = make.survey_version(cohort.theme.programme)
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    place = f"/followups/cohorts/{cohort.id}"
    assert "No schedule yet" in text(client.get(place))
    client.post(f"{place}/make")
    waves = db.session.scalars(sa.select(Wave).order_by(Wave.offset_months)).all()
    assert [wave.offset_months for wave in waves] == [0, 1, 3, 6, 12, 24]
    assert [str(wave.opens_on) for wave in waves][-2:] == ["2027-02-27", "2028-02-27"]
    changed = client.post(
        f"/followups/waves/{waves[2].id}/edit",
        data={
            "survey_version_id": version.id,
            "opens_on": "2026-06-01",
            "closes_on": "2026-06-30",
            "version": 1,
        },
    )
    assert changed.status_code == 302
    client.post(f"/followups/waves/{waves[0].id}/remove")
    client.post(f"{place}/arm")
    db.session.expire_all()
    assert db.session.scalars(sa.select(Schedule)).one().armed_at == make.NOW
    assert waves[2].opens_on == date(2026, 6, 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Wave)) == 5
    page = text(client.get(place))
    assert "1 Jun 2026" in page
    assert "Disarm" in page


def test_no_usual_wave_is_made_for_an_edition_of_long_ago(make, client, now):
    cohort = make.cohort(ends_on=date(2006, 8, 9))
    make.survey_version(cohort.theme.programme)
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    client.post(f"/followups/cohorts/{cohort.id}/make")
    assert "lies in the past" in text(client.get(f"/followups/cohorts/{cohort.id}"))
    assert not db.session.scalars(sa.select(Wave)).all()


def test_without_a_questionnaire_a_schedule_is_refused_in_a_sentence(make, client, now):
    cohort = make.cohort()
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    refused = client.post(f"/followups/cohorts/{cohort.id}/make")
    assert refused.status_code == 409
    assert "Publish a questionnaire" in text(refused)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"from_hour": "16", "to_hour": "9"}, "later than the first"),
        ({"reminder_days": "10, 17, 24"}, "At most two reminders"),
        ({"reminder_days": "soon"}, "whole numbers of days"),
        ({"reminder_days": "1" * 5000}, "whole numbers of days"),
        ({"reminder_days": "2"}, "at least 7 days"),
    ],
)
def test_odd_rules_are_refused_where_they_stand(coordinator, wave, typed, sentence):
    data = {"from_hour": "9", "to_hour": "16", "reminder_days": "10, 17", "open_days": "28"}
    data |= {"uncertain_rule": "hold", **typed}
    page = coordinator.post(f"/followups/cohorts/{wave.schedule.cohort_id}/rules", data=data)
    assert page.status_code == 422
    assert sentence in text(page)


def test_rules_are_saved(coordinator, wave):
    place = f"/followups/cohorts/{wave.schedule.cohort_id}/rules"
    assert "10, 17" in text(coordinator.get(place))
    data = {"from_hour": "8", "to_hour": "12", "reminder_days": "14", "open_days": "30"}
    data["uncertain_rule"] = "send_once_more"
    assert coordinator.post(place, data=data).status_code == 302
    db.session.expire_all()
    assert (wave.schedule.from_hour, wave.schedule.reminder_days) == (8, [14])


def test_a_stale_edit_keeps_what_was_typed(coordinator, wave):
    wave.closes_on += DAY
    db.session.commit()
    data = {
        "survey_version_id": wave.survey_version_id,
        "opens_on": str(wave.opens_on),
        "closes_on": "2026-05-05",
        "version": "1",
    }
    page = coordinator.post(f"/followups/waves/{wave.id}/edit", data=data)
    assert page.status_code == 409
    assert "2026-05-05" in text(page)
    assert "Someone else changed this" in text(page)


def test_a_second_wave_at_one_offset_is_refused(coordinator, wave):
    data = {
        "offset_months": "6",
        "survey_version_id": wave.survey_version_id,
        "opens_on": "2026-09-02",
        "closes_on": "2026-09-30",
    }
    page = coordinator.post(f"/followups/cohorts/{wave.schedule.cohort_id}/waves/new", data=data)
    assert page.status_code == 422
    assert "already" in text(page)


def test_a_wave_is_held_with_its_reason_and_resumed(coordinator, wave):
    place = f"/followups/waves/{wave.id}"
    assert "Hold this wave?" in text(coordinator.get(f"{place}/hold"))
    assert coordinator.post(f"{place}/hold", data={"why": ""}).status_code == 422
    coordinator.post(f"{place}/hold", data={"why": "Wrong questions"})
    db.session.expire_all()
    assert wave.state is WaveState.HELD
    assert db.session.scalars(sa.select(OutgoingEmail.state)).all() == [EmailState.HELD]
    assert "Wrong questions" in text(coordinator.get(place))
    coordinator.post(f"{place}/resume")
    db.session.expire_all()
    assert wave.state is WaveState.OPEN
    assert db.session.scalars(sa.select(OutgoingEmail.state)).all() == [EmailState.QUEUED]


def test_a_cancelled_wave_takes_its_waiting_mails_with_it(coordinator, wave):
    coordinator.post(f"/followups/waves/{wave.id}/cancel", data={"why": "The edition was repeated"})
    db.session.expire_all()
    assert wave.state is WaveState.CANCELLED
    assert db.session.scalars(sa.select(OutgoingEmail.state)).all() == [EmailState.CANCELLED]
    assert {one.state for one in db.session.scalars(sa.select(Invitation))} == {InvitationState.CLOSED}


def test_the_wave_page_says_how_far_it_got_and_what_happens_next(coordinator, wave):
    page = text(coordinator.get(f"/followups/waves/{wave.id}"))
    assert "Sita Palpali" in page
    assert "2 Mar 2026, 14:45" in page
    assert "in Kathmandu" in page
    assert "1 has no address" in page
    assert "No working email address" in page


@pytest.mark.parametrize(
    ("segment", "names"),
    [("all", {"Sita", "Farida"}), ("not_reached", {"Farida"}), ("not_opened", {"Sita"}), ("answered", set())],
)
def test_segments_part_the_people(coordinator, wave, segment, names):
    page = text(coordinator.get(f"/followups/waves/{wave.id}?show={segment}")).split('id="left-out"')[0]
    assert {name for name in ("Sita", "Farida") if f'aria-label="Select {name}' in page} == names


def test_a_long_wave_is_paged_by_name(make, coordinator, wave):
    more = make.wave(wave.schedule, offset_months=9, version=wave.survey_version)
    for number in range(60):
        make.alumna(wave.schedule.cohort, f"Person {number:02}")
    db.session.commit()
    ticking.open_due_waves(make.NOW)
    db.session.commit()
    first = text(coordinator.get(f"/followups/waves/{more.id}"))
    assert "Person 40" in first
    assert "Person 59" not in first
    following = first.split("Next people")[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Person 59" in text(coordinator.get(following))


def test_send_now_skips_the_hours(coordinator, wave, make):
    email = db.session.scalars(sa.select(OutgoingEmail)).one()
    email.next_attempt_at = make.NOW + 3 * DAY
    db.session.commit()
    coordinator.post(f"/followups/waves/{wave.id}/send", data={"all": "1"})
    db.session.expire_all()
    assert email.next_attempt_at == make.NOW


def test_before_many_get_mail_at_once_it_is_said_how_many(make, coordinator, wave):
    planned = make.wave(
        wave.schedule, offset_months=12, opens_on=date(2026, 9, 4), version=wave.survey_version
    ).id
    db.session.commit()
    assert "1 message waits" in text(coordinator.get(f"/followups/waves/{wave.id}/send"))
    page = text(coordinator.get(f"/followups/waves/{planned}/send"))
    assert "planned for 4 Sep 2026" in page
    assert "Send to 1 person" in page
    assert db.session.get(Wave, planned).state is WaveState.PLANNED


def test_sending_again_replaces_the_link(coordinator, wave, make):
    sita = of("sita palpali")
    sita.state, sita.sent_at, sita.next_at = InvitationState.SENT, make.NOW, None
    before = sita.token_hash
    db.session.commit()
    coordinator.post(f"/followups/waves/{wave.id}/send", data={"id": [sita.id, of("farida herati").id]})
    db.session.expire_all()
    assert (sita.link_number, sita.token_hash != before) == (2, True)
    keys = db.session.scalars(sa.select(OutgoingEmail.dedupe_key).order_by(OutgoingEmail.id)).all()
    assert keys[-1] == f"invitation:{sita.id}:again:2"


def test_an_answered_invitation_is_not_sent_again(coordinator, wave, make):
    sita = of("sita palpali")
    actions.note_answered(sita, make.NOW)
    db.session.commit()
    refused = coordinator.post(f"/followups/invitations/{sita.id}/send")
    assert refused.status_code == 409
    assert "answered or declined" in text(refused)


def test_an_attempt_to_reach_someone_is_recorded(coordinator, wave):
    farida = of("farida herati")
    data = {"channel": "phone", "outcome": "call_again", "note": "After Nowruz"}
    coordinator.post(f"/followups/invitations/{farida.id}/attempts", data=data)
    assert db.session.scalars(sa.select(ContactAttempt.note)).all() == ["After Nowruz"]
    page = text(coordinator.get(f"/followups/invitations/{farida.id}"))
    assert "After Nowruz" in page
    assert "Devi Northstar" in page


def test_who_declines_on_the_telephone_is_left_in_peace(coordinator, wave):
    sita = of("sita palpali")
    data = {"channel": "phone", "outcome": "declined", "note": ""}
    coordinator.post(f"/followups/invitations/{sita.id}/attempts", data=data)
    db.session.expire_all()
    assert sita.state is InvitationState.DECLINED
    assert db.session.scalars(sa.select(OutgoingEmail.state)).all() == [EmailState.CANCELLED]


def test_a_corrected_address_gets_the_invitation_at_once(coordinator, wave, make):
    farida = of("farida herati")
    coordinator.post(f"/followups/invitations/{farida.id}/address", data={"email": "Farida@Example.org"})
    email = db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
    assert (email.address, email.next_attempt_at) == ("farida@example.org", make.NOW)
    assert email.about == f"invitation:{farida.id}"


@pytest.mark.parametrize("typed", ["farida@", "sita@example.org"])
def test_an_address_that_is_wrong_or_taken_is_refused_at_its_field(coordinator, wave, typed):
    farida = of("farida herati")
    page = coordinator.post(f"/followups/invitations/{farida.id}/address", data={"email": typed})
    assert page.status_code == 422
    assert f'value="{typed}"' in text(page)
    assert 'aria-invalid="true"' in text(page)


def test_someone_completed_later_can_still_be_asked(make, coordinator, wave):
    late = make.alumna(wave.schedule.cohort, "Bounmy", "bounmy@example.org")
    from trainingapp.followups.models import LeftOut

    left_out = make.add(LeftOut(wave_id=wave.id, enrolment_id=late.id, reason="not_completed"))
    db.session.commit()
    assert "Ask now" in text(coordinator.get(f"/followups/waves/{wave.id}"))
    coordinator.post(f"/followups/left-out/{left_out.id}/let-in")
    assert of("bounmy").address == "bounmy@example.org"


def test_the_test_clock_shows_who_gets_what_and_writes_nothing(make, coordinator, wave):
    later = make.wave(
        wave.schedule,
        offset_months=12,
        opens_on=date(2026, 9, 4),
        closes_on=date(2026, 10, 2),
        version=wave.survey_version,
    )
    db.session.commit()
    rows = sa.select(sa.func.count()).select_from(OutgoingEmail)
    before = db.session.scalar(rows)
    page = text(coordinator.get(f"/followups/cohorts/{wave.schedule.cohort_id}/test-clock?at=12"))
    assert "4 Sep 2026, 09:00" in page
    assert "Farida Herati" in page
    assert "No working email address" in page
    assert db.session.scalar(rows) == before
    assert later.state is WaveState.PLANNED


def test_the_ledger_is_exported(coordinator, wave):
    lines = text(coordinator.post("/followups/ledger.csv")).splitlines()
    assert lines[1].split(",")[2:5] == ["6", "2026-03-02", "2026-03-30"]
    book = openpyxl.load_workbook(io.BytesIO(coordinator.post("/followups/ledger.xlsx").data))
    assert book.active.max_row == 2


def test_the_people_of_a_wave_are_exported(coordinator, wave):
    lines = text(coordinator.post(f"/followups/waves/{wave.id}/people.csv")).splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["Farida Herati", "Sita Palpali"]
    verbs = db.session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs[-1] == "people exported"


@pytest.mark.parametrize("place", ["waves/new", "edit"])
def test_a_questionnaire_that_promises_anonymity_and_asks_for_activities_is_refused(
    make, coordinator, wave, place
):
    row = db.session.get_one(Wave, wave.id)
    programme = row.schedule.cohort.theme.programme
    secret = make.survey_version(programme, anonymity=Anonymity.ANONYMOUS, asks_progress=True).id
    address = f"/followups/cohorts/{row.schedule.cohort_id}/waves/new"
    if place == "edit":
        row.opened_at = None
        address = f"/followups/waves/{row.id}/edit"
    db.session.commit()
    data = {
        "survey_version_id": secret,
        "offset_months": 9,
        "opens_on": "2026-06-02",
        "closes_on": "2026-06-30",
    }
    page = coordinator.post(address, data=data)
    assert page.status_code == 422
    assert "promises anonymity" in page.text


def test_no_schedule_is_made_of_questionnaires_that_cannot_keep_their_promise(make, client, now):
    cohort = make.cohort()
    make.survey_version(cohort.theme.programme, anonymity=Anonymity.ANONYMOUS, asks_progress=True)
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    page = client.post(f"/followups/cohorts/{cohort.id}/make")
    assert page.status_code == 409
    assert "promises anonymity" in page.text
