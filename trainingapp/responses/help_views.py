"""URL to action to page: what helped others, for whoever told behind a personal link what stopped her."""

import sqlalchemy as sa
from flask import abort, g
from flask.typing import ResponseReturnValue

from trainingapp.access import public
from trainingapp.cases import routes
from trainingapp.cases.routes import Route
from trainingapp.cohorts.models import Cohort
from trainingapp.files import serving
from trainingapp.followups.models import Invitation
from trainingapp.programmes.models import Theme
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.holder_views import guesses
from trainingapp.responses.queries import Sheet


@bp.get("/r/page/<page_id>/material/<int:material_id>")
@public
@guesses
def material(page_id: str, material_id: int) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    found = routes.material(material_id, _programme(invitation)) or abort(404)
    return serving.send(found.file or abort(404))


def of(invitation: Invitation, sheet: Sheet) -> list[Route]:
    named = [said.blocker for said in sheet.said.values() if said.blocker]
    herself = invitation.enrolment.participant_id
    return routes.for_her(named, _programme(invitation), herself, g.language)


def _programme(invitation: Invitation) -> sa.Select[int]:
    cohort_id = invitation.enrolment.cohort_id
    return (
        sa.select(Theme.programme_id).join(Cohort, Cohort.theme_id == Theme.id).where(Cohort.id == cohort_id)
    )
