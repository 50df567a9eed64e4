"""What one row's cells mean. Reads no row of the database: the same cells always mean the same."""

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import EnrolmentKind, Funding, Mode
from trainingapp.imports import dates
from trainingapp.imports.fields import LABELS
from trainingapp.participants.actions import normalise_email, normalise_phone
from trainingapp.participants.models import Sex
from trainingapp.refusals import Refusal

CHOICES: dict[str, type[StrEnum]] = {"sex": Sex, "kind": EnrolmentKind, "mode": Mode, "funding": Funding}
_NAMES = ("full_name", "passport_name", "certificate_name", "local_name")
_TEXTS = ("organisation", "post", "nominating_body", "supervisor_name")
_LONGEST_TEXT = 200
_FEWEST_DIGITS = 7  # of a telephone number
_NOTHING = {"", "-", "--", "\u2013", "\u2014", "n/a", "na", "nil", "none", "null", "tba", "tbc", "?", "."}
_NOTHING |= {"tidak ada", "belum ada", "néant"}
_BROKEN_FORMULA = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!)", re.IGNORECASE)
_NO_TRACE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]|[\x00-\x08\x0e-\x1f\x7f]")
_JOINERS = re.compile(
    "(?<![^\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\u024f])"
)  # Persian needs them
_BY_TITLE = {"mr": Sex.MALE, "bapak": Sex.MALE, "m": Sex.MALE, "mrs": Sex.FEMALE, "ms": Sex.FEMALE}
_BY_TITLE |= {"miss": Sex.FEMALE, "mme": Sex.FEMALE, "ibu": Sex.FEMALE}


@dataclass
class Understood:
    values: dict[str, Any] = field(default_factory=dict)  # JSON: dates as ISO texts
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def note(self, name: str, text: str) -> None:
        """Worth a look; the row can be imported."""
        self.remarks.append({"field": name, "text": text, "wrong": False})

    def wrong(self, name: str, text: str, choices: list[str] | None = None) -> None:
        self.remarks.append({"field": name, "text": text, "wrong": True, "choices": choices or []})

    @property
    def is_wrong(self) -> bool:
        return any(remark["wrong"] for remark in self.remarks)


def understand(raw: Mapping[str, str], assumed: Mapping[str, Any], today: date) -> Understood:
    """`raw` is field -> cell; `assumed` says what the file leaves out (country, kind, day_first)."""
    found = Understood()
    cells = {name: clean(_a_line_each(text) if name == "phone" else text) for name, text in raw.items()}
    for name, text in list(cells.items()):
        if _BROKEN_FORMULA.match(text):
            found.wrong(name, _("%(text)s is what a spreadsheet shows for a broken formula.", text=text))
            cells[name] = ""
        elif text.casefold() in _NOTHING:
            cells[name] = ""
    _names(cells, found)
    _country(cells.get("country", ""), assumed.get("country", ""), found)
    _emails(cells, found)
    _phones(cells, found)
    if cells.get("born_on"):
        _read(found, "born_on", cells["born_on"], lambda text: _day(text, assumed, today))
    for name, choice in CHOICES.items():
        _choice(name, choice, cells.get(name, ""), str(assumed.get(name, "")), found)
    _sex_from_title(cells.get("title", ""), found)
    for name in _TEXTS:
        _text(name, cells.get(name, ""), found)
    if cells.get("supervisor_email"):
        _read(found, "supervisor_email", cells["supervisor_email"], normalise_email)
    return found


def _a_line_each(text: str) -> str:
    """Numbers that stand below each other in one cell, kept apart; one number may also run over two lines."""
    lines = [line for line in text.splitlines() if line.strip()]
    are_whole = all(sum(map(str.isdecimal, line)) >= _FEWEST_DIGITS for line in lines)
    return ";".join(lines) if are_whole else text


def clean(text: str) -> str:
    """Without what no reader sees; single spaces. An apostrophe that our own export added goes too."""
    text = _JOINERS.sub("", _NO_TRACE.sub("", unicodedata.normalize("NFC", text)))
    text = " ".join(text.split())
    return text[1:] if text[:1] == "'" and text[1:2] in set("=+-@") else text


def _names(cells: Mapping[str, str], found: Understood) -> None:
    joined = " ".join(
        filter(None, (cells.get(part) for part in ("given_name", "middle_name", "family_name")))
    )
    name = cells.get("full_name") or joined or cells.get("passport_name", "")
    if not name:
        found.wrong("full_name", _("There is no name in this row."))
    elif not any(letter.isalpha() for letter in name):
        found.wrong("full_name", _("“%(text)s” has no letter in it, so it cannot be a name.", text=name))
    elif "@" in name:
        found.wrong("full_name", _("This looks like an email address, not a name."))
    for place, text in {**{key: cells.get(key, "") for key in _NAMES}, "full_name": name}.items():
        _text(place, text, found)


def _text(name: str, text: str, found: Understood) -> None:
    if len(text) > _LONGEST_TEXT:
        found.wrong(name, _("%(length)s letters; %(most)s fit.", length=len(text), most=_LONGEST_TEXT))
    if text:
        found.values[name] = text


def _country(text: str, otherwise: str, found: Understood) -> None:
    code = countries.find(text) if text else otherwise
    if code:
        found.values["country"] = code
    elif not text:
        found.wrong("country", _("Choose the country that nominates this person."))
    else:
        likely = countries.suggestions(text)
        names = _(" or ").join(countries.name_of(code) for code in likely)
        sentence = (
            _("We do not know “%(text)s”. Did you mean %(names)s?", text=text, names=names)
            if likely
            else _("We do not know a country called “%(text)s”.", text=text)
        )
        found.wrong("country", sentence, likely)


def _emails(cells: Mapping[str, str], found: Understood) -> None:
    written = [
        (name, text) for name in ("email", "other_email") for text in _split_emails(cells.get(name, ""))
    ]
    emails: list[str] = []
    for name, text in written:
        if text.endswith((".", ",")):
            found.note(name, _("Taken without the sign at its end."))
        try:
            address = normalise_email(text)
        except Refusal:
            found.wrong(name, _why_no_email(text))
        else:
            if address not in emails:
                emails.append(address)
    found.values.update({"emails": emails} if emails else {})


def _split_emails(text: str) -> list[str]:
    text = re.sub(r"mailto:", "", text, flags=re.IGNORECASE)
    if inside := re.findall(r"<([^<>]*@[^<>]*)>", text):
        return [part.strip() for part in inside]
    parts = [
        part
        for part in re.split(r"[;,/|\s]+(?:or|and|dan|et|ou)\s+|[;/|]+|,\s*|\s+(?=\S+@)", text)
        if part.strip()
    ]
    if text.rstrip().endswith(",") and len(parts) == 1:
        return [text.strip()]
    return [part.strip() for part in parts]


def _why_no_email(text: str) -> str:
    name, at, host = text.rpartition("@")
    if not at or not name:
        return _("An email address has a name, an “@” and a place, like name@example.org.")
    if "." not in host.strip("."):
        return _("An email address needs a part like “.org” at the end.")
    if " " in text:
        return _("There is a space inside this email address.")
    return _("“%(text)s” is not an email address. Write it like name@example.org.", text=text)


def _phones(cells: Mapping[str, str], found: Understood) -> None:
    country = found.values.get("country", "")
    phones: list[str] = []
    for part in re.split(r"[;/|]|,\s", cells.get("phone", "")):
        text = part.strip()
        if not text:
            continue
        if re.search(r"\d[eE]\+?\d", text):
            found.wrong("phone", _("The spreadsheet cut this number short. Write it like +977 1 555 0100."))
            continue
        try:
            number = normalise_phone(re.sub(r"^\s*00", "+", text), country or "ZZ")
        except Refusal:
            found.wrong("phone", _("This is not a telephone number. Write it like +977 1 555 0100."))
        else:
            if number not in phones:
                phones.append(number)
    if phones:
        found.values["phones"] = phones
    if cells.get("messaging"):
        found.values["messaging"] = cells["messaging"][:_LONGEST_TEXT]


def _day(text: str, assumed: Mapping[str, Any], today: date) -> str:
    return dates.parse(text, is_day_first=assumed.get("day_first"), today=today).isoformat()


def _read(found: Understood, name: str, text: str, read: Callable[[str], str]) -> None:
    try:
        found.values[name] = read(text)
    except Refusal as refusal:
        found.wrong(name, _why_no_email(text) if name == "supervisor_email" else str(refusal))


def _choice(name: str, choice: type[StrEnum], text: str, otherwise: str, found: Understood) -> None:
    meant = _written()[name].get(countries.key(text)) if text else otherwise
    if meant:
        found.values[name] = choice(meant).value
    elif text:
        sentence = _("We do not know “%(text)s” here. Choose from the list.", text=text)
        found.wrong(name, sentence, [member.value for member in choice])


def _sex_from_title(title: str, found: Understood) -> None:
    sex = _BY_TITLE.get(countries.key(title))
    if sex and "sex" not in found.values:
        found.values["sex"] = sex.value
        found.note("sex", _("Taken from “%(title)s”.", title=title))


@cache
def _written() -> dict[str, dict[str, str]]:
    """Field -> what people write -> the member's value."""
    written: dict[str, dict[str, str]] = {name: {} for name in CHOICES}
    with Path(__file__).with_name("words_people_write.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for word in [*row["words"].split("|"), row["value"]]:
                written[row["field"]][countries.key(word)] = row["value"]
    return written


def label_of(name: str) -> str:
    return str(LABELS.get(name, _l("Row")))
