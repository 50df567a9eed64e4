"""A programme given out: valid whatever it holds, or refused by name; and nothing about fewer than five."""

import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from impact_rows import fed, frame_indicator, tell
from lxml import etree

from trainingapp.cli import commands
from trainingapp.cohorts.models import CohortPartner, CohortState, EnrolmentState, PartnerRole
from trainingapp.db import db
from trainingapp.impact import asked
from trainingapp.impact.iati import details as iati_details
from trainingapp.impact.iati import exporting, judging, telling, writing
from trainingapp.impact.iati.contents import Document
from trainingapp.impact.scope import Scope
from trainingapp.participants.models import Sex

NOW = datetime(2024, 6, 1, 9, tzinfo=UTC)
FACTS = {"organisation_ref": "XM-EX-1", "organisation_name": "Office for Weavers", "sdgs": ["9", "9.3"]}


@pytest.fixture
def programme(make):
    return make.programme(description="Weavers learn to keep cost records.", created_at=NOW)


@pytest.fixture
def cohort(make, programme):
    facts = {"starts_on": date(2023, 7, 3), "ends_on": date(2023, 7, 14), "state": CohortState.FOLLOW_UP}
    created_at = datetime(2023, 1, 9, tzinfo=UTC)
    return make.cohort(make.theme(programme, year=2023), name="First", created_at=created_at, **facts)


def fill(programme, **changes):
    iati_details.save(programme, None, {**FACTS, **changes}, {}, {2023: (Decimal("120000.50"), True)}, NOW)


def exported(programme, on=None, documents=(), now=NOW):
    return exporting.export(programme, Scope(programme.id, on), asked.USUAL, now, documents)


def activities(made):
    return etree.fromstring(made.xml).findall("iati-activity")


def come(make, cohort, *people, state=EnrolmentState.COMPLETED):
    for country, sex in people:
        person, when = make.participant(sex=sex), NOW - timedelta(days=400)
        make.enrolment(cohort, person, country=country, state=state, enrolled_at=when)


def test_the_programme_is_the_parent_and_every_edition_its_child(app, make, programme, cohort):
    days = {"starts_on": date(2025, 7, 1), "ends_on": date(2025, 7, 9)}
    make.cohort(make.theme(programme, year=2025), name="Next", state=CohortState.CALL_OPEN, **days)
    make.cohort(make.theme(programme, year=2026), name="Thought of", state=CohortState.DRAFT)
    fill(programme)
    parent, *children = activities(exported(programme))
    assert [one.get("hierarchy") for one in (parent, *children)] == ["1", "2", "2"]
    refs = [one.get("ref") for one in parent.findall("related-activity")]
    assert refs == [one.findtext("iati-identifier") for one in children]
    assert [one.find("activity-status").get("code") for one in children] == ["3", "1"]
    assert [one.get("code") for one in children[1].findall("recipient-region")] == ["998"]
    assert parent.find("collaboration-type").get("code") == "8"
    assert [one.get("vocabulary") for one in parent.findall("tag")] == ["2", "3"]
    assert parent.find("budget/value").text == "120000.50"
    assert children[0].find("budget") is None


def test_partners_have_their_roles_and_who_reports_is_accountable_when_nobody_else_is(
    app, make, programme, cohort
):
    for name, role in (("A fund", PartnerRole.FUNDER), ("A school", PartnerRole.HOST)):
        make.add(CohortPartner(cohort_id=cohort.id, name=name, role=role))
    fill(programme)
    edition = activities(exported(programme))[1]
    roles = {one.findtext("narrative"): one.get("role") for one in edition.findall("participating-org")}
    assert roles == {"Office for Weavers": "2", "A fund": "1", "A school": "4"}


def test_people_are_told_by_country_and_sex_but_never_fewer_than_five(app, make, programme, cohort):
    women, men = [("NP", Sex.FEMALE)] * 6, [("NP", Sex.MALE)] * 5
    come(make, cohort, *women, *men, *[("BT", Sex.FEMALE)] * 5, *[("BT", Sex.MALE)] * 5, ("LA", Sex.MALE))
    fill(programme)
    parent, edition = activities(exported(programme))
    values = [
        (one.get("value"), *(part.get("value") for part in one.findall("dimension")))
        for one in edition.findall("result/indicator")[0].findall("period/actual")
    ]
    assert values[0] == ("22",)
    assert all(int(value) >= telling.SMALLEST_GROUP for value, *_dimension in values)
    assert ("1", "LA") not in values
    for one in (parent, edition):
        shares = [Decimal(country.get("percentage")) for country in one.findall("recipient-country")]
        assert sum(shares) == 100


def test_an_edition_of_fewer_than_five_reports_no_figure(app, make, programme, cohort):
    come(make, cohort, *[("NP", Sex.FEMALE)] * 4)
    fill(programme)
    assert activities(exported(programme))[1].findall("result") == []


def test_who_is_enrolled_in_an_edition_to_come_has_not_taken_part_yet(app, make, programme, cohort):
    come(make, cohort, *[("NP", Sex.FEMALE)] * 6, state=EnrolmentState.ENROLLED)
    cohort.starts_on, cohort.ends_on = date(2024, 7, 1), date(2024, 7, 12)
    fill(programme)
    made = exported(programme)
    assert made.verdict.problems == []
    edition = activities(made)[1]
    assert edition.find("activity-status").get("code") == "1"
    assert edition.findall("result") == []
    assert edition.find("recipient-country").get("code") == "NP"


def test_what_plans_add_up_to_is_a_result_of_the_programme_with_its_evidence(app, make, programme, cohort):
    to = frame_indicator(make)
    for number in range(5):
        tell(*fed(make, to, cohort, baseline=1, target=10, when=NOW - timedelta(days=90)), number + 2)
    fill(programme)
    parent = activities(exported(programme))[0]
    indicator = parent.find("result/indicator")
    assert parent.find("result").get("type") == "2"
    assert indicator.find("baseline").get("value") == "5"
    assert indicator.find("period/target").get("value") == "50"
    assert indicator.find("period/actual").get("value") == "20"
    assert "5 of 5 plans" in indicator.findtext("period/actual/comment/narrative")


def test_a_baseline_or_target_that_some_plan_does_not_state_is_in_no_file(app, make, programme, cohort):
    to = frame_indicator(make)
    for number in range(6):
        stated = {"baseline": number or None, "target": number * 9 or None}
        tell(*fed(make, to, cohort, when=NOW - timedelta(days=90), **stated), number + 2)
    fill(programme)
    indicator = activities(exported(programme))[0].find("result/indicator")
    assert (indicator.find("baseline"), indicator.find("period/target")) == (None, None)
    assert indicator.find("period/actual").get("value") == "27"
    assert "target" not in indicator.findtext("period/actual/comment/narrative")


def test_four_plans_make_no_result(app, make, programme, cohort):
    to = frame_indicator(make)
    for _number in range(4):
        tell(*fed(make, to, cohort, when=NOW - timedelta(days=90)), 3)
    fill(programme)
    assert activities(exported(programme))[0].findall("result") == []


def test_a_past_day_gives_the_figures_of_that_day(app, make, programme, cohort):
    come(make, cohort, *[("NP", Sex.FEMALE)] * 6)
    fill(programme)
    before = activities(exported(programme, on=date(2023, 7, 1)))[1]
    assert before.find("activity-status").get("code") == "1"
    assert before.findall("result") == []
    during = activities(exported(programme, on=date(2023, 7, 5)))[1]
    assert during.find("activity-status").get("code") == "2"
    assert [one.get("type") for one in during.findall("activity-date")] == ["1", "2", "3"]


def test_a_day_to_come_tells_what_stands_now(app, make, programme, cohort):
    fill(programme)
    assert exported(programme, on=date(2030, 1, 1)).verdict.is_accepted
    assert exported(programme, on=date(2030, 1, 1)).xml == exported(programme).xml


def test_the_same_again_an_hour_later_but_for_the_moment_it_was_made(app, make, programme, cohort):
    come(make, cohort, *[("NP", Sex.FEMALE)] * 6)
    fill(programme)
    morning = datetime(2099, 6, 1, 9, tzinfo=UTC)
    first, second = (exported(programme, now=morning + timedelta(hours=hour)).xml for hour in (0, 1))
    assert first != second
    assert first.replace(b"09:00:00Z", b"10:00:00Z", 1) == second


def test_published_documents_are_linked_where_they_belong(app, make, programme, cohort):
    fill(programme)
    report = Document(
        "https://example.org/report.pdf", "application/pdf", "Report", NOW.date(), cohort_id=cohort.id
    )
    parent, edition = activities(exported(programme, documents=[report]))
    assert parent.find("document-link") is None
    assert edition.find("document-link").get("format") == "application/pdf"
    assert edition.find("document-link/category").get("code") == "A08"


def test_without_what_every_reader_needs_there_is_no_file_but_its_name(app, make, programme):
    with pytest.raises(exporting.NotReady, match="identifier of the organisation"):
        exported(programme)
    fill(programme, organisation_ref="weavers")
    with pytest.raises(exporting.NotReady, match="begins with a country"):
        exported(programme)


def test_an_identifier_that_was_pasted_with_what_xml_does_not_hold_is_written_without(
    app, make, programme, cohort
):
    fill(programme, organisation_ref="XM-EX-1\x08")
    (parent, *_children) = activities(exported(programme))
    assert parent.find("reporting-org").get("ref") == "XM-EX-1"


def test_the_command_writes_the_file_and_nothing_else(app, make, programme, cohort):
    runner = app.test_cli_runner()
    lacking = runner.invoke(commands, ["impact", "export-iati", "--programme", programme.slug])
    assert (lacking.exit_code, lacking.stdout) == (2, "")
    fill(programme)
    db.session.commit()
    made = runner.invoke(commands, ["impact", "export-iati", "--programme", programme.slug])
    assert made.exit_code == 0
    assert judging.judged(io.BytesIO(made.stdout_bytes), datetime.now(UTC)).activities == 2
    assert runner.invoke(commands, ["impact", "export-iati", "--programme", "none"]).exit_code == 2
    to_come = runner.invoke(commands, ["impact", "export-iati", "--on", "9999-12-31"])
    assert to_come.exit_code == 0
    assert "<iati-identifier>" in to_come.stdout


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(WORDS, min_size=6, max_size=6),
    start=st.dates(date(1950, 1, 1), date(2090, 1, 1)),
    days=st.integers(0, 4000),
    people=st.dictionaries(st.sampled_from(["NP", "BT", "LA", "ID"]), st.integers(1, 7)),
    state=st.sampled_from(CohortState),
    on=st.none() | st.dates(date(1990, 1, 1), date(2024, 5, 31)),
)
def test_whatever_a_programme_holds_its_file_is_valid_or_refused_by_name(
    app, make, names, start, days, people, state, on
):
    """Export, then judge as somebody else would."""
    name, description, title, edition, partner, office = names
    programme = make.programme(name=name, description=description, created_at=NOW)
    ends_on = start + timedelta(days=days)
    theme = make.theme(programme, year=start.year, title=title)
    cohort = make.cohort(theme, name=edition, starts_on=start, ends_on=ends_on, state=state)
    make.add(CohortPartner(cohort_id=cohort.id, name=partner, role=PartnerRole.FUNDER))
    for country, count in people.items():
        come(make, cohort, *[(country, Sex.FEMALE)] * count)
    fill(programme, organisation_name=office)
    if all(map(writing.plain, (name, description, office))):
        assert judging.judged(io.BytesIO(exported(programme, on).xml), NOW).is_accepted
    else:
        with pytest.raises(exporting.NotReady):
            exported(programme, on)
    db.session.rollback()


COUNTRIES = st.dictionaries(st.text("ABCDE", min_size=2, max_size=2), st.integers(1, 40), min_size=1)


@given(COUNTRIES)
def test_shares_are_hundred_and_those_of_small_countries_are_alike(people):
    shares = telling.percentages(telling.shares(people))
    assert sum(shares.values()) == 100
    assert set(shares) == set(people)
    small = [shares[country] for country, count in people.items() if count < telling.SMALLEST_GROUP]
    assert not small or max(small) - min(small) <= Decimal("0.01")


@given(st.lists(COUNTRIES, min_size=1, max_size=6))
def test_the_whole_programme_tells_nothing_that_its_editions_do_not(editions):
    """Its shares follow from what each edition tells and how many came: so no edition can be taken out."""
    told = [(sum(one.values()), telling.shares(one)) for one in editions]
    whole = telling.together(told)
    weights: Counter[str] = Counter()
    total = sum(count for count, _held in told if count >= telling.SMALLEST_GROUP)
    for count, held in told:
        if count >= telling.SMALLEST_GROUP:
            for country, part in held.items():
                weights[country] += part * count
    assert {c: round(part, 9) for c, part in whole.items()} == {
        c: round(Decimal(part) / total, 9) for c, part in weights.items()
    }
