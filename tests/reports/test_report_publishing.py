"""Publication freezes a report; a correction replaces it; a withdrawal says so at the same address."""

from datetime import timedelta

import pytest
from report_rows import NOW, asked, begun, edition, enrolments, over_years, plans, promise, write

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.participants.models import Participant, Sex
from trainingapp.plans.models import ActionPlan, PlanState
from trainingapp.programmes.models import Role
from trainingapp.refusals import Refusal
from trainingapp.reports import actions, queries
from trainingapp.reports.models import Report, ReportState
from trainingapp.responses.models import Answer


@pytest.fixture
def cohort(programme):
    made = edition(programme)
    asked(made)
    asked(made, months=6)
    plans(made)
    promise(made)
    return made


@pytest.fixture
def report(cohort, writer):
    made = begun(cohort, writer)
    write(made, "short", "It **moved**.", writer)
    db.session.commit()
    return made


@pytest.fixture
def as_writer(client, writer):
    db.session.commit()
    client.sign_in(writer)
    return client


@pytest.fixture
def as_viewer(client, make, programme):
    viewer = make.user((programme, Role.VIEWER))
    db.session.commit()
    client.sign_in(viewer)
    return client


def change_everything(cohort, writer):
    for answer in db.session.query(Answer):
        answer.choice, answer.number = "1", 1 if answer.number is not None else None
    for plan in db.session.query(ActionPlan):
        plan.state = PlanState.STOPPED
    for enrolment in enrolments(cohort)[6:]:
        enrolment.state = EnrolmentState.WITHDRAWN
    for person in db.session.query(Participant):
        person.sex = Sex.OTHER
    for one in db.session.query(Promise):
        one.said, one.state, one.settled_at = {"en": "Something else"}, PromiseState.KEPT, NOW
    cohort.name, cohort.theme.title = "Another edition", "Another theme"
    cohort.theme.programme.name, writer.name = "Another programme", "Somebody else"
    db.session.commit()


def test_a_published_report_does_not_change_by_a_single_figure(as_writer, cohort, writer, report):
    actions.publish(report, writer, NOW)
    db.session.commit()
    frozen, address = report.frozen, f"/reports/{report.id}"
    page = as_writer.get(address).text.partition("<article")[2]
    docx = as_writer.get(f"{address}/report.docx").data
    change_everything(cohort, writer)
    db.session.refresh(report)
    assert report.frozen == frozen
    assert as_writer.get(address).text.partition("<article")[2] == page
    assert len(as_writer.get(f"{address}/report.docx").data) == len(docx)
    draft = begun(cohort, writer)
    db.session.commit()
    assert as_writer.get(f"/reports/{draft.id}").text.partition("<article")[2] != page


def test_what_was_frozen_says_as_of_when_by_whom_and_when(writer, report):
    actions.publish(report, writer, NOW)
    assert dict(report.frozen["about"]) == {
        "Figures as of": "9 Mar 2026",
        "Results from level": "2 Explained",
        "Published on": "10 Mar 2026",
        "Published by": writer.name,
    }


def test_what_is_published_takes_no_more_words(writer, report):
    section = queries.section(report, "short")
    actions.publish(report, writer, NOW)
    for attempt in (
        lambda: actions.write(section, "Other", 1, writer, NOW),
        lambda: actions.move(section, 1),
        lambda: actions.tell(section, is_told=False),
        lambda: actions.choose(report, 1, NOW),
        lambda: actions.ask(report, {"as_of": report.as_of}, NOW),
        lambda: actions.publish(report, writer, NOW),
        lambda: actions.discard(report),
    ):
        with pytest.raises(actions.NotADraft):
            attempt()


def test_a_second_press_publishes_nothing_again(as_writer, report):
    for _press in range(2):
        assert as_writer.post(f"/reports/{report.id}/publish").status_code == 302
    db.session.refresh(report)
    assert report.state is ReportState.PUBLISHED


def test_a_correction_has_the_texts_and_replaces_what_it_corrects(as_writer, cohort, writer, report):
    actions.publish(report, writer, NOW)
    db.session.commit()
    address = f"/reports/{report.id}"
    assert as_writer.post(f"{address}/correct", data={"what": ""}).status_code == 422
    begun_at = as_writer.post(f"{address}/correct", data={"what": "Two people were counted twice."})
    newer = queries.correction_of(report)
    assert begun_at.location.endswith(f"/reports/{newer.id}/edit")
    assert "It **moved**." in as_writer.get(begun_at.location).text
    assert "version 1" not in as_writer.get(address).text.lower()
    as_writer.post(f"/reports/{newer.id}/publish")
    old = as_writer.get(address).text
    assert "Two people were counted twice." in old
    assert f"/reports/{newer.id}" in old
    assert "Two people were counted twice." in as_writer.get(f"/reports/{newer.id}").text
    db.session.expire_all()
    assert (report.state, newer.number) == (ReportState.REPLACED, 2)


def test_a_report_is_corrected_once_at_a_time(writer, report):
    actions.publish(report, writer, NOW)
    newer = actions.correct(report, "One figure.", writer, NOW)
    with pytest.raises(actions.CorrectionBegun):
        actions.correct(report, "Another.", writer, NOW)
    actions.discard(newer)
    assert actions.correct(report, "Another.", writer, NOW).number == 2


def test_only_what_is_out_is_corrected_or_withdrawn(writer, report):
    for attempt in (
        lambda: actions.correct(report, "Why", writer, NOW),
        lambda: actions.withdraw(report, "Why", NOW),
    ):
        with pytest.raises(actions.NotPublished):
            attempt()


def test_a_withdrawn_report_says_so_at_its_address_and_nothing_else(
    as_writer, as_viewer, make, writer, report
):
    actions.publish(report, writer, NOW)
    db.session.commit()
    address = f"/reports/{report.id}"
    assert "<b>moved</b>" in as_viewer.get(address).text
    with pytest.raises(actions.ReasonMissing):
        actions.withdraw(report, "", NOW)
    db.session.rollback()
    actions.withdraw(report, "The list of people was wrong.", NOW + timedelta(days=3))
    db.session.commit()
    page = as_viewer.get(address)
    assert page.status_code == 200
    assert "The list of people was wrong." in page.text
    assert "13 Mar 2026" in page.text
    assert "<b>moved</b>" not in page.text
    for ending in ("pdf", "docx"):
        assert as_viewer.get(f"{address}/report.{ending}").location.endswith(address)


def test_viewers_see_what_is_published_and_no_draft(as_viewer, cohort, programme, writer, report):
    places = (f"/reports/programmes/{programme.id}", f"/reports/cohorts/{cohort.id}")
    for place in places:
        assert report.title not in as_viewer.get(place).text
    for address in ("", "/edit", "/quotes", "/settings", "/report.pdf", "/sections/short/history"):
        assert as_viewer.get(f"/reports/{report.id}{address}").status_code == 403, address
    actions.publish(report, writer, NOW)
    db.session.commit()
    for place in places:
        assert report.title in as_viewer.get(place).text
    assert as_viewer.get(f"/reports/{report.id}").status_code == 200
    assert as_viewer.get(f"/reports/{report.id}/report.pdf").mimetype == "application/pdf"


def test_others_are_not_told_that_it_exists(client, make, writer, report):
    actions.publish(report, writer, NOW)
    stranger = make.user((make.programme(), Role.COORDINATOR))
    db.session.commit()
    client.sign_in(stranger)
    assert client.get(f"/reports/{report.id}").status_code == 404
    assert client.post(f"/reports/{report.id}/withdraw", data={"why": "So"}).status_code == 404


def test_years_are_taken_whichever_way_round_they_were_chosen(as_writer, programme, writer):
    edition(programme, year=2018)
    edition(programme, year=2019)
    db.session.commit()
    form = {"title": "Two years", "language": "en", "as_of": "2026-03-01", "level": "claimed"}
    as_writer.post(
        f"/reports/programmes/{programme.id}/new", data={**form, "first_year": 2019, "last_year": 2018}
    )
    made = db.session.query(Report).one()
    assert (made.first_year, made.last_year) == (2018, 2019)


def test_a_report_over_years_is_frozen_too(as_writer, programme, writer, cohort):
    asked(edition(programme, year=2018))
    report = over_years(programme, writer)
    actions.publish(report, writer, NOW)
    db.session.commit()
    page = as_writer.get(f"/reports/{report.id}").text.partition("<article")[2]
    change_everything(cohort, writer)
    assert as_writer.get(f"/reports/{report.id}").text.partition("<article")[2] == page


def test_a_day_ahead_is_refused_in_the_settings_too(writer, report):
    with pytest.raises(Refusal):
        actions.ask(report, {"as_of": NOW.date()}, NOW)
