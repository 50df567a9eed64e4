"""The page of what came back, for administrators."""

import pytest
from samples import report

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.inbound.models import MatchedBy
from trainingapp.outbox.models import EmailState


@pytest.fixture
def admin(client, make):
    user = make.user(is_administrator=True)
    db.session.commit()
    client.sign_in(user)
    return client


@pytest.fixture
def unmatched(take):
    def made(number=0, address="sita@example.org"):
        return take(report(address=address, said=f"smtp; 550 5.1.1 <b>unknown</b> number {number}"))

    return made


def test_before_anything_came_back_the_page_says_so(admin):
    assert "Nothing has come back" in admin.get("/inbound/").text


def test_the_list_shows_the_kind_the_words_and_perhaps_whose(admin, send, unmatched):
    send()
    unmatched()
    page = admin.get("/inbound/").text
    assert "No such address" in page
    assert "&lt;b&gt;unknown&lt;/b&gt;" in page
    assert "Perhaps sita@example.org" in page


def test_the_file_too_says_perhaps_where_nothing_is_proven(admin, send, unmatched):
    send()
    unmatched()
    assert "Perhaps sita@example.org" in admin.post("/inbound/list.csv").text


def test_the_list_is_narrowed_to_a_kind_and_to_the_unmatched(admin, unmatched):
    unmatched()
    assert "550 5.1.1" in admin.get("/inbound/?kind=hard&show=unmatched").text
    for narrower in ("/inbound/?kind=full", "/inbound/?kind=complaint&show=unmatched"):
        assert "Nothing waits here" in admin.get(narrower).text
    assert "550 5.1.1" in admin.get("/inbound/?kind=nonsense").text


def test_long_lists_come_in_pages_and_ask_as_often_for_each(admin, unmatched, send):
    send()
    unmatched()
    few = admin.statements("/inbound/")
    for number in range(1, 52):
        unmatched(number)
    page = admin.get("/inbound/")
    assert "Earlier" in page.text
    assert admin.statements("/inbound/") == few


def test_an_operator_says_whose_it_is(admin, send, unmatched):
    email, event = send(), unmatched(address="box77@example.org")
    email.created_at = clock.now()
    db.session.commit()
    page = admin.post(f"/inbound/{event.id}/assign", data={"address": "Sita@example.org"})
    assert page.status_code == 303
    db.session.expire_all()
    assert event.matched_by is MatchedBy.HAND
    assert email.state is EmailState.BOUNCED
    noted = db.session.scalars(db.select(AuditEntry).filter_by(verb="came back")).one()
    assert (noted.subject, noted.subject_id, noted.after) == ("outgoing_emails", email.id, "hard")
    assert "by hand" in admin.get(f"/inbound/{event.id}").text


@pytest.mark.parametrize("address", ["", "nobody@example.org"])
def test_an_address_we_never_wrote_to_is_refused_beside_the_field(admin, unmatched, address):
    event = unmatched(address="box77@example.org")
    page = admin.post(f"/inbound/{event.id}/assign", data={"address": address})
    assert page.status_code == 422
    db.session.expire_all()
    assert event.matched_by is MatchedBy.NOTHING


def test_one_that_needs_nothing_is_dismissed(admin, unmatched):
    event = unmatched()
    assert admin.post(f"/inbound/{event.id}/dismiss").status_code == 303
    assert "Nothing waits here" in admin.get("/inbound/?show=unmatched").text
    assert "Dismissed" in admin.get(f"/inbound/{event.id}").text
