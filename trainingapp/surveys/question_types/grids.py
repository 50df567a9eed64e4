"""The same asked of several: rows of a matrix, then and now, each of her own activities."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from trainingapp.surveys.expressions import Value
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types.choices import Choice, cell_of, check_listed, texts_of
from trainingapp.surveys.question_types.contract import (
    AnswerValue,
    Asked,
    Cells,
    FormValues,
    Option,
    at_most,
    first,
    plain,
)
from trainingapp.surveys.question_types.scales import POINTS, Points, check_points, points_of
from trainingapp.surveys.question_types.settings import Rows, Words
from trainingapp.surveys.question_types.summaries import Counted, Line, Row, Spread, Summary
from trainingapp.surveys.wording import spoken, text_in

LONGEST_TEXT = 300


_MAYBE_CHOICES = Rows("choices", _l("Answers, instead of points"), is_fresh=False)


class Grid(Points, Choice):
    """Each item is answered by one choice, by a point, or, where neither is offered, in a line of text."""

    def options(self, question: Question, asked: Asked) -> list[Option]:
        if "choices" in question.options:
            return texts_of(question.options["choices"], asked.language)
        return points_of(question.options) if "from" in question.options else []

    def read(self, question: Question, form: FormValues, asked: Asked) -> list[AnswerValue]:
        offered = self.options(question, asked)
        found = []
        for item in self.items(question, asked):
            text = " ".join(plain(form.get(self.part(question, item.value), "")).split())
            if text and offered:
                self.check([text], question, asked)
                number = float(text) if "from" in question.options else None
                found.append(AnswerValue(choice=text, number=number, item=item.value))
            elif text:
                text = at_most(text, LONGEST_TEXT, self.name(question))
                found.append(AnswerValue(text=text, item=item.value))
        return found

    def prefill(self, question: Question, values: Sequence[AnswerValue]) -> dict[str, list[str]]:
        return {self.part(question, value.item): [value.choice or value.text or ""] for value in values}

    def columns(self, question: Question) -> list[str]:
        return [item.value for item in self.items(question, Asked("en"))]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        return {value.item: self.cell(question, value, language) for value in values}

    def cell(self, question: Question, value: AnswerValue, language: str) -> str | float:
        if value.number is not None:
            return value.number
        return value.text or cell_of(value.choice, self.options(question, Asked(language)), language)

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        form: FormValues = MultiDict()
        for item in self.columns(question):
            form.add(self.part(question, item), self.chosen(question, cells.get(item, ""), languages))
        return form

    def chosen(self, question: Question, cell: str, languages: Sequence[str]) -> str:
        """What the page would have sent for it. Raises AnswerUnreadable."""
        text = plain(cell)
        if "from" in question.options:
            return self.point(question, text, languages)
        if not text or "choices" not in question.options:
            return text
        return self.found(question, text, languages)

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        """selected(${key}, 'row:choice') asks for one row."""
        return " ".join(f"{value.item}:{value.choice}" for value in values if value.choice)

    def rows(self, question: Question, counted: Iterable[Counted], language: str) -> list[Row]:
        """What a row has no more than its column in an older wording follows under its own name."""
        given = list(counted)
        asked = Asked(language)
        named = {item.value: item.text for item in self.items(question, asked)}
        named |= {value.item: value.item for value in given if value.item not in named}
        return [
            _row(item, text, self.options(question, asked), [one for one in given if one.item == item])
            for item, text in named.items()
        ]

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        rows = self.rows(question, counted, language)
        return Summary(people, rows=rows, ends=self.ends(question, language))

    def check_options(self, options: Mapping[str, Any]) -> None:
        if "choices" in options:
            check_listed(options["choices"], "choices")
        else:
            check_points(options)


def _row(value: str, text: str, options: Sequence[Option], counted: Sequence[Counted]) -> Row:
    counts: Counter[str] = Counter()
    for one in counted:
        counts[one.choice] += one.count
    lines = [Line(option.value, option.text, counts[option.value]) for option in options]
    return Row(value, text, sum(counts.values()), lines, Spread(counted).mean)


class Matrix(Grid):
    """Options: items [{value, text}], and choices, or from, to, low and high."""

    kind = "matrix"
    settings = (Rows("items", _l("What is asked about, a row each")), _MAYBE_CHOICES, *POINTS)
    title = _l("Matrix")
    seconds = 20

    def items(self, question: Question, asked: Asked) -> list[Option]:
        return texts_of(question.options["items"], asked.language)

    def check_options(self, options: Mapping[str, Any]) -> None:
        check_listed(options.get("items"), "items")
        super().check_options(options)


class ThenNow(Grid):
    """Options: from, to, low, high; then and now, what the two are called, language -> text.

    Asking for both at once measures change better than two surveys do: by then she knows what she did not
    know (response shift).
    """

    kind = "then_now"
    settings = (
        *POINTS,
        Words("then", _l("What “before” is called")),
        Words("now", _l("What “now” is called")),
    )
    title = _l("Then and now")
    seconds = 12

    def items(self, question: Question, asked: Asked) -> list[Option]:
        with spoken(asked.language):
            usual = {"then": _("Before"), "now": _("Now")}
        named = {item: text_in(question.options.get(item) or {}, asked.language) for item in usual}
        return [Option(item, named[item] or text) for item, text in usual.items()]

    def value(self, question: Question, values: Sequence[AnswerValue]) -> Value:
        """How it is now."""
        return next(
            (value.number for value in values if value.item == "now" and value.number is not None), ""
        )


class Activities(Grid):
    """Options: choices, or from, to, low and high; a line of text without them.

    The items are the activities of her own plan that are still open.
    """

    kind = "activities"
    settings = (_MAYBE_CHOICES, *POINTS)
    title = _l("Her own activities")
    seconds = 25
    knows_person = True
    asks_activities = True
    has_words = True

    def items(self, question: Question, asked: Asked) -> list[Option]:
        return [Option(number, what) for number, what in asked.activities]

    def columns(self, question: Question) -> list[str]:
        """One: nobody else has her activities. It holds a line an activity, "12: weekly"."""
        return [""]

    def write(
        self, question: Question, values: Sequence[AnswerValue], language: str
    ) -> dict[str, str | float]:
        lines = (f"{value.item}: {_said(self.cell(question, value, language))}" for value in values)
        return {"": "\n".join(lines)} if values else {}

    def read_cells(self, question: Question, cells: Cells, languages: Sequence[str]) -> list[AnswerValue]:
        """Whose activities they are, the caller knows."""
        form = self.typed(question, cells, languages)
        begin = len(self.part(question, ""))
        return self.read(question, form, Asked(first(languages), [(name[begin:], "") for name in form]))

    def typed(self, question: Question, cells: Cells, languages: Sequence[str]) -> FormValues:
        lines = re.findall(r"^\s*(\d{1,18})\s*:(.*)$", plain(cells.get("", "")), re.MULTILINE)
        return MultiDict(
            {self.part(question, item): self.chosen(question, cell, languages) for item, cell in lines}
        )

    def summary(self, question: Question, counted: Iterable[Counted], people: int, language: str) -> Summary:
        """All activities together: each is one person's."""
        lines = self.lines(question, (one for one in counted if one.choice), language)
        return Summary(people, lines, ends=self.ends(question, language), has_words=not lines)

    def check_options(self, options: Mapping[str, Any]) -> None:
        if "choices" in options or "from" in options:
            super().check_options(options)


def _said(cell: str | float) -> str:
    return cell if isinstance(cell, str) else f"{cell:g}"
