import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.surveys.numerals import number_text, read_number


@pytest.mark.parametrize(
    ("text", "decimals", "number"),
    [
        ("12", 0, 12),
        (" 1 200 ", 0, 1200),
        ("1,200", 0, 1200),
        ("1.200.000", 0, 1200000),
        ("1'200", 0, 1200),
        ("۱٬۲۰۰", 0, 1200),
        ("১২", 0, 12),
        ("2,5", 1, 2.5),
        ("2.5", 1, 2.5),
        ("1,200,000", 2, 1200000),
        ("-3", 0, -3),
    ],
)
def test_numbers_as_people_write_them(text, decimals, number):
    assert read_number(text, decimals) == number


@pytest.mark.parametrize(
    ("text", "decimals"),
    [("", 0), ("ten", 0), ("1.200", 2), ("2.5", 0), ("1,2,3", 0), ("1.200,5", 0), ("inf", 0), ("²", 0)],
)
def test_what_has_no_or_two_meanings_is_refused(text, decimals):
    with pytest.raises(ValueError):  # noqa: PT011 - its text is what was typed
        read_number(text, decimals)


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_every_whole_number_is_read_with_and_without_marks(number):
    assert read_number(str(number), 0) == number
    assert read_number(f"{number:,}", 0) == number


@given(st.decimals(-(10**9), 10**9, places=3).map(float), st.integers(3, 6))
def test_a_number_is_written_so_that_it_is_read_again(number, decimals):
    assert read_number(number_text(number), decimals) == number
