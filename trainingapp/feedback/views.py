"""URL to action to page: the inbox of comments."""

from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, paging, spreadsheets
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.feedback import actions, comments, exports, results_views, voice_views, years_views
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.models import CommentState, Tag
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.surveys import queries as surveys

__all__ = ["bp", "results_views", "voice_views", "years_views"]

SEARCHED = 100  # characters of a search


def _language() -> str:
    return str(get_locale() or "en")


def _mine() -> sa.ColumnElement[bool]:
    return on(Theme.programme_id, Permission.READ_FEEDBACK)


def _wanted() -> comments.Wanted:
    return comments.Wanted(
        cohort_id=request.args.get("cohort", type=whole),
        wave_id=request.args.get("wave", type=whole),
        question=request.args.get("question", ""),
        tag_id=request.args.get("tag", type=whole),
        text=request.args.get("q", "").strip()[:SEARCHED],
    )


def _filters(**changed: object) -> dict[str, Any]:
    """Those of this address, some of them changed; None takes one away."""
    kept = {name: request.args.get(name) for name in ("state", "cohort", "wave", "question", "tag", "q")}
    return {name: value for name, value in (kept | changed).items() if value}


def _here(**changed: object) -> str:
    return url_for("feedback.inbox", **_filters(**changed))


@bp.post("/comments.<any(csv, xlsx):ending>")
@needs(Permission.READ_FEEDBACK)
def comments_file(ending: str) -> ResponseReturnValue:
    headings, rows = exports.comment_rows(_mine(), _wanted(), _language())
    file = spreadsheets.download(ending, "comments", headings, rows)
    audit.record(db.session.get_one(User, current_user.id), "comments exported", after=ending)
    db.session.commit()
    return file


@bp.get("/")
@needs(Permission.READ_FEEDBACK)
def inbox() -> ResponseReturnValue:
    wanted, asked = _wanted(), request.args.get("state", CommentState.NEW)
    if asked not in {"all", *CommentState}:
        abort(404)
    state = None if asked == "all" else CommentState(asked)
    rows = comments.page(_mine(), wanted, state, request.args.get("after", type=whole))
    return render_template(
        "feedback/inbox.html",
        rows=rows[: paging.SIZE],
        has_more=len(rows) > paging.SIZE,
        counts=comments.state_counts(_mine(), wanted),
        most=comments.COUNTED,
        state=asked,
        wanted=wanted,
        tags=comments.tags(on(Tag.programme_id, Permission.READ_FEEDBACK)),
        editions=comments.editions(_mine()),
        here=_here,
        filters=_filters(),
        language=_language(),
        undo=session.pop("undo", None),
    )


@bp.post("/mark")
@needs(Permission.READ_FEEDBACK)
def mark() -> ResponseReturnValue:
    """Marks one comment (button `only`, "12:3:done") or the selected ones ("12:3", button `do`)."""
    chosen = request.form.getlist("id")[: paging.SIZE]
    asked = request.form.get("do", "")
    if "only" in request.form:
        pair, _colon, asked = request.form["only"].rpartition(":")
        chosen = [pair]
    if asked not in set(CommentState):
        abort(400)
    versions = _pairs(chosen)
    state = CommentState(asked)
    picked = [(found, versions[found.answer.id]) for found in comments.these(_mine(), versions)]
    undo, left = actions.mark_many(picked, state, current_user.id, clock.now())
    db.session.commit()
    if undo:
        session["undo"] = {"text": _marked(len(undo), state), "done": undo}
    if left:
        flash(_left(left), "warn")
    return redirect(_here()), 303


def _pairs(texts: list[str]) -> dict[int, int]:
    """Answer id -> version, from texts like "12:3"; others are passed over."""
    found: dict[int, int] = {}
    for one, _colon, other in (text.partition(":") for text in texts):
        with suppress(ValueError):
            found[whole(one)] = whole(other)
    return found


def _marked(count: int, state: CommentState) -> str:
    return ngettext(
        "One comment is now: %(state)s.", "%(num)d comments are now: %(state)s.", count, state=label(state)
    )


def _left(count: int) -> str:
    return ngettext(
        "One comment was changed by someone else meanwhile and is left as it is.",
        "%(num)d comments were changed by someone else meanwhile and are left as they are.",
        count,
    )


@bp.post("/undo")
@needs(Permission.READ_FEEDBACK)
def undo() -> ResponseReturnValue:
    """What to undo comes back from the page: "12:new:4", answer, state before, version after."""
    done: actions.Undo = []
    for text in request.form.getlist("done")[: paging.SIZE]:
        number, state, version = [*text.split(":"), "", ""][:3]
        if state in set(CommentState):
            with suppress(ValueError):
                done.append((whole(number), state, whole(version)))
    found = comments.these(_mine(), [number for number, _state, _version in done])
    count = actions.undo(found, done, current_user.id, clock.now())
    db.session.commit()
    flash(ngettext("One comment is as it was.", "%(num)d comments are as they were.", count))
    return redirect(_here()), 303


# One comment


@bp.get("/comments/<int:answer_id>")
@needs(Permission.READ_FEEDBACK)
def comment(answer_id: int) -> ResponseReturnValue:
    return _comment_page(_comment(answer_id), 200)


def _comment(answer_id: int) -> comments.Comment:
    found = comments.comment(answer_id) or abort(404)
    require(Permission.READ_FEEDBACK, found.theme.programme_id)
    return found


def _comment_page(
    found: comments.Comment, status: int, mine: dict[str, Any] | None = None, problem: str = ""
) -> ResponseReturnValue:
    """`mine` is what was typed and refused, to stand beside what is stored."""
    reader = db.session.get(User, found.review.changed_by_id) if found.review else None
    page = render_template(
        "feedback/comment.html",
        comment=found,
        text=surveys.text_in(found.question.wording, _language()),
        tags=comments.tags(Tag.programme_id == found.theme.programme_id),
        reader=reader,
        mine=mine,
        problem=problem,
    )
    return page, status


@bp.post("/comments/<int:answer_id>")
@needs(Permission.READ_FEEDBACK)
def save_comment(answer_id: int) -> ResponseReturnValue:
    found = _comment(answer_id)
    asked, note = request.form.get("state", ""), request.form.get("note", "").strip()
    version = request.form.get("version", type=whole)
    if asked not in set(CommentState) or version is None:
        abort(400)
    state = CommentState(asked)
    try:
        actions.write_note(found, note, state, version, current_user.id, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        mine = {"state": state, "note": note}
        return _comment_page(_comment(answer_id), 409, mine, str(refusal))
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for("feedback.comment", answer_id=answer_id)), 303


@bp.post("/comments/<int:answer_id>/tags")
@needs(Permission.READ_FEEDBACK)
def tag(answer_id: int) -> ResponseReturnValue:
    found = _comment(answer_id)
    remove = request.form.get("remove", type=whole)
    try:
        if remove:
            actions.remove_tag(found, remove)
        else:
            actions.add_tag(found, request.form.get("tag", ""), current_user.id, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        return _comment_page(_comment(answer_id), 422, problem=str(refusal))
    db.session.commit()
    return redirect(url_for("feedback.comment", answer_id=answer_id, _anchor="tags")), 303
