"""What a plan still lacks before it is sent: what must be there, and what would make it better."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from trainingapp import dates
from trainingapp.plans import days
from trainingapp.plans.models import PlanComment
from trainingapp.plans.versions.content import Document
from trainingapp.plans.writing.drafts import LINES, PLAN, is_blank
from trainingapp.refusals import Refusal

FEWEST, MOST = 3, 7  # activities
FEWEST_OBJECTIVES, MOST_OBJECTIVES = 2, 4


@dataclass(frozen=True)
class Check:
    text: str
    target: str  # the id of the field or section on the editor's page
    done: bool = False
    wrong: bool = False  # typed, and cannot be right: said at the field too
    must: bool = True  # else it would only be better: the plan can be sent without

    @property
    def step(self) -> str:
        """Where on the way through the plan that is."""
        return next((step for start, step in STEPS_OF.items() if self.target.startswith(start)), "problem")


# The beginning of a target -> the step that shows it. Comments stand in every step, at their line.
STEPS_OF = {
    "inspired": "problem",
    "goal": "goal",
    "beneficiaries": "goal",
    "objectives": "goal",
    "ob": "goal",
    "activities": "activities",
    "ac": "activities",
    "indicators": "indicators",
    "in": "indicators",
    "risks": "risks",
    "ri": "risks",
    "support": "risks",
    "frames": "frames",
}


def checks(typed: Document, unanswered: Sequence[PlanComment], begin_by: date) -> list[Check]:
    """For the editor's texts: what is done, and one line for each thing that is not. The first activity
    should begin by `begin_by`.
    """
    return [
        _one(_("A title"), _("Give the plan a title"), "title", typed["title"]),
        _one(
            _("Problem has a kind and your words"),
            _("Say what kind of problem it is, in your words too"),
            "problem" if typed["problem_kind"] else "problem_kind",
            typed["problem_kind"] and typed["problem"],
        ),
        _one(_("Goal says who, how many and when"), _("Write your goal"), "goal", typed["goal"]),
        *_activities(typed["activities"]),
        *_indicators(typed["indicators"]),
        *_unreadable(typed),
        *(Check(_to_answer(comment, typed), f"comment-{comment.id}") for comment in unanswered),
        *_better(typed, begin_by),
    ]


def is_ready(made: Sequence[Check]) -> bool:
    return all(check.done for check in made if check.must)


def _better(typed: Document, begin_by: date) -> list[Check]:
    """What a reader will miss. It never stops the plan."""
    return [
        _objectives(typed["objectives"]),
        _nicer(
            _("Says who gains from it"),
            _("Say who gains from it, and how many"),
            "beneficiaries",
            typed["beneficiaries"],
        ),
        _first_month(typed["activities"], begin_by),
        *_payers(typed["activities"]),
        *_proofs(typed["indicators"]),
        _risks(typed["risks"]),
        _nicer(
            _("Points to a development goal"),
            _("Choose the development goals it helps"),
            "frames",
            typed["sdg_targets"] or typed["frame_goals"],
        ),
    ]


def _nicer(done: str, missing: str, target: str, value: object) -> Check:
    return Check(done if value else missing, target, bool(value), must=False)


def _objectives(lines: list[Document]) -> Check:
    many = sum(not is_blank(line) for line in lines)
    facts = {"fewest": FEWEST_OBJECTIVES, "most": MOST_OBJECTIVES}
    if FEWEST_OBJECTIVES <= many <= MOST_OBJECTIVES:
        return Check(_("%(fewest)d to %(most)d objectives", **facts), "ob", done=True, must=False)
    return Check(_("Divide the goal into %(fewest)d to %(most)d objectives", **facts), "ob", must=False)


def _first_month(lines: list[Document], begin_by: date) -> Check:
    starts = [start for line in lines if (start := _day(line["starts_on"]))]
    if any(start <= begin_by for start in starts):
        return Check(_("The first activity begins within a month"), "ac", done=True, must=False)
    text = _(
        "Let one activity begin by %(day)s: plans that start in the first month get done",
        day=dates.day(begin_by),
    )
    return Check(text, "activities-0-starts_on" if lines else "ac", must=False)


def _payers(lines: list[Document]) -> list[Check]:
    costly = [(at, line) for at, line in enumerate(lines) if line["cost"]]
    texts = (_("Every cost has somebody who pays"), _("Say who pays for each cost"))
    return [_every("activities", "payer", costly, texts)] if costly else []


def _proofs(lines: list[Document]) -> list[Check]:
    written = [(at, line) for at, line in enumerate(lines) if not is_blank(line)]
    asked = {
        "baseline": (_("Every indicator has a baseline"), _("Say how many each indicator counts today")),
        "counted_on": (_("Every target has its day"), _("Say by which day each target is meant")),
        "evidence": (_("Every indicator can be shown"), _("Say what will show each indicator")),
    }
    return [_every("indicators", field, written, texts) for field, texts in asked.items()] if written else []


def _every(of: str, field: str, lines: list[tuple[int, Document]], texts: tuple[str, str]) -> Check:
    """Whether each of these lines says it; leads to the first that does not."""
    missing = next((at for at, line in lines if not line[field]), None)
    if missing is None:
        return Check(texts[0], of[:2], done=True, must=False)
    return Check(texts[1], f"{of}-{missing}-{field}", must=False)


def _risks(lines: list[Document]) -> Check:
    written = [(at, line) for at, line in enumerate(lines) if not is_blank(line)]
    if not written:
        return Check(_("Name one risk, and what you do then"), "ri", must=False)
    texts = (_("Every risk has an answer"), _("Say for each risk what you do then"))
    return _every("risks", "response", written, texts)


def _one(done: str, missing: str, target: str, value: object) -> Check:
    return Check(done if value else missing, target, bool(value))


def _activities(lines: list[Document]) -> list[Check]:
    written = [(number, line) for number, line in enumerate(lines) if not is_blank(line)]
    enough = FEWEST <= len(written) <= MOST
    found = [Check(_("%(fewest)d to %(most)d activities", fewest=FEWEST, most=MOST), "ac", enough)]
    missing = [check for number, line in written for check in _activity(number, line)]
    said = _("Every activity says what, who, the first step and when")
    return found + (missing or [Check(said, "ac", bool(written))])


def _activity(at: int, line: Document) -> list[Check]:
    number = at + 1
    asked = (
        ("what", _("Activity %(number)d does not say what you do", number=number)),
        ("who", _("Activity %(number)d has nobody who does it", number=number)),
        ("first_step", _("Activity %(number)d has no first step", number=number)),
        ("due_on", _("Activity %(number)d has no due date", number=number)),
    )
    found = [Check(text, f"activities-{at}-{field}") for field, text in asked if not line[field]]
    start, due = _day(line["starts_on"]), _day(line["due_on"])
    if start and due and due < start:
        text = _("Activity %(number)d is due before it starts", number=number)
        found.append(Check(text, f"activities-{at}-due_on", wrong=True))
    if line["cost"] and not line["currency"]:
        text = _("Activity %(number)d has a cost without a currency", number=number)
        found.append(Check(text, f"activities-{at}-currency", wrong=True))
    return found


def _indicators(lines: list[Document]) -> list[Check]:
    written = [(number, line) for number, line in enumerate(lines) if not is_blank(line)]
    missing = []
    for at, line in written:
        if not line["name"]:
            text = _("Indicator %(number)d does not say what you count", number=at + 1)
            missing.append(Check(text, f"indicators-{at}-name"))
        if not line["target"]:
            text = _("Indicator %(number)d has no target", number=at + 1)
            missing.append(Check(text, f"indicators-{at}-target"))
    return missing or [Check(_("At least one indicator, each with a target"), "in", bool(written))]


def _unreadable(typed: Document) -> list[Check]:
    fields = [(field, typed[field], read) for field, read in PLAN.items()]
    fields += [
        (f"{of}-{at}-{field}", line[field], read)
        for of, readers in LINES.items()
        for at, line in enumerate(typed[of])
        for field, read in readers.items()
    ]
    found = []
    for target, text, read in fields:
        try:
            read(text)
        except Refusal as refusal:
            found.append(Check(str(refusal), target, wrong=True))
    return found


def _to_answer(comment: PlanComment, typed: Document) -> str:
    """Says which line it is about; the others are about the plan, or a line that has gone."""
    of, _dash, line_id = comment.place.partition("-")
    numbers = {line["id"]: number for number, line in enumerate(typed.get(of, []), 1)} if line_id else {}
    if line_id in numbers:
        said = {
            "objectives": _("Answer the comment on objective %(number)d", number=numbers[line_id]),
            "activities": _("Answer the comment on activity %(number)d", number=numbers[line_id]),
            "indicators": _("Answer the comment on indicator %(number)d", number=numbers[line_id]),
            "risks": _("Answer the comment on risk %(number)d", number=numbers[line_id]),
        }
        return said[of]
    return _("Answer the comment of %(name)s", name=comment.author.name)


def _day(text: str) -> date | None:
    try:
        return days.read(text)
    except Refusal:
        return None
