"""A first map, from what the columns are called and what stands in them. A person corrects it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import Any

from flask_babel import gettext as _

from trainingapp.archives import keys, matching, moments, offers, recoding, shapes, stamps, together
from trainingapp.archives.maps import Asked, Column, Map, Use
from trainingapp.archives.matching import Known
from trainingapp.archives.offers import YES_NO, Offer
from trainingapp.archives.shapes import plain
from trainingapp.archives.tables import Table
from trainingapp.archives.together import Group
from trainingapp.surveys.question_types import OTHER, QUESTION_TYPES

_OF_A_GRID = {"scale", "one_of", "yes_no"}  # what a row of ours can be asked for
LONG = 100  # characters: an answer that is longer was written in a box
_QUIZ = ("Points - ", "Feedback - ", "Poin - ", "Umpan balik - ")  # Microsoft Forms' columns of a quiz


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
        self.has_moment = any(shapes.is_called(one, Use.ANSWERED_AT.value) for one in table.headings)
        self.stamps = [] if self.has_moment else stamps.columns(self.cells)
        self.has_address = any(
            shapes.is_called(heading, Use.RESPONDENT.value) and shapes.are_ways_to_people(cells)
            for heading, cells in zip(table.headings, self.cells, strict=True)
        )
        self.day_first = stamps.day_first(table.headings, self.cells)
        self.shared: dict[str, str] = {}  # question of several columns -> its key
        self.groups = together.groups(table.headings, self.cells)
        used = {cell for _number, row in table.rows for cell in row if cell in shapes.MISSING}
        self.map.missing = sorted(used)

    def made(self) -> Map:
        for at, heading in enumerate(self.table.headings):
            column = self._role(at, heading) or self._in_group(at, heading)
            self.map.columns.append(column or self._answer(at, heading))
        days = [
            cell
            for at, one in enumerate(self.map.columns)
            if one.use is Use.ANSWERED_AT
            for cell in self.cells[at]
        ]
        self.map.day_first = self.day_first
        if doubt := stamps.doubt(days, day_first=self.day_first):
            self._look(doubt)
        if self.table.totals:
            rows = ", ".join(map(str, self.table.totals))
            self._look(_("These rows sum up the others and are no answers: %(rows)s.", rows=rows))
        self._told_apart_by_language()
        return self.map

    def _told_apart_by_language(self) -> None:
        """Two columns that nobody answered both of may be one question in two languages."""
        if not any(column.use is Use.LANGUAGE for column in self.map.columns):
            return
        asked = [at for at, one in enumerate(self.map.columns) if one.use is Use.ANSWER and not one.item]
        for at, other in combinations(asked, 2):
            one, two = self.map.columns[at], self.map.columns[other]
            kinds = {self.map.questions[key].kind for key in (one.key, two.key) if key in self.map.questions}
            both = any(row[at] and row[other] for _number, row in self.table.rows)
            if len(kinds) == 1 and one.key != two.key and not both:
                self._look(
                    _(
                        "Nobody answered both %(one)s and %(other)s: give them one key if they are one "
                        "question in two languages.",
                        one=one.heading,
                        other=two.heading,
                    )
                )

    def _look(self, sentence: str) -> None:
        self.map.check.append(sentence)

    # What is not an answer

    def _role(self, at: int, heading: str) -> Column | None:
        cells = self.cells[at]
        if not cells:
            return Column(heading, why=_("Nothing stands in it."))
        if at in self.stamps:
            is_last = at == self.stamps[-1]
            return Column(heading, Use.ANSWERED_AT) if is_last else Column(heading, why=_noted())
        for use in (Use.ANSWERED_AT, Use.RESPONDENT, Use.LANGUAGE):
            if shapes.is_called(heading, use.value) and self._suits(use, at, cells):
                return self._about(use, heading, cells)
        if (
            shapes.is_called(heading, "day")
            and not self.has_moment
            and self._suits(Use.ANSWERED_AT, at, cells)
        ):
            return self._about(Use.ANSWERED_AT, heading, cells)
        return self._left_out(at, heading)

    def _left_out(self, at: int, heading: str) -> Column | None:
        why = {
            "moment": _noted(),
            "person": _("It says who answered."),
            "machine": _("The form service counted it; nobody answered it."),
        }
        name = next((name for name in why if shapes.is_called(heading, name)), None)
        if name is None and (
            heading.startswith((*_QUIZ, "_"))
            or together.is_mark(heading, self.table.headings)
            or self._is_counted(at, heading)
        ):
            name = "machine"
        elif name is None and shapes.is_called(heading, Use.RESPONDENT.value):
            name = "person"
        if name:
            return Column(heading, why=why[name])
        if shapes.are_ways_to_people(self.cells[at]) and not matching.alike(self.known, heading):
            return Column(heading, why=_("Addresses and telephone numbers are not kept."))
        return None

    def _is_counted(self, at: int, heading: str) -> bool:
        """Whether its numbers rise from row to row, in the first column or where its heading says so."""
        cells = self.cells[at]
        if shapes.is_called(heading, "counted"):
            numbers = [int(cell) for cell in cells if cell.isdecimal()]
            return len(numbers) == len(cells) and all(one < other for one, other in pairwise(numbers))
        return at == 0 and cells == [str(number) for number in range(1, len(cells) + 1)]

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

    def _suits(self, use: Use, at: int, cells: Sequence[str]) -> bool:
        if use is Use.LANGUAGE:
            return all(shapes.language_of(cell) for cell in set(cells))
        if use is Use.ANSWERED_AT:
            return 2 * sum(map(moments.is_one, cells)) >= len(cells)
        if self.has_address and not shapes.are_ways_to_people(cells):
            return False  # an address tells people apart over several files, a number of this one does not
        return len(set(cells)) > len(cells) / 2 and not self._is_counted(at, self.table.headings[at])

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

    # Several columns that are one question

    def _in_group(self, at: int, heading: str) -> Column | None:
        group = self.groups.get(heading)
        if group is None:
            return None
        if group.asks_other:
            return self._words_of(heading, group)
        known = matching.alike(self.known, group.question)
        if heading == group.question:
            why = _("The columns after it say the same.")
            return Column(heading, why=why) if group.is_ticked else None
        return (
            self._ticked(heading, group, known) if group.is_ticked else self._rated(at, heading, group, known)
        )

    def _words_of(self, heading: str, group: Group) -> Column | None:
        """What was written behind "something else"."""
        asked = next((one for one in self.map.columns if one.heading == group.question and one.key), None)
        takes = asked and asked.key in self.map.questions and self.map.questions[asked.key].options.get(OTHER)
        return Column(heading, Use.ANSWER, asked.key, OTHER) if asked and takes else None

    def _ticked(self, heading: str, group: Group, known: Known | None) -> Column | None:
        """A column a choice, marked where it was chosen."""
        row = group.rows[heading]
        if known or self.has_survey:
            value = known and known.takes_several and matching.value_of(row, known.choices)
            if not (known and value):
                return None
            if not known.is_here:
                self.map.questions.setdefault(known.key, known.asked)
            return Column(heading, Use.ANSWER, known.key, str(value))
        values = keys.values(list(group.rows.values()))
        key = self._key(group.question, is_shared=True)
        offered = {"choices": keys.as_options(values), "other": OTHER in values.values()}
        level, wording = shapes.level_of(group.question), {"en": group.question}
        self.map.questions.setdefault(key, Asked("many_of", level, wording, offered))
        return Column(heading, Use.ANSWER, key, values[row])

    def _rated(self, at: int, heading: str, group: Group, known: Known | None) -> Column | None:
        """A row of a grid whose cells hold one choice."""
        cells = [cell for other in group.rows for cell in self.cells[self.table.headings.index(other)]]
        if not cells or shapes.separator(cells):
            return None  # a grid of boxes: each row is a question of its own
        row = group.rows[heading]
        item = self._item(known, row) if known else ""
        if known and item:
            return self._as(known, Column(heading, Use.ANSWER, known.key, item), self.cells[at])
        if self.has_survey:
            return Column(heading, why=self._nothing_like_it())
        is_first = heading == next(iter(group.rows))
        look = self._look if is_first else _in_silence
        offer = offers.closed(cells, group.question, look, _in_silence, self.offered_elsewhere)
        if offer is None or offer.kind not in _OF_A_GRID or offer.options.get(OTHER):
            return None
        key = self._key(group.question, is_shared=True)
        rated: dict[str, Any] = {
            name: offer.options[name] for name in ("from", "to") if name in offer.options
        }
        asked = self.map.questions.setdefault(
            key,
            Asked(
                "matrix",
                shapes.level_of(group.question),
                {"en": group.question},
                {"items": [], **(rated or {"choices": offer.options.get("choices", YES_NO)})},
            ),
        )
        item = keys.slug(row)
        asked.options["items"].append({"value": item, "text": {"en": row}})
        return Column(heading, Use.ANSWER, key, item, choices=offer.choices)

    def _item(self, known: Known, row: str) -> str:
        for value, texts in known.items.items():
            if plain(row) in {plain(value), *map(plain, texts)}:
                return value
        return ""

    # Answers

    def _answer(self, at: int, heading: str) -> Column:
        cells = self.cells[at]
        known = matching.alike(self.known, heading)
        if known and QUESTION_TYPES[known.kind].takes_file:
            return Column(heading, why=_("A file cannot come in a table. Add it on the page."))
        if (
            known
            and not known.items
            and (known.is_here or matching.fits(known, recoding.texts(known, cells)))
        ):
            return self._as(known, Column(heading, Use.ANSWER, known.key), cells)
        if self.has_survey:
            return Column(heading, why=self._nothing_like_it())
        key = self._key(heading)
        offer = self._offer(cells, heading)
        self.map.questions[key] = Asked(offer.kind, shapes.level_of(heading), {"en": heading}, offer.options)
        return Column(heading, Use.ANSWER, key, split=offer.split, choices=offer.choices)

    def _offer(self, cells: Sequence[str], heading: str) -> Offer:
        def own(texts: Iterable[str]) -> None:
            self._own_words(heading, texts)

        if all(map(moments.is_day, cells)) and (self.day_first is not None or not moments.are_two(cells)):
            return Offer("date", {"form": "date"})
        found = offers.several(cells, own) if not shapes.asks_for_words(heading) else None
        found = found or offers.closed(cells, heading, self._look, own, self.offered_elsewhere)
        return found or Offer("long_text" if max(map(len, cells)) > LONG else "text")

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
        if not known.is_here:
            self.map.questions.setdefault(known.key, known.asked)
        return recoding.as_known(known, column, cells, self._look)

    def _nothing_like_it(self) -> str:
        return _("The survey %(key)s asks nothing like it.", key=self.map.survey)

    def _key(self, heading: str, *, is_shared: bool = False) -> str:
        """Free in this map; the columns of one question share theirs."""
        if is_shared and heading in self.shared:
            return self.shared[heading]
        found = keys.free(keys.slug(heading), {column.key for column in self.map.columns})
        if is_shared:
            self.shared[heading] = found
        return found


def _in_silence(_said: object) -> None:
    """Of a grid one column speaks for all."""


def _noted() -> str:
    return _("A moment that the form service noted.")
