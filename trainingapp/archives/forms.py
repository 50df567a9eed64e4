"""What a person says of an old spreadsheet."""

from collections.abc import Mapping
from dataclasses import replace

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from trainingapp.archives.maps import LONGEST_KEY, Column, Map, Use
from trainingapp.forms import Form

ANSWERS = "="  # before a key, among the uses of a column


class FileForm(Form):
    file = FileField(
        _l("Spreadsheet with the answers"),
        description=_l(
            "From Google Forms, Microsoft Forms or others: .xlsx, .xls, .ods or .csv, up to 20 MB."
        ),
        validators=[FileRequired(_l("Choose the file with the answers."))],
    )
    programme = SelectField(_l("Programme"), coerce=int)
    survey = StringField(
        _l("Key of the questionnaire"),
        [
            InputRequired(_l("Give the questionnaire a key, like end-2019.")),
            Length(max=LONGEST_KEY),
            Regexp(
                r"[a-z0-9][a-z0-9_-]*$", message=_l("Use small letters, digits and hyphens, like end-2019.")
            ),
        ],
        description=_l(
            "One of ours, to stand beside its answers; or a new one, which is then made from the file."
        ),
    )
    source = StringField(
        _l("Where the answers come from"),
        [Length(max=200)],
        description=_l("Results name it beside the figures, for example: Google Forms, 2019."),
    )
    edition = SelectField(_l("Edition"))


class MapFileForm(Form):
    file = FileField(_l("Map as a file (.json)"), [FileRequired(_l("Choose the map."))])


def mapped(a_map: Map, typed: Mapping[str, str]) -> Map:
    """The map with what was chosen on its page: `use-N`, `choice-N-M`, `collected_on`, `day_first`."""
    columns = [_column(column, at, typed) for at, column in enumerate(a_map.columns)]
    day_first = {"day": True, "month": False}.get(typed.get("day_first", ""))
    return replace(
        a_map,
        columns=columns,
        collected_on=typed.get("collected_on", a_map.collected_on).strip(),
        day_first=day_first,
    )


def _column(column: Column, at: int, typed: Mapping[str, str]) -> Column:
    """Its choices stay while another use is chosen, so that nothing is lost by a wrong click."""
    chosen = typed.get(f"use-{at}", "")
    if chosen.startswith(ANSWERS):
        column = replace(column, use=Use.ANSWER, key=chosen.removeprefix(ANSWERS))
    elif chosen in set(Use):
        column = replace(column, use=Use(chosen))
    choices = {
        text: typed.get(f"choice-{at}-{number}", value or "")
        for number, (text, value) in enumerate(column.choices.items())
    }
    undecided = {text: None if value == UNDECIDED else value for text, value in choices.items()}
    return replace(column, choices=undecided)


UNDECIDED = "?"
