"""What a person may type about people."""

from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from trainingapp import countries, zones
from trainingapp.forms import DayField, EditForm, Form
from trainingapp.labels import choices
from trainingapp.participants.models import ContactKind, ContactState, Sex
from trainingapp.web import LANGUAGES


class ZoneField(StringField):
    """An IANA zone; a city's name is understood too."""

    data: str | None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms hands the form
        if not self.data:
            return
        found = zones.find(self.data)
        if found is None:
            text = _("“%(text)s” is not a time zone we know. Write it like Asia/Jakarta.", text=self.data)
            raise ValidationError(text)
        self.data = found


class CountryField(SelectField):
    """A country's code, chosen by its name in the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=lambda: [("", ""), *countries.choices()], **kwargs)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms hands the form
        if not countries.exists(self.data or ""):
            raise ValidationError(_("Choose a country."))


def language_choices() -> list[tuple[str, str]]:
    """Those in which we write to people, each in its own words and the reader's."""
    reader = get_locale() or Locale("en")
    return [(code, str(Locale.parse(code).get_display_name(reader) or code)) for code in LANGUAGES]


class PersonFacts:
    """Fields of a person, for forms that add or edit one."""

    full_name = StringField(
        _l("Full name"),
        [DataRequired(_l("Write the person's name.")), Length(max=200)],
        description=_l("As the person writes it. One word is fine."),
    )
    local_name = StringField(
        _l("Name in own script"),
        [Length(max=200)],
        description=_l("For example सीता or نیلوفر, if they use one."),
    )
    passport_name = StringField(
        _l("Name in the passport"), [Length(max=200)], description=_l("If it is written differently there.")
    )
    country = CountryField(_l("Country"))
    sex = SelectField(_l("Sex"), choices=lambda: choices(Sex), default=Sex.UNSTATED)
    born_on = DayField(_l("Born on"), [Optional()])
    language = SelectField(_l("We write to them in"), choices=language_choices, default="en")

    def person(self) -> dict[str, Any]:
        """Columns of Participant."""
        empty_is_none = ("local_name", "passport_name")
        as_typed = ("full_name", "country", "born_on", "language")
        facts: dict[str, Field] = self._fields  # type: ignore[attr-defined]
        return {
            **{name: facts[name].data or None for name in empty_is_none},
            **{name: facts[name].data for name in as_typed},
            "sex": Sex(facts["sex"].data),
        }


class AddPersonForm(PersonFacts, Form):
    """Asked first whether we know them already."""

    email = StringField(_l("Email"), [Length(max=320)])
    phone = StringField(
        _l("Telephone"), [Length(max=60)], description=_l("With the country: +977 1 555 0100.")
    )

    def names(self) -> tuple[str | None, ...]:
        return self.full_name.data, self.local_name.data, self.passport_name.data


class EditPersonForm(PersonFacts, EditForm):
    local_language = StringField(
        _l("Language of that name"),
        [Length(max=16)],
        description=_l("A code such as ne, fa or my, for the right letters."),
    )
    certificate_name = StringField(_l("Name on the certificate"), [Length(max=200)])
    time_zone = ZoneField(_l("Time zone"), [Length(max=64)], description=_l("If it is not their capital's."))
    opted_out = BooleanField(_l("Does not want follow-up mail"))
    agreed_to_help_on = DayField(
        _l("Agreed to help on"),
        [Optional()],
        description=_l("From then on we may ask them how to reach others of their edition."),
    )
    deceased_on = DayField(_l("Died on"), [Optional()])

    def person(self) -> dict[str, Any]:
        return {
            **super().person(),
            "local_language": self.local_language.data or None,
            "certificate_name": self.certificate_name.data or None,
            "time_zone": self.time_zone.data or None,
            "agreed_to_help_on": self.agreed_to_help_on.data,
            "deceased_on": self.deceased_on.data,
            "opted_out": self.opted_out.data,
        }


class AddContactForm(Form):
    kind = SelectField(_l("Kind"), choices=lambda: choices(ContactKind))
    value = StringField(
        _l("Address or number"), [DataRequired(_l("Write the address or number.")), Length(max=320)]
    )


class EditContactForm(Form):
    value = StringField(
        _l("Address or number"), [DataRequired(_l("Write the address or number.")), Length(max=320)]
    )
    state = SelectField(_l("State"), choices=lambda: choices(ContactState))
