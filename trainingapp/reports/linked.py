"""Published reports as the IATI file of a programme links them: what anybody may open, and nothing else."""

from flask import current_app

from trainingapp.db import db
from trainingapp.impact.iati.contents import Document
from trainingapp.impact.publication.models import PublicPage
from trainingapp.impact.scope import Scope
from trainingapp.programmes.models import Programme
from trainingapp.reports import queries
from trainingapp.reports.models import Report

PDF = "application/pdf"


def documents(programme: Programme, scope: Scope) -> list[Document]:
    """Of a past day those whose figures are no later: nothing of afterwards is in its file."""
    page = db.session.get(PublicPage, programme.id)
    if page is None or not page.is_open:
        return []
    found = queries.of_programme(programme, drafts=False)
    return [_document(one) for one in found if scope.on is None or one.as_of <= scope.on]


def _document(report: Report) -> Document:
    assert report.published_at
    return Document(
        _address(report),
        PDF,
        report.title,
        report.published_at.date(),
        language=report.language.partition("_")[0],
        cohort_id=report.cohort_id,
    )


def _address(report: Report) -> str:
    """Commands know no request, so the host is the one that mails name."""
    paths = current_app.url_map.bind("")
    given = {"slug": report.programme.slug, "report_id": report.id, "paper": "pdf"}
    base: str = current_app.config["BASE_URL"]
    return base + paths.build("impact.public_report_file", given)
