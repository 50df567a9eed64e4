"""What a person may type at the door, on their own page, and as an administrator."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, EmailField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from trainingapp import countries, labels
from trainingapp.accounts import time_zones
from trainingapp.accounts.words import SUBJECTS
from trainingapp.forms import Form
from trainingapp.programmes.models import Programme, Role

OUR_TIME = range(2000, 2100)  # years in which there can be a trail
Pairs = Iterable[tuple[str, str]]

STAFF_LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia")]
_NEW_PASSWORD_HINT = _l(
    "At least 12 characters. Three or four words that have nothing to do with each other are good."
)


def _options(pairs: Pairs, nothing: str | None = None) -> list[SelectChoice]:
    """`nothing` is what the empty choice is called, where there is one."""
    first = [] if nothing is None else [SelectChoice("", nothing)]
    return first + [SelectChoice(value, text) for value, text in pairs]


def _email(hint: str = "", complete: str = "username") -> EmailField:
    return EmailField(
        _l("Email address"),
        [InputRequired(_l("Write your email address.")), Length(max=320)],
        description=hint,
        render_kw={"autocomplete": complete},
    )


def _password(label: str, *, is_new: bool) -> PasswordField:
    return PasswordField(
        label,
        [InputRequired(_l("Write a password.") if is_new else _l("Write your password."))],
        description=_NEW_PASSWORD_HINT if is_new else "",
        render_kw={"autocomplete": "new-password" if is_new else "current-password"},
    )


def _name(hint: str = "") -> StringField:
    return StringField(
        _l("Name"),
        [InputRequired(_l("Write the name.")), Length(max=200)],
        description=hint,
        render_kw={"autocomplete": "name"},
    )


def _in_our_time(_form: Form, field: DateField) -> None:
    if field.data and field.data.year not in OUR_TIME:
        field.data = None
        raise ValidationError(_l("Write a day such as 9 March 2020."))


class SignIn(Form):
    email = _email(_l("The one your programme team knows"))
    password = _password(_l("Password"), is_new=False)


class AskForLink(Form):
    email = _email(_l("The one your programme team knows"))


class NewPassword(Form):
    password = _password(_l("New password"), is_new=True)


class ChangePassword(Form):
    current = _password(_l("Current password"), is_new=False)
    password = _password(_l("New password"), is_new=True)


class FirstRun(Form):
    code = StringField(
        _l("Code from the server"),
        [InputRequired(_l("Write the code."))],
        description=_l("The command “trainingapp first-run” prints it on the server."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )
    name = _name()
    email = _email(complete="email")
    password = _password(_l("Password"), is_new=True)


class Settings(Form):
    name = _name(_l("As you write it yourself"))
    language = SelectField(_l("Language"), choices=_options(STAFF_LANGUAGES))
    time_zone = SelectField(
        _l("Time zone"),
        choices=lambda: _options(time_zones.choices()),
        description=_l("Times on your pages are shown in this zone."),
    )


class Grant(Form):
    """A role on a programme; `take` fills the choices."""

    programme = SelectField(_l("Programme"))
    role = SelectField(_l("Role"))
    country = SelectField(_l("Country"), description=_l("For a focal point only"))

    def take(self, programmes: list[Programme]) -> None:
        self.programme.choices = _programmes(programmes)
        self.role.choices = _options(labels.choices(Role))
        self.country.choices = _options(countries.choices(), gettext("No country"))


class Invite(Form):
    name = _name(_l("As the person writes it"))
    email = _email(_l("We send a link there. It works for 14 days."), complete="off")
    language = SelectField(_l("Language of the email"), choices=_options(STAFF_LANGUAGES))
    is_administrator = BooleanField(
        _l("Administrator"), description=_l("May see and change everything, and invite others")
    )


class Disable(Form):
    why = StringField(_l("Reason, for the audit trail"), [Length(max=300)])


class TrailSearch(Form):
    class Meta:
        csrf = False  # it only asks

    subject = SelectField(_l("About"), default="", choices=lambda: _options(_subjects(), gettext("Anything")))
    actor = StringField(_l("By"), [Length(max=200)], description=_l("Part of a name or an email address"))
    programme = SelectField(_l("Programme"), default="")
    since = DateField(_l("From"), [Optional(), _in_our_time])
    until = DateField(_l("To"), [Optional(), _in_our_time])

    def take(self, programmes: list[Programme]) -> None:
        self.programme.choices = [
            ("", gettext("Any")),
            *((str(each.id), each.short_name) for each in programmes),
        ]


def _programmes(programmes: list[Programme], nothing: str | None = None) -> list[SelectChoice]:
    return _options(((str(each.id), each.short_name) for each in programmes), nothing)


def _subjects() -> list[tuple[str, str]]:
    return sorted(((table, str(text)) for table, text in SUBJECTS.items()), key=lambda pair: pair[1])
