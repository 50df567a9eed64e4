"""What a person may choose on the way in."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired

from trainingapp.forms import Form
from trainingapp.imports.models import Decision


class UploadForm(Form):
    file = FileField(
        _l("Spreadsheet"),
        description=_l(
            ".xlsx, .xls, .ods or .csv, up to 20 MB and 20,000 rows. Any order of columns, any headings."
        ),
        validators=[FileRequired(_l("Choose the file with the list of people."))],
    )


class AssumedForm(Form):
    """What is meant where the file says nothing."""

    country = SelectField(_l("Country of rows that name none"))
    kind = SelectField(_l("Kind of participant, where no column says it"))
    dates = SelectField(
        _l("Dates like 3/4/1985"),
        description=_l("When other dates in the column leave no doubt, they decide."),
        choices=[
            SelectChoice("", _l("As the other dates in the column show")),
            SelectChoice("day", _l("The day comes first: 3 April")),
            SelectChoice("month", _l("The month comes first: 4 March")),
        ],
    )


class DecisionForm(Form):
    decision = SelectField(
        choices=[SelectChoice(choice.value) for choice in (Decision.SAME, Decision.NEW, Decision.SKIP)],
        validators=[InputRequired()],
    )
