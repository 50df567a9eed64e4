"""What a column's heading means: XLSForm has several spellings for most, and languages behind a colon."""

from collections.abc import Sequence
from dataclasses import dataclass

# Spellings that pyxform takes, in the form that `_snake` gives them.
_SURVEY = {
    "command": "type",
    "tag": "name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "count": "repeat_count",
    "jr:count": "repeat_count",
}
_CHOICES = {"list name": "list_name", "caption": "label", "value": "name"}
_SETTINGS = {
    "form_title": "title",
    "set_form_title": "title",
    "form_id": "id_string",
    "set_form_id": "id_string",
}
_ALIASES = {"survey": _SURVEY, "choices": _CHOICES, "external_choices": _CHOICES, "settings": _SETTINGS}
_AROUND = {"bind", "control", "body", "media"}  # `bind::relevant` is `relevant`
MEDIA = {"image", "audio", "video", "big-image"}
_KNOWN = MEDIA | {
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "required",
    "required_message",
    "relevant",
    "constraint",
    "constraint_message",
    "calculation",
    "choice_filter",
    "default",
    "read_only",
    "appearance",
    "parameters",
    "repeat_count",
    "disabled",
    "rows",
    "trigger",
    "list_name",
    "title",
    "id_string",
    "version",
    "default_language",
    "style",
    "clean_text_values",
    "allow_choice_duplicates",
}


@dataclass(frozen=True)
class Heading:
    written: str
    column: str  # as pyxform names it; what is none of XLSForm's stays as it is written
    language: str = ""  # as it is written: "English (en)"


def understood(headings: Sequence[str], sheet: str) -> dict[str, Heading]:
    """By what is written. One colon parts the language where no heading of the sheet has two."""
    doubled = any("::" in heading for heading in headings)
    return {heading: _one(heading, sheet, doubled) for heading in headings}


def _one(heading: str, sheet: str, doubled: bool) -> Heading:
    parts = [part.strip() for part in heading.split("::" if doubled or "::" in heading else ":")]
    if "jr" in parts[:-1]:
        at = parts.index("jr")
        parts[at : at + 2] = [f"jr:{parts[at + 1]}"]
    if _snake(parts[0]) in _AROUND and len(parts) > 1:
        parts = parts[1:]
    column = _snake(parts[0])
    column = _ALIASES.get(sheet, {}).get(column, column)
    if column not in _KNOWN:
        return Heading(heading, heading)
    return Heading(heading, column, "::".join(parts[1:]))


def _snake(text: str) -> str:
    return "_".join(text.split()).lower()
