"""What a participant types into a plan and a report, and what a reviewer says."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from trainingapp.forms import Form
from trainingapp.labels import choices
from trainingapp.once import OnceForm
from trainingapp.plans import amounts
from trainingapp.plans.models import (
    Activity,
    ActivityState,
    Indicator,
    PlanComment,
)
from trainingapp.plans.plan_form import options
from trainingapp.plans.progress_models import Source
from trainingapp.refusals import Refusal

LONGEST = 10_000


class ReviewForm(Form):
    changes = TextAreaField(
        _l("What should change?"),
        description=_l("It goes out by email together with your remarks on single lines."),
        validators=[Length(max=LONGEST)],
    )


class CommentForm(OnceForm):
    text = TextAreaField(_l("Your comment"), validators=[InputRequired(), Length(max=LONGEST)])
    about = HiddenField()


class StopForm(Form):
    why = TextAreaField(_l("Why does it stop?"), validators=[InputRequired(), Length(max=LONGEST)])


class AmountField(StringField):
    """A number in any local notation; `amount` is what it means."""

    amount: Any = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - as WTForms calls it
        try:
            self.amount = amounts.read(self.data or "")
        except Refusal as refusal:
            raise ValidationError(str(refusal)) from refusal


class ReportForm(OnceForm):
    """How a plan stands today. Its activities and indicators are added by `report_form`."""

    text = TextAreaField(
        _l("What happened since the last report?"),
        description=_l("A sentence or two is enough. Say also what did not work."),
        validators=[Length(max=LONGEST)],
    )

    activities: list[Activity]
    indicators: list[Indicator]

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty report is no report."""
        is_valid = super().validate(extra_validators)
        if any(field.data for field in self if field.name not in {"csrf_token", "form_id", "source"}):
            return is_valid
        self.form_errors.append(_("Choose a state for at least one activity, or write what happened."))
        return False

    @property
    def said(self) -> list[tuple[Activity, ActivityState, str]]:
        """The activities that something was said of; a word alone leaves the state as it is."""
        found = [(a, self[f"state-{a.id}"].data, self[f"note-{a.id}"].data) for a in self.activities]
        return [(a, ActivityState(state or a.state), note or "") for a, state, note in found if state or note]

    @property
    def counted(self) -> list[tuple[Indicator, Decimal]]:
        found = [(indicator, self[f"value-{indicator.id}"].amount) for indicator in self.indicators]
        return [(indicator, amount) for indicator, amount in found if amount is not None]


class RecordForm(ReportForm):
    source = SelectField(_l("How it reached you"))


def report_form(
    kind: type[ReportForm], activities: list[Activity], indicators: list[Indicator]
) -> ReportForm:
    """With `state-<id>` and `note-<id>` for each activity, and `value-<id>` for each indicator."""
    states = options(choices(ActivityState))
    fields: dict[str, Any] = {}
    for activity in activities:
        fields[f"state-{activity.id}"] = RadioField(
            activity.what, choices=states, validators=[Optional()], default=""
        )
        fields[f"note-{activity.id}"] = StringField(_("A word about it"), validators=[Length(max=LONGEST)])
    for indicator in indicators:
        fields[f"value-{indicator.id}"] = AmountField(indicator.name, description=_aim(indicator))
    form = type("ReportOnPlan", (kind,), fields)()
    form.activities, form.indicators = activities, indicators
    if isinstance(form, RecordForm):
        form.source.choices = options(pair for pair in choices(Source) if pair[0] != Source.SELF)
    return form


def _aim(indicator: Indicator) -> str:
    """In what it is counted, and how far it should go."""
    if indicator.target is None:
        return indicator.unit
    target = amounts.write(indicator.target)
    return _("Target: %(target)s %(unit)s", target=target, unit=indicator.unit)


def by_place(comments: list[PlanComment]) -> dict[str, list[PlanComment]]:
    """Comments by what they are about; "" is the whole plan."""
    found: dict[str, list[PlanComment]] = {}
    for comment in comments:
        found.setdefault(comment.place, []).append(comment)
    return found
