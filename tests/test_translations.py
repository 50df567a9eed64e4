"""English is written in the code; Indonesian is complete; the alumna's page also speaks French and Dari."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "trainingapp" / "translations"
METHODS = [
    ("trainingapp/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
# What an alumna can meet behind her link: her page, its problems, and the mails that lead to it.
HERS = (
    "templates/responses/",
    "templates/followups/emails/",
    "templates/outbox/",
    "trainingapp/responses/words",
)
STAFF_ONLY = "record"  # a coordinator writes down an answer by telephone


def strings(hers_only=False):
    """Every text that the code hands to gettext; a plural counts by its singular."""
    found = set()
    for path, _line, message, *_ in extract_from_dir(str(ROOT), METHODS, keywords=KEYWORDS):
        if not hers_only or (path.startswith(HERS) and STAFF_ONLY not in path):
            found.add(message[0] if isinstance(message, tuple) else message)
    return {text for text in found if text}


def catalogue(language):
    text = (PLACE / language / "LC_MESSAGES" / "messages.po").read_text()
    said = read_po(io.StringIO(text), locale=language)
    return {
        (entry.id[0] if isinstance(entry.id, tuple) else entry.id): entry.string
        for entry in said
        if entry.id and not entry.fuzzy
    }


def forms(translation):
    return translation if isinstance(translation, tuple) else (translation,)


@pytest.mark.parametrize(("language", "hers_only"), [("id", False), ("fr", True), ("fa_AF", True)])
def test_every_text_is_translated(language, hers_only):
    said = catalogue(language)
    missing = sorted(text for text in strings(hers_only) if not all(forms(said.get(text, ""))))
    assert missing == []


@pytest.mark.parametrize("language", ["id", "fr", "fa_AF"])
def test_a_translation_keeps_what_is_filled_in(language):
    def holes(text):
        return sorted(set(re.findall(r"%\(\w+\)[sd]", text)))

    wrong = {
        text: said
        for text, said in catalogue(language).items()
        for form in forms(said)
        if form
        and holes(form) != holes(text)
        and not (isinstance(said, tuple) and set(holes(form)) <= set(holes(text)))
    }
    assert wrong == {}
