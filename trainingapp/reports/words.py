"""What the states of this package are called."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe, label
from trainingapp.reports import queries
from trainingapp.reports.models import Report, ReportState

describe(
    ReportState,
    {
        ReportState.DRAFT: (_l("Draft"), "todo"),
        ReportState.PUBLISHED: (_l("Published"), "ok"),
        ReportState.REPLACED: (_l("Replaced"), ""),
        ReportState.WITHDRAWN: (_l("Retracted"), "off"),
    },
)


def mark_of(report: Report) -> str:
    """What stands behind each page of a PDF."""
    return "" if report.state is ReportState.PUBLISHED else label(report.state)


def notice_of(report: Report) -> str:
    """What readers of a file must know before they read on."""
    if report.state is ReportState.DRAFT:
        return _("A draft. Its figures and texts may still change: do not quote it.")
    if report.state is ReportState.REPLACED and (newer := queries.correction_of(report)):
        return _(
            "Replaced by version %(number)s. What was corrected: %(what)s",
            number=newer.number,
            what=newer.corrects,
        )
    return ""
