"""URL to action to page: what a supervisor sees behind the link in the mail. No account, no menu."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.plans import own_views
from trainingapp.plans.blueprint import bp
from trainingapp.plans.confirmations import actions, queries
from trainingapp.plans.progress.models import Confirmation, SupervisorCheck
from trainingapp.refusals import Refusal
from trainingapp.responses import holder_views as holder
from trainingapp.responses.holder_views import guesses

LONGEST = 4000


@bp.get("/confirm/<token>")
@public
@guesses
def confirm_link(token: str) -> ResponseReturnValue:
    check = queries.check_for(token, clock.now())
    if check is None:
        return holder.no_such_link(may_ask=False)
    return holder.go_on(token, ".confirm", ".confirm", check.expires_at)


@bp.get("/confirm/page/<page_id>")
@public
@guesses
def confirm(page_id: str) -> ResponseReturnValue:
    check = _check(page_id)
    return holder.no_such_link(may_ask=False) if check is None else _page(check, page_id)


@bp.post("/confirm/page/<page_id>")
@public
@guesses
def say_confirm(page_id: str) -> ResponseReturnValue:
    check = _check(page_id)
    if check is None:
        return holder.no_such_link(may_ask=False)
    if own_views.is_own(check.plan):  # signed in, she holds the link that was sent to somebody else
        abort(403)
    words = request.form.get("words", "").replace("\r\n", "\n").strip()[:LONGEST]
    said = {
        claim.answer.id: Confirmation(tapped)
        for claim in queries.claims_in(check)
        if (tapped := request.form.get(f"c-{claim.answer.id}", "")) in set(Confirmation)
    }
    try:
        if "l" not in request.form:  # only another language was asked for
            actions.answer(check, said, words, clock.now())
            db.session.commit()
            return redirect(url_for(".confirm", page_id=page_id, l=request.form.get("language")), 303)
    except Refusal as refusal:
        db.session.rollback()
        return _page(check, page_id, problem=str(refusal)), 422
    return _page(check, page_id)


def _check(page_id: str) -> SupervisorCheck | None:
    return holder.held(page_id, lambda token: queries.check_for(token, clock.now()))


def _page(check: SupervisorCheck, page_id: str, problem: str = "") -> str:
    enrolment = check.plan.enrolment
    frame = {**holder.frame(number=page_id), "cohort": enrolment.cohort}
    return render_template(
        "plans/confirm.html",
        check=check,
        person=enrolment.participant,
        claims=queries.claims_in(check),
        answers=list(Confirmation),
        typed=request.form,
        problem=problem,
        **frame,
    )
