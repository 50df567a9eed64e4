"""Which file of others comes in, and what of it stands beside our indicators."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, FileSize
from wtforms import SelectField

from trainingapp.forms import Form

LARGEST = 4_000_000  # bytes that are judged while somebody waits


class ReferenceForm(Form):
    file = FileField(
        _l("IATI activity file"),
        [
            FileRequired(_l("Choose the file.")),
            FileSize(
                LARGEST,
                message=_l(
                    "Larger than 4 MB. An administrator can bring it in with the command import-iati."
                ),
            ),
        ],
        description=_l("XML of version 2.01 to 2.03, up to 4 MB; a file of that size takes some seconds."),
    )


class BesideForm(Form):
    indicator = SelectField(_l("Indicator of theirs"), coerce=int)
    to = SelectField(_l("Beside"), coerce=int)
