"""Files of others: what is read, what is refused, and that the place is said."""

import gzip
import io
import json
import re
from datetime import UTC, datetime

import psutil
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from iati_files import ACTIVITY, GOOD, HEAD, TAIL, changed, many

from trainingapp.cli import commands
from trainingapp.impact.iati import judging, opening
from trainingapp.impact.iati.verdict import MOST

NOW = datetime(2024, 6, 1, tzinfo=UTC)
COUNTRY = '<recipient-country code="BT" percentage="66.67"/>'
REGION = '<recipient-region vocabulary="1" code="298"/>'
FORECAST = (
    '<fss extraction-date="2020-01-01"><forecast year="2021" value-date="2020-01-01">10</forecast></fss>'
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


def judged(file):
    data = file.encode() if isinstance(file, str) else file
    return judging.judged(io.BytesIO(data), NOW)


@pytest.mark.parametrize(
    "file",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("UTF-8", "UTF-16").encode("utf-16"),
        GOOD.replace("UTF-8", "ISO-8859-1").replace("Office", "Büro").encode("latin-1"),
        GOOD.replace("\n", "\r"),
        GOOD.replace(TAIL, "<own:after/>" + TAIL),
        changed("<iati-identifier>", '<iati-identifier own:note="1">'),
        changed(' default-currency="USD"', ""),
        changed(' xml:lang="en"', "").replace("<narrative>", '<narrative xml:lang="id">'),
        changed('type="1" iso-date="2020-01-01+02:00"', 'type="2" iso-date="2020-01-01"'),
        changed("<title>", "<!-- a remark --><?own thing?><title>"),
        GOOD.replace(ACTIVITY, f"<!-- before --><?own thing?>{ACTIVITY}<!-- after --><?own thing?>"),
        changed("XM-EX-1-A1", "<!-- its own -->XM-EX-1-<?own thing?>A1"),
        changed('percentage="33.33"', 'percentage="33.333333"').replace("66.67", "66.666666"),
        many(30),
    ],
    ids=lambda file: repr(file[:40]),
)
def test_what_the_standard_allows_is_read(file):
    verdict = judged(file)
    assert verdict.problems == []
    assert verdict.activities in {1, 30}


@pytest.mark.parametrize(
    ("file", "line", "word"),
    [
        (changed("<title>", "<tag vocabulary='2' code='9'/><title>"), 7, "order"),
        (changed("<title>", "<own-title>").replace("</title>", "</own-title>", 1), 7, "order"),
        (changed(' type="10"', ""), 6, "“type”"),
        (changed("<iati-identifier>", '<iati-identifier note="1">'), 5, "namespace"),
        (changed("2020-12-01Z", "01/12/2020"), 12, "not a date"),
        (changed("2020-12-01Z", "2020-02-30"), 12, "not a date"),
        (changed("2020-12-01Z", "2019-12-01"), 12, "before the start"),
        (changed('percentage="33.33"', 'percentage="33"'), 13, "99.67"),
        (changed('percentage="33.33"', 'percentage="a third"'), 13, "not a number"),
        (changed('percentage="40"', 'percentage="140"'), 17, "between 0 and 100"),
        (changed(' percentage="40"', ""), 16, "each needs a percentage"),
        (changed('type="10"', 'type="17"'), 6, "OrganisationType"),
        (changed('code="9.3"', 'code="9.33"'), 18, "UNSDG-Targets"),
        (changed('code="8"', 'code="9"'), 19, "CollaborationType"),
        (changed('<activity-status code="2"/>', '<activity-status code="x"/>'), 10, "ActivityStatus"),
        (changed(' value="12.5"', ""), 25, "in numbers"),
        (changed(' percentage="33.33"', "").replace(COUNTRY, REGION), 4, "each needs"),
        (changed("</result>", "</result>" + FORECAST).replace(' default-currency="USD"', ""), 31, "currency"),
        (changed("<activity-status", "<activity-statu"), 10, "other-identifier, activity-status."),
        (changed("<pos>27.7 85.3</pos>", ""), 15, "no “pos” in it"),
        (changed("</own:extra>", "</own:extra><title/>"), 32, "nothing more"),
        (GOOD.replace("\n", "\r").replace('code="8"', 'code="9"'), 19, "CollaborationType"),
        (changed(' xml:lang="en"', ""), 6, "xml:lang"),
        (changed("2024-01-01T", "2124-01-01T"), 4, "future"),
        (changed('type="1" iso-date="2020-01-01+02:00"', 'type="2" iso-date="2024-06-02"'), 11, "future"),
        (changed("XM-EX-1-A1", "XM-EX-1"), 5, "organisation too"),
        (changed("Cost records", " ").replace("Comptes", "", 1), 7, "no words"),
        (changed("Weavers learn", "Weavers &nbsp; learn"), 8, "“&”"),
        (changed("Weavers learn", "Weavers \x01 learn"), 8, "does not allow"),
        (changed("Weavers learn", "Weavers & all learn"), 8, "“&amp;”"),
        (changed("Weavers learn", "Weavers R&D learn"), 8, "“&amp;”"),
        (changed("Weavers learn", "Weavers < all"), 8, "“&lt;”"),
        (changed('code="8"/>', 'code="8/>'), 20, "quotation mark"),
        (changed("Weavers learn", "Weavers <!-- learn"), None, "never ended"),
        (changed("<own:part", "<own:a>" * 300 + "<own:part"), None, "250 deep"),
        (changed("</description>", "</descripton>"), 8, "begun last"),
        (GOOD.replace("Office", "Büro").encode("latin-1"), 6, "encoding"),
        (GOOD.replace("UTF-8", "KLINGON"), 1, "encoding"),
        (GOOD[:1500], None, "ends too early"),
        (GOOD[:1503], None, "ends too early"),
        (GOOD[:60], 2, "ends too early"),
        ("\ufeff\n", None, "empty"),
        (GOOD + "<more/>", None, "goes on"),
        ("\n" + GOOD, 2, "very first"),
        (HEAD + ACTIVITY + "words" + TAIL, None, "text between"),
        (HEAD + ACTIVITY + "<!-- a remark -->words" + TAIL, None, "text between"),
        (HEAD + "<record/>" + ACTIVITY + TAIL, 3, "“record”"),
        (HEAD + ACTIVITY + ACTIVITY + TAIL, None, "already"),
        (" ".join((HEAD + ACTIVITY + ACTIVITY + TAIL).split()), 1, "already"),
        (HEAD + TAIL, 2, "no activity"),
        (changed('version="2.03"', 'version="2.04"'), 2, "2.04"),
        (changed('version="2.03"', 'version="1.05"'), 2, "1.05"),
        (changed(' version="2.03"', ""), 2, "does not say its version"),
        (changed('version="2.03"', 'version=""'), 2, "does not say its version"),
        (GOOD.replace("?>", "?>\n<!-- of ours -->\n<!DOCTYPE iati-activities>"), 3, "DOCTYPE"),
        (changed("<iati-activities ", '<iati-activities xmlns="http://example.org/a" '), 2, "namespace"),
        ('<iati-organisations version="2.03"/>', 1, "organisations"),
        ("<!DOCTYPE html><html><p>A page</html>", 1, "web page"),
        ("<html><body>", 1, "web page"),
        ('{"activities": []}', 1, "JSON"),
        ("identifier,title\nA,B\n", 1, "not an XML"),
        ("", None, "empty"),
        (" \n", None, "empty"),
        (gzip.compress(GOOD.encode()), None, "gzip"),
        (b"PK\x03\x04....", None, "zip"),
        (b"\x00\x01\x02", 1, "not an XML"),
        (BOMB + HEAD[39:] + "<iati-activity>&j;</iati-activity>" + TAIL, 1, "DOCTYPE"),
        (BOMB + '<iati-activities version="&j;"/>', 1, "DOCTYPE"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><iati-activities version="2.03"/>', 1, "DOCTYPE"),
        ("<iati-activities version='2.03'><iati-activity>" + "<a>" * 3000, 1, ""),
    ],
    ids=lambda value: repr(value[-60:]) if isinstance(value, str | bytes) else str(value),
)  # fmt: skip
def test_what_is_broken_is_refused_with_its_line_and_the_reason(file, line, word):
    verdict = judged(file)
    assert not verdict.is_accepted
    places = [(one.line, one.reason) for one in verdict.problems]
    assert [at for at, reason in places if word in reason and line in {None, at}], places


def test_one_broken_activity_of_many_is_found_and_named():
    found = judged(many(40, broken=23)).problems
    assert {one.activity for one in found} == {"XM-EX-1-A23"}
    assert {one.path.split("/")[2] for one in found} == {"iati-activity[23]"}


def test_every_broken_activity_is_named_not_only_the_first():
    file = many(10).replace('<activity-status code="2"/>', '<activity-status code="9"/>')
    assert len(judged(file).problems) == 10


def test_a_code_outside_a_list_that_is_not_complete_only_warns():
    verdict = judged(changed('code="NP"', 'code="XZ"'))
    assert verdict.is_accepted
    assert [one.line for one in verdict.warnings] == [13]


def test_codes_of_another_vocabulary_are_not_held_against_the_list_of_the_oecd():
    own = '<sector vocabulary="99" code="weaving"><narrative>Weaving</narrative></sector>\n'
    assert judged(changed("<tag ", own + "<tag ")).is_accepted


@pytest.mark.parametrize("version", ["2.01", "2.02"])
def test_an_earlier_version_is_judged_by_the_last_and_says_so(version):
    verdict = judged(changed('version="2.03"', f'version="{version}"'))
    assert verdict.is_accepted
    [said] = verdict.warnings
    assert (said.line, said.path) == (2, "/iati-activities/@version")
    assert version in said.reason


def test_what_the_standard_calls_a_warning_warns():
    verdict = judged(changed("XM-EX-1-A1", "OTHER-A1"))
    assert verdict.is_accepted
    assert "XM-EX-1-" in verdict.warnings[0].reason


def test_an_activity_too_large_to_be_one_is_refused_before_it_fills_the_memory():
    words = f"<description><narrative>{'weaving ' * 900}</narrative></description>" * 3000
    found = judged(changed("<description", words + "<description")).problems
    assert "16 MB" in found[0].reason


def test_a_thousand_problems_are_enough():
    file = many(MOST + 5).replace('code="8"', 'code="99"')
    verdict = judged(file)
    assert len(verdict.problems) == MOST
    assert verdict.left_out == 5


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_bytes_come_there_is_a_verdict(data):
    assert not judged(data).is_accepted


@settings(max_examples=60)
@given(st.data())
def test_a_file_damaged_anywhere_gets_a_verdict(data):
    raw = GOOD.encode()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 40)))
    verdict = judged(raw[:start] + data.draw(st.binary(max_size=8)) + raw[end:])
    assert verdict.is_accepted == (not verdict.problems)


MONEY = """<budget><period-start iso-date="2020-01-01"/><period-end iso-date="2020-12-31"/>
<value value-date="2020-01-01">1000</value></budget><transaction><transaction-type code="1"/>
<transaction-date iso-date="2020-02-01"/><value value-date="2020-02-01">10</value></transaction>
"""
WHOLE = changed("<result ", MONEY + "<result ")
VALUES = [*re.finditer(r"(?<=[\w-]=\")[^\"]+(?=\")|(?<=>)[^<>\n]+(?=<)", WHOLE)][2:]  # after the first line
ODD = st.sampled_from(
    (
        "9999-12-31", "9999-12-31T24:00:00+00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
        "0001-01-01", "-0001-01-01", "12020-01-01", "2020-02-29", "2020-W01-1", "20200101", "T",
        "1E9999999", "-1E-9999999", "sNaN", "Infinity", "1_0", "\u0661", "1" + "0" * 1_000_001,
        "", " ", "'", "{x}",
    )
)  # fmt: skip
WRITABLE = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='<&"\ufffe\uffff'))


def test_a_year_of_budget_that_ends_with_the_calendar_gets_a_verdict():
    last = WHOLE.replace("2020-12-31", "9999-12-31").replace("2020-01-01", "9999-12-31")
    assert judged(last).activities == 1


@pytest.mark.parametrize("name", ["xmlns", "xmlns:also"])
def test_a_namespace_whose_address_is_none_gets_a_verdict(name):
    assert not judged(changed("<iati-activities ", f'<iati-activities {name}="24:00:00+00:00" ')).is_accepted


def test_percentages_that_no_number_holds_get_a_verdict():
    assert not judged(WHOLE.replace("33.33", "1E9999999").replace("66.67", "1E9999999")).is_accepted


@given(st.dictionaries(st.sampled_from(VALUES), st.one_of(ODD, WRITABLE), min_size=1, max_size=6))
def test_whatever_stands_in_dates_numbers_and_codes_there_is_a_verdict(told):
    file, at = "", 0
    for place in sorted(told, key=re.Match.start):
        file, at = file + WHOLE[at : place.start()] + told[place], place.end()
    judged(file + WHOLE[at:])


def test_the_command_answers_with_one_object_and_a_code_and_needs_no_setting(tmp_path):
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(GOOD)
    bad.write_text(changed('code="8"', 'code="9"'))
    shown = {}
    for path, code in ((good, 0), (bad, 2), (tmp_path / "none.xml", 2), (tmp_path, 2)):
        result = CliRunner().invoke(commands, ["impact", "import-iati", str(path), "--dry-run", "--json"])
        assert result.exit_code == code
        shown[path.name] = json.loads(result.stdout)
    assert shown["good.xml"] == {
        "accepted": True,
        "activities": 1,
        "left_out": 0,
        "problems": [],
        "warnings": [],
    }
    problem = shown["bad.xml"]["problems"][0]
    assert problem["line"] == 19
    assert problem["path"] == "/iati-activities/iati-activity[1]/collaboration-type/@code"
    assert problem["activity"] == "XM-EX-1-A1"


def test_memory_does_not_grow_with_the_file():
    file = io.BytesIO(many(12_000).encode())  # 24 MB
    mine = psutil.Process()
    held = [
        mine.memory_info().rss for number, _part in enumerate(opening.parts(file)) if number % 1000 == 999
    ]
    assert held[-1] - held[0] < 8 << 20


def test_parts_are_let_go():
    seen = [part.tag for part in opening.parts(io.BytesIO(many(3).encode()))]
    assert seen == ["iati-activity"] * 3
