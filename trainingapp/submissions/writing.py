"""An entry as a text and as JSON. Both can be read again (reading.py)."""

import json
from collections.abc import Mapping
from typing import Any

from trainingapp.submissions.fields import Value
from trainingapp.submissions.kind import Kind


def as_text(kind: Kind, texts: Mapping[str, Value]) -> str:
    """Each label as the platform writes it, and beneath it what to paste. Empty fields are left out."""
    parts = [f"{one.own_label}:\n{one.written(texts[one.key])}" for one in kind.fields if texts.get(one.key)]
    return "\n\n".join(parts) + "\n"


def as_json(kind: Kind, texts: Mapping[str, Value], languages: Mapping[str, Any]) -> str:
    entry = {
        "kind": kind.key,
        "fields": {one.key: texts.get(one.key, one.blank) for one in kind.fields},
        "languages": {one.key: languages[one.key] for one in kind.fields if languages.get(one.key)},
    }
    return json.dumps(entry, ensure_ascii=False, indent=2) + "\n"
