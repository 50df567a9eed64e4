"""Published reports in a programme's IATI file: where they belong, only what anybody may open, and valid."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from report_rows import NOW, begun, edition, over_years

from trainingapp.cli import commands
from trainingapp.db import db
from trainingapp.impact.iati import details as iati_details
from trainingapp.impact.iati import judging
from trainingapp.impact.publication.models import PublicPage
from trainingapp.programmes.models import Role
from trainingapp.reports import actions

FACTS = {"organisation_ref": "XM-EX-1", "organisation_name": "Office for Weavers"}
LINK = "document-link"


@pytest.fixture
def programme(make):
    made = make.programme(description="Weavers learn to keep cost records.")
    iati_details.save(made, None, FACTS, {}, {}, NOW)
    return made


@pytest.fixture
def writer(make, programme):
    return make.user((programme, Role.COORDINATOR))


@pytest.fixture
def page(make, programme):
    return make.add(PublicPage(programme_id=programme.id, is_open=True, changed_at=NOW))


@pytest.fixture
def report(programme, writer):
    made = begun(edition(programme), writer, language="fa_AF")
    actions.publish(made, writer, NOW)
    db.session.commit()
    return made


def by_command(app, programme, *more):
    called = ["impact", "export-iati", "--programme", programme.slug, *more]
    return app.test_cli_runner().invoke(commands, called).stdout_bytes


def activities(xml):
    assert judging.judged(io.BytesIO(xml), datetime.now(UTC)).is_accepted
    return etree.fromstring(xml).findall("iati-activity")


def links(xml):
    return [one.get("url") for activity in activities(xml) for one in activity.findall(LINK)]


def test_a_report_is_a_document_of_its_edition_that_anybody_can_open(app, client, programme, page, report):
    parent, child = activities(by_command(app, programme))
    assert parent.find(LINK) is None
    link = child.find(LINK)
    assert (link.get("format"), link.find("category").get("code")) == ("application/pdf", "A08")
    assert (link.find("language").get("code"), link.find("document-date").get("iso-date")) == (
        "fa",
        NOW.date().isoformat(),
    )
    assert link.findtext("title/narrative") == report.title
    base = app.config["BASE_URL"]
    assert link.get("url").startswith(f"{base}/")
    assert client.get(link.get("url").removeprefix(base)).mimetype == "application/pdf"


def test_the_download_links_what_the_command_links(app, client, programme, writer, page, report):
    years = over_years(programme, writer)
    actions.publish(years, writer, NOW)
    db.session.commit()
    client.sign_in(writer)
    xml = client.post(f"/impact/programmes/{programme.id}/iati.xml").data
    assert activities(xml)[0].findtext(f"{LINK}/title/narrative") == years.title
    assert len(links(xml)) == 2
    assert links(xml) == links(by_command(app, programme))


def test_nothing_is_linked_that_strangers_cannot_open(app, programme, writer, page, report):
    begun(edition(programme, year=2020), writer)  # a draft
    db.session.commit()
    assert len(links(by_command(app, programme))) == 1
    page.is_open = False
    db.session.commit()
    assert links(by_command(app, programme)) == []
    page.is_open = True
    actions.withdraw(report, "The list of people was wrong.", NOW)
    db.session.commit()
    assert links(by_command(app, programme)) == []


def test_a_correction_takes_the_place_of_what_it_corrects(app, programme, writer, page, report):
    newer = actions.correct(report, "One figure.", writer, NOW)
    actions.publish(newer, writer, NOW + timedelta(days=1))
    db.session.commit()
    (link,) = links(by_command(app, programme))
    assert f"/{newer.id}.pdf" in link


def test_the_file_of_a_past_day_links_no_later_figures(app, programme, page, report):
    assert links(by_command(app, programme, "--on", str(report.as_of)))
    before = report.as_of - timedelta(days=1)
    assert links(by_command(app, programme, "--on", str(before))) == []
