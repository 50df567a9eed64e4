"""What a coordinator may type about schedules, waves and attempts to reach someone."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from trainingapp.followups.models import AttemptOutcome, Channel, UncertainRule
from trainingapp.followups.rescue.models import HelperRole
from trainingapp.forms import DayField, EditForm, Form
from trainingapp.labels import choices
from trainingapp.once import OnceForm

MOST_REMINDERS = 2  # by mail; then a person
MOST_DIGITS = 4  # of a number of days
EARLIEST_REMINDER = 7  # days: one message a week


class DaysField(StringField):
    """Whole numbers, shown and typed as text: 10, 17."""

    def process_data(self, value: list[int] | None) -> None:
        self.data = ", ".join(map(str, value or []))


class RulesForm(EditForm):
    check_years = IntegerField(
        _l("Ask “still you?” for"),
        [Optional(), NumberRange(0, 30)],
        description=_l("Years after the edition: once a year, between and after the waves. 0 for never."),
    )
    from_hour = IntegerField(
        _l("From"), [InputRequired(), NumberRange(0, 22)], description=_l("Hour where each person lives")
    )
    to_hour = IntegerField(_l("Until"), [InputRequired(), NumberRange(1, 24)])
    reminder_days = DaysField(
        _l("Reminders after"),
        description=_l("Days after the invitation, at most two: 10, 17. Empty for none."),
    )
    open_days = IntegerField(
        _l("Open for"),
        [InputRequired(), NumberRange(7, 120)],
        description=_l("Days from the opening to the closing day of new waves"),
    )

    uncertain_rule = RadioField(
        _l("When nobody knows whether a message arrived"),
        coerce=UncertainRule,
        description=_l(
            "A connection can break after the mail server took a message and before it said so. For a day "
            "we look for a sign: a bounce, a notice, or the link being used. Then:"
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uncertain_rule.choices = choices(UncertainRule)

    def validate_to_hour(self, field: IntegerField) -> None:
        if field.data is not None and self.from_hour.data is not None and field.data <= self.from_hour.data:
            raise ValidationError(_("The last hour must be later than the first."))

    def validate_reminder_days(self, field: StringField) -> None:
        parts = [part for part in re.split(r"[\s,;]+", field.data or "") if part]
        if not all(part.isdecimal() and len(part) <= MOST_DIGITS for part in parts):
            raise ValidationError(_("Write whole numbers of days, like 10, 17."))
        days = sorted({int(part) for part in parts})
        if len(days) > MOST_REMINDERS:
            raise ValidationError(
                _("At most two reminders go by email. After that, a person does better than a third email.")
            )
        if days and (days[0] < EARLIEST_REMINDER or days[-1] > (self.open_days.data or 0)):
            raise ValidationError(
                _("A reminder comes at least 7 days after the invitation, before the close.")
            )

    @property
    def days(self) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", self.reminder_days.data or "")]


class WaveForm(EditForm):
    survey_version_id = SelectField(_l("Questionnaire"), coerce=int)
    opens_on = DayField(_l("Opens on"), [InputRequired()])
    closes_on = DayField(
        _l("Closes on"), [InputRequired()], description=_l("The last day on which an answer counts")
    )


class NewWaveForm(WaveForm):
    offset_months = IntegerField(
        _l("Months after the last day"), [InputRequired(), NumberRange(0, 120)], default=9
    )


class WhyForm(EditForm):
    why = TextAreaField(_l("Why"), [DataRequired(), Length(max=500)])


class AttemptForm(OnceForm):
    channel = SelectField(_l("How"))
    contact = StringField(
        _l("Which number, address or person"), [Length(max=320)], description=_l("As it stands above")
    )
    outcome = SelectField(_l("What came of it"))
    day = DayField(
        _l("Day"),
        [Optional()],
        description=_l("When to try again; empty for in three days. For someone who died, the day if known."),
    )
    new_address = EmailField(
        _l("New email address"),
        [Length(max=320)],
        description=_l("Written to first from now on; an open invitation goes there at once."),
    )
    note = TextAreaField(_l("Note"), [Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = choices(Channel)
        self.outcome.choices = choices(AttemptOutcome)


class HelperForm(EditForm):
    role = SelectField(_l("Who they are"))
    name = StringField(_l("Name"), [DataRequired(), Length(max=200)])
    email = EmailField(_l("Email address"), [Length(max=320)])
    phone = StringField(_l("Telephone"), [Length(max=60)])
    agreed_on = DayField(
        _l("Agreed on"),
        [Optional()],
        description=_l("The day they agreed to be asked by us. Without it nobody is offered to ask them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = choices(HelperRole)

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "role": HelperRole(self.role.data),
            "name": self.name.data,
            "email": self.email.data,
            "phone": self.phone.data,
            "agreed_on": self.agreed_on.data,
        }


class FinishForm(Form):
    """Ends a task by hand."""

    why = TextAreaField(
        _l("Why"), [DataRequired(_l("Say why, for whoever looks here next.")), Length(max=500)]
    )


class AddressForm(Form):
    email = EmailField(_l("Email address"), [DataRequired(), Length(max=320)])
