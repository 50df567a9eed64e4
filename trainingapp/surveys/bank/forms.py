"""What a person may say of a question of the bank."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from trainingapp.forms import Form


class RewordForm(Form):
    wording = TextAreaField(_l("Question"), [InputRequired(_l("Write the question.")), Length(max=2000)])
    hint = StringField(_l("Hint"), [Length(max=500)])
    why = StringField(
        _l("Why it changes"),
        [InputRequired(_l("Say why: results of the years are read with it.")), Length(max=500)],
    )
