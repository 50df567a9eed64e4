"""A first map, from what the columns are called and what stands in them. A person corrects it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from trainingapp.archives import keys, matching, moments, shapes
from trainingapp.archives.maps import Asked, Column, Map, Use
from trainingapp.archives.matching import Known
from trainingapp.archives.shapes import plain
from trainingapp.archives.tables import Table
from trainingapp.imports import dates
from trainingapp.surveys.question_types import OTHER

LONG = 100  # characters: an answer that is longer was written in a box
_GRID = re.compile(r"(?P<question>.+?)\s*\[(?P<row>[^\[\]]+)\]")  # Google Forms' heading of one row of a grid
_QUIZ = ("Points - ", "Feedback - ", "Poin - ", "Umpan balik - ")  # Microsoft Forms' columns of a quiz
_RATED = re.compile(
    r"rat(e|ing)|scale|score|how (much|well|likely|satisf|useful)|recommend|nilai|skala|seberapa|note"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}.*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?: .*)?")
_USUAL_TOP = (4, 5, 7, 10)


def guess(table: Table, survey: str, known: Sequence[Known], *, has_survey: bool, source: str = "") -> Map:
    """`known` questions of the survey itself come first. Where the survey exists, it gets no new question."""
    return _Guess(table, survey, known, has_survey=has_survey, source=source).made()


class _Guess:
    def __init__(
        self, table: Table, survey: str, known: Sequence[Known], *, has_survey: bool, source: str
    ) -> None:
        self.table = table
        self.known = [one for one in known if one.is_here or not has_survey]
        self.has_survey = has_survey
        self.map = Map(
            survey=survey,
            title=survey.replace("-", " ").replace("_", " ").capitalize(),
            source=source,
            sheet=table.sheet,
            heading_row=table.heading_row,
        )
        self.cells = [
            [cell for cell in table.column(at) if cell not in shapes.MISSING]
            for at in range(len(table.headings))
        ]
        self.offered_elsewhere = {
            plain(text) for cells in self.cells for text, count in Counter(cells).items() if count > 1
        }
        used = {cell for _number, row in table.rows for cell in row if cell in shapes.MISSING}
        self.map.missing = sorted(used)

    def made(self) -> Map:
        grids = self._grids()
        for at, heading in enumerate(self.table.headings):
            column = self._role(at, heading)
            if column is None and heading in grids:
                column = self._row_of_grid(at, heading, grids[heading])
            self.map.columns.append(column or self._answer(at, heading))
        days = [
            cell
            for at, one in enumerate(self.map.columns)
            if one.use is Use.ANSWERED_AT
            for cell in self.cells[at]
        ]
        self.map.day_first = dates.day_first(re.split(r"[ T]", cell)[0] for cell in days)
        if not days:
            self._look(_("No column says when people answered: write the day into “collected_on”."))
        return self.map

    def _look(self, sentence: str) -> None:
        self.map.check.append(sentence)

    # What is not an answer

    def _role(self, at: int, heading: str) -> Column | None:
        cells = self.cells[at]
        if not cells:
            return Column(heading, why=_("Nothing stands in it."))
        for use in (Use.ANSWERED_AT, Use.RESPONDENT, Use.LANGUAGE):
            if shapes.is_called(heading, use.value) and self._suits(use, cells):
                return self._about(use, heading, cells)
        why = {
            "moment": _("A moment that the form service noted."),
            "person": _("It says who answered."),
            "machine": _("The form service counted it; nobody answered it."),
        }
        name = next((name for name in why if shapes.is_called(heading, name)), None)
        if name is None and (heading.startswith(_QUIZ) or _is_counted(cells)):
            name = "machine"
        elif name is None and shapes.is_called(heading, Use.RESPONDENT.value):
            name = "person"
        return Column(heading, why=why[name]) if name else None

    def _about(self, use: Use, heading: str, cells: Sequence[str]) -> Column:
        if any(column.use is use for column in self.map.columns):
            return Column(heading, why=_("Another column says the same."))
        if use is Use.LANGUAGE:
            return Column(
                heading, use, choices={text: shapes.language_of(text) for text in sorted(set(cells))}
            )
        if use is Use.RESPONDENT:
            self._repeated(heading, cells)
        return Column(heading, use)

    def _suits(self, use: Use, cells: Sequence[str]) -> bool:
        if use is Use.LANGUAGE:
            return all(shapes.language_of(cell) for cell in set(cells))
        return use is not Use.RESPONDENT or (len(set(cells)) > len(cells) / 2 and not _is_counted(cells))

    def _repeated(self, heading: str, cells: Sequence[str]) -> None:
        """Without the text: it may be somebody's address, and the map is kept."""
        most = max(Counter(cells).values())
        if most > 1:
            self._look(
                _(
                    "%(heading)s: %(people)s different among %(rows)s rows; one is there %(most)s times. "
                    "Each row counts as an answer.",
                    heading=heading,
                    people=len(set(cells)),
                    rows=len(cells),
                    most=most,
                )
            )

    # Grids

    def _grids(self) -> dict[str, tuple[str, str]]:
        """Heading -> question and row, of questions with two rows and more whose cells hold one choice."""
        found = {heading: match for heading in self.table.headings if (match := _GRID.fullmatch(heading))}
        rows = Counter(match["question"] for match in found.values())
        return {
            heading: (match["question"], match["row"])
            for heading, match in found.items()
            if rows[match["question"]] > 1
        }

    def _row_of_grid(self, at: int, heading: str, grid: tuple[str, str]) -> Column | None:
        question, row = grid
        same = [one for one, (name, _row) in self._grids().items() if name == question]
        cells = [cell for other in same for cell in self.cells[self.table.headings.index(other)]]
        if shapes.separator(cells):
            return None  # a grid of boxes: each row is a question of its own
        known = matching.alike(self.known, question)
        item = self._item(known, row) if known else keys.slug(row)
        if known and item:
            return self._as(known, Column(heading, Use.ANSWER, known.key, item), self.cells[at])
        if self.has_survey:
            return Column(heading, why=self._nothing_like_it())
        offered = self._offered(cells)
        if offered is None:
            return None
        kind, options, choices = offered
        if kind not in {"scale", "one_of", "yes_no"}:
            return None
        key = self._key(question, is_grid=True)
        rated: dict[str, Any] = {name: options[name] for name in ("from", "to") if name in options}
        asked = self.map.questions.setdefault(
            key,
            Asked(
                "matrix",
                shapes.level_of(question),
                {"en": question},
                {"items": [], **(rated or {"choices": options.get("choices", _YES_NO)})},
            ),
        )
        asked.options["items"].append({"value": item, "text": {"en": row}})
        return Column(heading, Use.ANSWER, key, item, choices=choices)

    def _item(self, known: Known, row: str) -> str:
        for value, texts in known.items.items():
            if plain(row) in {plain(value), *map(plain, texts)}:
                return value
        return ""

    # Answers

    def _answer(self, at: int, heading: str) -> Column:
        cells = self.cells[at]
        known = matching.alike(self.known, heading)
        if known and not known.items and (known.is_here or matching.fits(known, self._texts(known, cells))):
            return self._as(known, Column(heading, Use.ANSWER, known.key), cells)
        if self.has_survey:
            return Column(heading, why=self._nothing_like_it())
        key = self._key(heading)
        wording, level = {"en": heading}, shapes.level_of(heading)
        mark = shapes.separator(cells)
        if mark:
            offered = Counter(part for cell in cells for part in shapes.parts(cell, mark))
            values = keys.values(self._listed(offered))
            options = {
                "choices": keys.as_options(values),
                "other": len(values) < len(offered) or OTHER in values.values(),
            }
            self._own_words(heading, set(offered) - set(values))
            self.map.questions[key] = Asked("many_of", level, wording, options)
            return Column(heading, Use.ANSWER, key, split=mark, choices=dict(values))
        closed = self._offered(cells, heading)
        if closed:
            kind, options, choices = closed
            self.map.questions[key] = Asked(kind, level, wording, options)
            return Column(heading, Use.ANSWER, key, choices=choices)
        kind = "long_text" if max(map(len, cells)) > LONG else "text"
        self.map.questions[key] = Asked(kind, level, wording)
        return Column(heading, Use.ANSWER, key)

    def _offered(
        self, cells: Sequence[str], heading: str = ""
    ) -> tuple[str, dict[str, Any], dict[str, str | None]] | None:
        """Kind, options and choices of a closed question or a number; None for words."""
        counted = Counter(cells)
        values = list(counted)
        yes_no = shapes.yes_no(values)
        if yes_no:
            return "yes_no", {}, dict(yes_no)
        points = shapes.points_in_words(values) or shapes.points_in_front(values)
        if points:
            low, high = (
                (1, 5) if shapes.points_in_words(values) else (min(1, *points.values()), max(points.values()))
            )
            ends = {point: text for text, point in points.items()}
            options = {
                "from": low,
                "to": high,
                "low": {"en": ends.get(low, "")},
                "high": {"en": ends.get(high, "")},
            }
            return "scale", options, {text: str(point) for text, point in points.items()}
        numbers = shapes.numbers(values)
        if numbers:
            return self._number(numbers, heading)
        if all(_is_day(value) for value in values):
            return "date", {"form": "date"}, {}
        found = shapes.choices(counted)
        if found is None or all(map(shapes.is_other, found[0])):
            return None
        offered, own = found
        offered += [text for text in own if plain(text) in self.offered_elsewhere]
        own = [text for text in own if text not in offered]
        self._own_words(heading, own)
        named = keys.values(offered)
        options = {
            "choices": keys.as_options(named),
            **({"other": True} if own or OTHER in named.values() else {}),
        }
        return "one_of", options, dict(named)

    def _number(
        self, numbers: Sequence[float], heading: str
    ) -> tuple[str, dict[str, Any], dict[str, str | None]]:
        whole = all(number.is_integer() for number in numbers)
        low, high = min(numbers), max(numbers)
        is_rated = bool(_RATED.search(plain(heading))) and high <= _USUAL_TOP[-1]
        if whole and low >= 0 and (is_rated or high <= _USUAL_TOP[1]) and high > 1:
            top = next(one for one in _USUAL_TOP if high <= one)
            self._look(
                _(
                    "%(heading)s: the points seen are %(low)s to %(high)s; we took a scale from %(from)s to "
                    "%(to)s. Write another one under “questions” if it had more points.",
                    heading=heading or self.table.sheet,
                    low=int(low),
                    high=int(high),
                    to=top,
                    **{"from": int(min(1, low))},
                )
            )
            return "scale", {"from": int(min(1, low)), "to": top}, {}
        decimals = max(len(f"{number:.9f}".rstrip("0").partition(".")[2]) for number in numbers)
        return "number", {"decimals": decimals, "min": min(0, low)}, {}

    def _listed(self, counted: Mapping[str, int]) -> list[str]:
        """Choices people ticked; what one person alone wrote among many is their own words."""
        often = [text for text, count in Counter(counted).most_common() if count > 1]
        return often if len(often) > 1 else list(counted)

    def _own_words(self, heading: str, texts: Iterable[str]) -> None:
        some = sorted(texts)
        if some:
            self._look(
                _(
                    "%(heading)s: we took these as people's own words under “something else”: %(texts)s",
                    heading=heading,
                    texts=" | ".join(some[:5]),
                )
            )

    def _as(self, known: Known, column: Column, cells: Sequence[str]) -> Column:
        """The column's texts as values of the question; null where somebody has to decide."""
        if not known.is_here:
            self.map.questions.setdefault(known.key, known.asked)
        if not known.choices:
            return column
        mark = self._mark(known, cells)
        texts = self._texts(known, cells)
        choices = {text: matching.value_of(text, known.choices) for text in texts}
        found = matching.rescaled(texts, known.points) if known.points and None in choices.values() else None
        if found and known.points:
            choices = found.choices
            self._look(
                _(
                    "%(heading)s: its points %(theirs)s were put on our %(ours)s; look at each.",
                    heading=column.heading,
                    theirs=" to ".join(map(str, found.theirs)),
                    ours=" to ".join(map(str, known.points)),
                )
            )
        if known.asked.options.get(OTHER):  # then what we do not know are her own words
            choices = {text: value for text, value in choices.items() if value is not None}
        undecided = " | ".join([text for text, value in choices.items() if value is None][:5])
        if undecided:
            self._look(
                _("%(heading)s: say what these are: %(texts)s", heading=column.heading, texts=undecided)
            )
        return replace(column, split=mark, choices=choices)

    def _mark(self, known: Known, cells: Sequence[str]) -> str:
        return shapes.separator(cells) if known.takes_several else ""

    def _texts(self, known: Known, cells: Sequence[str]) -> list[str]:
        mark = self._mark(known, cells)
        return sorted({part for cell in cells for part in (shapes.parts(cell, mark) if mark else [cell])})

    def _nothing_like_it(self) -> str:
        return _("The survey %(key)s asks nothing like it.", key=self.map.survey)

    def _key(self, heading: str, *, is_grid: bool = False) -> str:
        """Free in this map; a grid's rows share theirs."""
        slug = keys.slug(heading)
        taken = {column.key for column in self.map.columns}
        return slug if is_grid and slug in self.map.questions else keys.free(slug, taken)


_YES_NO = [{"value": "yes", "text": {"en": "Yes"}}, {"value": "no", "text": {"en": "No"}}]


def _is_counted(cells: Sequence[str]) -> bool:
    return list(cells) == [str(number) for number in range(1, len(cells) + 1)]


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        moments.read(text, day_first=True)
    except moments.NoMoment:
        return False
    return True
