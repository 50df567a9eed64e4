"""A text in several languages, as a questionnaire stores it: language -> text."""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import force_locale, get_locale


def text_in(mapping: Mapping[str, Any], language: str) -> str:
    """In the language asked for, else in English, else in any; empty when there is none."""
    found = mapping.get(language) or _alike(mapping, language) or mapping.get("en") or _alike(mapping, "en")
    return str(found or next(filter(None, mapping.values()), ""))


def _alike(mapping: Mapping[str, Any], language: str) -> Any:
    """In the language as another country writes it: a form that came in may speak fr_FR, or fa."""
    plain = language.partition("_")[0]
    return next((text for tag, text in mapping.items() if text and tag.partition("_")[0] == plain), "")


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Our own words in the language of a question, which need not be that of the page around it."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = None
    if locale is None or locale == get_locale():
        yield
        return
    with force_locale(str(locale)):
        yield


def folded(text: str) -> str:
    """As texts are compared that people type: no case, single spaces, figures of any script."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in wide).split())
