"""Editions and their lists, through the browser's eyes."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import openpyxl
import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts import actions, queries
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentKind, EnrolmentState
from trainingapp.db import db
from trainingapp.participants import actions as people
from trainingapp.participants.models import ContactKind, Participant
from trainingapp.plans.models import ActionPlan, PlanState
from trainingapp.programmes.models import Programme, Role

ENROLMENT = {"kind": "official", "mode": "in_person", "funding": "full", "country": "NP"}
NEW = {**ENROLMENT, "full_name": "Sita Marigold", "language": "en", "sex": "unstated"}


@pytest.fixture
def cohort(make):
    """Its id: signing in ends the session that made it."""
    made = make.cohort(capacity=100)
    db.session.commit()
    return made.id


def sign_in(client, make, cohort_id, role=Role.ORGANISER):
    programme = db.session.get_one(Cohort, cohort_id).theme.programme
    client.sign_in(make.user((programme, role)))


@pytest.fixture
def organiser(client, make, cohort):
    sign_in(client, make, cohort)


def enrolled(make, cohort_id, name, **facts):
    person = people.add(name, facts.get("country", "NP"), NOW)
    made = make.enrolment(db.session.get_one(Cohort, cohort_id), person, **facts)
    actions.index(Enrolment.id == made.id)
    return made.id


def fields(**more):
    return {
        "name": "2026 edition",
        "starts_on": "2026-08-03",
        "ends_on": "2026-08-14",
        "time_zone": "Jakarta",
        "mode": "hybrid",
        "capacity": "24",
        "places_per_country": "2",
        "places-0-name": "Bali",
        "places-0-time_zone": "Asia/Makassar",
        "quotas-0-country": "Burma",
        "quotas-0-places": "3",
        "partners-0-name": "Ministry of Industry",
        "partners-0-role": "owner",
        **more,
    }


def test_an_edition_is_set_up_with_places_quotas_and_partners(client, organiser, cohort):
    theme = db.session.get_one(Cohort, cohort).theme_id
    answer = client.post(f"/cohorts/new?theme={theme}", data=fields(theme_id=theme))
    assert answer.status_code == 302
    made = db.session.scalars(sa.select(Cohort).where(Cohort.name == "2026 edition")).one()
    assert (made.time_zone, made.state) == ("Asia/Jakarta", CohortState.DRAFT)
    assert [place.time_zone for place in queries.places(made)] == ["Asia/Makassar"]
    assert [(quota.country, quota.places) for quota in queries.quotas(made)] == [("MM", 3)]
    assert client.get(answer.location).status_code == 200


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        ({"ends_on": "2026-08-01"}, "comes before the first"),
        ({"time_zone": "Moon/Base"}, "not a time zone we know"),
        ({"places-0-time_zone": "Nowhere"}, "not a time zone we know"),
        ({"quotas-0-country": "Atlantis"}, "do not know a country"),
        ({"quotas-0-places": ""}, "how many places"),
        ({"quotas-1-country": "Myanmar", "quotas-1-places": "1"}, "Written twice"),
        ({"capacity": "0"}, "from 1 to"),
        ({"name": ""}, "Name the edition"),
    ],
)
def test_a_slip_is_said_at_its_place_and_keeps_the_rest(client, organiser, cohort, slip, sentence):
    theme = db.session.get_one(Cohort, cohort).theme_id
    answer = client.post(f"/cohorts/new?theme={theme}", data=fields(theme_id=theme, **slip))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Ministry of Industry" in answer.text


def test_one_more_line_saves_nothing_and_loses_nothing(client, organiser, cohort):
    page = client.post(f"/cohorts/{cohort}/edit", data=fields(more="places"))
    assert page.status_code == 200
    assert "places-1-name" in page.text
    assert "Bali" in page.text
    assert queries.places(db.session.get_one(Cohort, cohort)) == []


def test_an_edit_that_came_too_late_wins_only_after_a_second_look(client, organiser, cohort):
    row = db.session.get_one(Cohort, cohort)
    data = fields(theme_id=row.theme_id, version=row.version)
    assert client.post(f"/cohorts/{cohort}/edit", data=data).status_code == 302
    late = client.post(f"/cohorts/{cohort}/edit", data={**data, "name": "Later"})
    assert late.status_code == 409
    assert 'value="Later"' in late.text
    version = db.session.get_one(Cohort, cohort).version
    assert f'name="version" type="hidden" value="{version}"' in late.text


def test_a_partner_added_meanwhile_is_not_thrown_out(client, organiser, cohort):
    row = db.session.get_one(Cohort, cohort)
    data = fields(theme_id=row.theme_id, version=row.version)
    client.post(f"/cohorts/{cohort}/edit", data=data)
    seen = {**data, "version": db.session.get_one(Cohort, cohort).version}
    added = {"partners-1-name": "Colombo Plan", "partners-1-role": "funder"}
    assert client.post(f"/cohorts/{cohort}/edit", data={**seen, **added}).status_code == 302
    assert client.post(f"/cohorts/{cohort}/edit", data=seen).status_code == 409
    assert len(queries.partners(db.session.get_one(Cohort, cohort))) == 2
    again = {**seen, **added, "version": db.session.get_one(Cohort, cohort).version}
    client.post(f"/cohorts/{cohort}/edit", data=again)
    assert db.session.get_one(Cohort, cohort).version == again["version"], "nothing changed"


def test_of_two_edits_at_once_one_is_told(app, client, make, cohort):
    row = db.session.get_one(Cohort, cohort)
    data, programme = fields(theme_id=row.theme_id, version=row.version), row.theme.programme
    browsers = []
    for _each in range(2):
        browser = app.test_client()
        browser.sign_in(make.user((programme, Role.ORGANISER)))
        browsers.append(browser)
    begin = Barrier(2)

    def save(number):
        begin.wait()
        with app.app_context():
            return browsers[number].post(f"/cohorts/{cohort}/edit", data={**data, "name": f"Edit {number}"})

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(save, range(2)))
    assert sorted(answer.status_code for answer in answers) == [302, 409]


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
def test_an_edition_is_of_our_time(client, organiser, cohort, day):
    theme = db.session.get_one(Cohort, cohort).theme_id
    answer = client.post(
        f"/cohorts/new?theme={theme}", data=fields(theme_id=theme, ends_on=day, starts_on=day)
    )
    assert answer.status_code == 422
    assert "Write a year between 1900 and 2100." in answer.text


def test_a_cancellation_asks_why(client, organiser, cohort):
    data = {"state": "cancelled", "on": "2026-03-02", "reason": ""}
    assert client.post(f"/cohorts/{cohort}/state", data=data).status_code == 422
    assert client.post(f"/cohorts/{cohort}/state", data={**data, "reason": "No budget"}).status_code == 302
    assert "No budget" in client.get(f"/cohorts/{cohort}").text


def test_another_programmes_edition_does_not_exist(client, make, organiser):
    theirs = make.cohort()
    row = make.enrolment(theirs)
    db.session.commit()
    number, row_number, person = theirs.id, row.id, row.participant_id
    for address in ("", "/edit", "/state", "/enrolments", "/enrolments/new", f"/enrolments/new/{person}"):
        assert client.get(f"/cohorts/{number}{address}").status_code == 404
    assert client.post(f"/cohorts/{number}/enrolments/download.csv").status_code == 404
    assert client.get(f"/cohorts/enrolments/{row_number}").status_code == 404
    assert client.post(f"/cohorts/{number}/enrolments/change", data={"do": "join"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.COORDINATOR, {"": 200, "/enrolments": 200, "/enrolments/new": 403, "/edit": 403}),
        (Role.VIEWER, {"": 200, "/enrolments": 403, "/enrolments/new": 403, "/edit": 403}),
        (Role.REVIEWER, {"": 403, "/enrolments": 403}),
    ],
)
def test_each_role_sees_its_own_part(client, make, cohort, role, expected):
    enrolled(make, cohort, "Sita Marigold")
    db.session.commit()
    sign_in(client, make, cohort, role)
    assert {path: client.get(f"/cohorts/{cohort}{path}").status_code for path in expected} == expected
    if role == Role.VIEWER:
        assert "Sita" not in client.get(f"/cohorts/{cohort}").text


def test_the_list_filters_searches_and_sorts(client, make, organiser, cohort):
    enrolled(make, cohort, "Sita Marigold", organisation="Cottage Industry Board")
    enrolled(make, cohort, "Dorji Lantern", country="BT", kind=EnrolmentKind.ENTREPRENEUR)
    enrolled(make, cohort, "Keo Riverstone", country="LA", state=EnrolmentState.WITHDRAWN)
    db.session.commit()

    def shown(asked):
        page = client.get(f"/cohorts/{cohort}/enrolments?{asked}")
        assert page.status_code == 200
        body = page.text.partition("<tbody>")[2]
        names = [name for name in ("Sita", "Dorji", "Keo") if name in body]
        return sorted(names, key=body.index)

    assert shown("") == ["Dorji", "Keo", "Sita"]
    assert shown("desc=1") == ["Sita", "Keo", "Dorji"]
    assert shown("sort=country") == ["Dorji", "Keo", "Sita"]
    assert shown("country=NP&country=LA") == ["Keo", "Sita"]
    assert shown("kind=entrepreneur") == ["Dorji"]
    assert shown("state=withdrawn") == ["Keo"]
    assert shown("q=mari") == shown("q=cottage") == shown("q=Nepal") == ["Sita"]
    assert shown("reach=none") == ["Dorji", "Keo", "Sita"]
    assert shown("q=nobody") == []
    assert shown("sort=nonsense&country=zz&state=x&after=odd") == ["Dorji", "Keo", "Sita"]


def test_what_is_downloaded_is_what_is_shown_and_harmless(client, make, organiser, cohort):
    enrolled(make, cohort, "=cmd()", organisation="+1")
    enrolled(make, cohort, "Dorji", country="BT")
    db.session.commit()
    address = f"/cohorts/{cohort}/enrolments/download"
    text = client.post(f"{address}.csv?country=NP").data.decode("utf-8-sig")
    assert "'=cmd()" in text
    assert "'+1" in text
    assert "Dorji" not in text
    book = openpyxl.load_workbook(io.BytesIO(client.post(f"{address}.xlsx?q=dorji").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["Name", "Dorji"]
    verbs = db.session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs[-2:] == ["people exported"] * 2
    assert client.post(f"{address}.pdf").status_code == 404


def test_many_are_changed_after_a_look_at_what_would_change(client, make, organiser, cohort):
    rows = [enrolled(make, cohort, f"Sita {number}") for number in range(3)]
    gone = enrolled(make, cohort, "Keo Gone", state=EnrolmentState.WITHDRAWN)
    db.session.commit()
    data = {"do": "withdraw", "id": [*rows[:2], gone]}
    address = f"/cohorts/{cohort}/enrolments/change"
    preview = client.post(address, data=data)
    assert preview.status_code == 200
    assert "2 people" in preview.text
    assert "Keo Gone (Withdrawn)" in preview.text
    unexplained = client.post(address, data={**data, "confirmed": "1"})
    assert unexplained.status_code == 422
    assert states()[EnrolmentState.WITHDRAWN] == 1
    done = client.post(address, data={**data, "confirmed": "1", "reason": "No visa"})
    assert done.status_code == 302
    assert states()[EnrolmentState.WITHDRAWN] == 3


def states():
    rows = db.session.scalars(sa.select(Enrolment.state)).all()
    return {state: rows.count(state) for state in set(rows)}


def test_everyone_the_filters_find_is_changed_at_once(client, make, organiser, cohort):
    for number in range(55):
        enrolled(make, cohort, f"Sita {number}")
    enrolled(make, cohort, "Dorji", country="BT")
    db.session.commit()
    data = {"do": "complete", "all": "1", "confirmed": "1"}
    assert client.post(f"/cohorts/{cohort}/enrolments/change?country=NP", data=data).status_code == 302
    assert states() == {EnrolmentState.COMPLETED: 55, EnrolmentState.ENROLLED: 1}


def test_nobody_selected_and_an_unknown_verb_are_said(client, organiser, cohort):
    address = f"/cohorts/{cohort}/enrolments/change"
    assert "Nobody was selected" in client.post(address, data={"do": "join"}).text
    assert client.post(address, data={"do": "delete"}).status_code == 400


def test_someone_of_an_earlier_year_is_found_and_enrolled_once(client, make, organiser, cohort):
    person = people.add("Sita Marigold", "NP", NOW, passport_name="COPPERLEAF SITA")
    db.session.commit()
    number = person.id
    found = client.get(f"/cohorts/{cohort}/enrolments/new?q=copperleaf").text
    address = f"/cohorts/{cohort}/enrolments/new/{number}"
    assert address in found
    fragment = client.get(f"/participants/search?fragment=1&cohort={cohort}&q=sita").text
    assert address in fragment
    assert "<html" not in fragment
    assert client.post(address, data=ENROLMENT).status_code == 302
    again = client.post(address, data=ENROLMENT)
    assert again.status_code == 422
    assert "already in this edition" in again.text


def test_a_new_person_is_added_and_enrolled_in_one_step(client, organiser, cohort):
    address = f"/cohorts/{cohort}/enrolments/new/person"
    assert client.post(address, data={**NEW, "email": "sita@example.org"}).status_code == 302
    asked = client.post(address, data={**NEW, "full_name": "Marigold Sita"})
    assert asked.status_code == 409
    assert "Is it one of these?" in asked.text
    assert "already in this edition" in asked.text
    taken = client.post(address, data={**NEW, "email": "sita@example.org", "new": "1"})
    assert taken.status_code == 422
    assert "already belongs" in taken.text
    assert len(db.session.scalars(sa.select(Participant)).all()) == 1


def test_a_full_edition_leaves_no_half_added_person(client, organiser, cohort):
    db.session.get_one(Cohort, cohort).capacity = 1
    db.session.commit()
    address = f"/cohorts/{cohort}/enrolments/new/person"
    assert client.post(address, data={**NEW, "full_name": "Dorji Lantern"}).status_code == 302
    full = client.post(address, data=NEW)
    assert full.status_code == 422
    assert "The only place is taken" in full.text
    assert len(db.session.scalars(sa.select(Participant)).all()) == 1


def test_an_enrolment_is_corrected(client, make, organiser, cohort):
    row = enrolled(make, cohort, "Sita")
    db.session.commit()
    data = {**ENROLMENT, "post": "Director", "version": "1"}
    assert client.post(f"/cohorts/enrolments/{row}", data=data).status_code == 302
    assert db.session.get_one(Enrolment, row).post == "Director"
    assert client.post(f"/cohorts/enrolments/{row}", data=data).status_code == 409


@pytest.mark.parametrize(
    ("method", "page"),
    [
        *(("GET", "/enrolments"), ("GET", ""), ("GET", "/enrolments/new?q=sita")),
        ("POST", "/enrolments/download.csv"),
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(client, make, organiser, cohort, method, page):
    def more(many):
        for number in range(many):
            row = enrolled(make, cohort, f"Sita {many} {number}")
            make.add(ActionPlan(enrolment_id=row, state=PlanState.APPROVED, saved_at=NOW))
        db.session.commit()

    more(2)
    few = client.statements(f"/cohorts/{cohort}{page}", method)
    more(60)
    assert client.statements(f"/cohorts/{cohort}{page}", method) == few


def test_an_empty_edition_says_what_to_do_first(client, organiser, cohort):
    for page in ("", "/enrolments"):
        assert "Nobody is enrolled yet" in client.get(f"/cohorts/{cohort}{page}").text


def test_the_overview_says_who_cannot_be_reached(client, make, organiser, cohort):
    row = enrolled(make, cohort, "Sita Marigold")
    db.session.commit()
    assert "1 person cannot be reached by email" in client.get(f"/cohorts/{cohort}").text
    people.add_contact(db.session.get_one(Enrolment, row).participant, ContactKind.EMAIL, "s@example.org")
    db.session.commit()
    assert "cannot be reached" not in client.get(f"/cohorts/{cohort}").text


def test_the_first_page_differs(client, make, cohort):
    assert "/accounts/sign-in" in client.get("/").location
    sign_in(client, make, cohort)
    assert client.get("/").location.endswith("/programmes/")
    client.sign_in(make.user())
    assert client.get("/").location.split("/")[1] in {"plans", "accounts"}
    assert db.session.scalars(sa.select(Programme)).all()
