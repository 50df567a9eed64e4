"""Published entries as text and as JSON: nothing lost, nothing made up."""

import io
from datetime import date

import docx
import pytest
from clients import settings
from hypothesis import given
from hypothesis import strategies as st

from trainingapp import create_app
from trainingapp.config import ROOT
from trainingapp.submissions import reading, writing
from trainingapp.submissions.fields import LONGEST, Codes, Names, Rows, clean
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.lists import AREAS, DOMAINS, SDG, Lists

LISTS = Lists(
    date(2026, 11, 22),
    {
        SDG: [("Goal 9, industry", [("9.3", "Finance")]), ("Goal 17, partners", [("17.10", "Trade")])],
        AREAS: [("Goal 3, development", [("3.2", "International cooperation")])],
        DOMAINS: [("", [("design", "Design"), ("visual-arts", "Visual arts")])],
    },
)
GALAXY, MEASURE = KINDS["galaxy"], KINDS["unesco-2005"]


@pytest.fixture(autouse=True, scope="module")
def words(tmp_path_factory):
    """Labels are written in a language: that needs an app, and no database."""
    with create_app(settings(f"sqlite:///{tmp_path_factory.mktemp('none')}/none.sqlite3")).app_context():
        yield


def test_a_published_solution_comes_in_with_all_its_mistakes():
    text = (ROOT / "trainingapp" / "demo" / "published_solution.txt").read_text()
    entry = reading.read(GALAXY, text, LISTS)
    assert entry.texts["title"] == "Small and medium industry: learning from one another"
    assert entry.texts["countries"][2:4] == ["Laos", "Lao PDR"]
    assert entry.texts["implementing"] == [
        "Ministry of State Secretariat, Indonesia",
        "Ministry of Industry, Indonesia",
    ]
    assert (entry.texts["from_year"], entry.texts["to_year"]) == ("2016", "2024")
    assert (entry.texts["primary_sdg"], entry.texts["secondary_sdgs"]) == ("9", ["8", "9", "17"])
    assert entry.texts["status"] == "Ongoing"
    assert entry.texts["similar"][0]["name"] == "Looms for rent"
    assert entry.languages["challenges"] == "en"
    assert entry.unplaced == ""


HALF_EMPTY = """
Programa para pequeñas industrias
Parte: Indonesia
Principales características
The ministry trains the owners of small firms from other countries, and they visit workshops.
Objetivo(s)
3 Goal 3, sustainable development
Ámbitos culturales: Design; Visual arts
¿Evaluada?: Sí
Región: Asia
"""


def test_a_half_empty_measure_with_labels_of_another_language_keeps_what_there_is():
    entry = reading.read(MEASURE, HALF_EMPTY, LISTS)
    assert entry.texts["main_features"].startswith("The ministry")
    assert (entry.labels["main_features"], entry.languages["main_features"]) == ("es", "en")
    assert entry.texts["goals"] == ["3"]
    assert entry.texts["evaluated"] == "yes"
    assert entry.texts["domains"] == ["design", "visual-arts"]
    assert entry.unplaced == "Región: Asia"
    missing = {one.key for one in reading.missing(MEASURE, entry.texts)}
    assert missing >= {"results", "partners", "usd", "cycle"}


def test_what_fits_no_field_is_handed_back():
    entry = reading.read(GALAXY, "Looms\nShared 12 times\nChallenges: None\nChallenges: Many", LISTS)
    assert entry.texts["challenges"] == "None"
    assert entry.unplaced == "Shared 12 times\nMany"
    period = reading.read(GALAXY, "Project Period: 2016 to 2024\nPeriod: since 2016, without an end", LISTS)
    assert (period.texts["from_year"], period.texts["to_year"]) == ("2016", "2024")
    assert period.unplaced == "since 2016, without an end"
    numbers = reading.read(
        GALAXY, '{"from_year": 2016, "secondary_sdgs": [8, 9.3], "countries": "Laos; Fiji"}', LISTS
    )
    assert numbers.texts["from_year"] == "2016"
    assert numbers.texts["secondary_sdgs"] == ["8", "9.3"]
    assert numbers.texts["countries"] == ["Laos", "Fiji"]
    json = reading.read(GALAXY, '{"title": "Looms", "likes": 4, "countries": {"a": 1}}', LISTS)
    assert json.texts["title"] == "Looms"
    assert '"likes": 4' in json.unplaced
    assert '"countries"' in json.unplaced


@pytest.mark.parametrize(
    "text", ["", "Nothing of ours\nat all", "{", "{}", '{"fields": 3}', "[1]", '{"a": ' * 5000]
)
def test_what_is_no_entry_is_refused_with_a_sentence(text):
    with pytest.raises(reading.EntryUnreadable):
        reading.read(GALAXY, text, LISTS)


def values(kind):
    """What the editor may keep of each field."""
    words = st.text(max_size=40).map(clean)
    names = st.lists(words.filter(bool), max_size=3)

    def of(one):
        if isinstance(one, Rows):
            rows = st.lists(st.fixed_dictionaries({column.key: words for column in one.columns}), max_size=2)
            return rows.map(lambda found: [row for row in found if any(row.values())])
        return names if isinstance(one, Names | Codes) else words

    return st.fixed_dictionaries({one.key: of(one) for one in kind.fields})


@given(values(GALAXY), values(MEASURE))
def test_an_entry_written_as_json_comes_back_as_it_was(solution, measure):
    for kind, texts in ((GALAXY, solution), (MEASURE, measure)):
        if any(texts.values()):
            entry = reading.read(kind, writing.as_json(kind, texts, {}, LISTS).decode(), LISTS)
            assert entry.texts == texts


def test_an_entry_written_as_text_comes_back_as_it_was():
    texts = {
        **MEASURE.blank(),
        "title": "Small firms",
        "party": "Indonesia",
        "main_features": "One paragraph.\n\nAnd another: with a colon.",
        "partners": [{"name": "Batik makers", "type": "civil"}, {"name": "Ministry", "type": "public"}],
        "evaluated": "no",
        "goals": ["3"],
        "areas": ["3.2"],
        "domains": ["design"],
        "cycle": "2021 to 2024",
    }
    written = writing.as_text(MEASURE, texts, {}, LISTS).decode()
    assert "Civil society" in written
    assert "3.2 International cooperation" in written
    assert "\nGoal 3, development\n" in written
    assert reading.read(MEASURE, written, LISTS).texts == texts


@given(st.text())
def test_any_text_is_read_or_refused(text):
    for kind in KINDS.values():
        try:
            entry = reading.read(kind, f"Challenges: {text}\n{text}", LISTS)
        except reading.EntryUnreadable:
            continue
        assert set(entry.texts) == {one.key for one in kind.fields}


def test_a_document_holds_each_field_under_its_label_and_turns_what_runs_from_right_to_left():
    texts = {**MEASURE.blank(), "title": "Batik \ufffd & <co>", "results": "افغانستان\n\nTwo", "goals": ["3"]}
    file = docx.Document(io.BytesIO(writing.as_document(MEASURE, texts, {"results": "fa_AF"}, LISTS)))
    assert [one.text for one in file.paragraphs if one.style.name == "Heading 1"] == [
        "Title of the measure",
        "Results achieved so far",
        "Goals",
    ]
    turned = next(one for one in file.paragraphs if one.text == "افغانستان")
    assert turned.runs[0].font.rtl


def test_control_signs_and_halves_of_letters_are_in_no_text():
    assert clean("a\0b\r\nc\ud800\uffff\u202e") == "ab\nc\u202e"
    assert len(clean("ä" * (LONGEST + 1))) == LONGEST
