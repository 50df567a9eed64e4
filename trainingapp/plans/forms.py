"""What a participant types into a plan and a report, and what a reviewer says."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    FormField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.validators import InputRequired, Length

from trainingapp.forms import EditForm, Form
from trainingapp.labels import choices
from trainingapp.once import OnceForm
from trainingapp.plans import currencies
from trainingapp.plans.content import LISTS, Document
from trainingapp.plans.drafts import LINES, MOST_LINES, PLAN
from trainingapp.plans.models import Activity, Indicator, PlanComment, Problem
from trainingapp.plans.readiness import Check
from trainingapp.visits.models import SiteVisit

LONGEST = 10_000
Pairs = Iterable[tuple[str, str]]


def _options(pairs: Pairs, group: str | None = None) -> list[SelectChoice]:
    return [SelectChoice(value, text, optgroup=group) for value, text in pairs]


def _same(codes: Iterable[str]) -> Pairs:
    return ((code, code) for code in codes)


class ActivityLine(Part):
    id = HiddenField()
    what = StringField(_l("What you do"))
    who = StringField(_l("Who does it"))
    first_step = StringField(_l("First step"))
    starts_on = StringField(_l("Start"))
    due_on = StringField(_l("Due"))
    cost = StringField(_l("Cost"))
    currency = SelectField(_l("Currency"), validate_choice=False)


class IndicatorLine(Part):
    id = HiddenField()
    name = StringField(_l("What you count"))
    unit = StringField(_l("Unit"))
    baseline = StringField(_l("Baseline"))
    target = StringField(_l("Target"))


class PlanForm(EditForm):
    """The whole plan on one page. Nothing is refused here: what cannot be read is kept as it was typed."""

    title = StringField(_l("Title of the plan"))
    problem_kind = SelectField(
        _l("Kind of problem"),
        description=_l("So that we can find others with the same problem. Choose the closest one."),
        validate_choice=False,
    )
    problem = TextAreaField(_l("In your own words"))
    goal = TextAreaField(_l("By the end of my plan"))
    inspired_by_id = SelectField(_l("The visit that gave you the idea"), validate_choice=False)
    activities = FieldList(FormField(ActivityLine), max_entries=MOST_LINES)
    indicators = FieldList(FormField(IndicatorLine), max_entries=MOST_LINES)

    def offer(self, visits: list[SiteVisit], country: str) -> None:
        """Fills the selects; call before the page is shown."""
        self.problem_kind.choices = _options([("", _("Choose")), *choices(Problem)])
        places = [(str(visit.id), f"{visit.host.name}, {visit.host.place}") for visit in visits]
        self.inspired_by_id.choices = _options([("", _("None of them")), *places])
        likely, every = currencies.likely(country), sorted(currencies.in_use())
        money = _options([("", "-"), *_same(likely)], _("Likely")) + _options(_same(every), _("All"))
        for entry in self.activities:
            typed = entry.form.currency.data
            odd = [] if not typed or typed in every else _options(_same([typed]), _("As typed"))
            entry.form.currency.choices = money + odd

    @property
    def document(self) -> Document:
        """What was typed, without what browsers add to it."""
        return {
            **{field: _plain(self[field].data) for field in PLAN},
            **{
                of: [
                    {"id": entry.form.id.data or "", **{f: _plain(entry.form[f].data) for f in LINES[of]}}
                    for entry in self[of]
                ]
                for of in LISTS
            },
        }

    def say(self, checks: list[Check]) -> None:
        """Puts what is wrong at its field."""
        fields = {field.id: field for field in self if field.name not in LISTS}
        for of in LISTS:
            fields |= {field.id: field for entry in self[of] for field in entry.form}
        for check in checks:
            if check.wrong and check.target in fields:
                fields[check.target].errors = [*fields[check.target].errors, check.text]


def _plain(text: Any) -> str:
    return str(text or "").replace("\r\n", "\n").replace("\0", "").strip()


class ReviewForm(Form):
    changes = TextAreaField(
        _l("What should change?"),
        description=_l("It goes out by email together with your remarks on single lines."),
        validators=[Length(max=LONGEST)],
    )


class CommentForm(OnceForm):
    text = TextAreaField(_l("Your comment"), validators=[InputRequired(), Length(max=LONGEST)])
    about = SelectField(_l("About"), validate_choice=False)


class StopForm(Form):
    why = TextAreaField(_l("Why does it stop?"), validators=[InputRequired(), Length(max=LONGEST)])


def lines_to_comment(activities: list[Activity], indicators: list[Indicator]) -> list[SelectChoice]:
    """For CommentForm.about."""
    return _options(
        [
            ("", _("The whole plan")),
            *((f"activities-{a.id}", f"{n}. {a.what}") for n, a in enumerate(activities, 1)),
            *((f"indicators-{i.id}", i.name) for i in indicators),
        ]
    )


def by_line(comments: list[PlanComment]) -> dict[str, list[PlanComment]]:
    """Comments by what they are about; "" is the whole plan."""
    found: dict[str, list[PlanComment]] = {}
    for comment in comments:
        place = ""
        if comment.activity_id:
            place = f"activities-{comment.activity_id}"
        elif comment.indicator_id:
            place = f"indicators-{comment.indicator_id}"
        found.setdefault(place, []).append(comment)
    return found
