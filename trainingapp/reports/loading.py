"""The beginning of every view about a report: what its address names, loaded and checked."""

from flask import abort

from trainingapp.programmes.roles import require
from trainingapp.reports import queries
from trainingapp.reports.blueprint import READ, WRITE
from trainingapp.reports.models import Report, ReportSection, ReportState


def report(report_id: int) -> Report:
    """One that is out; a draft only for those who write it, and to others it is not said to exist."""
    found = queries.report(report_id) or abort(404)
    require(READ, found.programme_id)
    if found.state is ReportState.DRAFT:
        require(WRITE, found.programme_id)
    return found


def own(report_id: int) -> Report:
    found = queries.report(report_id) or abort(404)
    require(WRITE, found.programme_id)
    return found


def section(report_id: int, key: str) -> ReportSection:
    return queries.section(own(report_id), key) or abort(404)
