"""What a person may type about rounds, values and lists of frames."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from trainingapp.forms import FIRST_YEAR, LAST_YEAR, DayField, Form

_SHORT, _LONG = 300, 2000


class RoundForm(Form):
    name = StringField(
        _l("Round"), [InputRequired(_l("Give the round a name, like 2024 update.")), Length(max=120)]
    )
    due_on = DayField(_l("Values are due"), [InputRequired(_l("Give the day by which values are due."))])


class ValueForm(Form):
    indicator = SelectField(_l("Indicator"), coerce=int)
    country = SelectField(_l("Country"))
    value = StringField(
        _l("Value"), [Length(max=40)], description=_l("Leave it empty if the country has none.")
    )
    year = StringField(_l("Year"), [Length(max=4)])
    definition = StringField(_l("A small firm is"), [Length(max=_SHORT)], description=_l("As counted there."))
    source = StringField(_l("Source"), [Length(max=_SHORT)])
    comparability = StringField(_l("What does not compare"), [Length(max=_LONG)])

    def validate_year(self, field: Field) -> None:
        text = field.data or ""
        if text and not (text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
            raise ValidationError(_("Write the year with four digits."))


class ListForm(Form):
    file = FileField(
        _l("Spreadsheet"),
        [FileRequired(_l("Choose the file with the list."))],
        description=_l(".xlsx, .ods or .csv, up to 20 MB. The first row names the columns."),
    )
