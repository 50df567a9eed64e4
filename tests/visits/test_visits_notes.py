"""Notes written at a visit: on the phone, with a photo, with a wish for contact."""

import io

import pytest
from PIL import Image

from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.programmes.models import Role
from trainingapp.visits import notes
from trainingapp.visits.models import NoteCard, SiteVisit

IDEA = "The price list hangs on the wall."


@pytest.fixture
def scene(make):
    """Ids of a visit, and of a participant of its edition with her user."""
    user = make.user(name="Sita Marigold")
    enrolment = make.enrolment(of=make.participant("Sita Marigold", user_id=user.id))
    visit = make.site_visit(enrolment.cohort, make.host(enrolment.cohort.theme.programme, allows_photos=True))
    db.session.commit()
    return {"visit": visit.id, "user": user.id, "enrolment": enrolment.id}


def picture():
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    made.seek(0)
    return (made, "wall.png")


def cards(scene):
    return notes.cards_of(scene["enrolment"])


def user(make, scene):
    return db.session.get(make.User, scene["user"])


def test_a_note_is_written_with_a_photo_and_a_wish(client, make, scene):
    client.sign_in(user(make, scene))
    page = client.get(f"/visits/{scene['visit']}/notes")
    assert page.status_code == 200
    posted = {"text": IDEA, "wants_contact": "y", "photo": picture()}
    assert client.post(f"/visits/{scene['visit']}/notes", data=posted).status_code == 302
    (card,) = cards(scene)
    assert (card.text, card.wants_contact, card.file.width) == (IDEA, True, 40)
    photo = client.get(f"/visits/notes/{card.id}/photo")
    assert photo.mimetype == "image/jpeg"


def test_a_second_press_makes_no_second_card(client, make, scene):
    client.sign_in(user(make, scene))
    posted = {"text": IDEA, "form_id": "x" * 22}
    for _press in range(2):
        assert client.post(f"/visits/{scene['visit']}/notes", data=posted).status_code == 302
    assert len(cards(scene)) == 1


def test_an_empty_note_is_asked_about_and_what_was_chosen_stays(client, make, scene):
    client.sign_in(user(make, scene))
    page = client.post(f"/visits/{scene['visit']}/notes", data={"text": "", "wants_contact": "y"})
    assert page.status_code == 422
    assert "Write a word, or add a photo." in page.text
    assert cards(scene) == []
    page = client.post(f"/visits/{scene['visit']}/notes", data={"text": "x" * 2001, "photo": picture()})
    assert page.status_code == 422
    ticket = page.text.split('name="photo" value="')[1].split('"')[0]
    client.post(f"/visits/{scene['visit']}/notes", data={"text": "Short", "photo": ticket})
    assert cards(scene)[0].file is not None


def test_what_is_no_picture_is_refused_with_a_sentence(client, make, scene):
    client.sign_in(user(make, scene))
    posted = {"text": IDEA, "photo": (io.BytesIO(b"MZ nothing to see"), "wall.jpg")}
    page = client.post(f"/visits/{scene['visit']}/notes", data=posted)
    assert page.status_code == 422
    assert IDEA in page.text
    assert cards(scene) == []


def test_a_note_is_changed_and_removed(client, make, scene):
    client.sign_in(user(make, scene))
    client.post(f"/visits/{scene['visit']}/notes", data={"text": IDEA, "wants_contact": "y"})
    card = cards(scene)[0].id
    client.post(f"/visits/notes/{card}", data={"text": "Another idea"})
    assert (cards(scene)[0].text, cards(scene)[0].wants_contact) == ("Another idea", False)
    client.post(f"/visits/notes/{card}", data={"remove": "1"})
    assert cards(scene)[0].removed_at is not None
    assert "Another idea" not in client.get(f"/visits/{scene['visit']}/notes").text
    assert client.post(f"/visits/notes/{card}", data={"text": "Back"}).status_code == 404


def test_nobody_else_sees_a_note_before_it_is_shown(client, make, scene):
    client.sign_in(user(make, scene))
    client.post(f"/visits/{scene['visit']}/notes", data={"text": IDEA, "photo": picture()})
    card = db.session.get(NoteCard, cards(scene)[0].id)
    programme = card.visit.cohort.theme.programme
    number = card.id
    organiser = make.user((programme, Role.ORGANISER))
    db.session.commit()
    client.sign_in(organiser)
    assert IDEA not in client.get(f"/visits/{scene['visit']}").text
    assert client.get(f"/visits/notes/{number}/photo").status_code == 404
    db.session.get(NoteCard, number).wants_contact = True
    db.session.commit()
    assert IDEA in client.get(f"/visits/{scene['visit']}").text
    assert client.get(f"/visits/notes/{number}/photo").status_code == 200


def test_an_organiser_says_that_they_are_in_touch(client, make, scene):
    card = notes.write(
        db.session.get(make.SiteVisit, scene["visit"]),
        db.session.get(make.Enrolment, scene["enrolment"]),
        IDEA,
        make.NOW,
        wants_contact=True,
    )
    organiser = make.user((card.visit.cohort.theme.programme, Role.ORGANISER))
    db.session.commit()
    number = card.id
    client.sign_in(organiser)
    client.post(f"/visits/notes/{number}/contact")
    assert db.session.get(NoteCard, number).contact_given_at is not None
    assert "In touch since" in client.get(f"/visits/{scene['visit']}").text


def test_whoever_withdrew_wishes_for_no_contact_any_more(make, scene):
    visit = db.session.get(make.SiteVisit, scene["visit"])
    enrolment = db.session.get(make.Enrolment, scene["enrolment"])
    notes.write(visit, enrolment, IDEA, make.NOW, wants_contact=True)
    assert len(notes.wishes(visit)) == 1
    enrolment.state = EnrolmentState.WITHDRAWN
    assert notes.wishes(visit) == []


def test_a_visit_takes_only_so_many_notes(make, scene):
    visit = db.session.get(make.SiteVisit, scene["visit"])
    enrolment = db.session.get(make.Enrolment, scene["enrolment"])
    for number in range(notes.MOST):
        notes.write(visit, enrolment, f"Idea {number}", make.NOW)
    with pytest.raises(notes.TooManyCards):
        notes.write(visit, enrolment, IDEA, make.NOW)


def test_a_removed_note_makes_room_for_another(app, make, scene):
    visit, enrolment = (
        db.session.get(SiteVisit, scene["visit"]),
        db.session.get(Enrolment, scene["enrolment"]),
    )
    for number in range(notes.MOST):
        notes.write(visit, enrolment, f"Idea {number}", make.NOW)
    notes.remove(cards(scene)[0], make.NOW)
    assert notes.write(visit, enrolment, IDEA, make.NOW).text == IDEA
    with pytest.raises(notes.TooManyCards):
        notes.write(visit, enrolment, IDEA, make.NOW)
