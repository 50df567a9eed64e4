"""URL to action to page: which comments a report quotes."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.programmes.roles import needs
from trainingapp.reports import actions, loading, queries, quotable
from trainingapp.reports.blueprint import WRITE, bp
from trainingapp.reports.kinds import KINDS


@bp.get("/<int:report_id>/quotes")
@needs(WRITE)
def quotes(report_id: int) -> ResponseReturnValue:
    """Those that may be quoted, chosen ones first."""
    found = loading.own(report_id)
    scope, wanted = KINDS[found.kind].scope(found), request.args.get("q", "").strip()
    chosen = quotable.these(scope, queries.quoted(found))
    numbers = {one.answer.id for one in chosen}
    others = [one for one in quotable.found(scope, wanted) if one.answer.id not in numbers]
    return render_template("reports/quotes.html", report=found, chosen=chosen, others=others, wanted=wanted)


@bp.post("/<int:report_id>/quotes")
@needs(WRITE)
def choose_quote(report_id: int) -> ResponseReturnValue:
    found = loading.own(report_id)
    if "leave" in request.form:
        actions.leave(found, request.form.get("leave", 0, whole))
    else:
        actions.choose(found, request.form.get("choose", 0, whole), clock.now())
    db.session.commit()
    return redirect(url_for("reports.quotes", report_id=found.id, q=request.form.get("q") or None))
