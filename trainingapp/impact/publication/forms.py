"""What a person may say of publications, and of the page for donors."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Optional

from trainingapp.forms import DayField, Form


class PublishForm(Form):
    title = StringField(_l("Title"), [InputRequired(_l("Give the figures a title.")), Length(max=200)])
    on = DayField(_l("As of the end of"), [Optional()])


class OpeningForm(Form):
    is_open = BooleanField(
        _l("Anybody with the address may read the page"),
        description=_l("Without an account. They see what is published, and never a person."),
    )
    may_be_found = BooleanField(
        _l("Search engines may list it"), description=_l("Only while the page is open to anybody.")
    )
