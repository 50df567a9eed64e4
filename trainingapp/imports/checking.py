"""Every row of a file: understood, compared with the other rows and with the directory. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp import countries
from trainingapp.cohorts.models import HOLDS_A_PLACE, Enrolment
from trainingapp.db import db
from trainingapp.imports import cells, dates
from trainingapp.imports.cells import Understood
from trainingapp.imports.fields import LABELS, NAME_FIELDS
from trainingapp.imports.models import Verdict
from trainingapp.participants import matching
from trainingapp.participants.matching import Match, Seeker
from trainingapp.participants.names import latin
from trainingapp.participants.queries import Allowed, everyone

_CHUNK = 900


@dataclass(frozen=True)
class Line:
    """A row as it stands in the file, with what the organiser typed over it."""

    number: int
    cells: Sequence[str]
    typed: Mapping[str, str]


@dataclass
class Checked:
    number: int
    values: dict[str, Any]
    reasons: list[dict[str, Any]]
    verdict: Verdict | None
    participant_id: int | None = None

    @property
    def is_notable(self) -> bool:
        return self.verdict in {Verdict.MAYBE, Verdict.WRONG} or bool(
            [reason for reason in self.reasons if not reason.get("quiet")]
        )


class Employers(matching.Organisations):
    """Where people worked, as their enrolments say."""

    def of(self, ids: Iterable[int]) -> Mapping[int, set[str]]:
        worked: dict[int, set[str]] = defaultdict(set)
        ordered = sorted(ids)
        for start in range(0, len(ordered), _CHUNK):
            query = sa.select(Enrolment.participant_id, Enrolment.organisation).where(
                Enrolment.participant_id.in_(ordered[start : start + _CHUNK]), Enrolment.organisation != ""
            )
            for number, organisation in db.session.execute(query):
                worked[number].add(latin(organisation))
        return worked


def missing(mapping: Mapping[str, str], assumed: Mapping[str, Any]) -> list[str]:
    """Fields that every row needs and no column holds."""
    fields = set(mapping.values())
    lacking = [] if fields & set(NAME_FIELDS) else ["full_name"]
    return lacking if "country" in fields or assumed.get("country") else [*lacking, "country"]


def raw(line: Line, mapping: Mapping[str, str]) -> dict[str, str]:
    """Field -> text, corrections first."""
    found = {field: line.cells[int(at)] for at, field in mapping.items() if int(at) < len(line.cells)}
    return {**found, **line.typed}


def day_first(lines: Iterable[Line], mapping: Mapping[str, str]) -> bool | None:
    return dates.day_first(raw(line, mapping).get("born_on", "") for line in lines)


def check(
    cohort_id: int,
    lines: Sequence[Line],
    headings: Sequence[str],
    mapping: Mapping[str, str],
    *,
    assumed: Mapping[str, Any],
    today: date,
    allowed: Allowed = everyone,
) -> list[Checked]:
    """In the order of the lines; what the rows share with each other is seen within these lines only.

    `allowed` says whom the reader may see: others stay unnamed, and an address of theirs is refused.
    """
    checked = [_understand(line, headings, mapping, assumed, today) for line in lines]
    _find_twins(checked)
    _refuse_unseen(checked, allowed)
    whole = [row for row in checked if row.verdict is Verdict.NEW]
    matches = matching.find([_seeker(row.values) for row in whole], Employers(), allowed)
    _judge(cohort_id, [(row, match) for row, match in zip(whole, matches, strict=True) if match])
    return checked


def _understand(
    line: Line,
    headings: Sequence[str],
    mapping: Mapping[str, str],
    assumed: Mapping[str, Any],
    today: date,
) -> Checked:
    texts = raw(line, mapping)
    if _is_no_row(line, headings, texts, mapping):
        return Checked(line.number, {}, [], None)
    found = cells.understand(texts, assumed, today)
    if len(line.cells) > len(headings):
        found.wrong(
            "",
            _("There are more cells than headings. Put texts with a comma between quotation marks."),
        )
    verdict = Verdict.WRONG if found.is_wrong else Verdict.NEW
    _say_country(found, texts)
    return Checked(line.number, found.values, found.remarks, verdict)


def _is_no_row(
    line: Line, headings: Sequence[str], texts: Mapping[str, str], mapping: Mapping[str, str]
) -> bool:
    """Nothing in the columns we read, the headings again (a printed page began), or column numbers."""
    if any(field in NAME_FIELDS for field in mapping.values()) and not any(
        text.strip() for text in texts.values()
    ):
        return True
    if list(line.cells) == list(headings)[: len(line.cells)]:
        return True
    filled = [cell.strip("() ") for cell in line.cells if cell]
    return len(filled) > 2 and filled == [str(at) for at in range(1, len(filled) + 1)]  # noqa: PLR2004


def _say_country(found: Understood, texts: Mapping[str, str]) -> None:
    """When a name became another one ("Burma"), the reader may want to know; nothing to decide."""
    code, written = found.values.get("country"), cells.clean(texts.get("country", ""))
    if code and written and countries.key(written) != countries.key(countries.name_of(code)):
        found.remarks.append(
            {"field": "country", "text": _("from “%(text)s”", text=written), "wrong": False, "quiet": True}
        )


def _refuse_unseen(rows: Sequence[Checked], allowed: Allowed) -> None:
    emails = {email for row in rows for email in row.values.get("emails", ())}
    unseen = set() if allowed is everyone else matching.out_of_reach(emails, allowed)
    for row in rows if unseen else ():
        for email in unseen.intersection(row.values.get("emails", ())):
            row.verdict = Verdict.WRONG
            text = _("%(address)s already belongs to someone else in the directory.", address=email)
            row.reasons.append({"field": "email", "text": text, "wrong": True, "choices": []})


def _find_twins(rows: Sequence[Checked]) -> None:
    """The same email address, or the same person, in two rows of the file."""
    by_email: dict[str, list[Checked]] = defaultdict(list)
    by_person: dict[tuple[str, str, str], list[Checked]] = defaultdict(list)
    for row in rows:
        for email in row.values.get("emails", ()):
            by_email[email].append(row)
        if row.values.get("full_name"):
            by_person[_person_key(row.values)].append(row)
    for email, sharing in by_email.items():
        for row in sharing if len(sharing) > 1 else ():
            row.verdict = Verdict.WRONG
            sentence = _(
                "Rows %(rows)s have the same email address, %(email)s. Each person needs one of their own.",
                rows=_rows(sharing),
                email=email,
            )
            row.reasons.append({"field": "email", "text": sentence, "wrong": True, "choices": []})
    for sharing in by_person.values():
        for row in sharing[1:]:
            if row.verdict is Verdict.NEW:
                row.verdict = Verdict.MAYBE
                sentence = _("Rows %(rows)s name the same person.", rows=_rows(sharing))
                row.reasons.append({"field": "full_name", "text": sentence, "wrong": False, "twin": True})


def _person_key(values: Mapping[str, Any]) -> tuple[str, str, str]:
    return (latin(values["full_name"]), values.get("country", ""), values.get("born_on", ""))


def _rows(rows: Sequence[Checked]) -> str:
    numbers = [str(row.number) for row in rows]
    if len(numbers) > 4:  # noqa: PLR2004
        return _("%(numbers)s and %(count)s more", numbers=", ".join(numbers[:3]), count=len(numbers) - 3)
    return _("%(numbers)s and %(last)s", numbers=", ".join(numbers[:-1]), last=numbers[-1])


def _seeker(values: Mapping[str, Any]) -> Seeker:
    born = values.get("born_on")
    return Seeker(
        full_name=values["full_name"],
        country=values.get("country", ""),
        born_on=date.fromisoformat(born) if born else None,
        passport_name=values.get("passport_name", ""),
        organisation=values.get("organisation", ""),
        emails=tuple(values.get("emails", ())),
    )


def _judge(cohort_id: int, found: Sequence[tuple[Checked, Match]]) -> None:
    states = enrolled(cohort_id, {match.participant_id for _row, match in found})
    first: dict[int, int] = {}
    for row, match in found:
        row.participant_id = match.participant_id
        row.verdict = Verdict.KNOWN if match.is_certain else Verdict.MAYBE
        row.reasons += [
            {"field": "", "text": text, "wrong": False, "quiet": match.is_certain} for text in match.because
        ]
        if not match.is_certain:
            continue
        other = first.setdefault(match.participant_id, row.number)
        if other != row.number:
            row.verdict = Verdict.WRONG
            sentence = _("Row %(row)s is the same person.", row=other)
            row.reasons.append({"field": "full_name", "text": sentence, "wrong": True, "choices": []})
        elif match.participant_id in states:
            row.values["enrolled"] = True
            sentence = (
                _("Already enrolled in this edition: nothing to do.")
                if states[match.participant_id] in HOLDS_A_PLACE
                else _("Was enrolled in this edition and is not any more. That stays as it is.")
            )
            row.reasons.append({"field": "", "text": sentence, "wrong": False})


def enrolled(cohort_id: int, ids: set[int]) -> dict[int, Any]:
    """Participant id -> state of the enrolment in this very cohort."""
    states: dict[int, Any] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        query = sa.select(Enrolment.participant_id, Enrolment.state).where(
            Enrolment.cohort_id == cohort_id, Enrolment.participant_id.in_(ordered[start : start + _CHUNK])
        )
        states |= dict(db.session.execute(query).all())
    return states


def sentence(reason: Mapping[str, Any]) -> str:
    """As a line of its own: which cell, and why."""
    if not reason.get("field") or reason["field"] not in LABELS:
        return str(reason["text"])
    return _("%(cell)s: %(why)s", cell=LABELS[reason["field"]], why=reason["text"])
