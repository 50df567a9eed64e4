"""What cells mean, as people really fill them in."""

from datetime import date

import pytest
from flask import Flask
from flask_babel import Babel

from trainingapp.imports import cells, dates, fields
from trainingapp.imports.dates import NoDate

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _request():
    """Sentences need a language, and nothing here needs a database."""
    bare = Flask(__name__)
    Babel(bare)
    with bare.test_request_context():
        yield


def understand(**raw):
    assumed = raw.pop("assumed", {})
    return cells.understand({"full_name": "Siti", "country": "Nepal", **raw}, assumed, TODAY)


def why(found, field):
    return next(remark["text"] for remark in found.remarks if remark["field"] == field)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1988-02-28", date(1988, 2, 28)),
        ("28/02/1988", date(1988, 2, 28)),
        ("28.2.88", date(1988, 2, 28)),
        ("28 Feb 1988", date(1988, 2, 28)),
        ("28 February 1988", date(1988, 2, 28)),
        ("Feb 28, 1988", date(1988, 2, 28)),
        ("28-Feb-88", date(1988, 2, 28)),
        ("17 Agustus 1985", date(1985, 8, 17)),
        ("1er août 1990", date(1990, 8, 1)),
        ("3 Mei 1990", date(1990, 5, 3)),
        ("28TH FEBRUARY 1988", date(1988, 2, 28)),
        ("4/4/85", date(1985, 4, 4)),
        ("2/28/1988", date(1988, 2, 28)),
        ("32201", date(1988, 2, 28)),
        ("1988/2/28", date(1988, 2, 28)),
        ("28/02/2531", date(1988, 2, 28)),
        ("1988-02-28 00:00", date(1988, 2, 28)),
        ("5 Sept 04", date(2004, 9, 5)),
    ],
)
def test_dates_are_read_as_people_write_them(text, day):
    assert dates.parse(text, is_day_first=None, today=TODAY) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("31/02/1988", "31 February does not exist. Write it like 28 Feb 1988."),
        ("29 Feb 1987", "1987 had no 29 February. Write it like 28 Feb 1988."),
        ("3/4/85", "3/4/85 may be 3 Apr 1985 or 4 Mar 1985. Write the month as a word, like 3 Apr 1985."),
        ("1985", "Only the year 1985. Write the whole date like 28 Feb 1988, or leave it empty."),
        ("13/25/1990", "There is no month 25. Write the date like 28 Feb 1988."),
        ("2025-01-01", "Born in 2025, this person would be 1 years old."),
        ("next week", "We cannot read this as a date. Write it like 28 Feb 1988."),
        ("0000-01-01", "We cannot read this as a date. Write it like 28 Feb 1988."),
        ("²", "We cannot read this as a date. Write it like 28 Feb 1988."),
        ("9" * 5000, "We cannot read this as a date. Write it like 28 Feb 1988."),
    ],
)
def test_what_is_no_date_says_why(text, sentence):
    with pytest.raises(NoDate) as refused:
        dates.parse(text, is_day_first=None, today=TODAY)
    assert str(refused.value) == sentence


def test_the_clear_dates_of_a_column_decide_about_the_others():
    assert dates.day_first(["3/4/85", "25/4/85"]) is True
    assert dates.day_first(["3/4/85", "4/25/85"]) is False
    assert dates.day_first(["3/4/85", "4/25/85", "25/4/85"]) is None
    assert dates.parse("3/4/85", is_day_first=False, today=TODAY) == date(1985, 3, 4)


def test_a_mononym_is_a_whole_name_and_no_name_is_ever_split():
    assert understand(full_name="Suharto").values["full_name"] == "Suharto"
    assert understand(full_name="  van  der\u00a0Berg,\u200b Jan ").values["full_name"] == "van der Berg, Jan"


def test_given_and_family_names_are_joined():
    found = understand(full_name="", given_name="Aye Aye", family_name="Khaing")
    assert found.values["full_name"] == "Aye Aye Khaing"


def test_a_joiner_that_a_script_needs_stays():
    assert cells.clean("می\u200cخواهم") == "می\u200cخواهم"
    assert cells.clean("Si\u200cti") == "Siti"


@pytest.mark.parametrize("name", ["", "-", "12", "siti@example.org"])
def test_what_is_no_name_is_wrong(name):
    assert understand(full_name=name).is_wrong


def test_only_a_name_and_a_country_are_needed():
    found = understand()
    assert not found.remarks
    assert found.values["country"] == "NP"


def test_other_names_of_countries_are_known_and_mistakes_get_a_suggestion():
    assert understand(country="Burma").values["country"] == "MM"
    assert understand(country="Lao").values["country"] == "LA"
    found = understand(country="Bangaldesh")
    assert why(found, "country") == "We do not know “Bangaldesh”. Did you mean Bangladesh?"
    assert found.is_wrong
    assert why(understand(country=""), "country") == "Choose the country that nominates this person."
    assert understand(country="", assumed={"country": "BT"}).values["country"] == "BT"


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("Siti@Example.org", ["siti@example.org"]),
        ("siti@example.org.", ["siti@example.org"]),
        ("mailto:siti@example.org", ["siti@example.org"]),
        ("Siti <siti@example.org>", ["siti@example.org"]),
        ("a@example.org; b@example.org", ["a@example.org", "b@example.org"]),
        ("a@example.org / b@example.org", ["a@example.org", "b@example.org"]),
        ("a@example.org or b@example.org", ["a@example.org", "b@example.org"]),
        ("n/a", None),
    ],
)
def test_addresses_are_found_in_what_people_write(text, emails):
    found = understand(email=text)
    assert not found.is_wrong, found.remarks
    assert found.values.get("emails") == emails


def test_a_full_stop_after_an_address_is_said():
    assert why(understand(email="siti@example.org."), "email") == "Taken without the sign at its end."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("b.copperleaf@example", "An email address needs a part like “.org” at the end."),
        ("b.copperleaf", "An email address has a name, an “@” and a place, like name@example.org."),
        ("b@@example.org", "“b@@example.org” is not an email address. Write it like name@example.org."),
    ],
)
def test_a_wrong_address_says_what_it_lacks(text, sentence):
    assert why(understand(email=text), "email") == sentence


@pytest.mark.parametrize(
    ("text", "phone"),
    [("00977 1 5550100", "+97715550100"), ("+977-1-5550100", "+97715550100"), ("01-5550100", "+97715550100")],
)
def test_telephones_are_read_with_any_prefix(text, phone):
    assert understand(phone=text).values["phones"] == [phone]


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("+977 1 555 0100\n+977 1 555 0101", ["+97715550100", "+97715550101"]),
        ("+977 1 555 0100\r\n\r\n", ["+97715550100"]),
        ("+977 1\n555 0100", ["+97715550100"]),
    ],
)
def test_telephones_below_each_other_in_one_cell_are_told_apart(text, phones):
    assert understand(phone=text).values["phones"] == phones


def test_a_number_that_the_spreadsheet_cut_is_not_taken():
    assert "cut this number short" in why(understand(phone="9.77155E+12"), "phone")


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("F", "female"),
        ("Perempuan", "female"),
        ("L", "male"),
        ("Laki-laki", "male"),
        ("Féminin", "female"),
        ("Homme", "male"),
        ("P", "female"),
    ],
)
def test_sex_is_read_in_several_languages(text, sex):
    assert understand(sex=text).values["sex"] == sex


def test_an_unknown_kind_offers_the_list():
    found = understand(kind="Astronaut")
    assert found.is_wrong
    assert found.remarks[0]["choices"] == ["official", "entrepreneur", "association", "academia"]
    assert understand(kind="UMKM").values["kind"] == "entrepreneur"


def test_a_broken_formula_is_named():
    assert understand(post="#REF!").is_wrong


def test_what_our_own_export_made_harmless_comes_back():
    assert understand(phone="'+977 1 5550100").values["phones"] == ["+97715550100"]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Name", "full_name"),
        ("Full name (as in passport)", "passport_name"),
        ("Nama", "full_name"),
        ("Nama Lengkap / Full Name", "full_name"),
        ("NAMA PESERTA", "full_name"),
        ("Participant's Name", "full_name"),
        ("Country", "country"),
        ("Negara", "country"),
        ("Nationality*", "country"),
        ("E-mail address", "email"),
        ("Email Address (required)", "email"),
        ("Jabatan", "post"),
        ("Position/Designation", "post"),
        ("Date of birth", "born_on"),
        ("DOB (dd/mm/yyyy)", "born_on"),
        ("Tanggal Lahir", "born_on"),
        ("Sex (M/F)", "sex"),
        ("Jenis kelamin", "sex"),
        ("Organisation", "organisation"),
        ("Instansi", "organisation"),
        ("Institution", "organisation"),
        ("Mobile / WhatsApp", "phone"),
        ("No. HP", "phone"),
        ("HP", "phone"),
        ("Nom de famille", "family_name"),
        ("Prénom", "given_name"),
        ("Pays", "country"),
        ("Courriel", "email"),
        ("Date de naissance", "born_on"),
        ("No.", None),
        ("Remarks", None),
        ("S/N", None),
        ("session", None),
        ("duration_minutes", None),
    ],
)
def test_headings_are_understood_as_organisers_write_them(heading, field):
    assert fields.field_of(heading) == field


def test_headings_below_a_title_are_found():
    rows = [
        ["List of nominees 2026"],
        [],
        ["No", "Nama", "Negara", "Surel"],
        ["1", "Siti", "Indonesia", "s@example.org"],
    ]
    assert fields.heading_row(rows) == 2


def test_what_was_said_before_wins_and_contents_help():
    rows = [["Dr", "a@example.org", "Nepal"], ["Mr", "b@example.org", "Laos"]]
    found = fields.guess(["Title", "Kontak lain", "Asal"], rows, {})
    assert found == {"0": "title", "1": "email", "2": "country"}
    assert fields.guess(["Title"], [["Director"], ["Engineer"]], {}) == {"0": "post"}
    assert fields.guess(["Wakil"], [["Siti"]], {"wakil": "full_name"}) == {"0": "full_name"}
