"""A point between two ends."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.numerals import read_number
from trainingapp.surveys.question_types.choices import Choice, YesNo
from trainingapp.surveys.question_types.contract import (
    AnswerUnreadable,
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    Option,
    OptionsUnfit,
    one_cell,
    plain,
)
from trainingapp.surveys.question_types.settings import Figure, Words
from trainingapp.surveys.question_types.summaries import Counted, Spread, Summary
from trainingapp.surveys.wording import folded, text_in

FEWEST_POINTS, MOST_POINTS = 2, 11


def points_of(options: Mapping[str, Any]) -> list[Option]:
    return [Option(str(point), str(point)) for point in range(options["from"], options["to"] + 1)]


def check_points(options: Mapping[str, Any]) -> None:
    """Raises OptionsUnfit."""
    low, high = options.get("from"), options.get("to")
    points = high - low + 1 if isinstance(low, int) and isinstance(high, int) else 0
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise OptionsUnfit(
            _("A scale has %(least)s to %(most)s points.", least=FEWEST_POINTS, most=MOST_POINTS), "from"
        )


POINTS = (
    Figure("from", _l("First point"), first=1),
    Figure("to", _l("Last point"), first=5),
    Words("low", _l("What the first point means")),
    Words("high", _l("What the last point means")),
)


class Points(Choice):
    """Answers that are points. Options: from, to, low and high: what the ends mean, language -> text."""

    def ends(self, question: Question, language: str) -> tuple[str, str]:
        low, high = question.options.get("low") or {}, question.options.get("high") or {}
        return text_in(low, language), text_in(high, language)

    def point(self, question: Question, cell: str, languages: Sequence[str]) -> str:
        """Of a cell that says 4, 4.0, or what an end means. Raises AnswerUnreadable."""
        text = plain(cell)
        with suppress(ValueError):
            return f"{read_number(text, 0):.0f}"
        options = points_of(question.options)
        ends = (options[0].value, options[-1].value)
        meant = {
            point
            for language in languages
            for point, end in zip(ends, self.ends(question, language), strict=True)
            if folded(end) == folded(text)
        }
        if text and len(meant) != 1:
            raise AnswerUnreadable(_("Choose from the answers shown here."), self.name(question))
        return meant.pop() if text else ""


class Scale(Points, YesNo):
    """From 2 to 11 points."""

    kind = "scale"
    settings = POINTS
    title = _l("Scale")
    seconds = 7

    def options(self, question: Question, asked: Asked) -> list[Option]:
        return points_of(question.options)

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        chosen = super().read(question, form, asked)
        return [AnswerValue(choice=value.choice, number=float(value.choice)) for value in chosen]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        return one_cell(value.number for value in values)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        return MultiDict({self.name(question): self.point(question, cells.get("", ""), languages)})

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        return next((value.number for value in values if value.number is not None), "")

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        given = list(counted)
        spread = Spread(given)
        lines = self.lines(question, given, language)
        return Summary(people, lines, spread.mean, spread.median, ends=self.ends(question, language))

    def check_options(self, options: Mapping[str, Any]) -> None:
        check_points(options)
