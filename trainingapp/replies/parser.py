"""What her own words say about the numbered activities. Pure; never raises, and never invents.

A piece of a line counts only if all of it is understood: numbers, a state or a share, words that change
nothing, and perhaps a note behind a colon, a dash or "because". Everything else is `unclear`, and is asked
back. Words that take something back ("but", "almost", "not") make unclear what they stand beside.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from trainingapp.replies import grammar
from trainingapp.replies.own_words import Written
from trainingapp.replies.readings import Clause, Found, Reading, Said
from trainingapp.replies.vocabulary import fold

MOST_LINES = 200
LONGEST = 2000  # characters of a line
WHOLE = 100  # percent
TROUBLE = {"blocked", "delayed", "dropped", "handed_over"}  # their notes may well say "not"
HAVE_CAUSES = {"blocked", "delayed"}


def parse(lines: Sequence[Written], activities: Mapping[int, str]) -> Reading:
    """`activities` are those her letter listed, by the number it gave them."""
    wish = _wish(lines)
    if wish:
        return Reading(wish=wish)
    found = Found(activities)
    for line in lines[:MOST_LINES]:
        _Line(line, found).read()
    return found.reading()


def _wish(lines: Sequence[Written]) -> str | None:
    """Only where the whole mail says nothing else, but for a name at its end."""
    flat = [" ".join(fold(line.text).split()) for line in lines[:5]]
    for last in range(min(len(lines), len(flat)), max(0, len(lines) - 2), -1):
        text = " ".join(flat[:last])[:200]
        for name, pattern in grammar.WISHES.items():
            if pattern.fullmatch(text):
                return name
    return None


class _Line:
    """From left to right, piece by piece. What cannot be understood lasts until its sentence ends."""

    def __init__(self, line: Written, found: "Found") -> None:
        self.text = line.text[:LONGEST]
        self.flat = fold(self.text)
        self.found = found
        self.number = found.number_of(line.under)  # that the line needs not say

    def read(self) -> None:
        at, before = 0, ""  # what stands between this piece and the one before
        while at < len(self.flat):
            start = at
            at = self._past(grammar.BLANK, at)
            before += self.flat[start:at]
            polite = grammar.POLITE.match(self.flat, at)
            if polite and polite.end() > at:
                at = polite.end()
                before += "."
                if at >= len(self.flat):
                    self.found.closing()
                continue
            if at >= len(self.flat):
                return
            joined = grammar.AND.match(self.flat, at) if before else None
            begin = joined.end() if joined else at
            clause = self._clause(begin)
            if clause:
                self.found.add(clause, self.text[begin : clause.end])
                at, before = clause.end, " "
            else:
                end = grammar.SENTENCE_ENDS.search(self.flat, at)
                stop = end.end() if end else len(self.flat)
                is_joined = bool(before) and not set(before) & set(".;!")
                self.found.ask(self.text[at:stop], is_joined=is_joined)
                at, before = stop, ""

    def _past(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self.flat, at)
        return found.end() if found else at

    # Clauses: tried in this order

    def _clause(self, at: int) -> Clause | None:
        return self._numbered(at) or self._of_all(at) or self._state_first(at) or self._of_one(at)

    def _numbered(self, at: int) -> Clause | None:
        head = grammar.HEAD.match(self.flat, at)
        numbers = _numbers(head[1]) if head else []
        return self._with_tail(numbers, head.end()) if head and numbers else None

    def _of_all(self, at: int) -> Clause | None:
        """As in "all done except 3", and "same as before" alone."""
        same = grammar.SAME.match(self.flat, at)
        if same and at == 0 and self._past(grammar.BLANK, same.end()) == len(self.flat) and not self.number:
            return Clause(self.found.numbers, Said(is_same=True), len(self.flat))
        every = grammar.ALL.match(self.flat, at)
        if every is None:
            return None
        predicate = self._predicate(every.end())
        without = grammar.EXCEPT.match(self.flat, predicate[1]) if predicate else None
        if predicate and without and self._closes(without.end()):
            left_out = _numbers(without[1])
            self.found.ask(self.text[without.start() : without.end()].strip())
            return Clause([n for n in self.found.numbers if n not in left_out], predicate[0], without.end())
        return self._with_tail(self.found.numbers, every.end())

    def _state_first(self, at: int) -> Clause | None:
        """As in "Done: 1, 2"."""
        predicate = self._predicate(at)
        if predicate is None or not self.flat.startswith(":", self._past(grammar.SPACE, predicate[1])):
            return None
        head = grammar.HEAD.match(self.flat, self._past(grammar.BLANK, predicate[1]))
        numbers = _numbers(head[1]) if head else []
        if not head or not numbers or not self._closes(head.end(1)):
            return None
        return Clause(numbers, predicate[0], head.end(1))

    def _of_one(self, at: int) -> Clause | None:
        """Where it is clear which one is meant: under its line, or because there is only one."""
        only = self.found.numbers if len(self.found.numbers) == 1 else []
        numbers = [self.number] if self.number else only
        return (
            self._with_tail(numbers, at)
            if numbers and at == self._past(grammar.BLANK, 0)
            else self._again(numbers, at)
        )

    def _again(self, numbers: list[int], at: int) -> Clause | None:
        """After a greeting on the same line."""
        is_after_courtesy = bool(numbers) and self.found.is_fresh and not re.search(r"\d", self.flat[:at])
        return self._with_tail(numbers, at) if is_after_courtesy else None

    # Its parts

    def _predicate(self, at: int) -> tuple[Said, int] | None:
        """States and shares, with words between that change nothing."""
        said, end = Said(), None
        while True:
            at = self._past(grammar.SPACE, at)
            state, state_end = self._state(at)
            share = grammar.SHARE.match(self.flat, self._past(re.compile(r",?\s*"), at) if end else at)
            same = grammar.SAME.match(self.flat, at)
            filler = grammar.FILLER.match(self.flat, at)
            if same and not said.state and (not state or same.end() > state_end):
                said, at = replace(said, is_same=True), same.end()
            elif state:
                if said.is_same or said.state not in {None, state}:
                    return None
                said, at = replace(said, state=state), state_end
            elif share:
                if said.percent is not None or int(share[1]) > WHOLE or said.is_same:
                    return None
                said, at = replace(said, percent=int(share[1])), share.end()
            elif filler:
                at = filler.end()
                continue
            elif end is None or said.is_odd:
                return None
            else:
                return said, at if grammar.CLOSES.match(self.flat, at) else end
            end = at

    def _state(self, at: int) -> tuple[str, int]:
        """The longest that stands here."""
        found = [
            (match.end(), name)
            for name, pattern in grammar.STATES.items()
            if (match := pattern.match(self.flat, at))
        ]
        end, name = max(found, default=(at, ""))
        return name, end

    def _with_tail(self, numbers: list[int], at: int) -> Clause | None:
        """With its note. None where words follow that belong to it and are not understood."""
        predicate = self._predicate(at)
        if predicate is None:
            return None
        said, end = predicate
        end = self._past(grammar.SMILE, end)
        start, stop, after = self._note(said, end)
        if start == stop:
            return Clause(numbers, said, end) if self._closes(end) else None
        note = self.text[start:stop].strip(" .,;")
        if _takes_back(said, fold(note)):
            return None
        causes = [name for name, pattern in grammar.CAUSES.items() if pattern.search(fold(note))]
        if said.state in HAVE_CAUSES and len(causes) == 1:
            said = replace(said, blocker=causes[0])
        return Clause(numbers, replace(said, note=note), after) if self._closes(after) else None

    def _note(self, said: Said, at: int) -> tuple[int, int, int]:
        """Where it begins, where it ends, and where the clause ends."""
        bracket = grammar.BRACKET.match(self.flat, at)
        if bracket:
            return bracket.start(1), bracket.end(1), bracket.end()
        begins = grammar.COLON.match(self.flat, at)
        if begins is None and (said.state in HAVE_CAUSES or said.state == "dropped"):
            begins = grammar.BECAUSE.match(self.flat, at)
        if begins is None and said.state == "handed_over":
            begins = grammar.RECEIVER.match(self.flat, at)
        if begins is None:
            return at, at, at
        end = next(
            (
                each.start()
                for each in grammar.MAY_END_NOTE.finditer(self.flat, begins.end())
                if self._begins(each.end()) or grammar.POLITE.match(self.flat, each.end())
            ),
            len(self.flat),
        )
        return begins.end(), end, end

    def _begins(self, at: int) -> bool:
        """Whether a numbered clause begins here."""
        head = grammar.HEAD.match(self.flat, at)
        return head is not None and self._predicate(head.end()) is not None

    def _closes(self, at: int) -> bool:
        return grammar.CLOSES.match(self.flat, at) is not None or self._begins(at)


def _numbers(text: str) -> list[int]:
    """Of "1, 2 and 4-6". Nothing where a range runs backwards."""
    found: list[int] = []
    for up_to, digits in grammar.STEP.findall(text):
        number = int(digits)
        if up_to and found:
            if not found[-1] < number:
                return []
            found += range(found[-1] + 1, number)
        found.append(number)
    return found


def _takes_back(said: Said, note: str) -> bool:
    others = grammar.states_in(note) - {said.state}
    if said.state in TROUBLE:
        return "?" in note or bool(others & {"done", "on_track"}) or grammar.OVER.search(note) is not None
    return "?" in note or bool(others) or grammar.DOUBT.search(note) is not None
