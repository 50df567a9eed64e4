"""What coordinators write is read into blocks, and nothing of it is lost or becomes markup."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainingapp.reports import prose


def plain(blocks):
    """As pages and files write it: the items of a numbered list count on from its start."""
    found = []
    for block in blocks:
        items = [block["runs"]] if block["kind"] == "paragraph" else block["items"]
        for place, runs in enumerate(items):
            number = str(block["start"] + place) if block["kind"] == "numbers" else ""
            found += [number, *(run["text"] for run in runs)]
    return "".join(found)


def test_paragraphs_lists_and_bold_are_told_apart():
    paragraph, bullets, numbers = prose.blocks("It **moved**.\n\n- one\n- two\n\n3. three\n4. four")
    assert [(run["text"], run["bold"]) for run in paragraph["runs"]] == [
        ("It ", False),
        ("moved", True),
        (".", False),
    ]
    assert [runs[0]["text"] for runs in bullets["items"]] == ["one", "two"]
    assert (numbers["kind"], numbers["start"]) == ("numbers", 3)


def test_a_year_at_the_beginning_of_a_paragraph_stays():
    (found,) = prose.blocks("2019. It began.")
    assert found["start"] == 2019


def test_html_is_only_text():
    (found,) = prose.blocks("<script>alert(1)</script> & <b>x</b>")
    assert plain([found]) == "<script>alert(1)</script> & <b>x</b>"


def test_each_paragraph_has_the_direction_of_its_first_letter():
    assert [block["dir"] for block in prose.blocks("12 firms\n\n۱۲ شرکت\n\n- نخست")] == ["ltr", "rtl", "rtl"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("2016. It began.\n\n2019. It went online.", ["2016. It began.", "2019. It went online."]),
        ("- 2025. We moved", ["2025. We moved"]),
        ("0. None\n1. One", ["None", "One"]),
        ("1. a\n   - b\n2. c", ["1. a", "- b", "2. c"]),
        ("2019.", ["2019. "]),
        ("007. Bond", ["007. Bond"]),
    ],
)
def test_a_number_that_was_typed_is_the_number_that_is_shown(text, lines):
    found = prose.blocks(text)
    items = [item for block in found for item in block.get("items", [block.get("runs")])]
    assert ["".join(run["text"] for run in runs) for runs in items] == lines
    assert [one for one in plain(found) if one.isdigit()] == [one for one in text if one.isdigit()]


@given(st.lists(st.text(st.sampled_from("ab 12*_-.\n)سل"), max_size=30), max_size=4).map("\n\n".join))
@example("3*4*5 = 60")
@example("a\n\n    b")
@example("- 2. 1) a")
@example("1. a\n1. b")
def test_no_letter_and_no_figure_is_lost(text):
    """But the marks of lists and of bold themselves."""
    assert [one for one in plain(prose.blocks(text)) if one.isalnum()] == [
        one for one in text if one.isalnum()
    ]


@given(st.text(max_size=200))
def test_anything_that_can_be_typed_is_read(text):
    for block in prose.blocks(text):
        assert block["dir"] in {"ltr", "rtl"}
