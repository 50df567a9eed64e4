"""What is typed into a report on a plan, by herself or by who writes it down for her."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from trainingapp.forms import Form
from trainingapp.labels import choices, label
from trainingapp.once import OnceForm
from trainingapp.plans.models import Activity, Indicator
from trainingapp.plans.progress import reading
from trainingapp.plans.progress.actions import Counted, Said
from trainingapp.plans.progress.evidence import Shown
from trainingapp.plans.progress.ladder import WAYS_TO_VERIFY
from trainingapp.plans.progress.models import Source
from trainingapp.plans.progress.reading import AskedActivity, AskedIndicator, LastValue, Line

LONGEST = 10_000


class ReportForm(OnceForm):
    """How a plan stands today: `ask` puts its lines on it, and reads them."""

    text = TextAreaField(
        _l("What happened since the last report?"),
        description=_l("A sentence or two is enough. Say also what did not work."),
        validators=[Length(max=LONGEST)],
    )

    activities: list[AskedActivity]
    indicators: list[AskedIndicator]
    read: dict[str, Line]  # line's name -> what it says

    def ask(
        self, activities: list[Activity], indicators: list[Indicator], last: dict[int, LastValue]
    ) -> None:
        typed, posted = request.form, request.files
        self.activities = [
            AskedActivity(f"a-{one.id}", typed, activity=one, last=Said(one.state)) for one in activities
        ]
        self.indicators = [
            AskedIndicator(f"i-{one.id}", typed, indicator=one, last=last.get(one.id)) for one in indicators
        ]
        self.read = {
            **{a.id: reading.read_activity(typed, posted, a.id, a.activity.state) for a in self.activities},
            **{i.id: reading.read_indicator(typed, posted, i.id, i.indicator) for i in self.indicators},
        }
        for one in self._lines:
            one.error = self.read[one.id].error

    @property
    def _lines(self) -> list[AskedActivity | AskedIndicator]:
        return [*self.activities, *self.indicators]

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty report is no report."""
        is_valid = super().validate(extra_validators) and not any(one.error for one in self._lines)
        says = any(line.said or line.counted or line.shown for line in self.read.values())
        if not is_valid or says or self.text.data:
            return is_valid
        self.form_errors.append(_("Choose a state for at least one activity, or write what happened."))
        return False

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [*super().problems, *((one.id, one.error) for one in self._lines if one.error)]

    @property
    def lost_files(self) -> bool:
        """A browser does not choose the same file again by itself."""
        return bool(self.problems) and any(one.filename for one in request.files.values())

    @property
    def said(self) -> list[tuple[Activity, Said]]:
        found = [(one.activity, self.read[one.id].said) for one in self.activities]
        return [(activity, said) for activity, said in found if said]

    @property
    def counted(self) -> list[tuple[Indicator, Counted]]:
        found = [(one.indicator, self.read[one.id].counted) for one in self.indicators]
        return [(indicator, counted) for indicator, counted in found if counted]

    @property
    def shown(self) -> list[tuple[Activity | Indicator, Shown]]:
        of_activities = [(a.activity, shown) for a in self.activities for shown in self.read[a.id].shown]
        return [*of_activities, *((i.indicator, s) for i in self.indicators for s in self.read[i.id].shown)]


class RecordForm(ReportForm):
    source = SelectField(_l("How it reached you"))

    def __init__(self) -> None:
        super().__init__()
        self.source.choices = [
            SelectChoice(value, text) for value, text in choices(Source) if value != Source.SELF
        ]


class VerifyForm(Form):
    """A coordinator's step on the ladder, or one taken back."""

    how = SelectField(_l("How you know"))
    note = TextAreaField(_l("What you saw, heard or read"), validators=[InputRequired(), Length(max=LONGEST)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.how.choices = [SelectChoice(way.value, label(way)) for way in WAYS_TO_VERIFY]


class SupervisorForm(OnceForm):
    """Whom two questions go to."""

    name = StringField(_l("Supervisor"), validators=[InputRequired(), Length(max=200)])
    email = StringField(_l("Email of the supervisor"), validators=[InputRequired(), Length(max=320)])
