"""The lines of a plan on a page where progress is told: what stands in their fields, and what it means.

The same on the alumna's page, on her plan's page and on the coordinator's. The field of a line is its name
("a-7", "i-3"); what is told more stands in fields named after it: a-7-note, i-3-women.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from trainingapp.files.kinds import judge
from trainingapp.numbers import whole
from trainingapp.plans import amounts
from trainingapp.plans.models import Activity, ActivityState, Indicator
from trainingapp.plans.progress import evidence
from trainingapp.plans.progress.actions import WHOLE, Counted, Said
from trainingapp.plans.progress.evidence import Shown
from trainingapp.plans.progress.models import Blocker, Evidence, EvidenceLevel
from trainingapp.refusals import Refusal

LONGEST = 4000

Typed = MultiDict[str, str]
Posted = MultiDict[str, FileStorage]


@dataclass(frozen=True)
class LastValue:
    value: Decimal
    reported_at: datetime
    level: EvidenceLevel


@dataclass
class Asked:
    """One line on the page, with what is in its fields."""

    id: str
    typed: Typed
    error: str = ""
    kept: Sequence[Evidence] = ()  # shown with the draft already

    def value(self, part: str = "") -> str:
        return self.typed.get(f"{self.id}-{part}" if part else self.id, "")

    @property
    def tells_more(self) -> bool:
        return bool(self.kept or self.value("link") or self.value("note"))


@dataclass
class AskedActivity(Asked):
    activity: Activity = field(default_factory=Activity)
    last: Said | None = None

    @property
    def text(self) -> str:
        return self.activity.what

    @property
    def state(self) -> str:
        return self.value()

    @property
    def tells_more(self) -> bool:
        return super().tells_more or bool(self.value("percent"))

    @property
    def asks_help(self) -> bool:
        told = self.value("help") or self.value("wants") or self.value("blocker")
        return bool(told) or self.state in {ActivityState.BLOCKED, ActivityState.DELAYED}


@dataclass
class AskedIndicator(Asked):
    indicator: Indicator = field(default_factory=Indicator)
    last: LastValue | None = None

    @property
    def text(self) -> str:
        return self.indicator.name

    @property
    def tells_more(self) -> bool:
        return super().tells_more or any(self.value(part) for part in self.indicator.parts)


@dataclass
class Line:
    """What was read of one line. What can be read is there, also beside an error."""

    said: Said | None = None
    counted: Counted | None = None
    shown: list[Shown] = field(default_factory=list)
    error: str = ""


def read_activity(typed: Typed, posted: Posted, name: str, usual: ActivityState | None = None) -> Line:
    """`usual` is the state where only something else was told; without it, the state must be chosen."""
    line = _shown(typed, posted, name)
    state, note, help_text = (_text(typed, name, part) for part in ("", "note", "help"))
    asks = "wants" if typed.get(f"{name}-wants") else ""
    blocker, percent = (_text(typed, name, part) for part in ("blocker", "percent"))
    try:
        told = Said(
            ActivityState(state) if state else usual or ActivityState.NOT_STARTED,
            _short(note),
            read_percent(percent),
            Blocker(blocker) if blocker else None,
            bool(asks or help_text),
            _short(help_text),
        )
    except Refusal as refusal:
        return Line(shown=line.shown, error=line.error or str(refusal))
    except ValueError:  # of an enumeration: nobody's page offers it
        return Line(shown=line.shown, error=_("Choose from the answers shown here."))
    if state or (usual and any((note, help_text, asks, blocker, percent, line.shown))):
        line.said = told
    elif any((note, help_text, asks, blocker, percent, line.shown)):
        line.error = line.error or _("Say also how it stands: your note stays here.")
    return line


def read_indicator(typed: Typed, posted: Posted, name: str, indicator: Indicator) -> Line:
    """Nothing counted, and nothing told more, is nothing said."""
    line = _shown(typed, posted, name)
    note = _text(typed, name, "note")
    try:
        value = amounts.read(_text(typed, name, ""))
        parts = {part: amounts.read(_text(typed, name, part)) for part in indicator.parts}
        known = {part: number for part, number in parts.items() if number is not None}
        if value is None and known and len(known) == len(parts):
            value = sum(known.values(), Decimal(0))
        line.counted = None if value is None else _whole(value, known, _short(note))
    except Refusal as refusal:
        line.error = line.error or str(refusal)
        return line
    if value is None and any((note, known, line.shown)):
        line.error = line.error or _("Say also how many: what you typed stays here.")
    return line


def read_percent(text: str) -> int | None:
    """60, 60 %, in any digits. Raises Refusal."""
    number = amounts.read(text.strip().rstrip("%٪").strip())
    if number is not None and not 0 <= number <= WHOLE:
        raise Refusal(_("How much is done is a number from 0 to 100."))
    return None if number is None else round(number)


def prefill(typed: Typed, name: str, said: Said) -> None:
    """The fields as they were told."""
    typed[name] = said.state
    typed[f"{name}-note"], typed[f"{name}-help"] = said.note, said.help_text
    typed[f"{name}-percent"] = "" if said.percent is None else str(said.percent)
    typed[f"{name}-blocker"] = said.blocker or ""
    typed[f"{name}-wants"] = "1" if said.wants_help else ""


def prefill_indicator(typed: Typed, name: str, counted: Counted) -> None:
    typed[name], typed[f"{name}-note"] = amounts.write(counted.value), counted.note
    for part, number in counted.parts.items():
        typed[f"{name}-{part}"] = amounts.write(number)


def taken_back(typed: Typed) -> set[int]:
    """What she no longer wants to show, by number."""
    return set(typed.getlist("take-back", whole))


def _whole(value: Decimal, parts: Mapping[str, Decimal], note: str) -> Counted:
    """Raises Refusal where the parts are more than the whole."""
    if sum(parts.values(), Decimal(0)) > value:
        raise Refusal(_("The parts together are more than the whole. Look at both again."))
    return Counted(value, parts, note)


def _shown(typed: Typed, posted: Posted, name: str) -> Line:
    """The files and the link of a line."""
    line, caption = Line(), _text(typed, name, "caption")[: evidence.LONGEST_CAPTION]
    for one in posted.getlist(f"{name}-file")[: evidence.MOST]:
        if one.filename:
            try:
                line.shown.append(Shown(caption, name=one.filename, judged=judge(one.read())))
            except Refusal as refusal:
                line.error = str(refusal)
    try:
        url = evidence.read_link(_text(typed, name, "link"))
    except Refusal as refusal:
        line.error = str(refusal)
    else:
        line.shown += [Shown(caption, url=url)] if url else []
    return line


def _text(typed: Typed, name: str, part: str) -> str:
    written = typed.get(f"{name}-{part}" if part else name, "")
    return written.replace("\0", "").replace("\r\n", "\n").strip()


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise Refusal(_("This holds at most %(most)s characters. Shorten it a little.", most=LONGEST))
    return text
