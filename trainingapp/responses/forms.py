"""What may be typed on the page: the fields follow the plan and the questionnaire, so no class lists them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from trainingapp.accounts.models import User
from trainingapp.forms import Form
from trainingapp.participants import actions as participants
from trainingapp.participants.forms import CountryField
from trainingapp.plans.models import Activity, Indicator
from trainingapp.plans.progress import evidence, reading
from trainingapp.plans.progress.models import Evidence
from trainingapp.refusals import Refusal
from trainingapp.responses.actions import Filled
from trainingapp.responses.models import Proposal
from trainingapp.responses.queries import Sheet
from trainingapp.responses.questions import AskedQuestion, QuestionPart
from trainingapp.responses.reports import Told
from trainingapp.responses.words import EVERY_TAP, said_words


class AskedActivity(reading.AskedActivity):
    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a link in the mail may choose."""
        return [(state.value, str(words)) for state, words in EVERY_TAP.items()]


@dataclass(frozen=True)
class Tapped:
    """An answer that was chosen in the mail: shown as chosen, recorded by nobody yet."""

    id: str  # of its field
    question: str
    answer: str


@dataclass(frozen=True)
class Elsewhere:
    """One activity, as she told it another way. `here` is what the page has instead, if it has."""

    id: str  # of its field
    what: str
    words: str
    here: str = ""


@dataclass
class Page:
    """The sheet with what is in its fields: stored answers at first, then whatever was typed."""

    sheet: Sheet
    language: str
    typed: MultiDict[str, str] = field(default_factory=MultiDict)
    errors: dict[str, str] = field(default_factory=dict)  # field id -> sentence
    tapped: Tapped | None = None  # in the mail
    proposal: Proposal | None = None  # what she told another way
    elsewhere: list[Elsewhere] = field(default_factory=list)  # the same, line by line
    posted: MultiDict[str, FileStorage] = field(default_factory=MultiDict)

    @cached_property
    def part(self) -> QuestionPart:
        return QuestionPart(self.sheet, self.language, self.typed, self.errors)

    def take(self, posted: MultiDict[str, FileStorage], now: datetime, by: User | None = None) -> None:
        """Keeps the files that came with the page. Before `read`."""
        self.part.take(posted, now, by)
        self.posted = posted

    @property
    def enctype(self) -> str:
        """Of the form: only files need the longer way."""
        takes_file = self.part.takes_file or self.sheet.activities
        return "multipart/form-data" if takes_file else "application/x-www-form-urlencoded"

    def fill(self) -> "Page":
        """Shows what is stored."""
        self.part.fill()
        for activity_id, said in self.sheet.said.items():
            reading.prefill(self.typed, f"a-{activity_id}", said)
        for indicator_id, counted in self.sheet.counted.items():
            reading.prefill_indicator(self.typed, f"i-{indicator_id}", counted)
        return self

    def choose(self, tap: str) -> None:
        """`tap` is "<field>.<choice>" from a link in the mail. What is not asked here is passed over."""
        name, _dot, value = tap.partition(".")
        everything: list[AskedActivity | AskedQuestion] = [*self.activities, *self.questions]
        for asked in everything:
            words = dict(asked.choices).get(value) if asked.id == name else None
            if words:
                self.typed[name] = value
                self.tapped = Tapped(name, asked.text, words)

    def lay_over(self, proposal: Proposal | None) -> None:
        """What she told another way is chosen where nothing else is, and shown beside what is."""
        if proposal is None:
            return
        self.proposal = proposal
        for activity in self.sheet.activities:
            name = f"a-{activity.id}"
            told = {
                part: text
                for part, text in proposal.fields.items()
                if part == name or part.startswith(f"{name}-")
            }
            if not told:
                continue
            state, here = told.get(name, ""), self.typed.get(name, "")
            if not here or here == state:
                self.typed.update({part: text for part, text in told.items() if not self.typed.get(part)})
                here = ""
            words = said_words(
                state,
                told.get(f"{name}-percent", ""),
                told.get(f"{name}-blocker", ""),
                told.get(f"{name}-note", ""),
            )
            self.elsewhere.append(Elsewhere(name, activity.what, words, said_words(here)))

    def read(self, only: set[str] | None = None, *, is_final: bool = False) -> Filled:
        """What can be read; what cannot is in `errors`. `only` names the fields that were touched."""
        told = Told(taken_back=reading.taken_back(self.typed))
        lines: list[Activity | Indicator] = [*self.sheet.activities, *self.sheet.indicators]
        for about in lines:
            name = f"a-{about.id}" if isinstance(about, Activity) else f"i-{about.id}"
            if only is None or name in only:
                self._read_line(name, about, told)
        answers = self.part.read(only, is_final=is_final)
        return Filled(answers, told, irrelevant=self.part.irrelevant)

    def _read_line(self, name: str, about: Activity | Indicator, told: Told) -> None:
        told.about[name] = about
        if isinstance(about, Activity):
            line = reading.read_activity(self.typed, self.posted, name)
        else:
            line = reading.read_indicator(self.typed, self.posted, name, about)
        if line.shown:
            kept = [one for one in self.sheet.kept.get(name, ()) if one.id not in told.taken_back]
            try:
                evidence.must_fit(kept, line.shown)
            except evidence.TooMuch as refusal:
                line.error, line.shown = str(refusal), []
        if line.error:
            self.errors[name] = line.error
        if line.said:
            told.said[name] = line.said
        if line.counted:
            told.counted[name] = line.counted
        if line.shown:
            told.shown[name] = line.shown

    @property
    def activities(self) -> list[AskedActivity]:
        sheet = self.sheet
        return [
            AskedActivity(*self._asked(f"a-{one.id}"), activity=one, last=sheet.last.get(one.id))
            for one in sheet.activities
        ]

    @property
    def indicators(self) -> list[reading.AskedIndicator]:
        sheet = self.sheet
        return [
            reading.AskedIndicator(
                *self._asked(f"i-{one.id}"), indicator=one, last=sheet.last_values.get(one.id)
            )
            for one in sheet.indicators
        ]

    def _asked(self, name: str) -> tuple[str, MultiDict[str, str], str, Sequence[Evidence]]:
        return name, self.typed, self.errors.get(name, ""), self.sheet.kept.get(name, ())

    @property
    def questions(self) -> list[AskedQuestion]:
        return self.part.questions

    @property
    def total(self) -> int:
        return self.part.total + len(self.sheet.activities) + len(self.sheet.indicators)

    @property
    def answered(self) -> int:
        """How many have something in them, readable or not."""
        lines: list[reading.Asked] = [*self.activities, *self.indicators]
        return self.part.answered + sum(bool(one.value() or one.tells_more) for one in lines)


class MovedForm(Form):
    """What she may tell about herself: on the page behind a wave's link, and once a year."""

    post = StringField(_l("Your post"), [Length(max=200)])
    organisation = StringField(_l("Where you work"), [Length(max=200)])
    country = CountryField(_l("Country"))
    email = StringField(
        _l("Email address to write to"),
        [Length(max=320)],
        description=_l("Only if it is another one now."),
    )

    def validate_email(self, field: StringField) -> None:
        """In her language; the library's own reasons are English."""
        try:
            if field.data:
                participants.normalise_email(field.data)
        except Refusal as refusal:
            text = _("This cannot be read as an email address. Write it like sita@example.org.")
            raise ValidationError(text) from refusal

    @property
    def told(self) -> dict[str, str]:
        names = ("post", "organisation", "country", "email")
        return {name: self._fields[name].data or "" for name in names}
