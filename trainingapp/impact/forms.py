"""What a person may type about frames, feeds and publications."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from trainingapp.forms import DayField, Form

_SHORT, _LONG = 300, 2000


class LinkForm(Form):
    to = SelectField(_l("Counts towards"), coerce=int)
    contribution = TextAreaField(
        _l("How the plan helped"),
        [InputRequired(_l("Say in a sentence how the plan helped towards it.")), Length(max=_LONG)],
        description=_l(
            "One sentence, as the alumna would sign it: what she did, and who else had a part in it."
        ),
    )
    same_unit = StringField(
        _l("Why the two units are the same"),
        [Length(max=_SHORT)],
        description=_l("Only when the words differ, for example: each weaver is a firm of her own."),
    )
    counted_as = StringField(
        _l("Whose firms these are"),
        [Length(max=80)],
        description=_l(
            "Only when another plan counts the same firms: give both the same name, and they count once."
        ),
    )


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


class ListForm(Form):
    file = FileField(
        _l("Spreadsheet"),
        [FileRequired(_l("Choose the file with the list."))],
        description=_l(".xlsx, .ods or .csv, up to 20 MB. The first row names the columns."),
    )


class PublishForm(Form):
    title = StringField(_l("Title"), [InputRequired(_l("Give the figures a title.")), Length(max=200)])
    on = DayField(_l("As of the end of"), [Optional()])


class OpeningForm(Form):
    is_open = BooleanField(
        _l("Anybody with the address may read the page"),
        description=_l(
            "Without an account: published figures, kept promises and data packages. Never a person."
        ),
    )
    may_be_found = BooleanField(
        _l("Search engines may list it"), description=_l("Only while the page is open to anybody.")
    )
