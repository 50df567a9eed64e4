"""What every form of ours does, whatever it asks."""

from wtforms import StringField

from trainingapp.forms import Form


class Greeting(Form):
    text = StringField("Text", filters=[lambda text: (text or "").upper()])


def test_texts_are_stripped_and_a_field_keeps_its_own_filters(app):
    with app.test_request_context(method="POST", data={"text": "  hello "}):
        assert Greeting().text.data == "HELLO"


def test_the_thousandth_form_works_no_harder_than_the_first(app):
    with app.test_request_context():
        first = len(Greeting().text.filters)
        for _each in range(10):
            last = len(Greeting().text.filters)
    assert last == first
