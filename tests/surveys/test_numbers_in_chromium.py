"""A condition sees the number that the server will read, however it is typed."""

import pytest

from trainingapp.config import ROOT
from trainingapp.surveys.numerals import read_number

pytestmark = pytest.mark.browser

FORM = """<form id="f"><fieldset id="q-firms"><input name="q-firms" inputmode="decimal"></fieldset>
<fieldset id="q-more" data-when='["and", [">=", ["$", "firms"], 1000]]'><input name="q-more"></fieldset>
</form>"""
TYPED = {
    0: [
        "1200",
        "1,200",
        "1.200",
        "1 200",
        "1\u2019200",
        "\u06f1\u066c\u06f2\u06f0\u06f0",
        "1.200.000",
        "999",
        "-1,200",
        "0",
    ],
    1: ["1,5", "1999.5", "\u06f1\u06f9\u06f9\u06f9\u066b\u06f5"],
}


def test_a_condition_on_a_number_hears_what_the_server_reads(chromium):
    page = chromium.new_page()
    page.set_content(FORM)
    for name in ("when.js", "questions.js"):
        page.add_script_tag(path=ROOT / "static" / name)
    for decimals, texts in TYPED.items():
        for text in texts:
            page.fill("[name=q-firms]", text)
            is_hidden = page.evaluate("document.getElementById('q-more').hidden")
            assert is_hidden is (read_number(text, decimals) < 1000), text
    page.close()
