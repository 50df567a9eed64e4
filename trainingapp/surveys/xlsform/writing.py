"""From a questionnaire to an XLSForm that pyxform takes, and that `reading` makes the same one of."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter

from trainingapp.letters import holdable
from trainingapp.surveys.models import Level
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.xlsform import grouped, own_columns, settings, spelling
from trainingapp.surveys.xlsform.contents import Form, Item, Section, Texts
from trainingapp.surveys.xlsform.languages import heading_of
from trainingapp.surveys.xlsform.spelling import Cells, as_question

_NAME = re.compile(r"[^\W\d][\w.\-]*")
_RESERVED = {"meta", "instanceID", "instanceName", "data"}
_LONGEST_CELL = 32_767
_COLUMN_WIDTH = 24


def workbook(form: Form) -> bytes:
    """As an .xlsx file."""
    sheets = Writer(form).sheets()
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            headings = list(dict.fromkeys(heading for row in rows for heading in row))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(0, len(headings) - 1), _COLUMN_WIDTH)
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(rows, 1):
                for column, heading in enumerate(headings):
                    if text := holdable(row.get(heading, "")):
                        sheet.write_string(number, column, text[:_LONGEST_CELL])
    return file.getvalue()


@dataclass
class Writer:
    form: Form
    survey: list[Cells] = field(default_factory=list)
    choices: list[Cells] = field(default_factory=list)
    names: set[str] = field(default_factory=set)  # given so far
    spoken: dict[str, str] = field(default_factory=dict)  # language -> as headings say it

    def sheets(self) -> dict[str, list[Cells]]:
        self.names = {item.key for item in self.form.questions} | _RESERVED
        self.write_inside("")
        twice = len({(row["list_name"], row["name"]) for row in self.choices}) < len(self.choices)
        about = {
            "form_title": self.form.title,
            "form_id": self.form.key,
            "version": self.form.version,
            "default_language": self.heading(self.form.languages[0]),
            "allow_choice_duplicates": "yes" if twice else "",
            settings.LANGUAGES: " ".join(self.form.languages),
            settings.ANONYMITY: str(self.form.anonymity),
            settings.ASKS_PROGRESS: "yes" if self.form.asks_progress else "",
        }
        first = {"type": "", "name": "", **self.columns("label", dict.fromkeys(self.form.languages, ""))}
        first_choice = {
            "list_name": "",
            "name": "",
            **self.columns("label", dict.fromkeys(self.form.languages, "")),
        }
        survey = [{**first, **row} for row in self.survey]
        return {
            "survey": survey or [first],
            "choices": [{**first_choice, **row} for row in self.choices] or [first_choice],
            "settings": [{heading: text for heading, text in about.items() if text}],
        }

    def write_inside(self, section: str) -> None:
        """A section stands where the first of its questions, or of its sections, does."""
        for part in in_order(self.form, section):
            if isinstance(part, Section):
                self.write_section(part)
            else:
                self.write_question(part)

    def write_section(self, section: Section) -> None:
        name = self.free(section.key)
        more = {} if name == section.key else {"key": section.key}
        self.survey.append(
            {
                "type": "begin_group",
                "name": name,
                **self.columns("label", section.title),
                **self.columns("hint", section.hint),
                "relevant": section.relevant,
                **_more(more),
            }
        )
        self.write_inside(section.key)
        self.survey.append({"type": "end_group", "name": name})

    def write_question(self, item: Item) -> None:
        if item.kind in grouped.KINDS:
            self.write_group(item)
            return
        word, cells, more = spelling.OF_KIND[item.kind](self, item)
        if item.required_if and item.is_required:
            more["required_if"] = item.required_if
        constraint = own_columns.bounded(item.constraint, item)
        if constraint != item.constraint:
            more["constraint"] = item.constraint
        self.survey.append(
            {
                "type": word,
                "name": item.key,
                **self.columns("label", item.wording),
                **self.columns("hint", item.hint),
                "required": "yes" if item.is_required else item.required_if,
                "relevant": item.relevant,
                "constraint": constraint,
                **self.columns("constraint_message", item.constraint_text),
                "calculation": item.calculation,
                "choice_filter": item.choice_filter,
                **cells,
                "appearance": _appearance(item, cells, more),
                own_columns.LEVEL: "" if item.level is Level.REACTION else str(item.level),
                **_more(more),
            }
        )

    def write_group(self, item: Item) -> None:
        """One row a thing that is asked about. What only the group knows stands in our own column."""
        rest = {
            name: getattr(item, name)
            for name in (
                "is_required",
                "required_if",
                "constraint",
                "constraint_text",
                "appearance",
                "choice_filter",
            )
            if getattr(item, name)
        }
        kept = {key: item.options[key] for key in item.options if key in {"then", "now"}}
        more = {"rest": rest, "options": kept}
        self.survey.append(
            {
                "type": "begin_group",
                "name": item.key,
                **self.columns("label", item.wording),
                **self.columns("hint", item.hint),
                "relevant": item.relevant,
                "appearance": grouped.LOOK,
                own_columns.KIND: item.kind,
                own_columns.LEVEL: "" if item.level is Level.REACTION else str(item.level),
                **_more({name: part for name, part in more.items() if part}),
            }
        )
        word, cells = (
            (f"select_one {self.list_of(item.key, item.options['choices'])}", {})
            if "choices" in item.options
            else self.points(item)
        )
        for value, texts in _items(item, self.form.languages):
            required = "yes" if item.is_required else ""
            self.survey.append(
                {
                    "type": word,
                    "name": self.free(f"{item.key}_{value}"),
                    **self.columns("label", texts),
                    "required": required,
                    **cells,
                    **_more({"value": value}),
                }
            )
        self.survey.append({"type": "end_group", "name": item.key})

    # ---- pieces

    def heading(self, tag: str) -> str:
        return self.spoken.setdefault(tag, heading_of(tag))

    def columns(self, column: str, texts: Mapping[str, str]) -> Cells:
        return {f"{column}::{self.heading(tag)}": text for tag, text in texts.items()}

    def free(self, wanted: str) -> str:
        """A name that an XML element may have, and that nothing else in the form has."""
        start = wanted if _NAME.fullmatch(wanted) else re.sub(r"[^\w.\-]", "_", f"_{wanted}")
        name = next(
            one for one in (start, *(f"{start}_{n}" for n in range(2, 9999))) if one not in self.names
        )
        self.names.add(name)
        return name

    def list_of(self, name: str, choices: Sequence[Mapping[str, Any]]) -> str:
        """Writes the list, and says what it is called. Facts of several rows make several rows."""
        for choice in choices:
            facts = choice.get("facts") or {}
            for row in facts if isinstance(facts, list) else [facts]:
                labels = self.columns("label", choice["text"])
                self.choices.append({"list_name": name, "name": choice["value"], **labels, **row})
        return name

    def points(self, item: Item) -> tuple[str, Cells]:
        """A scale is a range, and what its ends mean a list of their own."""
        low, high = item.options["from"], item.options["to"]
        ends = [(low, item.options.get("low") or {}), (high, item.options.get("high") or {})]
        named = [{"value": str(point), "text": texts} for point, texts in ends if texts]
        name = f"ends_{len(self.survey) + 1}"  # pyxform reads parameters in small letters
        labels = f" tick_labelset={self.list_of(name, named)}" if named else ""
        return "range", {"parameters": f"start={low} end={high} step=1{labels}"}


def in_order(form: Form, section: str) -> list[Section | Item]:
    """What stands directly in a section, or in none, in the order in which it is read."""
    parents = {one.key: one.parent for one in form.sections}
    by_key = {one.key: one for one in form.sections}
    found: list[Section | Item] = []
    for item in form.questions:
        path = [item.section]
        while path[-1]:
            path.append(parents[path[-1]])
        if section in path:
            at = path.index(section)
            part: Section | Item = item if at == 0 else by_key[path[at - 1]]
            if part not in found:
                found.append(part)
    return found + [one for one in form.sections if one.parent == section and one not in found]


def _appearance(item: Item, cells: Cells, more: Mapping[str, Any]) -> str:
    own = "" if "appearance" in more else item.appearance
    return " ".join(filter(None, [cells.get("appearance", ""), own]))


def _more(known: Mapping[str, Any]) -> Cells:
    text = json.dumps(known, ensure_ascii=False, sort_keys=True) if known else ""
    return {own_columns.MORE: text} if text else {}


def _items(item: Item, languages: Sequence[str]) -> Iterator[tuple[str, Texts]]:
    if "items" in item.options:
        yield from ((one["value"], one["text"]) for one in item.options["items"])
        return
    for value in ("then", "now"):
        yield (
            value,
            {
                language: next(
                    one.text
                    for one in QUESTION_TYPES[item.kind].items(as_question(item), Asked(language))
                    if one.value == value
                )
                for language in languages
            },
        )
