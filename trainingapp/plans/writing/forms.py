"""The plan as a form: all of it on one page, or one step of the way through it."""

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
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as Part
from wtforms.widgets import CheckboxInput, ListWidget

from trainingapp.forms import EditForm
from trainingapp.labels import choices
from trainingapp.plans import currencies
from trainingapp.plans.models import Disaggregation, Problem
from trainingapp.plans.queries import Inspirations
from trainingapp.plans.versions.content import LISTS, Document
from trainingapp.plans.writing.drafts import LINES, MOST_LINES, PLAN
from trainingapp.plans.writing.readiness import Check

# The way through the plan, and what is written at each step of it.
STEPS: dict[str, tuple[str, ...]] = {
    "problem": ("title", "problem_kind", "problem", "inspired_by_id", "session_id"),
    "goal": ("goal", "objectives", "beneficiaries"),
    "activities": ("activities",),
    "indicators": ("indicators",),
    "risks": ("risks", "support_wanted"),
    "frames": ("sdg_targets", "frame_goals"),
    "send": (),
}
EVERYTHING = (*PLAN, *LISTS)
Pairs = Iterable[tuple[str, str]]


def options(pairs: Pairs, group: str | None = None) -> list[SelectChoice]:
    return [SelectChoice(value, text, optgroup=group) for value, text in pairs]


def _same(codes: Iterable[str]) -> Pairs:
    return ((code, code) for code in codes)


class ObjectiveLine(Part):
    id = HiddenField()
    text = StringField(_l("What will be different"))


class ActivityLine(Part):
    id = HiddenField()
    note_card_id = HiddenField()
    what = StringField(_l("What you do"))
    who = StringField(_l("Who does it"))
    partners = StringField(_l("Who helps"))
    first_step = StringField(_l("First step"))
    starts_on = StringField(_l("Start"))
    due_on = StringField(_l("Due"))
    cost = StringField(_l("Cost"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    payer = StringField(_l("Who pays"))
    objective_id = SelectField(_l("For which objective"), validate_choice=False)


class IndicatorLine(Part):
    id = HiddenField()
    name = StringField(_l("What you count"))
    unit = StringField(_l("Unit"))
    baseline = StringField(_l("Baseline"))
    target = StringField(_l("Target"))
    counted_on = StringField(_l("By which day"))
    disaggregation = SelectField(_l("Counted apart"), validate_choice=False)
    evidence = StringField(_l("What will show it"))


class RiskLine(Part):
    id = HiddenField()
    risk = StringField(_l("What may go wrong"))
    response = StringField(_l("What you do then"))


class CodesField(SelectMultipleField):
    """Chosen codes; in a document one text, "9.3 17.9"."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_data(self, value: Any) -> None:
        self.data = (value or "").split()


class PlanForm(EditForm):
    """The whole plan, or one step of it. Nothing is refused here: what cannot be read is kept as typed."""

    step = HiddenField()
    title = StringField(_l("Title of the plan"))
    problem_kind = SelectField(
        _l("Kind of problem"),
        description=_l("So that we can find others with the same problem. Choose the closest one."),
        validate_choice=False,
    )
    problem = TextAreaField(_l("In your own words"))
    inspired_by_id = SelectField(_l("The visit that gave you the idea"), validate_choice=False)
    session_id = SelectField(_l("The session that gave you the idea"), validate_choice=False)
    goal = TextAreaField(_l("By the end of my plan"))
    beneficiaries = TextAreaField(
        _l("Who gains from it, and how many"),
        description=_l("Firms, people, women, young people: a number for each you can name."),
    )
    objectives = FieldList(FormField(ObjectiveLine), max_entries=MOST_LINES)
    activities = FieldList(FormField(ActivityLine), max_entries=MOST_LINES)
    indicators = FieldList(FormField(IndicatorLine), max_entries=MOST_LINES)
    risks = FieldList(FormField(RiskLine), max_entries=MOST_LINES)
    support_wanted = TextAreaField(
        _l("What you would like from the host country"),
        description=_l("A contact, advice, a sample, a visit. Leave it empty if you need nothing."),
    )
    sdg_targets = CodesField(validate_choice=False)
    frame_goals = CodesField(validate_choice=False)

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields of the step that is on the page; without a step, all of them."""
        return STEPS.get(self.step.data or "", EVERYTHING)

    def offer(self, known: Inspirations, country: str, objectives: list[Document]) -> None:
        """Fills the selects; call before the page is shown."""
        self.problem_kind.choices = options([("", _("Choose")), *choices(Problem)])
        places = [(str(visit.id), f"{visit.host.name}, {visit.host.place}") for visit in known.visits]
        self.inspired_by_id.choices = options([("", _("None of them")), *places])
        taught = [(str(one.id), one.title) for one in known.sessions]
        self.session_id.choices = options([("", _("None of them")), *taught])
        likely, every = currencies.likely(country), sorted(currencies.in_use())
        money = options([("", "-"), *_same(likely)], _("Likely")) + options(_same(every), _("All"))
        aims = [(o["id"], f"{n}. {o['text'][:60]}") for n, o in enumerate(objectives, 1) if o["text"]]
        for entry in self.activities:
            typed = entry.form.currency.data
            odd = [] if not typed or typed in every else options(_same([typed]), _("As typed"))
            entry.form.currency.choices = money + odd
            entry.form.objective_id.choices = options([("", _("All of them")), *aims])
        for entry in self.indicators:
            entry.form.disaggregation.choices = options(choices(Disaggregation))

    def document(self, saved: Document) -> Document:
        """What was typed, without what browsers add to it; what is not on the page stays as it is saved."""
        found: Document = {field: self._text(field) for field in self.shown if field in PLAN}
        for of in set(LISTS) & set(self.shown):
            found[of] = [
                {"id": entry.form.id.data or "", **{f: _plain(entry.form[f].data) for f in LINES[of]}}
                for entry in self[of]
            ]
        return {**saved, **found}

    def _text(self, field: str) -> str:
        data = self[field].data
        return " ".join(data or []) if isinstance(self[field], CodesField) else _plain(data)

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
