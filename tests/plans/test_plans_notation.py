"""Days and amounts: whatever we write we can read, and nothing is guessed."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.plans import amounts, currencies, days

LANGUAGES = ("en", "id", "fr", "fa_AF")


@pytest.fixture(autouse=True, scope="module")
def words():
    """Sentences need a language, not a database."""
    app = Flask(__name__)
    Babel(app)
    with app.app_context():
        yield


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from(LANGUAGES))
def test_a_day_we_write_is_read_as_the_same_day(day, language):
    with force_locale(language):
        assert days.read(days.write(day)) == day


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.sampled_from("/.- "))
def test_figures_alone_are_read_day_first_or_asked_about(day, mark):
    text = f"{day.day}{mark}{day.month}{mark}{day.year}"
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(days.UnreadableDay, match="may be"):
            days.read(text)
    else:
        assert days.read(text) == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_a_sentence(text):
    with suppress(days.UnreadableDay):
        assert days.read(text) is None or isinstance(days.read(text), date)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("28 Feb 2026", date(2026, 2, 28)),
        ("August 12, 2026", date(2026, 8, 12)),
        ("12 Agustus 2026", date(2026, 8, 12)),
        ("1er août 2026", date(2026, 8, 1)),
        ("2026-08-12", date(2026, 8, 12)),
        ("31.12.2026", date(2026, 12, 31)),
        ("۱۲/۱۳/۲۰۲۶", date(2026, 12, 13)),
        ("  ", None),
    ],
)
def test_days_are_read_as_people_write_them(text, day):
    assert days.read(text) == day


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31/02/2026", "no such day"),
        ("31/02", "not a date we understand"),
        ("3/4/2026", "3 Apr 2026 or 4 Mar 2026"),
        ("3/4/85", "four digits"),
        ("28 Feb 2769", "year 2769"),
        ("soon", "not a date"),
    ],
)
def test_what_is_no_day_gets_a_sentence_that_says_why(text, says):
    with pytest.raises(days.UnreadableDay, match=says):
        days.read(text)


MONEY = st.decimals(min_value=0, max_value=Decimal("999999999999.99"), places=2)


@given(MONEY, st.sampled_from(LANGUAGES), st.booleans())
def test_an_amount_we_write_is_read_as_the_same_amount(amount, language, negative):
    amount = -amount if negative else amount
    with force_locale(language):
        assert amounts.read(amounts.write(amount)) == amount


@given(MONEY, st.sampled_from([(",", "."), (".", ","), (" ", "."), (" ", ","), ("’", "."), ("\u202f", ",")]))
def test_every_local_notation_means_the_same(amount, marks):
    thousands, decimal = marks
    text = f"{amount:,.2f}".replace(",", "T").replace(".", "D").replace("T", thousands).replace("D", decimal)
    assert amounts.read(text) == amount


@given(st.text(alphabet="0123456789.,' -−٬٫x", max_size=20))
def test_any_text_is_an_amount_or_a_sentence(text):
    with suppress(amounts.UnreadableAmount):
        number = amounts.read(text)
        assert number is None or number == number.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("4,500", 4500),
        ("4.500", 4500),
        ("4.500,50", Decimal("4500.50")),
        ("4,500.5", Decimal("4500.5")),
        ("1,50,000", 150000),
        ("4,5", Decimal("4.5")),
        ("1.234.567", 1234567),
        ("۴٬۵۰۰", 4500),
        ("۴,۵۰۰", 4500),
        ("۱٫۲۵۰", Decimal("1.25")),
        ("1٫250", Decimal("1.25")),
        ("\u200e-5", -5),
        ("\u200e−۵٫۵", Decimal("-5.5")),
        ("\u200e4500\u200e", 4500),
        ("0", 0),
    ],
)
def test_amounts_are_read_as_people_write_them(text, amount):
    assert amounts.read(text) == amount


@pytest.mark.parametrize(
    "text", ["4,50,5", "1.2.3", "12,34.567,8", "Rp 4500", "4500-", "1e3", "0.125", "1" * 14]
)
def test_what_two_people_would_read_differently_is_refused(text):
    with pytest.raises(amounts.UnreadableAmount):
        amounts.read(text)


def test_a_cost_is_not_below_zero():
    with pytest.raises(amounts.UnreadableAmount, match="below zero"):
        amounts.read_cost("-5")


def test_likely_currencies_come_first_and_history_is_left_out():
    assert currencies.likely("NP") == ["NPR", "USD", "IDR"]
    assert "DEM" not in currencies.in_use()
    assert currencies.read("npr") == "NPR"
    with pytest.raises(currencies.UnknownCurrency):
        currencies.read("XYZ")


@pytest.mark.parametrize(
    "text", ["9" * 5000 + " Feb 2026", "99999999999999999999 Feb 2026", "2026-99999999999999999999-1"]
)
def test_a_day_of_many_digits_is_no_day(text):
    with pytest.raises(days.UnreadableDay):
        days.read(text)


@pytest.mark.parametrize("text", ["9" * 5000, "1," + "9" * 5000, "-" + "1" * 4301])
def test_an_amount_of_thousands_of_digits_is_refused(text):
    with pytest.raises(amounts.UnreadableAmount):
        amounts.read(text)


def test_years_of_the_buddhist_calendar_and_older_ones_are_read_where_they_are_asked_for():
    assert days.read("9 Mar 2563") == date(2020, 3, 9)
    assert days.read("9 Mar 1985", 1900, 2100) == date(1985, 3, 9)
    for text in ("9 Mar 1985", "1/2/0000", "0/2/2020"):
        with pytest.raises(days.UnreadableDay):
            days.read(text)
