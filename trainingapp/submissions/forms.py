"""What a person may type around an entry; the entry itself is read by its fields."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from trainingapp.forms import DayField, EditForm
from trainingapp.once import OnceForm


class BeginForm(OnceForm):
    kind = RadioField(_l("What for"), [InputRequired(_l("Choose where it is handed in."))])
    language = SelectField(
        _l("Language"), description=_l("Texts are proposed in it. You can write each field in any other.")
    )
    as_of = DayField(
        _l("Figures as of the end of"),
        [Optional()],
        description=_l("Leave it empty for the figures as they stand now."),
    )


class PasteForm(OnceForm):
    kind = RadioField(_l("Where it is published"), [InputRequired(_l("Choose where it is published."))])
    language = SelectField(
        _l("Language"),
        description=_l("In which texts are proposed, if you ask for it. What you paste stays."),
    )
    text = TextAreaField(
        _l("Its text"),
        [InputRequired(_l("Paste the text of the entry.")), Length(max=200_000)],
        description=_l(
            "The page with its labels, or JSON with the keys of the fields. Parts may be missing, "
            "and labels may be in another language than the text."
        ),
    )


class HandInForm(EditForm):
    on = DayField(_l("Handed in on"), [InputRequired(_l("Give the day on which it was handed in."))])
    address = StringField(
        _l("Where it is published"),
        [Length(max=500)],
        description=_l("Its address, if you know it already. You can add it later."),
    )


class AddressForm(EditForm):
    address = StringField(_l("Where it is published"), [Length(max=500)])


class AgainForm(OnceForm):
    """One button."""
