"""English is written in the code; Indonesian is complete; what an alumna meets is also French and Dari."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import translations

LANGUAGES = [*translations.COMPLETE, *translations.HERS_ONLY]


def forms(translation):
    return translation if isinstance(translation, tuple) else (translation,)


def holes(text):
    return sorted(set(re.findall(r"%\(\w+\)[sd]", text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    wanted = translations.texts(hers_only=language in translations.HERS_ONLY)
    said = translations.known(language)
    found = {text: said.get(translations.singular(text)) for text in wanted}
    assert [text for text, entry in found.items() if not entry or not all(forms(entry.string))] == []


def said_by(entry):
    """The English of an entry's forms. A language with one form says what the plural says, the number too."""
    return forms(entry.id)[-1:] if len(forms(entry.string)) == 1 else forms(entry.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_text_fills_in(language):
    wrong = [
        (entry.id, form)
        for entry in translations.known(language)
        if entry.id
        for form in forms(entry.string)
        if form and holes(form) not in [holes(text) for text in said_by(entry)]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_of_a_text_that_is_gone(language):
    wanted = {translations.singular(text) for text in translations.texts(hers_only=False)}
    kept = {forms(entry.id)[0] for entry in translations.known(language) if entry.id}
    assert kept - wanted == set()


def test_every_page_behind_a_personal_link_is_among_what_an_alumna_meets():
    """With the parts it is made of."""
    folder = translations.ROOT / "templates"
    pages = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    waiting = [name for name, text in pages.items() if "extends 'responses/_frame.html'" in text]
    met = set()
    while waiting:
        name = waiting.pop()
        if name not in met and not any(word in f"templates/{name}" for word in translations.NOT_HERS):
            met.add(name)
            waiting += re.findall(r"{%-? (?:include|import) '([^']+)'", pages[name])
    assert [name for name in sorted(met) if not f"templates/{name}".startswith(translations.HERS)] == []
