"""The first thing a page asks, offered in the mail: each choice opens the page with it chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.followups.steps import Step
from trainingapp.plans.models import ActivityState
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.wording import text_in

MOST_CHOICES = 11  # a scale from 0 to 10; a longer list belongs on the page

# How an activity of a plan stands, in one tap.
TAPS: dict[ActivityState, LazyString] = {
    ActivityState.DONE: _l("Done"),
    ActivityState.ON_TRACK: _l("Going on"),
    ActivityState.BLOCKED: _l("Stuck"),
    ActivityState.NOT_STARTED: _l("Not yet"),
}


@dataclass(frozen=True)
class FirstQuestion:
    """`choices` are ("field.choice", words), as the page reads them from `?a=`."""

    text: str
    choices: list[tuple[str, str]]
    ends: tuple[str, str] | None = None  # what the lowest and the highest point of a scale mean


def first_question(
    steps: Sequence[Step], questions: Sequence[Question], language: str
) -> FirstQuestion | None:
    """None where the first question wants more than one tap."""
    with force_locale(language.replace("-", "_")):
        if steps:
            choices = [(f"a-{steps[0].id}.{state}", str(words)) for state, words in TAPS.items()]
            asked = _("To begin: where is this step now? %(what)s", what=steps[0].what)
            return FirstQuestion(asked, choices)
        if not questions or not QUESTION_TYPES[questions[0].kind].takes_one_tap:
            return None
        first, kind = questions[0], QUESTION_TYPES[questions[0].kind]
        options = kind.options(first, Asked(language))
        choices = [(f"{kind.name(first)}.{option.value}", option.text) for option in options]
        ends = kind.ends(first, language)
        asked = FirstQuestion(text_in(first.wording, language), choices, ends)
        return asked if len(choices) <= MOST_CHOICES else None
