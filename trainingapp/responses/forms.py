"""What may be typed on the page: the fields follow the plan and the questionnaire, so no class lists them."""

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
from trainingapp.plans.models import Activity, ActivityState
from trainingapp.refusals import Refusal
from trainingapp.responses.actions import Filled
from trainingapp.responses.models import Proposal
from trainingapp.responses.queries import Said, Sheet
from trainingapp.responses.questions import AskedQuestion, QuestionPart
from trainingapp.responses.words import EVERY_TAP, said_words

LONGEST_NOTE = 4000


@dataclass
class AskedActivity:
    """One activity on the page. Its field is `id`, the note's is `id`-note."""

    activity: Activity
    last: Said | None
    state: str
    note: str
    error: str = ""

    @property
    def id(self) -> str:
        return f"a-{self.activity.id}"

    @property
    def text(self) -> str:
        return self.activity.what

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
class Told:
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
    told: list[Told] = field(default_factory=list)

    @cached_property
    def part(self) -> QuestionPart:
        return QuestionPart(self.sheet, self.language, self.typed, self.errors)

    def take(self, posted: MultiDict[str, FileStorage], now: datetime, by: User | None = None) -> None:
        """Keeps the files that came with the page. Before `read`."""
        self.part.take(posted, now, by)

    @property
    def enctype(self) -> str:
        """Of the form: only files need the longer way."""
        return "multipart/form-data" if self.part.takes_file else "application/x-www-form-urlencoded"

    def fill(self) -> "Page":
        """Shows what is stored."""
        self.part.fill()
        for activity_id, said in self.sheet.said.items():
            self.typed[f"a-{activity_id}"] = said.state
            self.typed[f"a-{activity_id}-note"] = said.note
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
            self.told.append(Told(name, activity.what, words, said_words(here)))

    def read(self, only: set[str] | None = None, *, is_final: bool = False) -> Filled:
        """What can be read; what cannot is in `errors`. `only` names the fields that were touched."""
        filled = Filled(answers=self.part.read(only, is_final=is_final))
        for activity in self.sheet.activities:
            name = f"a-{activity.id}"
            if only is None or name in only:
                self._read_activity(activity, name, filled)
        return filled

    def _read_activity(self, activity: Activity, name: str, filled: Filled) -> None:
        state, note = self.typed.get(name, ""), self.typed.get(f"{name}-note", "")
        note = note.replace("\0", "").replace("\r\n", "\n").strip()
        if len(note) > LONGEST_NOTE:
            self.errors[name] = _(
                "This holds at most %(most)s characters. Shorten it a little.", most=LONGEST_NOTE
            )
        elif state and state not in set(ActivityState):
            self.errors[name] = _("Choose from the answers shown here.")
        elif state:
            filled.reports[activity.id] = Said(ActivityState(state), note)
        elif note:
            self.errors[name] = _("Say also how it stands: your note stays here.")

    @property
    def activities(self) -> list[AskedActivity]:
        return [
            AskedActivity(
                activity,
                self.sheet.last.get(activity.id),
                self.typed.get(f"a-{activity.id}", ""),
                self.typed.get(f"a-{activity.id}-note", ""),
                self.errors.get(f"a-{activity.id}", ""),
            )
            for activity in self.sheet.activities
        ]

    @property
    def questions(self) -> list[AskedQuestion]:
        return self.part.questions

    @property
    def total(self) -> int:
        return self.part.total + len(self.sheet.activities)

    @property
    def answered(self) -> int:
        """How many have something in them, readable or not."""
        return self.part.answered + sum(bool(activity.state or activity.note) for activity in self.activities)


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
