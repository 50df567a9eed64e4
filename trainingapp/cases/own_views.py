"""URL to action to page: an alumna's requests, who got over the same, and her own consent."""

import sqlalchemy as sa
from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

from trainingapp import clock
from trainingapp.cases import causes, library, queries, routes, words
from trainingapp.cases.blueprint import bp
from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment
from trainingapp.db import db
from trainingapp.files import serving
from trainingapp.labels import label
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import signed_in


@bp.get("/mine")
@signed_in
def mine() -> ResponseReturnValue:
    own = queries.of_person(current_user.id)
    named = [case.blocker for case in own if case.blocker]
    herself = db.session.scalar(sa.select(Participant.id).where(Participant.user_id == current_user.id))
    language = str(get_locale() or "en")
    return render_template(
        "cases/mine.html",
        cases=own,
        routes=routes.for_her(named, _own_programmes(), herself, language),
        questions=[
            (one, words.asked_of_peer(label(blocker), one.activity.what))
            for one, blocker in causes.solved_by(current_user.id)
        ],
        today=clock.now().date(),
    )


@bp.post("/mine/consent/<int:activity_id>")
@signed_in
def say_consent(activity_id: int) -> ResponseReturnValue:
    """Yes, or no; again whenever she thinks differently. It holds at once."""
    found = {one.activity.id: (one, blocker) for one, blocker in causes.solved_by(current_user.id)}
    one, blocker = found.get(activity_id) or abort(404)
    wording = words.asked_of_peer(label(blocker), one.activity.what)
    programme_id = one.enrolment.cohort.theme.programme_id
    is_given = request.form.get("say") == "yes"
    library.consent(one.activity, programme_id, wording, clock.now(), is_given=is_given)
    db.session.commit()
    return redirect(url_for("cases.mine", _anchor=f"solved-{activity_id}"))


@bp.get("/mine/material/<int:material_id>")
@signed_in
def own_material(material_id: int) -> ResponseReturnValue:
    """Whoever took part in an edition of the programme may read it."""
    found = routes.material(material_id, _own_programmes()) or abort(404)
    return serving.send(found.file or abort(404))


def _own_programmes() -> sa.Select[int]:
    return (
        sa.select(Theme.programme_id)
        .join(Cohort, Cohort.theme_id == Theme.id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Participant.user_id == current_user.id, Enrolment.state.in_(HOLDS_A_PLACE))
    )
