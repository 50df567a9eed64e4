"""What a person may type."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import URL, DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from trainingapp.cases.models import ENDS
from trainingapp.forms import DayField, Form
from trainingapp.labels import choices, label
from trainingapp.once import OnceForm
from trainingapp.plans.progress.models import Blocker
from trainingapp.responses.words import LANGUAGE_NAMES

LONGEST = 10_000
REQUIRED = DataRequired(_l("This one is needed."))


class CheckboxesField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class OpenForm(OnceForm):
    wish = TextAreaField(
        _l("What help is asked for?"),
        [REQUIRED, Length(max=LONGEST)],
        description=_l("In the words of the participant, as far as you know them."),
    )
    blocker = SelectField(_l("What stands in the way"), validate_choice=True)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.blocker.choices = [("", _("Unknown")), *choices(Blocker)]

    @property
    def cause(self) -> Blocker | None:
        return Blocker(self.blocker.data) if self.blocker.data else None


class NoteForm(OnceForm):
    note = TextAreaField(
        _l("Note for the team"),
        [REQUIRED, Length(max=LONGEST)],
        description=_l("The participant does not see it."),
    )


class DueForm(Form):
    due_on = DayField(_l("Answer by"), [Optional()])


class AnswerForm(Form):
    answer = TextAreaField(
        _l("Answer"),
        [REQUIRED, Length(max=LONGEST)],
        description=_l("The participant gets it by email, in these words."),
    )
    helped = TextAreaField(
        _l("What helped"),
        [Length(max=LONGEST)],
        description=_l("For the next one who is stuck with the same. Only the team reads it."),
    )
    state = RadioField(_l("How it ends"), [REQUIRED])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.state.choices = [(one.value, label(one)) for one in ENDS]


class MaterialForm(Form):
    title = StringField(_l("Title"), [REQUIRED, Length(max=200)])
    url = StringField(
        _l("Link"),
        [Optional(), Length(max=2000), URL(message=_l("Write the whole address, with https://."))],
        description=_l("Or choose a file below."),
    )
    file = FileField(_l("File"), description=_l("PDF, Word, Excel, PowerPoint or a picture, at most 5 MB."))
    languages = CheckboxesField(_l("Languages"), [DataRequired(_l("Choose at least one language."))])
    blockers = CheckboxesField(_l("Helps against"), [DataRequired(_l("Choose at least one cause."))])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.languages.choices = [(code, name) for code, (name, _way) in LANGUAGE_NAMES.items()]
        self.blockers.choices = choices(Blocker)


class SolutionForm(Form):
    host = SelectField(_l("Host"), coerce=int)
    how = TextAreaField(_l("What they did"), [REQUIRED, Length(max=LONGEST)])
    agreed_by = StringField(
        _l("Who agreed"),
        [REQUIRED, Length(max=200)],
        description=_l("The person at the host who allows us to show this to alumni."),
    )
    agreed_on = DayField(_l("Agreed on"), [REQUIRED])
