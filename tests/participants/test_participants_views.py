"""The directory and one person's page, through the browser's eyes."""

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.participants import actions
from trainingapp.participants.models import ContactKind, ContactPoint, Participant
from trainingapp.programmes.models import Programme, Role

NEW = {"full_name": "Sita Marigold", "country": "NP", "language": "en", "sex": "unstated"}


@pytest.fixture
def programme(make):
    """Its id: signing in ends the session that made it."""
    made = make.programme()
    db.session.commit()
    return made.id


@pytest.fixture
def organiser(client, make, programme):
    sign_in(client, make, programme, Role.ORGANISER)


def sign_in(client, make, programme, role):
    client.sign_in(make.user((db.session.get_one(Programme, programme), role)))


def theme_of(make, programme):
    return make.theme(db.session.get_one(Programme, programme))


def known(name, email=None):
    person = actions.add(name, "NP", NOW)
    if email:
        actions.add_contact(person, ContactKind.EMAIL, email)
    db.session.flush()
    return person


def test_people_of_another_programme_do_not_exist(client, make, organiser, programme):
    mine, theirs, loose = known("Sita Mine"), known("Sita Theirs"), known("Sita Loose")
    make.enrolment(make.cohort(theme_of(make, programme)), mine)
    make.enrolment(make.cohort(), theirs)
    db.session.commit()
    for address in ("/participants/", "/participants/?q=sita", "/participants/search?q=sita&fragment=1"):
        page = client.get(address).text
        assert "Sita Mine" in page
        assert "Sita Loose" in page
        assert "Sita Theirs" not in page
    assert client.get(f"/participants/{mine.id}").status_code == 200
    for address in ("", "/edit"):
        assert client.get(f"/participants/{theirs.id}{address}").status_code == 404
    assert client.post(f"/participants/{theirs.id}/invite").status_code == 404
    assert client.get(f"/participants/{loose.id}").status_code == 200


def test_someone_of_two_programmes_shows_each_only_their_own_years(client, make, organiser, programme):
    person = known("Sita Both")
    make.enrolment(make.cohort(theme_of(make, programme)), person)
    make.enrolment(make.cohort(name="Their secret edition"), person)
    db.session.commit()
    assert "Their secret edition" not in client.get(f"/participants/{person.id}").text


def test_a_coordinator_corrects_a_person_but_invites_nobody(client, make, programme):
    sign_in(client, make, programme, Role.COORDINATOR)
    person = known("Sita", "sita@example.org")
    make.enrolment(make.cohort(theme_of(make, programme)), person)
    db.session.commit()
    assert client.get(f"/participants/{person.id}/edit").status_code == 200
    assert client.post(f"/participants/{person.id}/invite").status_code == 403
    assert client.get("/participants/new").status_code == 403


def test_a_viewer_sees_no_person(client, make, programme):
    sign_in(client, make, programme, Role.VIEWER)
    for address in ("/participants/", "/participants/search?q=a", "/participants/1"):
        assert client.get(address).status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_rows(client, make, organiser, programme):
    cohort = make.cohort(theme_of(make, programme), capacity=100)
    for number in range(2):
        make.enrolment(cohort, make.participant(f"Sita {number}"))
    db.session.commit()
    few = client.statements("/participants/")
    for number in range(60):
        make.enrolment(cohort, make.participant(f"Bishal {number}", email=f"b{number}@example.org"))
    db.session.commit()
    assert client.statements("/participants/") == few


def test_the_directory_turns_its_pages(client, make, organiser):
    for number in range(70):
        make.participant(f"Person {number:02}")
    db.session.commit()
    first = client.get("/participants/").text
    assert "Person 00" in first
    assert "Person 69" not in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Person 69" in client.get(following).text


def test_a_person_is_added_with_an_address(client, organiser):
    answer = client.post("/participants/new", data={**NEW, "email": "Sita@Example.org"})
    assert answer.status_code == 302
    person = db.session.scalars(sa.select(Participant)).one()
    assert db.session.scalars(sa.select(ContactPoint.normalised)).one() == "sita@example.org"
    assert answer.location.endswith(f"/participants/{person.id}")


def test_someone_who_looks_known_is_asked_about_before_anything_is_written(client, organiser):
    known("Sita Marigold")
    db.session.commit()
    asked = client.post("/participants/new", data=NEW)
    assert asked.status_code == 409
    assert "Is it one of these?" in asked.text
    assert len(db.session.scalars(sa.select(Participant)).all()) == 1
    assert client.post("/participants/new", data={**NEW, "new": "1"}).status_code == 302
    assert len(db.session.scalars(sa.select(Participant)).all()) == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"full_name": " "}, "Write the person"),
        ({"country": "XX"}, "Choose a country"),
        ({"email": "nobody"}, "is not an email address"),
        ({"phone": "12"}, "is not a telephone number"),
        ({"born_on": "1988-02-31"}, "Not a valid date"),
    ],
)
def test_a_slip_is_said_at_its_place_and_keeps_what_was_typed(client, organiser, wrong, sentence):
    answer = client.post("/participants/new", data={**NEW, "local_name": "सीता", **wrong})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "सीता" in answer.text
    assert db.session.scalars(sa.select(Participant)).all() == []


def test_an_edit_that_came_too_late_is_shown_again_with_what_was_typed(client, organiser):
    person = known("Sita Marigold")
    db.session.commit()
    stale = {**NEW, "full_name": "Sita Late", "version": str(person.version)}
    address = f"/participants/{person.id}/edit"
    assert client.post(address, data={**stale, "full_name": "Sita First"}).status_code == 302
    late = client.post(address, data=stale)
    assert late.status_code == 409
    assert "Sita Late" in late.text
    db.session.expire_all()
    assert db.session.get_one(Participant, person.id).full_name == "Sita First"


def test_a_new_name_moves_the_person_in_every_list(client, make, organiser, programme):
    person = known("Sita Marigold")
    row = make.enrolment(make.cohort(theme_of(make, programme)), person)
    db.session.commit()
    data = {**NEW, "full_name": "Aster Marigold", "version": str(person.version)}
    assert client.post(f"/participants/{person.id}/edit", data=data).status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Enrolment, row.id).sort_name == "aster marigold"


def test_ways_to_reach_someone_are_added_changed_and_put_in_order(client, organiser):
    person = known("Sita", "one@example.org")
    db.session.commit()
    page = f"/participants/{person.id}"
    assert (
        client.post(f"{page}/contacts", data={"kind": "email", "value": "two@example.org"}).status_code == 302
    )
    two = db.session.scalars(sa.select(ContactPoint).where(ContactPoint.value == "two@example.org")).one()
    assert client.post(f"/participants/contacts/{two.id}/prefer").status_code == 302
    assert client.get(page).text.index("two@example.org") < client.get(page).text.index("one@example.org")
    changed = {"value": "three@example.org", "state": "bounced"}
    assert client.post(f"/participants/contacts/{two.id}", data=changed).status_code == 302
    assert "Bounced" in client.get(page).text
    taken = client.post(f"{page}/contacts", data={"kind": "email", "value": "one@example.org"})
    assert taken.status_code == 422
    assert "one@example.org is among this person" in taken.text


def test_an_invitation_gives_the_person_an_account(client, organiser):
    person = known("Sita", "sita@example.org")
    db.session.commit()
    assert client.post(f"/participants/{person.id}/invite").status_code == 302
    first = db.session.get_one(Participant, person.id).user_id
    assert first is not None
    assert client.post(f"/participants/{person.id}/invite").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Participant, person.id).user_id == first


def test_names_of_every_kind_are_shown_as_they_are_written(client, make, organiser):
    long = "Mst. Umme Kulsum Rose-Tamarind Weatherstone Chowdhury binti Abdullah"
    make.participant(long)
    make.participant("Suharto")
    make.participant("<b>Bold</b> & Co")
    make.participant("Nilufar", local_name="نیلوفر زعفران", local_language="fa-AF")
    db.session.commit()
    page = client.get("/participants/").text
    assert long in page
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in page
    assert '<bdi class="wide" lang="fa-AF">نیلوفر زعفران</bdi>' in page


def test_the_name_of_a_country_leads_to_its_people(client, organiser):
    assert "Everyone from Myanmar" in client.get("/participants/search?q=Burma").text
