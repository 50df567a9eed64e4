"""The list of what was written for other platforms as a file."""

from flask import abort
from flask_babel import gettext as _

from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import can, needs, require
from trainingapp.submissions import queries
from trainingapp.submissions.blueprint import SEE, WRITE, bp
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.models import SubmissionState
from trainingapp.table_views import Table, table_file


@table_file(bp, "/programmes/<int:programme_id>/list", needs(SEE))
def submissions_file(programme_id: int) -> Table:
    """As the page: viewers see what was handed in."""
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(SEE, programme.id)
    states = list(SubmissionState) if can(WRITE, programme.id) else [SubmissionState.HANDED_IN]
    headings = [_("Title"), _("For"), _("State"), _("Handed in on"), _("Address"), _("Last changed")]
    rows = [
        (
            *(one.title, str(KINDS[one.kind].name), label(one.state), one.handed_in_on, one.address),
            one.changed_at.date(),
        )
        for one in queries.of_programme(programme, states)
    ]
    return Table(_("For other platforms"), headings, rows, programme, programme.id)
