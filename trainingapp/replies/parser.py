"""What her own words say about the numbered activities. Pure; never raises, and never invents.

A piece of a line counts only if all of it is understood: numbers, a state or a share, words that change
nothing, and perhaps a note behind a colon, a dash or "because". Everything else is `unclear`, and is asked
back. Words that take something back ("but", "almost", "not") make unclear what they stand beside.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trainingapp.replies import vocabulary
from trainingapp.replies.own_words import Written
from trainingapp.replies.vocabulary import fold, patterns, words

MOST_LINES = 200
LONGEST = 2000  # characters of a line
SHOWN = 300  # characters of what is asked back
WHOLE = 100  # percent
TROUBLE = {"blocked", "delayed", "dropped", "handed_over"}  # their notes may well say "not"
HAVE_CAUSES = {"blocked", "delayed"}


@dataclass(frozen=True)
class Said:
    """About one activity. A state is there only if she wrote a word for it."""

    number: int = 0
    state: str | None = None  # of plans.models.ActivityState
    percent: int | None = None
    blocker: str | None = None
    note: str = ""
    is_same: bool = False  # as she said last time

    @property
    def is_odd(self) -> bool:
        """Done, and 60 %."""
        share = self.percent
        return share is not None and (
            (self.state == "done" and share != WHOLE) or (self.state == "not_started" and share > 0)
        )


@dataclass(frozen=True)
class Reading:
    said: tuple[Said, ...] = ()
    unclear: tuple[str, ...] = ()  # in her own words
    wish: str | None = None  # help, stop, not_me, moved


def parse(lines: Sequence[Written], activities: Mapping[int, str]) -> Reading:
    """`activities` are those her letter listed, by the number it gave them."""
    wish = _wish(lines)
    if wish:
        return Reading(wish=wish)
    found = _Found(activities)
    for line in lines[:MOST_LINES]:
        _Line(line, found).read()
    return found.reading()


# The vocabulary as patterns -------------------------------------------------------------------------

_STATES = {name: re.compile(words("states", name)) for name in vocabulary.names("states")}
_CAUSES = {name: re.compile(words("causes", name)) for name in vocabulary.names("causes")}
_LABEL, _ALSO, _UP_TO = words("words", "label"), words("words", "join"), words("words", "to")
_PERCENT = rf"(?:%|{words('words', 'percent')})"
_SHARE = re.compile(rf"\(?(?<![\d.,/\-])(\d{{1,3}})\s*{_PERCENT}\)?(?!\w)")
_NUMBER = rf"(?<![\d.])\d{{1,2}}(?!\d|\.\d|\s*{_PERCENT})"
_JOIN = rf"(?:,\s*{_ALSO}|,|&|\+|/|{_ALSO})"
_NUMBERS = rf"{_NUMBER}(?:\s*(?:{_JOIN}|-|{_UP_TO})\s*(?:{_LABEL}[\s.]*)?{_NUMBER})*"
_HEAD = re.compile(rf"[(\[*\-\s]*(?:{_LABEL}[\s.:]*)?[#(]?\s*({_NUMBERS})[\s)\].:=>*\-]*")
_STEP = re.compile(rf"(?:(-|{_UP_TO})\s*)?(?:{_LABEL}[\s.]*)?(\d{{1,2}})")
_FILLER = re.compile(words("words", "filler"))
_SAME = re.compile(words("words", "same"))
_ALL = re.compile(words("words", "all"))
_EXCEPT = re.compile(rf"\s*{words('words', 'except')}\s*({_NUMBERS})")
_BECAUSE = re.compile(rf"\s*,?\s*{words('words', 'because')}\s+")
_RECEIVER = re.compile(rf"\s*{words('words', 'receiver')}\s+")
_BRACKET = re.compile(r"\s*\(([^()]*)\)")
_COLON = re.compile(r"\s*:\s*(?=[^\s):(])|\s+-+\s*(?=\S)")
_SMILE = re.compile(r"\s*[:;]-?[)D]")
_SPACE = re.compile(r"\s*")
_BLANK = re.compile(r"[\s.,;!*\-_:)]*")
_CLOSES = re.compile(rf"\s*(?:[.;,!]|$)|\s+(?:&|\+|{_ALSO})\s")
_SENTENCE_ENDS = re.compile(r"[.!?]+(?=\s|$)|;")
_MAY_END_NOTE = re.compile(rf"(?:[.!;]+\s+|;|,\s*)(?:{_ALSO}\s+)?")
_AND = re.compile(rf"(?:&|\+|{_ALSO})\s*")
_DOUBT = re.compile(words("words", "doubt"))
_OVER = re.compile(words("words", "over"))
_COURTESY = "|".join(patterns("courtesy", name) for name in ("open", "thanks", "close"))
_POLITE = re.compile(
    rf"(?:(?:{_COURTESY})(?:\s*[,.!;:]+\s*|\s*$)|{patterns('courtesy', 'close')}\W[^\d]{{0,60}}$)"
)
_NAME = re.compile(r"(?:[^\W\d_][\w.'-]*\s*){1,4}")
_WISHES = {
    name: re.compile(
        rf"(?:(?:{_COURTESY})[\s,.!]*)*{patterns('wishes', name)}(?:[\s,.!]*(?:{_COURTESY})?){{0,3}}"
    )
    for name in vocabulary.names("wishes")
}


def _wish(lines: Sequence[Written]) -> str | None:
    """Only where the whole mail says nothing else, but for a name at its end."""
    flat = [" ".join(fold(line.text).split()) for line in lines[:5]]
    for last in range(min(len(lines), len(flat)), max(0, len(lines) - 2), -1):
        text = " ".join(flat[:last])[:200]
        for name, pattern in _WISHES.items():
            if pattern.fullmatch(text):
                return name
    return None


def _states_in(flat: str) -> set[str]:
    return {name for name, pattern in _STATES.items() if pattern.search(flat)}


# One line -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Clause:
    numbers: list[int]
    said: Said  # for each of them
    end: int


class _Line:
    """From left to right, piece by piece. What cannot be understood lasts until its sentence ends."""

    def __init__(self, line: Written, found: "_Found") -> None:
        self.text = line.text[:LONGEST]
        self.flat = fold(self.text)
        self.found = found
        self.number = found.number_of(line.under)  # that the line needs not say

    def read(self) -> None:
        at, before = 0, ""  # what stands between this piece and the one before
        while at < len(self.flat):
            start = at
            at = self._past(_BLANK, at)
            before += self.flat[start:at]
            polite = _POLITE.match(self.flat, at)
            if polite and polite.end() > at:
                at = polite.end()
                before += "."
                if at >= len(self.flat):
                    self.found.closing()
                continue
            if at >= len(self.flat):
                return
            joined = _AND.match(self.flat, at) if before else None
            begin = joined.end() if joined else at
            clause = self._clause(begin)
            if clause:
                self.found.add(clause, self.text[begin : clause.end])
                at, before = clause.end, " "
            else:
                end = _SENTENCE_ENDS.search(self.flat, at)
                stop = end.end() if end else len(self.flat)
                is_joined = bool(before) and not set(before) & set(".;!")
                self.found.ask(self.text[at:stop], is_joined=is_joined)
                at, before = stop, ""

    def _past(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self.flat, at)
        return found.end() if found else at

    # Clauses: tried in this order

    def _clause(self, at: int) -> _Clause | None:
        return self._numbered(at) or self._of_all(at) or self._state_first(at) or self._of_one(at)

    def _numbered(self, at: int) -> _Clause | None:
        head = _HEAD.match(self.flat, at)
        numbers = _numbers(head[1]) if head else []
        return self._with_tail(numbers, head.end()) if head and numbers else None

    def _of_all(self, at: int) -> _Clause | None:
        """As in "all done except 3", and "same as before" alone."""
        same = _SAME.match(self.flat, at)
        if same and at == 0 and self._past(_BLANK, same.end()) == len(self.flat) and not self.number:
            return _Clause(self.found.numbers, Said(is_same=True), len(self.flat))
        every = _ALL.match(self.flat, at)
        if every is None:
            return None
        predicate = self._predicate(every.end())
        without = _EXCEPT.match(self.flat, predicate[1]) if predicate else None
        if predicate and without and self._closes(without.end()):
            left_out = _numbers(without[1])
            self.found.ask(self.text[without.start() : without.end()].strip())
            return _Clause([n for n in self.found.numbers if n not in left_out], predicate[0], without.end())
        return self._with_tail(self.found.numbers, every.end())

    def _state_first(self, at: int) -> _Clause | None:
        """As in "Done: 1, 2"."""
        predicate = self._predicate(at)
        if predicate is None or not self.flat.startswith(":", self._past(_SPACE, predicate[1])):
            return None
        head = _HEAD.match(self.flat, self._past(_BLANK, predicate[1]))
        numbers = _numbers(head[1]) if head else []
        if not head or not numbers or not self._closes(head.end(1)):
            return None
        return _Clause(numbers, predicate[0], head.end(1))

    def _of_one(self, at: int) -> _Clause | None:
        """Where it is clear which one is meant: under its line, or because there is only one."""
        only = self.found.numbers if len(self.found.numbers) == 1 else []
        numbers = [self.number] if self.number else only
        return (
            self._with_tail(numbers, at)
            if numbers and at == self._past(_BLANK, 0)
            else self._again(numbers, at)
        )

    def _again(self, numbers: list[int], at: int) -> _Clause | None:
        """After a greeting on the same line."""
        is_after_courtesy = bool(numbers) and self.found.is_fresh and not re.search(r"\d", self.flat[:at])
        return self._with_tail(numbers, at) if is_after_courtesy else None

    # Its parts

    def _predicate(self, at: int) -> tuple[Said, int] | None:
        """States and shares, with words between that change nothing."""
        said, end = Said(), None
        while True:
            at = self._past(_SPACE, at)
            state, state_end = self._state(at)
            share = _SHARE.match(self.flat, self._past(re.compile(r",?\s*"), at) if end else at)
            same = _SAME.match(self.flat, at)
            filler = _FILLER.match(self.flat, at)
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
                return said, at if _CLOSES.match(self.flat, at) else end
            end = at

    def _state(self, at: int) -> tuple[str, int]:
        """The longest that stands here."""
        found = [
            (match.end(), name)
            for name, pattern in _STATES.items()
            if (match := pattern.match(self.flat, at))
        ]
        end, name = max(found, default=(at, ""))
        return name, end

    def _with_tail(self, numbers: list[int], at: int) -> _Clause | None:
        """With its note. None where words follow that belong to it and are not understood."""
        predicate = self._predicate(at)
        if predicate is None:
            return None
        said, end = predicate
        end = self._past(_SMILE, end)
        start, stop, after = self._note(said, end)
        if start == stop:
            return _Clause(numbers, said, end) if self._closes(end) else None
        note = self.text[start:stop].strip(" .,;")
        if _takes_back(said, fold(note)):
            return None
        causes = [name for name, pattern in _CAUSES.items() if pattern.search(fold(note))]
        if said.state in HAVE_CAUSES and len(causes) == 1:
            said = replace(said, blocker=causes[0])
        return _Clause(numbers, replace(said, note=note), after) if self._closes(after) else None

    def _note(self, said: Said, at: int) -> tuple[int, int, int]:
        """Where it begins, where it ends, and where the clause ends."""
        bracket = _BRACKET.match(self.flat, at)
        if bracket:
            return bracket.start(1), bracket.end(1), bracket.end()
        begins = _COLON.match(self.flat, at)
        if begins is None and (said.state in HAVE_CAUSES or said.state == "dropped"):
            begins = _BECAUSE.match(self.flat, at)
        if begins is None and said.state == "handed_over":
            begins = _RECEIVER.match(self.flat, at)
        if begins is None:
            return at, at, at
        end = next(
            (
                each.start()
                for each in _MAY_END_NOTE.finditer(self.flat, begins.end())
                if self._begins(each.end()) or _POLITE.match(self.flat, each.end())
            ),
            len(self.flat),
        )
        return begins.end(), end, end

    def _begins(self, at: int) -> bool:
        """Whether a numbered clause begins here."""
        head = _HEAD.match(self.flat, at)
        return head is not None and self._predicate(head.end()) is not None

    def _closes(self, at: int) -> bool:
        return _CLOSES.match(self.flat, at) is not None or self._begins(at)


def _numbers(text: str) -> list[int]:
    """Of "1, 2 and 4-6". Nothing where a range runs backwards."""
    found: list[int] = []
    for up_to, digits in _STEP.findall(text):
        number = int(digits)
        if up_to and found:
            if not found[-1] < number:
                return []
            found += range(found[-1] + 1, number)
        found.append(number)
    return found


def _takes_back(said: Said, note: str) -> bool:
    others = _states_in(note) - {said.state}
    if said.state in TROUBLE:
        return "?" in note or bool(others & {"done", "on_track"}) or _OVER.search(note) is not None
    return "?" in note or bool(others) or _DOUBT.search(note) is not None


# All lines together ---------------------------------------------------------------------------------


class _Found:
    def __init__(self, activities: Mapping[int, str]) -> None:
        self.activities = {number: fold(text) for number, text in activities.items()}
        self.numbers = sorted(activities)
        self.said: dict[int, Said] = {}
        self.contradicted: set[int] = set()
        self.unclear: list[str] = []
        self.last: tuple[_Clause, str] | None = None
        self.closed_at: int | None = None  # how much was unclear when she said goodbye

    @property
    def is_fresh(self) -> bool:
        return not self.said and not self.unclear

    def number_of(self, quoted: str) -> int:
        """Of the activity that the quoted line names; 0 for any other line."""
        found = re.match(r"\W*(\d{1,2})[.)]?\s+(.+)", fold(quoted))
        if found is None:
            return 0
        known = self.activities.get(int(found[1]), "")
        return int(found[1]) if known and found[2].strip()[:12] == known[:12] else 0

    def add(self, clause: _Clause, words: str) -> None:
        self.closed_at = None
        if not clause.numbers or set(clause.numbers) - set(self.numbers):
            self.ask(words)
            return
        self.last = clause, words
        for number in clause.numbers:
            self._keep(replace(clause.said, number=number), words)

    def _keep(self, said: Said, words: str) -> None:
        before = self.said.get(said.number)
        joined = _joined(before, said) if before else said
        if joined is None or said.number in self.contradicted:
            self.contradicted.add(said.number)
            self.said.pop(said.number, None)
            self.unclear.append(words)
        else:
            self.said[said.number] = joined

    def ask(self, words: str, *, is_joined: bool = False) -> None:
        """`is_joined` to what was understood just before, by a comma or "and": it may take that back."""
        flat = fold(words).strip(" .,;!")
        if not flat:
            return
        doubt = _DOUBT.search(flat)
        is_about_it = is_joined and (doubt or _states_in(flat) or re.search(r"[\d?]", flat))
        if self.last and (is_about_it or (doubt and doubt.start() == 0)):
            clause, before = self.last
            for number in clause.numbers:
                self.said.pop(number, None)
                self.contradicted.add(number)
            words = (
                f"{before.strip()} … {words.strip()}"
                if not is_joined
                else f"{before.strip()}, {words.strip()}"
            )
        self.last = None
        self.unclear.append(words.strip()[:SHOWN])

    def closing(self) -> None:
        if self.closed_at is None:
            self.closed_at = len(self.unclear)

    def reading(self) -> Reading:
        unclear = self.unclear if self.closed_at is None or self.is_fresh else self.unclear[: self.closed_at]
        if self.said and unclear and self.closed_at is None and _is_name(unclear[-1]):
            unclear = unclear[:-1]
        return Reading(
            tuple(self.said[number] for number in sorted(self.said)), tuple(dict.fromkeys(unclear))
        )


def _is_name(words: str) -> bool:
    flat = fold(words)
    return (
        bool(_NAME.fullmatch(words)) and words[:1].isupper() and not (_states_in(flat) or _DOUBT.search(flat))
    )


def _joined(one: Said, other: Said) -> Said | None:
    """Both together, None where they contradict each other."""
    pairs = ((one.state, other.state), (one.percent, other.percent), (one.blocker, other.blocker))
    if one.is_same != other.is_same or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return None
    note = one.note if other.note in {"", one.note} else f"{one.note}; {other.note}".strip("; ")
    both = replace(
        one,
        state=one.state or other.state,
        percent=other.percent if one.percent is None else one.percent,
        blocker=one.blocker or other.blocker,
        note=note,
    )
    return None if both.is_odd else both
