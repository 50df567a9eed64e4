"""URL to action to page: you said, we did. Written, read by participants, settled."""

from contextlib import suppress

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, once
from trainingapp.access import public
from trainingapp.cohorts import loading
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.feedback import people
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.comments import queries as comments
from trainingapp.feedback.models import Tag
from trainingapp.feedback.promises import actions, queries
from trainingapp.feedback.promises.forms import PromiseForm
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, can, needs, require, signed_in
from trainingapp.refusals import Refusal
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp as personal
from trainingapp.responses.holder_views import guesses


@bp.get("/cohorts/<int:cohort_id>/promises")
@needs(Permission.SETTLE_PROMISES)
def of_edition(cohort_id: int) -> ResponseReturnValue:
    return _list(loading.cohort(cohort_id, Permission.SETTLE_PROMISES), 200)


def _list(
    cohort: Cohort, status: int, problem: str = "", of: Promise | None = None, reason: str = ""
) -> ResponseReturnValue:
    page = render_template(
        "feedback/promises.html",
        cohort=cohort,
        own=queries.of_cohort(cohort),
        before=queries.carried_over(cohort),
        problem=problem,
        refused=of.id if of else None,
        reason=reason,
        today=clock.today(cohort.time_zone),
        may_write=can(Permission.READ_FEEDBACK, cohort.theme.programme_id),
    )
    return page, status


@bp.route("/cohorts/<int:cohort_id>/promises/new", methods=["GET", "POST"])
@needs(Permission.READ_FEEDBACK)
def new_promise(cohort_id: int) -> ResponseReturnValue:
    """About a comment (`comment`), a theme (`tag`), or neither."""
    cohort = loading.cohort(cohort_id, Permission.READ_FEEDBACK)
    comment, tag = _comment(cohort), _tag(cohort)
    form = PromiseForm()
    form.offer(people.readers(current_user))
    if form.validate_on_submit():
        try:
            with suppress(once.Twice):
                actions.begin(
                    cohort,
                    form.words,
                    clock.now(),
                    answer_id=comment.answer.id if comment else None,
                    tag_id=tag.id if tag else None,
                    form_id=form.form_id.data,
                )
                db.session.commit()
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Saved."))
            return redirect(url_for("feedback.of_edition", cohort_id=cohort_id)), 303
    return _form_page(form, cohort, comment, tag, None)


def _comment(cohort: Cohort) -> comments.Comment | None:
    number = request.args.get("comment", type=whole)
    found = comments.comment(number) if number else None
    if number and (found is None or found.cohort is None or found.cohort.id != cohort.id):
        abort(404)
    return found


def _tag(cohort: Cohort) -> Tag | None:
    number = request.args.get("tag", type=whole)
    found = db.session.get(Tag, number) if number else None
    if number and (found is None or found.programme_id != cohort.theme.programme_id):
        abort(404)
    return found


def _form_page(
    form: PromiseForm,
    cohort: Cohort,
    comment: comments.Comment | None,
    tag: Tag | None,
    promise: Promise | None,
) -> ResponseReturnValue:
    page = render_template(
        "feedback/promise.html",
        form=form,
        cohort=cohort,
        comment=comment,
        tag=tag,
        promise=promise,
        may_quote=comment is not None and queries.may_be_quoted(comment.answer.id),
    )
    return page, form.status


@bp.route("/promises/<int:promise_id>", methods=["GET", "POST"])
@needs(Permission.READ_FEEDBACK)
def promise(promise_id: int) -> ResponseReturnValue:
    found = queries.promise(promise_id) or abort(404)
    require(Permission.READ_FEEDBACK, found.cohort.theme.programme_id)
    form = PromiseForm()
    form.offer(people.readers(current_user), found.owner)
    if not form.is_submitted():
        form.fill(found)
    elif form.validate():
        try:
            form.check_fresh(found)
            actions.write(found, form.words, clock.now())
            db.session.commit()
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Saved."))
            return redirect(url_for("feedback.of_edition", cohort_id=found.cohort_id)), 303
    found = queries.promise(promise_id) or abort(404)
    comment = comments.comment(found.answer_id) if found.answer_id else None
    return _form_page(form, found.cohort, comment, found.tag, found)


@bp.post("/promises/<int:promise_id>/settle")
@needs(Permission.SETTLE_PROMISES)
def settle(promise_id: int) -> ResponseReturnValue:
    """`on` is the edition whose page was open: perhaps next year's."""
    found = queries.promise(promise_id) or abort(404)
    require(Permission.SETTLE_PROMISES, found.cohort.theme.programme_id)
    asked, reason = request.form.get("state", ""), request.form.get("reason", "").strip()
    version = request.form.get("version", type=whole)
    if asked not in set(PromiseState) or version is None:
        abort(400)
    on = loading.cohort(request.form.get("on", type=whole) or found.cohort_id, Permission.SETTLE_PROMISES)
    try:
        actions.settle(found, PromiseState(asked), reason, version, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        on = db.session.get_one(Cohort, on.id)
        return _list(on, 409 if reason or version != found.version else 422, str(refusal), found, reason)
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for("feedback.of_edition", cohort_id=on.id)), 303


# What participants see


@bp.get("/said")
@signed_in
def said() -> ResponseReturnValue:
    """Of the editions that the signed-in person took part in."""
    cohorts = queries.cohorts_of(current_user.id)
    shown = queries.shown_to([cohort.id for cohort in cohorts], str(get_locale() or "en"))
    return render_template("feedback/said.html", cohorts=cohorts, shown=shown)


@personal.get("/r/<token>/said")
@public
@guesses
def said_link(token: str) -> ResponseReturnValue:
    return holder.follow(token, ".said")


@personal.get("/r/page/<page_id>/said", endpoint="said")
@public
@guesses
def said_to_holder(page_id: str) -> ResponseReturnValue:
    invitation = holder.invitation(page_id)
    if invitation is None:
        return holder.no_such_link()
    cohort_id = invitation.enrolment.cohort_id
    shown = queries.shown_to([cohort_id], g.language).get(cohort_id, [])
    return render_template("feedback/said_to_holder.html", shown=shown, **holder.frame(invitation, page_id))
