"""What a person may say of a questionnaire and its questions."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from trainingapp.forms import Form
from trainingapp.labels import choices
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Audience

LONGEST_EXPRESSION = 2000


class NewSurveyForm(Form):
    programme = SelectField(_l("Programme"), coerce=int)
    title = StringField(
        _l("Title"),
        [InputRequired(_l("Give it a title.")), Length(max=200)],
        description=_l("People who answer see it."),
    )
    key = StringField(
        _l("Key"),
        [
            InputRequired(_l("Give it a key, like month-9.")),
            Length(max=60),
            Regexp(r"[a-z][a-z0-9_-]*$", message=_l("Use small letters, digits and hyphens, like month-9.")),
        ],
        description=_l("It never changes. “month-9” is offered for waves nine months after an edition."),
    )
    audience = SelectField(_l("For whom"), coerce=Audience)
    language = SelectField(_l("Written in"), description=_l("You add translations afterwards."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.audience.choices = choices(Audience)


class QuestionForm(Form):
    """The settings of its kind come on top; see question_types/settings.py."""

    wording = TextAreaField(
        _l("Question"),
        [Length(max=2000)],
        description=_l("One thought. Under 90 characters fits two lines on a phone."),
    )
    hint = StringField(_l("Hint"), [Length(max=500)])
    key = StringField(
        _l("Key"),
        [InputRequired(_l("Give it a key.")), Length(max=60)],
        description=_l("Column name in exports, and what years are compared by."),
    )
    level = SelectField(_l("Level"), description=_l("What an answer tells us about."))
    section = SelectField(_l("Section"))
    is_required = BooleanField(_l("Must be answered"))
    relevant = TextAreaField(
        _l("Asked only if"),
        [Length(max=LONGEST_EXPRESSION)],
        description=_l("Empty: everybody is asked. The form below writes it for you."),
    )
    constraint = StringField(
        _l("An answer fits only if"),
        [Length(max=LONGEST_EXPRESSION)],
        description=_l("A dot is the answer: . >= 18"),
    )
    constraint_text = StringField(_l("Else we say"), [Length(max=500)])
    required_if = StringField(_l("Must be answered if"), [Length(max=LONGEST_EXPRESSION)])
    choice_filter = StringField(_l("A choice is offered only if"), [Length(max=LONGEST_EXPRESSION)])
    calculation = StringField(_l("Is worked out as"), [Length(max=LONGEST_EXPRESSION)])

    def validate_key(self, field: StringField) -> None:
        """One that came with a form of another program stays as it is: other questions ask for it."""
        if field.data != field.object_data and not re.fullmatch(r"[a-z][a-z0-9_]*", field.data or ""):
            raise ValidationError(_("Begin with a small letter; then letters, digits and _."))


class ConditionForm(Form):
    """Writes one condition, so that nobody has to know the language of conditions."""

    about = SelectField(_l("Answer to"))
    how = SelectField(
        _l("Compare"),
        choices=[
            SelectChoice("is", _l("is")),
            SelectChoice("not", _l("is not")),
            SelectChoice("least", _l("is at least")),
            SelectChoice("most", _l("is at most")),
            SelectChoice("any", _l("was answered")),
        ],
    )
    value = StringField(_l("Value"), [Optional(), Length(max=60)])


class SettingsForm(Form):
    title = StringField(_l("Title"), [InputRequired(_l("Give it a title.")), Length(max=200)])
    anonymity = RadioField(_l("Who may know whose an answer is"))
    asks_progress = BooleanField(_l("Begin with the person's own activities from the action plan"))
    languages = StringField(
        _l("Languages"),
        [InputRequired(_l("Name at least one language.")), Length(max=200)],
        description=_l("Tags with spaces between; the first is the one you write in: en id fr fa_AF"),
    )


_CONDITIONS = {
    "is": "selected(${{{key}}}, '{value}')",
    "not": "not(selected(${{{key}}}, '{value}'))",
    "least": "${{{key}}} >= {value}",
    "most": "${{{key}}} <= {value}",
}


def condition(typed: Mapping[str, str]) -> str:
    """As the small form says it. Raises Refusal."""
    about, how = typed.get("about", ""), typed.get("how", "")
    key, _bar, value = about.partition("|")
    value = typed.get("value", "").strip() or value
    if not key:
        raise Refusal(_("Choose the question that it depends on."), "about")
    if how == "any":
        return f"${{{key}}} != ''"
    if not value or "'" in value:
        raise Refusal(_("Choose the answer that it depends on."), "about")
    if how in {"least", "most"} and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise Refusal(_("Write the number to compare with."), "value")
    return _CONDITIONS.get(how, _CONDITIONS["is"]).format(key=key, value=value)
