"""What a person may type about programmes and themes."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NoneOf, NumberRange, Regexp

from trainingapp.forms import EditForm


class ProgrammeForm(EditForm):
    name = StringField(_l("Name"), [DataRequired(_l("Write the programme's full name.")), Length(max=200)])
    short_name = StringField(
        _l("Short name"),
        [DataRequired(_l("Write a name short enough for menus.")), Length(max=80)],
        description=_l("For menus and the way back, for example “SMI development”."),
    )
    slug = StringField(
        _l("Address"),
        [
            DataRequired(_l("Write how its page is called in the address.")),
            Length(max=60),
            Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$", message=_l("Use small letters, digits and single hyphens.")),
            NoneOf(
                ["new"], message=_l("“new” is the address of the page that adds a programme. Take another.")
            ),
        ],
        description=_l("The last part of its page's address: small letters, digits and hyphens."),
    )
    description = TextAreaField(_l("Description"), [Length(max=5000)])


class LinesField(TextAreaField):
    """A list of short texts, one on each line."""

    longest = 200

    def _value(self) -> str:
        return "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        lines = (line.strip()[: self.longest] for text in valuelist for line in text.splitlines())
        self.data = [line for line in lines if line]


class ThemeForm(EditForm):
    year = IntegerField(
        _l("Year"),
        [
            InputRequired(_l("Write the year, for example 2026.")),
            NumberRange(1950, 2100, _l("Write a year between 1950 and 2100.")),
        ],
    )
    title = StringField(_l("Theme"), [DataRequired(_l("Write the year's theme.")), Length(max=300)])
    description = TextAreaField(_l("Description"), [Length(max=5000)])
    topics = LinesField(_l("Topics"), description=_l("One on each line, in order."))
