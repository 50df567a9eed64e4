"""What an operator may say about a returned mail."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from trainingapp.forms import Form


class Assign(Form):
    address = EmailField(
        _l("Address we wrote to"),
        [InputRequired(_l("Write the address we wrote to.")), Length(max=320)],
    )
