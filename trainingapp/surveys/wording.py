"""A text in several languages, as a questionnaire stores it: language -> text."""

from collections.abc import Mapping
from typing import Any


def text_in(mapping: Mapping[str, Any], language: str) -> str:
    """In the language asked for, else in English, else in any; empty when there is none."""
    found = mapping.get(language) or mapping.get("en") or next(iter(mapping.values()), "")
    return str(found)
