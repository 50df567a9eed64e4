"""What a coordinator may type about rounds and those who are asked, and an alumna about her supervisor."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from trainingapp.forms import DayField, EditForm, Form


class RoundForm(Form):
    version_id = SelectField(_l("Questionnaire"), coerce=int)


class LaterRoundForm(RoundForm):
    months = IntegerField(_l("Months after the last day"), [InputRequired(), NumberRange(1, 120)], default=6)


class DaysForm(EditForm):
    opens_on = DayField(_l("Opens on"), [InputRequired()])
    closes_on = DayField(
        _l("Closes on"), [InputRequired()], description=_l("The last day on which an answer counts")
    )


class CancelForm(EditForm):
    why = TextAreaField(_l("Why"), [DataRequired(), Length(max=500)])


class PersonForm(Form):
    """Who is asked instead, or at another address."""

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)])
    email = EmailField(_l("Email address"), [InputRequired(), Length(max=320)])


class AddressForm(PersonForm):
    language = SelectField(_l("Language of the email"), choices=[])

    def __init__(self, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = languages
