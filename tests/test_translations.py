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
