"""URL to action to page: themes proposed from the words of an edition's comments."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.themes import actions, proposing, queries
from trainingapp.feedback.themes.models import ProposedTheme
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.refusals import Refusal


@bp.get("/cohorts/<int:cohort_id>/themes")
@needs(Permission.READ_FEEDBACK)
def themes_of(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.READ_FEEDBACK)
    proposal = queries.latest(cohort)
    return render_template(
        "feedback/themes.html",
        cohort=cohort,
        proposal=proposal,
        found=queries.of(proposal) if proposal else [],
        is_reading=proposal is not None and queries.is_under_way(proposal, clock.now()),
        fewest=proposing.FEWEST,
        quoted=queries.QUOTED,
        most=queries.READ,
    )


@bp.post("/cohorts/<int:cohort_id>/themes")
@needs(Permission.READ_FEEDBACK)
def propose_themes(cohort_id: int) -> ResponseReturnValue:
    """A worker reads the comments; the page looks again."""
    cohort = loading.cohort(cohort_id, Permission.READ_FEEDBACK)
    actions.ask(cohort, current_user.id, clock.now())
    db.session.commit()
    return redirect(url_for("feedback.themes_of", cohort_id=cohort_id)), 303


@bp.post("/themes/<int:proposed_id>")
@needs(Permission.READ_FEEDBACK)
def theme(proposed_id: int) -> ResponseReturnValue:
    found = _theme(proposed_id)
    cohort_id, version = found.proposal.cohort_id, request.form.get("version", type=whole)
    change = _CHANGES.get(request.form.get("do", ""))
    if change is None or version is None:
        abort(400)
    number = request.form.get("into", type=whole)
    into = _theme(number) if number else None
    try:
        actions.hold(found, version, into)
        change(found, into)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        flash(str(refusal), "bad")
    else:
        flash(_("Saved."))
    return redirect(url_for("feedback.themes_of", cohort_id=cohort_id)), 303


def _theme(theme_id: int) -> ProposedTheme:
    found = queries.theme(theme_id) or abort(404)
    require(Permission.READ_FEEDBACK, found.proposal.cohort.theme.programme_id)
    return found


def _name() -> str:
    return request.form.get("name", "")


def _quotes() -> list[int]:
    return request.form.getlist("quote", type=whole)


def _by() -> tuple[int, datetime]:
    return current_user.id, clock.now()


Change = Callable[[ProposedTheme, ProposedTheme | None], object]
_CHANGES: dict[str, Change] = {
    "rename": lambda theme, _into: actions.rename(theme, _name(), *_by()),
    "merge": lambda theme, into: actions.merge(theme, into, *_by()),
    "split": lambda theme, _into: actions.split(theme, _name(), _quotes(), *_by()),
    "move": lambda theme, into: actions.move(theme, into, _quotes(), *_by()),
    "take_out": lambda theme, _into: actions.take_out(theme, _quotes()),
    "accept": lambda theme, _into: actions.accept(theme, *_by()),
    "reject": lambda theme, _into: actions.reject(theme),
    "reopen": lambda theme, _into: actions.reopen(theme),
}
