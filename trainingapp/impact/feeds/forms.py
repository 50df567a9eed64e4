"""What a person may say of a link."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from trainingapp.forms import Form

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
