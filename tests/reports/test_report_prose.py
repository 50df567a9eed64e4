"""What coordinators write is read into blocks, and nothing of it is lost or becomes markup."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from trainingapp.reports import prose

MARKS = re.compile(r"[\s*_\\+\-.)]")


def plain(blocks):
    found = []
    for block in blocks:
        items = [block["runs"]] if block["kind"] == "paragraph" else block["items"]
        found += [run["text"] for runs in items for run in runs]
        if block["kind"] == "numbers":
            found.append("".join(str(block["start"] + place) for place in range(len(items))))
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


@given(st.lists(st.text(st.sampled_from("ab 12*_-.\n)سل"), max_size=30), max_size=4).map("\n\n".join))
@example("3*4*5 = 60")
@example("a\n\n    b")
def test_no_letter_and_no_figure_is_lost(text):
    """But the marks of lists and of bold themselves, and the figures of a list, which count on."""
    kept = plain(prose.blocks(text))
    letters = [one for one in MARKS.sub("", text) if one.isalpha()]
    assert [one for one in kept if one.isalpha()] == letters


@given(st.text(max_size=200))
def test_anything_that_can_be_typed_is_read(text):
    for block in prose.blocks(text):
        assert block["dir"] in {"ltr", "rtl"}
