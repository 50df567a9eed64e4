"""What a programme says of itself in IATI files."""

from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.validators import Email, Length, Optional, ValidationError

from trainingapp.forms import FIRST_YEAR, LAST_YEAR, EditForm, Form
from trainingapp.impact.iati import identifiers
from trainingapp.impact.iati.codes import code_list
from trainingapp.plans import currencies

REF = Length(max=100)


def named(name: str) -> list[tuple[str, str]]:
    """(code, code and name) of a list, without what was withdrawn. The names are the standard's own."""
    held = code_list(name)
    return [(code, f"{code}  {text}") for code, text in held.names.items() if code not in held.withdrawn]


def an_identifier(_form: Any, field: Field) -> None:
    if field.data and not identifiers.is_known_shape(field.data):
        raise ValidationError(str(identifiers.ODD))


class PartnerLine(Form):
    """The name is the editions' own."""

    class Meta:
        csrf = False  # the form around it has it

    name = HiddenField()
    ref = StringField(_l("Identifier"), [REF, Optional(), an_identifier])
    type = SelectField(_l("Kind"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type.choices = [("", _("not known")), *named("OrganisationType")]


class BudgetLine(Form):
    class Meta:
        csrf = False  # as above

    year = StringField(_l("Year"), [Length(max=4)])
    amount = StringField(_l("Amount"), [Length(max=20)])
    is_committed = BooleanField(_l("Agreed"))

    def validate_year(self, field: Field) -> None:
        text = field.data or ""
        is_year = text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR
        if (text or self.amount.data) and not is_year:
            raise ValidationError(_("Write the year with four digits."))

    def validate_amount(self, field: Field) -> None:
        if self.year.data and field.data and self.value is None:
            raise ValidationError(_("Write the amount in digits, like 120000 or 120000.50."))

    @property
    def value(self) -> Decimal | None:
        try:
            value = Decimal((self.amount.data or "").replace(" ", ""))
        except InvalidOperation:
            return None
        return value if value.is_finite() and 0 <= value < MOST_MONEY and value == round(value, 2) else None


MOST_MONEY = 10**14


class IatiForm(EditForm):
    organisation_name = StringField(_l("Who reports"), [Length(max=200)])
    organisation_ref = StringField(
        _l("Its identifier"),
        [REF, Optional(), an_identifier],
        description=_l("From the register that its agency keeps, like ID-KHH-12345 or XM-DAC-998."),
    )
    organisation_type = SelectField(_l("What it is"))
    sector = SelectField(_l("Sector"))
    sdgs = StringField(
        _l("Sustainable development goals and targets"),
        [Length(max=300)],
        description=_l("Codes with commas between them: 9, 9.3, 17.9"),
    )
    aid_type = SelectField(_l("Kind of aid"))
    collaboration = SelectField(_l("Kind of co-operation"))
    flow = SelectField(_l("Kind of flow"))
    finance = SelectField(_l("Kind of finance"))
    tied = SelectField(_l("Whether it is tied"))
    language = SelectField(_l("Language of the names"))
    currency = SelectField(_l("Currency"))
    contact_name = StringField(_l("Office to write to"), [Length(max=200)])
    contact_email = StringField(
        _l("Its address"),
        [Optional(), Length(max=320), Email(_l("Write the address like name@example.org."))],
        description=_l("It will be public. An office is better than a person."),
    )
    website = StringField(_l("Website"), [Length(max=300)])
    partners = FieldList(FormField(PartnerLine), max_entries=500)
    budgets = FieldList(FormField(BudgetLine), max_entries=100)

    LISTS = {  # noqa: RUF012 - read only
        "organisation_type": "OrganisationType",
        "sector": "Sector",
        "aid_type": "AidType",
        "collaboration": "CollaborationType",
        "flow": "FlowType",
        "finance": "FinanceType",
        "tied": "TiedStatus",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, held in self.LISTS.items():
            self[name].choices = named(held)
        names = (get_locale() or Locale("en")).languages
        languages = sorted(code_list("Language").codes)
        self.language.choices = [(code, f"{code}  {names.get(code, '')}") for code in languages]
        money = sorted(currencies.in_use() & code_list("Currency").codes)
        self.currency.choices = [(code, code) for code in money]

    def validate_sdgs(self, _field: Field) -> None:
        known = code_list("UNSDG-Goals").codes | code_list("UNSDG-Targets").codes
        for code in self.codes:
            if code not in known:
                text = _("“%(code)s” is no goal and no target. Write 9 or 9.3.", code=code[:20])
                raise ValidationError(text)

    def validate_budgets(self, _field: Field) -> None:
        years = [line.form.year.data for line in self.budgets if line.form.year.data]
        if twice := next((year for year in years if years.count(year) > 1), None):
            text = _("The year %(year)s stands in two lines. Write its budget in one.", year=twice)
            raise ValidationError(text)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Those of each line too."""
        lines = [line.form for line in (*self.partners, *self.budgets)]
        inside = [(field.id, str(error)) for line in lines for field in line for error in field.errors]
        return [*super().problems, *inside]

    @property
    def codes(self) -> list[str]:
        parts = (part.strip() for part in (self.sdgs.data or "").replace(";", ",").split(","))
        return list(dict.fromkeys(part for part in parts if part))
