"""URL to action to page: what a programme hands in at others' platforms."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import can, needs, require
from trainingapp.submissions import queries, words
from trainingapp.submissions.blueprint import SEE, WRITE, bp
from trainingapp.submissions.models import SubmissionState

__all__ = ["bp", "words"]


@bp.get("/programmes/<int:programme_id>")
@needs(SEE)
def of_programme(programme_id: int) -> ResponseReturnValue:
    """Viewers see what was handed in; who writes sees drafts too."""
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(SEE, programme.id)
    may_write = can(WRITE, programme.id)
    states = list(SubmissionState) if may_write else [SubmissionState.HANDED_IN]
    return render_template(
        "submissions/of_programme.html",
        programme=programme,
        submissions=queries.of_programme(programme, states),
        may_write=may_write,
    )
