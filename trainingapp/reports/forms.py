"""What a person may type about a report."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from trainingapp.forms import DayField, EditForm, Form
from trainingapp.labels import choices
from trainingapp.once import OnceForm
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.reports.models import Report
from trainingapp.responses.words import LANGUAGE_NAMES

LONGEST = 20_000  # letters of one text


def _with_short_line_ends(text: object) -> object:
    """A form sends two letters for each line end, of which its box counts one."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


def _languages() -> list[tuple[str, str]]:
    return [(code, name) for code, (name, _way) in LANGUAGE_NAMES.items()]


class _Asked(Form):
    title = StringField(_l("Title"), [InputRequired(_l("Give the report a title.")), Length(max=200)])
    language = SelectField(
        _l("Language"),
        description=_l("Of headings, figures and sentences. What you write yourself may be in any."),
    )
    as_of = DayField(
        _l("Figures as of the end of"),
        [InputRequired(_l("Choose the day as of which the figures stand."))],
        description=_l("A day that is over, so that the same figures come out again."),
    )
    level = SelectField(
        _l("Results count from"),
        description=_l("What plans add up to counts only as far as it is shown to be true."),
    )

    def offer(self) -> None:
        self.language.choices = _languages()
        self.level.choices = choices(EvidenceLevel)

    @property
    def asked(self) -> dict[str, Any]:
        return {
            "title": self.title.data,
            "language": self.language.data,
            "as_of": self.as_of.data,
            "level": EvidenceLevel(self.level.data),
        }


class EditionForm(_Asked, OnceForm):
    """A report on an edition, begun."""


class YearsForm(_Asked, OnceForm):
    """A report over several years, begun."""

    first_year = SelectField(_l("From the year"), coerce=int)
    last_year = SelectField(_l("To the year"), coerce=int)

    def offer_years(self, years: Sequence[int]) -> None:
        self.first_year.choices = self.last_year.choices = [(year, str(year)) for year in years]

    @property
    def asked(self) -> dict[str, Any]:
        """Whichever way round the years were chosen."""
        first, last = sorted((self.first_year.data, self.last_year.data))
        return {**super().asked, "first_year": first, "last_year": last}


class SettingsForm(_Asked, EditForm):
    """What a draft is asked for, changed."""

    def fill(self, report: Report) -> None:
        self.title.data, self.language.data = report.title, report.language
        self.as_of.data, self.level.data, self.version.data = report.as_of, report.level.value, report.version


class TextForm(EditForm):
    """The text beside a section; `version` is 0 where nothing stands yet."""

    text = TextAreaField(
        _l("Your words"),
        [Length(max=LONGEST)],
        filters=[_with_short_line_ends],
        description=_l(
            "An empty line begins a paragraph, - a list, ** on both sides of a word makes it bold."
        ),
    )


class CorrectionForm(Form):
    what = TextAreaField(
        _l("What was wrong"),
        [Length(max=2000)],
        description=_l("One sentence. Readers of the old version and of the new one see it."),
    )


class WithdrawalForm(Form):
    why = TextAreaField(
        _l("Why it is withdrawn"),
        [Length(max=2000)],
        description=_l("One sentence, for whoever kept the address."),
    )
