"""An entry as its pages show it: each field with what was found there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from trainingapp.submissions import held, lists
from trainingapp.submissions.actions import Typed
from trainingapp.submissions.checks.findings import Entry, Finding
from trainingapp.submissions.fields import Field, Options, Value
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.lists import Group, Lists
from trainingapp.submissions.models import Submission


@dataclass(frozen=True)
class Shown:
    field: Field
    value: Value
    language: str
    is_proposed: bool
    label_language: str  # of a published label, where it is not that of the text
    findings: list[Finding]
    saved: str | None  # as somebody else saved it meanwhile, where it differs from what was typed
    groups: list[Group]  # options, where the field has any

    @property
    def described(self) -> str:
        """Ids of what a screen reader says after the label."""
        hint = [f"{self.field.key}-h"] if self.field.hint else []
        return " ".join([*hint, f"{self.field.key}-n"] if self.findings else hint)


def entry_of(submission: Submission, today: date, typed: Typed | None = None) -> Entry:
    return Entry(
        KINDS[submission.kind].fields,
        {**KINDS[submission.kind].blank(), **submission.texts, **(typed.texts if typed else {})},
        typed.languages if typed else submission.languages,
        lists.on(day_of(submission, today)),
        today,
        held.of(submission.programme_id, submission.as_of, today),
        submission.labels,
    )


def day_of(submission: Submission, today: date) -> date:
    """On which lists are read: of what is handed in that day, else that of its figures."""
    return submission.handed_in_on or submission.as_of or today


def shown(submission: Submission, entry: Entry, typed: Typed | None = None) -> list[Shown]:
    findings = KINDS[submission.kind].found(entry)
    taken = typed.taken if typed else ()
    return [
        Shown(
            one,
            entry.texts[one.key],
            entry.languages.get(one.key, ""),
            one.key in submission.proposed and one.key not in taken,
            submission.labels.get(one.key, ""),
            [finding for finding in findings if finding.field == one.key],
            _saved(one, entry, submission.texts, typed),
            _groups(one, entry),
        )
        for one in entry.fields
    ]


def _saved(one: Field, entry: Entry, saved: Mapping[str, Any], typed: Typed | None) -> str | None:
    there = saved.get(one.key, one.blank)
    return None if typed is None or there == typed.texts[one.key] else one.written(there, entry.lists)


def _groups(one: Field, entry: Entry) -> list[Group]:
    options = getattr(one, "options", None)
    if options is None:
        return []
    value = entry.texts[one.key]
    return offered(options, entry.lists, [value] if isinstance(value, str) else value)


def offered(options: Options, on_day: Lists, chosen: Iterable[str]) -> list[Group]:
    """What is chosen and on no list stands last: a save keeps it."""
    groups = options(on_day)
    known = {code for _heading, group in groups for code, _text in group}
    others = [code for code in chosen if code and code not in known]
    return [*groups, ("", [(code, code) for code in others])] if others else groups
