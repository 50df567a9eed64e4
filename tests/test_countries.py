"""Countries by the names people write."""

from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale

from trainingapp import countries


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Burma", "MM"), ("Myanmar", "MM"), ("MYANMAR ", "MM"), ("မြန်မာ", "MM"), ("BUR", "MM"),
        ("Lao", "LA"), ("Laos", "LA"), ("Lao PDR", "LA"), ("Lao P.D.R", "LA"), ("ລາວ", "LA"),
        ("Lao People's Democratic Republic", "LA"), ("Lao People’s Democratic Republic", "LA"),
        ("Viet Nam", "VN"), ("Socialist Republic of Viet Nam", "VN"), ("Việt Nam", "VN"),
        ("Ivory Coast", "CI"), ("Côte d’Ivoire", "CI"), ("COTE D'IVOIRE", "CI"),
        ("Federal Democratic Republic of Nepal", "NP"), ("नेपाल", "NP"), ("NPL", "NP"), ("np", "NP"),
        ("The Philippines", "PH"), ("Filipina", "PH"), ("Jepang", "JP"), ("Kamboja", "KH"),
        ("Timor-Leste", "TL"), ("U.S.A.", "US"), ("UK", "GB"), ("Republic of Korea", "KR"),
        ("D.R. Congo", "CD"), ("Trinidad & Tobago", "TT"), ("\u200bBhutan\u00a0", "BT"), ("Allemagne", "DE"),
    ],
)  # fmt: skip
def test_a_country_is_found_by_any_usual_name(text, code):
    assert countries.find(text) == code


@pytest.mark.parametrize(
    "text", ["", "Atlantis", "Nepl", "Congo", "Korea", "Gwinny", "??", "12", "Asia", "XX"]
)
def test_what_is_unknown_or_unclear_is_not_taken_for_a_country(text):
    assert countries.find(text) is None


def test_a_typing_mistake_gets_a_suggestion():
    assert countries.suggestions("Bangaldesh")[0] == "BD"
    assert countries.suggestions("Kambodia")[0] == "KH"
    assert countries.suggestions("Nepl")[0] == "NP"
    assert countries.suggestions("Atlantis") == []
    assert countries.suggestions("Congo") == ["CG", "CD"]


def test_every_country_has_a_name_a_zone_and_a_working_day(app):
    with app.test_request_context():
        listed = countries.choices()
        assert len(listed) > 240
        for code, name in listed:
            assert name != code
            ZoneInfo(countries.zone_of(code))
            assert 1 <= len(countries.weekend_of(code)) <= 2
            assert countries.find(code) == code
            assert countries.find(name) == code, name


def test_names_follow_the_reader(app):
    with app.test_request_context(), force_locale("id"):
        assert ("JP", "Jepang") in countries.choices()


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("ID", "Asia/Jakarta"),
        ("LA", "Asia/Vientiane"),
        ("UZ", "Asia/Tashkent"),
        ("RU", "Europe/Moscow"),
        ("?", "UTC"),
    ],
)
def test_the_zone_is_the_capitals(code, zone):
    assert countries.zone_of(code) == zone


@pytest.mark.parametrize(
    ("code", "days"),
    [("BD", {4, 5}), ("MV", {4, 5}), ("EG", {4, 5}), ("ID", {5, 6}), ("NP", {5}), ("IN", {6}), ("IR", {4})],
)
def test_days_of_rest_are_the_countrys(code, days):
    assert countries.weekend_of(code) == days
