"""What a person may type about editions and enrolments."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional

from trainingapp import countries
from trainingapp.cohorts.models import CohortState, EnrolmentKind, Funding, Mode, PartnerRole
from trainingapp.forms import DayField, EditForm
from trainingapp.forms import Form as OurForm
from trainingapp.labels import choices
from trainingapp.participants.forms import AddPersonForm, CountryField, ZoneField

MOST_PLACES = 100_000
MOST_LINES = 60


def _stripped(text: object) -> object:
    return text.strip() if isinstance(text, str) else text


class PlaceForm(Form):
    name = StringField(_l("Place"), [Length(max=120)], filters=[_stripped])
    time_zone = ZoneField(_l("Time zone"), [Length(max=64)], filters=[_stripped])


class QuotaForm(Form):
    country = StringField(_l("Country"), [Length(max=120)], filters=[_stripped])
    places = IntegerField(_l("Places"), [Optional(), NumberRange(0, MOST_PLACES)])

    def validate_country(self, field: StringField) -> None:
        if field.data and countries.find(field.data) is None:
            raise ValidationError(_("We do not know a country called “%(text)s”.", text=field.data))
        if field.data and self.places.data is None:
            raise ValidationError(_("Write how many places."))


class PartnerForm(Form):
    name = StringField(_l("Partner"), [Length(max=200)], filters=[_stripped])
    role = SelectField(_l("Role"), choices=lambda: choices(PartnerRole))


class CohortForm(EditForm):
    theme_id = SelectField(_l("Theme"), coerce=int)
    name = StringField(
        _l("Name"),
        [DataRequired(_l("Name the edition, for example “2026 edition”.")), Length(max=200)],
        description=_l("As people call it, for example “2026 edition”."),
    )
    starts_on = DayField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    ends_on = DayField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    time_zone = ZoneField(
        _l("Time zone"),
        [DataRequired(_l("Write the time zone, for example Asia/Jakarta.")), Length(max=64)],
        description=_l("In which these days are meant."),
    )
    mode = SelectField(_l("Mode"), choices=lambda: choices(Mode))
    capacity = IntegerField(
        _l("Places"),
        [
            InputRequired(_l("Write how many people can take part.")),
            NumberRange(1, MOST_PLACES, _l("Write a number from 1 to 100,000.")),
        ],
    )
    places_per_country = IntegerField(
        _l("Places for each country"),
        [Optional(), NumberRange(0, MOST_PLACES, _l("Write a number from 0 to 100,000."))],
        description=_l("Leave empty for no limit. Exceptions stand below."),
    )
    places = FieldList(FormField(PlaceForm), max_entries=MOST_LINES)
    quotas = FieldList(FormField(QuotaForm), max_entries=MOST_LINES)
    partners = FieldList(FormField(PartnerForm), max_entries=MOST_LINES)

    LINES = ("places", "quotas", "partners")
    COLUMNS = ("name", "starts_on", "ends_on", "time_zone", "mode", "capacity", "places_per_country")

    def validate_ends_on(self, field: DayField) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day comes before the first."))

    def validate_quotas(self, field: FieldList) -> None:
        """The same country twice is a slip, and the sum of exceptions says how many places are promised."""
        named = [countries.find(line.country.data) for line in field if line.country.data]
        twice = sorted({code for code in named if code and named.count(code) > 1})
        if twice:
            names = ", ".join(map(countries.name_of, twice))
            raise ValidationError(_("Written twice: %(names)s.", names=names))

    def facts(self) -> dict[str, Any]:
        """Columns of Cohort."""
        return {**{name: self[name].data for name in self.COLUMNS}, "mode": Mode(self.mode.data)}

    def details(self) -> tuple[list[tuple[str, str]], dict[str, int], list[tuple[str, PartnerRole]]]:
        """What editions.set_details takes; empty lines are nobody's."""
        zone = self.time_zone.data or ""
        places = [
            (line.form.name.data, line.time_zone.data or zone) for line in self.places if line.form.name.data
        ]
        quotas = {
            countries.find(line.country.data) or "": line.places.data or 0
            for line in self.quotas
            if line.country.data
        }
        partners = [
            (line.form.name.data, PartnerRole(line.role.data))
            for line in self.partners
            if line.form.name.data
        ]
        return places, quotas, partners

    @property
    def problems(self) -> list[tuple[str, str]]:
        lines = [
            (inner.id, error)
            for name in self.LINES
            for line in self[name]
            for inner in line
            for error in inner.errors
        ]
        return super().problems + lines


class MoveOnForm(EditForm):
    state = SelectField(_l("New state"), choices=lambda: choices(CohortState))
    on = DayField(_l("Decided on"), [InputRequired(_l("Choose the day of the decision."))])
    reason = TextAreaField(
        _l("Why"),
        [Length(max=2000)],
        description=_l("Needed to postpone, move online, cancel, or go a step back."),
    )


class EnrolmentFacts:
    """Fields of an enrolment, for forms that make or edit one."""

    kind = SelectField(_l("Comes as"), choices=lambda: choices(EnrolmentKind))
    mode = SelectField(_l("Takes part"), choices=lambda: choices(Mode))
    funding = SelectField(_l("Funding"), choices=lambda: choices(Funding))
    nominating_body = StringField(_l("Nominated by"), [Length(max=200)])
    organisation = StringField(
        _l("Organisation"), [Length(max=200)], description=_l("At the time of the course.")
    )
    post = StringField(_l("Post"), [Length(max=200)], description=_l("At the time of the course."))
    supervisor_name = StringField(_l("Supervisor"), [Length(max=200)])
    supervisor_email = StringField(
        _l("Supervisor's email"),
        [Optional(), Length(max=320), Email(_l("Write an address like name@example.org."))],
    )

    TEXTS = ("nominating_body", "organisation", "post", "supervisor_name", "supervisor_email")

    def enrolment(self) -> dict[str, Any]:
        """Columns of Enrolment."""
        fields = self._fields  # type: ignore[attr-defined]
        return {
            **{name: fields[name].data or "" for name in self.TEXTS},
            "kind": EnrolmentKind(fields["kind"].data),
            "mode": Mode(fields["mode"].data),
            "funding": Funding(fields["funding"].data),
        }


class EnrolForm(EnrolmentFacts, OurForm):
    """For someone who is known."""

    country = CountryField(_l("Nominated by which country"))


class EnrolNewForm(EnrolmentFacts, AddPersonForm):
    """For someone new: the person and the enrolment at once. Their country nominates them."""


class EditEnrolmentForm(EnrolmentFacts, EditForm):
    country = CountryField(_l("Nominated by which country"))

    def enrolment(self) -> dict[str, Any]:
        return {**super().enrolment(), "country": self.country.data}


class ChangeForm(OurForm):
    """One step for one or many people."""

    reason = TextAreaField(_l("Why"), [Length(max=2000)])
