"""How a participant asks her supervisor, and what the supervisor answers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from trainingapp.forms import Form
from trainingapp.once import OnceForm
from trainingapp.plans.agreements.models import SupervisorWord
from trainingapp.plans.writing.forms import options


class SupervisorForm(OnceForm):
    supervisor = StringField(_l("Name of your supervisor"), validators=[InputRequired(), Length(max=200)])
    email = EmailField(_l("Email address"), validators=[InputRequired(), Length(max=320)])
    language = SelectField(_l("Language of the email"), choices=[])

    def __init__(self, languages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.language.choices = options(languages)


class AgreementForm(Form):
    answer = RadioField(
        _l("Your answer"),
        choices=[
            SelectChoice(SupervisorWord.AGREED, _l("I agree with this plan")),
            SelectChoice(SupervisorWord.NOT_YET, _l("Not yet")),
        ],
        validators=[InputRequired(_l("Choose one of the two."))],
    )
    reason = TextAreaField(_l("In your words"), validators=[Length(max=2000)])
