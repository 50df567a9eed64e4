"""What the checks find, and that they are not fooled. No database is asked."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from clients import settings
from hypothesis import example, given
from hypothesis import strategies as st

from trainingapp import create_app
from trainingapp.impact.figures import Share
from trainingapp.programmes.models import Programme
from trainingapp.submissions import fields, languages
from trainingapp.submissions.checks.counts import Counted, counts_in
from trainingapp.submissions.checks.fields import is_address
from trainingapp.submissions.checks.findings import Entry, Weight
from trainingapp.submissions.checks.mentions import named_in
from trainingapp.submissions.checks.times import years_in
from trainingapp.submissions.comparing import changes
from trainingapp.submissions.held import Background, Edition, Figure, Held, read
from trainingapp.submissions.kinds import KINDS, story
from trainingapp.submissions.lists import AREAS, DOMAINS, SDG, Lists


@pytest.fixture(autouse=True, scope="module")
def words(tmp_path_factory):
    """Days and countries are written in a language: that needs an app, and no database."""
    with create_app(settings(f"sqlite:///{tmp_path_factory.mktemp('none')}/none.sqlite3")).app_context():
        yield


TODAY = date(2026, 11, 22)
LISTS = Lists(
    TODAY,
    {
        SDG: [
            ("Goal 8, work", [("8.3", "Small firms"), ("8.10", "Banks")]),
            ("Goal 9, industry", [("9.3", "Finance"), ("9.b", "Technology")]),
            ("Goal 17, partners", [("17.1", "Taxes"), ("17.10", "Trade")]),
        ],
        AREAS: [("Goal 1, culture", [("1.1", "Sectors")]), ("Goal 3, development", [("3.2", "Cooperation")])],
        DOMAINS: [("", [("design", "Design"), ("music", "Music")])],
    },
)
GALAXY, MEASURE = KINDS["galaxy"], KINDS["unesco-2005"]
NONE = Share(0, 0)
HELD = Held(
    date(2026, 11, 21),
    [
        Edition(2016, "First", 19, ["BT", "NP", "ID"]),
        Edition(2017, "Second", 22, ["NP", "LA"]),
        Edition(2022, "Third", 20, ["PG"]),
    ],
    ["NP", "BT", "ID", "LA", "PG"],
    NONE,
    NONE,
    NONE,
)


def found(kind, held=None, spoken=None, **texts):
    entry = Entry(kind.fields, {**kind.blank(), **texts}, spoken or {}, LISTS, TODAY, held)
    return {(one.field, one.text) for one in kind.found(entry) if one.weight is not Weight.MISSING}


def said(kind, field, word, **texts):
    """Whether a sentence at the field holds the words."""
    return any(word in text for key, text in found(kind, **texts) if key == field)


def test_a_country_of_the_text_that_the_list_lacks_is_named_and_one_of_the_list_that_no_text_names():
    texts = {"challenges": "Weavers in Nepal and Viet Nam", "countries": ["Nepal", "Bhutan"]}
    assert said(GALAXY, "challenges", "not in the list of countries: Viet Nam.", **texts)
    assert said(GALAXY, "countries", "in none of the texts: Bhutan.", **texts)


def test_a_partner_need_not_be_in_the_list_and_other_names_are_the_same_country():
    texts = {
        "challenges": "With help from Japan, weavers in Burma and the Lao People's Democratic Republic",
        "countries": ["Myanmar", "Lao PDR"],
        "supported_by": ["Embassy of Japan"],
    }
    assert not said(GALAXY, "challenges", "not in the list", **texts)
    assert not said(GALAXY, "countries", "in none of the texts", **texts)
    host = {**texts, "challenges": "Japan", "countries": ["Japan", "Nepal"]}
    assert not said(GALAXY, "countries", "in none of the texts", **host)


def test_a_country_twice_a_name_nobody_knows_and_what_our_record_says():
    texts = {"countries": ["Laos", "Lao PDR", "Nepl", "Fiji"], "held": HELD}
    assert said(GALAXY, "countries", "more than once: Laos, Lao PDR", **texts)
    assert said(GALAXY, "countries", "Is it Nepal", **texts)
    assert said(GALAXY, "countries", "People came from here too", **texts)
    assert said(GALAXY, "countries", "Nobody came from here, as of 21 Nov 2026: Fiji", **texts)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Laotian weavers, a lao-tse, malao", set()),
        ("Papua New Guinea", {"PG"}),
        ("a turkey in Turkey", {"TR"}),
        ("Nepal's and l'Indonésie", {"NP", "ID"}),
        ("Nepali and Indonesian officials", set()),
        ("Kamboja, Filipina dan Sri Lanka", {"KH", "PH", "LK"}),
        ("افغانستان و سری‌لانکا", {"AF", "LK"}),
        ("Myanmar (Burma), Viet Nam", {"MM", "VN"}),
        ("Latin America; us, it", set()),
        ("Korea", set()),
        ("Lao P.D.R. and the U.S.", {"LA", "US"}),
    ],
)
def test_names_are_whole_words_in_any_of_our_languages(text, codes):
    assert set(named_in(text)) == codes


@given(st.text())
@example("\u200c.’")
@example("9" * 5000 + " people")
@example("1" + ",000" * 2000 + " people")
def test_no_text_breaks_what_reads_it(text):
    named_in(text)
    years_in(text)
    languages.guess(text)
    is_address(text)
    for counted in Counted:
        counts_in(text, counted)


def test_the_primary_goal_is_no_secondary_one_and_codes_are_text():
    assert said(
        GALAXY, "secondary_sdgs", "primary goal 9 is repeated", primary_sdg="9", secondary_sdgs=["8", "9"]
    )
    assert said(GALAXY, "secondary_sdgs", "Of the same goal", primary_sdg="9", secondary_sdgs=["9.b"])
    far = found(GALAXY, primary_sdg="17.1", secondary_sdgs=["17.10"])
    assert not [text for _key, text in far if "is repeated" in text]
    assert not said(GALAXY, "secondary_sdgs", "goal", primary_sdg="1", secondary_sdgs=["17.10"])
    assert said(
        GALAXY, "secondary_sdgs", "Not on the list that holds on 22 Nov 2026: 17.2", secondary_sdgs=["17.2"]
    )


@pytest.mark.parametrize(
    ("status", "first", "last", "field", "word"),
    [
        ("Ongoing", "2016", "2024", "status", "its last year, 2024, is over"),
        ("Completed", "2016", "2028", "status", "still to come"),
        ("Ongoing", "2026", "2016", "to_year", "before it begins in 2026"),
        ("Ongoing", "201", "2027", "from_year", "four digits"),
        ("Stopped", "2016", "2027", "status", "Not on the list"),
    ],
)
def test_status_and_years_fit_together(status, first, last, field, word):
    assert said(GALAXY, field, word, status=status, from_year=first, to_year=last)


def test_this_year_is_neither_over_nor_to_come():
    for status in ("Ongoing", "Completed"):
        assert not said(GALAXY, "status", "year", status=status, from_year="2016", to_year="2026")


def test_a_year_of_the_text_outside_the_period_is_named_but_not_one_in_a_name():
    texts = {"from_year": "2016", "to_year": "2024"}
    assert said(
        GALAXY, "solution", "outside of the period: 2014, 2025.", solution="In 2014 and 2025.", **texts
    )
    assert years_in("the 2005 Convention, Agenda 2030 and the ASEAN plan for 2016–2025") == []
    assert years_in("2,016 firms, 2016/17, A/2015, 1,2000") == []


def test_a_count_that_was_true_once_says_until_when():
    texts = {"solution": "41 people from 4 countries came to two editions.", "held": HELD}
    assert said(GALAXY, "solution", "“41 people” was true until 2017; our record has 61", **texts)
    assert said(GALAXY, "solution", "“4 countries” was true until 2017; our record has 5", **texts)
    assert said(GALAXY, "solution", "“two editions” was true until 2017; our record has 3", **texts)


def test_a_count_that_is_ours_or_of_one_edition_is_left_alone_and_any_other_is_asked_about():
    right = {"solution": "61 participants of 5 countries; 22 people in Yogyakarta.", "held": HELD}
    assert not said(GALAXY, "solution", "our record", **right)
    assert said(
        GALAXY, "solution", "“70 officials” is in no figure of ours", solution="70 officials", held=HELD
    )


def test_a_text_that_counts_other_countries_than_the_list_is_caught_in_each_language():
    for text in ("18 countries", "18 negara", "18 pays", "۱۸ کشور", "18 developing countries"):
        assert said(GALAXY, "solution", "the list of countries has 1", solution=text, countries=["Nepal"]), (
            text
        )
    assert counts_in("In 2019 participants came", Counted.PEOPLE) == {}
    assert counts_in("1,204 people; 2.500 peserta", Counted.PEOPLE) == {
        1204: "1,204 people",
        2500: "2.500 peserta",
    }


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("https://galaxy.example/solutions/1?x=1#y", True),
        ("https://setneg.example:8443/a", True),
        ("https://例え.example/", True),
        ("http://galaxy.example/", False),
        ("www.galaxy.example", False),
        ("https://galaxy", False),
        ("https://user:secret@galaxy.example/", False),
        ("https://galaxy.example/a b", False),
        ("https://galaxy..example/", False),
        ("https://galaxy.example:99999/", False),
        ("https://[::1", False),
        ("javascript:alert(1)", False),
    ],
)
def test_an_address_is_whole_and_https(address, is_one):
    assert is_address(address) is is_one


def test_similar_solutions_with_the_countries_of_this_entry_are_an_error_of_the_page():
    rows = [
        {"name": "Looms", "countries": "Laos; Nepal", "sdg": "8", "status": ""},
        {"name": "Dryers", "countries": "Sri Lanka", "sdg": "7", "status": ""},
    ]
    assert said(GALAXY, "similar", "by mistake: Looms.", similar=rows, countries=["Nepal", "Lao PDR"])


def test_too_long_too_short_and_missing_are_different_things():
    assert said(GALAXY, "title", "26 words; 25 are enough", title="one " * 26)
    assert said(GALAXY, "challenges", "2 words; readers need 50", challenges="too short")
    entry = Entry(GALAXY.fields, GALAXY.blank(), {}, LISTS, TODAY)
    missing = {one.field for one in GALAXY.found(entry) if one.weight is Weight.MISSING}
    assert {"title", "countries", "primary_sdg", "url"} <= missing
    assert not {"secondary_sdgs", "similar"} & missing


def test_a_measure_names_its_partners_kinds_its_evaluator_and_its_areas_goals():
    partners = [{"name": "Chamber", "type": ""}, {"name": "Ministry", "type": "public"}]
    assert said(MEASURE, "partners", "civil society: Chamber.", partners=partners)
    assert said(MEASURE, "evaluated_by", "say by whom", evaluated="yes")
    assert said(MEASURE, "conclusions", "say what was concluded", evaluated="yes")
    assert said(MEASURE, "evaluated", "the answer is yes", evaluated="no", conclusions="Too late.")
    assert said(MEASURE, "areas", "not chosen: 3.2", goals=["1"], areas=["1.1", "3.2"])
    assert said(MEASURE, "goals", "No area of these goals is chosen: 3", goals=["1", "3"], areas=["1.1"])
    assert said(MEASURE, "domains", "Not on the list", domains=["dance"])
    assert said(MEASURE, "party", "is no country", party="Atlantis")


@pytest.mark.parametrize("money", ["about 5", "-3", "0", "1 or 2"])
def test_money_is_a_number_of_dollars(money):
    assert found(MEASURE, usd=money) > found(MEASURE, usd="185,000")


@pytest.mark.parametrize(
    ("cycle", "fits"), [("2017 to 2020", True), ("2016–2020", True), ("2017", False), ("2017-2022", False)]
)
def test_a_cycle_is_four_years(cycle, fits):
    assert said(MEASURE, "cycle", "four years", cycle=cycle) is not fits


def test_each_text_says_the_language_it_is_in():
    english, spanish = (
        "The people of the town and their work.",
        "Los talleres y las ferias por el país con los jóvenes.",
    )
    assert said(MEASURE, "title", "Say in which language", title=english)
    assert said(MEASURE, "title", "reads like Spanish", title=spanish, spoken={"title": "en"})
    both = {"title": english, "main_features": english, "results": spanish}
    spoken = {"title": "en", "main_features": "en", "results": "es"}
    assert said(MEASURE, "results", "most of the entry is in English", spoken=spoken, **both)


@given(st.text())
def test_words_are_counted_as_people_count_them(text):
    assert fields.words(text) <= len(text.split())
    assert fields.words(f"{text} one, 2 – three.") == fields.words(text) + 3


def test_one_edition_of_one_country_reads_as_one_and_amounts_as_people_write_them():
    figure = Figure("ours", "L1", "Loans", "IDR", "12500000", 5, 6)
    held = Held(TODAY, [Edition(2023, "First", 1900, ["NP"])], ["NP"], NONE, NONE, NONE, [figure])
    known = Background(Programme(), held, [], 2023, 2023, True, [], Counter(), Counter())
    assert list(story.course(known)) == [
        "Since 2023 people from 1 country have taken part in 1 edition, 1,900 participants in all."
    ]
    assert list(story.results(known)) == ["Loans: 12,500,000 IDR, as 5 of 6 plans tell and explain."]
    now = replace(held, figures=[replace(figure, actual="13000000.5")])
    assert [(one.then, one.now) for one in changes(held, now)] == [("12,500,000 IDR", "13,000,000.5 IDR")]
    several = replace(held, editions=HELD.editions, countries=HELD.countries)
    text = story.joined(story.course(replace(known, held=several)))
    assert "from 5 countries have taken part in 3 editions" in text


def test_figures_come_back_as_they_were_kept():
    assert read(HELD.kept()) == HELD
