"""Programmes and their yearly themes."""

import pytest
import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.programmes.models import Programme, Role, Theme

PROGRAMME = {"name": "Small and medium industry", "short_name": "SMI", "slug": "smi", "description": ""}
THEME = {"year": "2026", "title": "Green industry", "description": "", "topics": " Clusters \n\nFinance\n"}


@pytest.fixture
def programme(make):
    """Its slug: signing in ends the session that made it."""
    made = make.programme(slug="ours", name="Our programme")
    make.programme(slug="theirs", name="Their programme")
    db.session.commit()
    return made.slug


def sign_in(client, make, slug, role):
    found = db.session.scalars(sa.select(Programme).where(Programme.slug == slug)).one()
    client.sign_in(make.user((found, role)))


def test_only_administrators_begin_programmes(client, make, programme):
    sign_in(client, make, programme, Role.ORGANISER)
    assert client.get("/programmes/new").status_code == 403
    assert client.post(f"/programmes/{programme}/edit", data=PROGRAMME).status_code == 403
    client.sign_in(make.user(is_administrator=True))
    assert client.post("/programmes/new", data=PROGRAMME).status_code == 302
    assert client.get("/programmes/smi").status_code == 200
    assert "After 12 months" in client.get("/surveys/").text


def test_no_programme_hides_behind_the_page_that_adds_one(client, make):
    client.sign_in(make.user(is_administrator=True))
    refused = client.post("/programmes/new", data={**PROGRAMME, "slug": "new"})
    assert refused.status_code == 422
    assert "is the address of the page that adds a programme" in refused.text


def test_an_address_is_one_programmes(client, make, programme):
    client.sign_in(make.user(is_administrator=True))
    taken = client.post("/programmes/new", data={**PROGRAMME, "slug": programme})
    assert taken.status_code == 422
    assert "already has the address" in taken.text
    moved = client.post("/programmes/theirs/edit", data={**PROGRAMME, "slug": programme, "version": "1"})
    assert moved.status_code == 422
    odd = client.post("/programmes/new", data={**PROGRAMME, "slug": "Not so"})
    assert odd.status_code == 422


def test_everyone_sees_their_own_programmes_only(client, make, programme):
    sign_in(client, make, programme, Role.VIEWER)
    page = client.get("/programmes/").text
    assert "Our programme" in page
    assert "Their programme" not in page
    assert client.get("/programmes/ours").status_code == 200
    assert client.get("/programmes/theirs").status_code == 404
    assert client.get("/programmes/ours/themes/new").status_code == 403


def test_a_theme_is_written_and_changed(client, make, programme):
    sign_in(client, make, programme, Role.ORGANISER)
    assert client.post("/programmes/ours/themes/new", data=THEME).status_code == 302
    theme = db.session.scalars(sa.select(Theme)).one()
    number = theme.id
    assert theme.topics == ["Clusters", "Finance"]
    assert "Clusters\nFinance</textarea>" in client.get(f"/programmes/themes/{number}/edit").text
    again = client.post("/programmes/ours/themes/new", data=THEME)
    assert again.status_code == 422
    changed = {**THEME, "title": "Greener industry", "version": "1"}
    assert client.post(f"/programmes/themes/{number}/edit", data=changed).status_code == 302
    assert client.post(f"/programmes/themes/{number}/edit", data=changed).status_code == 409
    assert "Greener industry" in client.get("/programmes/ours").text


def test_a_theme_of_another_programme_does_not_exist(client, make, programme):
    theirs = make.theme()
    db.session.commit()
    number = theirs.id
    sign_in(client, make, programme, Role.ORGANISER)
    assert client.get(f"/programmes/themes/{number}/edit").status_code == 404
    assert client.get(f"/cohorts/new?theme={number}").status_code == 404


@pytest.mark.parametrize("year", ["", "soon", "1066"])
def test_a_year_is_a_year(client, make, programme, year):
    sign_in(client, make, programme, Role.ORGANISER)
    assert client.post("/programmes/ours/themes/new", data={**THEME, "year": year}).status_code == 422
