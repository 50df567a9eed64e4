"""What a plan still lacks before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from trainingapp.plans import days
from trainingapp.plans.content import Document
from trainingapp.plans.drafts import LINES, PLAN, is_blank
from trainingapp.plans.models import PlanComment
from trainingapp.refusals import Refusal

FEWEST, MOST = 3, 7


@dataclass(frozen=True)
class Check:
    text: str
    target: str  # the id of the field or section on the editor's page
    done: bool = False
    wrong: bool = False  # typed, and cannot be right: said at the field too


def checks(typed: Document, unanswered: Sequence[PlanComment]) -> list[Check]:
    """For the editor's texts: what is done, and one line for each thing that is not."""
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
    ]


def is_ready(made: Sequence[Check]) -> bool:
    return all(check.done for check in made)


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
    """Says which activity it is about; the others are about the plan, or a line that has gone."""
    numbers = {line["id"]: number for number, line in enumerate(typed["activities"], 1)}
    number = numbers.get(str(comment.activity_id))
    if number:
        return _("Answer the comment on activity %(number)d", number=number)
    return _("Answer the comment of %(name)s", name=comment.author.name)


def _day(text: str) -> date | None:
    try:
        return days.read(text)
    except Refusal:
        return None
