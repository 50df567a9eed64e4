"""What is typed or pasted holds nothing that no file could be written of."""

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from trainingapp.letters import holdable
from trainingapp.web import Typed


@given(st.text(st.characters(), max_size=50))
def test_whatever_is_left_can_be_written_into_xml(text):
    element = etree.Element("told", {"ref": holdable(text)})
    element.text = holdable(text)
    assert etree.fromstring(etree.tostring(element, encoding="UTF-8")).tag == "told"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), max_size=50))
def test_no_letter_of_any_writing_is_dropped(text):
    assert holdable(text) == text


def test_a_form_says_what_was_typed_without_what_no_keyboard_writes():
    typed = Typed([("text", "Slide\x0b one\x0c\0\tand\r\ntwo")])
    assert typed["text"] == "Slide one\tand\r\ntwo"
