import io

import pytest
from factories import NOW
from flask import Flask
from pictures import PDF, picture
from werkzeug.datastructures import FileStorage, MultiDict

from trainingapp import create_app
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.files import actions, serving, uploads
from trainingapp.files.models import StoredFile


@pytest.fixture
def served(app: Flask):
    """An app with one address more, since files have none: each owner's view sends its own."""
    made = create_app(app.config["SETTINGS"])
    made.testing = True

    def view(number: int):
        return serving.send(db.session.get_one(StoredFile, number))

    made.add_url_rule("/a-file/<int:number>", view_func=public(view))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(("data", "way"), [(PDF, "attachment"), (picture(), "inline")])
def test_a_file_goes_out_under_a_sandbox(served, data, way):
    stored = actions.keep(data, "ไฟล์ 1.pdf", NOW)
    db.session.commit()
    answer = served.test_client().get(f"/a-file/{stored.id}")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith(f"{way}; ")
    assert "filename*=UTF-8''%E0" in disposition
    assert answer.headers["Content-Security-Policy"] == serving.POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == stored.media_type


def test_a_form_shown_again_carries_a_ticket_that_nobody_can_make_up(app):
    form, posted = MultiDict(), MultiDict([("photo", FileStorage(io.BytesIO(picture()), "a.jpg"))])
    with app.test_request_context():
        assert uploads.take(form, posted, ["photo"], NOW) == {}
        number = form["photo"]
        again = MultiDict([("photo", uploads.ticket(int(number))), ("photo", number), ("photo", "7.x")])
        assert uploads.take(again, MultiDict(), ["photo"], NOW) == {}
    assert again.getlist("photo") == [number]


def test_what_is_refused_is_said_at_its_field(app):
    form, posted = MultiDict(), MultiDict([("photo", FileStorage(io.BytesIO(b"MZ"), "a.jpg"))])
    with app.test_request_context():
        refused = uploads.take(form, posted, ["photo"], NOW)
    assert "none of them" in refused["photo"]
    assert form.getlist("photo") == []


def test_a_file_too_many_is_said_at_its_field_and_the_others_stay(app):
    chosen = [("photo", FileStorage(io.BytesIO(picture()), "a.jpg")) for _each in range(uploads.MOST + 1)]
    form = MultiDict()
    with app.test_request_context():
        refused = uploads.take(form, MultiDict(chosen), ["photo"], NOW)
        again = MultiDict([("photo", uploads.ticket(int(number))) for number in form.getlist("photo")])
        assert uploads.take(again, MultiDict(), ["photo"], NOW) == {}
    assert "At most 5 files fit here" in refused["photo"]
    assert len(again.getlist("photo")) == uploads.MOST
