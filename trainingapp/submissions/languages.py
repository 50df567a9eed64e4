"""The language of a text, and whether it is the one that its label says."""

import re
from collections.abc import Iterator

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _

from trainingapp.feedback.comments.languages import WORDS, language_of
from trainingapp.submissions.checks.findings import Entry, Finding, Weight

# What an entry may be written in: our own, and those of the United Nations.
KNOWN = ("en", "id", "fr", "fa_AF", "es", "ar", "ru", "zh")
TOLD = ("en", "id", "fr", "es")  # apart by their small words; a script alone tells Dari from no Arabic
_SPANISH = frozenset(
    re.findall(r"\w+", "el los las y para por con del es como más sus al lo fue han sido sobre")
)
ENOUGH = 3  # words


def guess(text: str) -> str | None:
    """None where nothing settles it."""
    words = WORDS.findall(text.lower())
    if sum(word in _SPANISH for word in words) >= max(ENOUGH, len(words) // 8):
        return "es"
    found = language_of(text) if len(words) >= ENOUGH else None
    return found if found in TOLD else None


def name(code: str) -> str:
    return Locale.parse(code).get_display_name(get_locale() or Locale("en")) or code


def choices() -> list[tuple[str, str]]:
    return [(code, name(code)) for code in KNOWN]


def labelled(entry: Entry) -> Iterator[Finding]:
    """Each text says its language, says the right one, and all say the same."""
    said = {prose.key: entry.languages.get(prose.key, "") for prose, _text in entry.prose()}
    most = max(said.values(), key=list(said.values()).count, default="")
    for prose, text in entry.prose():
        language, written = said[prose.key], guess(text)
        if not language:
            yield Finding(prose.key, Weight.LOOK, _("Say in which language it is written."))
        elif written and language in TOLD and written != language:
            sentence = _(
                "Labelled %(label)s; it reads like %(found)s.", label=name(language), found=name(written)
            )
            yield Finding(prose.key, Weight.WRONG, sentence)
        elif entry.labels.get(prose.key, language) != language:
            label = name(entry.labels[prose.key])
            sentence = _(
                "Published under a label in %(label)s; the text is in %(text)s.",
                label=label,
                text=name(language),
            )
            yield Finding(prose.key, Weight.WRONG, sentence)
        elif language != most:
            sentence = _(
                "In %(label)s, while most of the entry is in %(most)s.", label=name(language), most=name(most)
            )
            yield Finding(prose.key, Weight.LOOK, sentence)
