"""An entry as a file: text and JSON, which can be read again (reading.py), and a document to pass around."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import docx
from babel import Locale
from docx.oxml import OxmlElement
from docx.text.paragraph import Paragraph

from trainingapp.submissions.fields import Value
from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.lists import Lists

LONGEST_TITLE = 255  # letters that the file's properties take

Texts = Mapping[str, Value]
Languages = Mapping[str, Any]  # field -> code


@dataclass(frozen=True)
class Shape:
    mimetype: str
    write: Callable[[Kind, Texts, Languages, Lists], bytes]


def as_text(kind: Kind, texts: Texts, _languages: Languages, lists: Lists) -> bytes:
    """Each label as the platform writes it, and beneath it what to paste. Empty fields are left out."""
    parts = [f"{one.own_label}:\n{one.written(value, lists)}" for one, value in _filled(kind, texts)]
    return ("\n\n".join(parts) + "\n").encode()


def as_json(kind: Kind, texts: Texts, languages: Languages, _lists: Lists) -> bytes:
    entry = {
        "kind": kind.key,
        "fields": {one.key: texts.get(one.key, one.blank) for one in kind.fields},
        "languages": {one.key: languages[one.key] for one in kind.fields if languages.get(one.key)},
    }
    return (json.dumps(entry, ensure_ascii=False, indent=2) + "\n").encode()


def as_document(kind: Kind, texts: Texts, languages: Languages, lists: Lists) -> bytes:
    """The same as the text, with a heading for each label; what runs from right to left does."""
    file = docx.Document()
    core = file.core_properties
    title = str(texts.get("title", ""))
    core.title, core.author, core.comments = title[:LONGEST_TITLE], "Lanjut", ""
    file.add_heading(title, 0)
    for one, value in _filled(kind, texts):
        file.add_heading(one.own_label, 1)
        for line in one.written(value, lists).split("\n"):
            _turned(file.add_paragraph(line), languages.get(one.key, ""))
    whole = io.BytesIO()
    file.save(whole)
    return whole.getvalue()


SHAPES: Mapping[str, Shape] = {
    "txt": Shape("text/plain; charset=utf-8", as_text),
    "json": Shape("application/json", as_json),
    "docx": Shape("application/vnd.openxmlformats-officedocument.wordprocessingml.document", as_document),
}


def _filled(kind: Kind, texts: Texts) -> list[tuple[Any, Value]]:
    return [(one, texts[one.key]) for one in kind.fields if texts.get(one.key)]


def _turned(paragraph: Paragraph, language: str) -> None:
    if language and Locale.parse(language).text_direction == "rtl":
        paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001 - python-docx has no name for it
        for run in paragraph.runs:
            run.font.rtl = True
