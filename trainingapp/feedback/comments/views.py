"""URL to action to page: the inbox of comments."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, paging, spreadsheets
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.feedback import people
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.comments import exports, queries, triage
from trainingapp.feedback.models import CommentChange, CommentState, Tag
from trainingapp.feedback.words import change_text, language_name, language_tag, left_text
from trainingapp.numbers import whole
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, needs, on
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Survey
from trainingapp.surveys.wording import text_in

for written in (change_text, left_text, language_name, language_tag):
    bp.add_app_template_filter(written)

SEARCHED = 100  # characters of a search
FILTERS = ("state", "cohort", "wave", "question", "tag", "owner", "answered", "q")


def _mine() -> sa.ColumnElement[bool]:
    return on(Survey.programme_id, Permission.READ_FEEDBACK)


def _wanted() -> queries.Wanted:
    return queries.Wanted(
        cohort_id=request.args.get("cohort", type=whole),
        wave_id=request.args.get("wave", type=whole),
        question=request.args.get("question", ""),
        tag_id=request.args.get("tag", type=whole),
        owner_id=request.args.get("owner", type=whole),
        is_answered="answered" in request.args,
        text=request.args.get("q", "").strip()[:SEARCHED],
    )


def _state() -> CommentState | None:
    asked = request.args.get("state", CommentState.NEW)
    if asked not in {"all", *CommentState}:
        abort(404)
    return None if asked == "all" else CommentState(asked)


def _filters(**changed: object) -> dict[str, Any]:
    """Those of this address, some of them changed; None takes one away."""
    kept = {name: request.args.get(name) for name in FILTERS}
    return {name: value for name, value in (kept | changed).items() if value}


def _here(**changed: object) -> str:
    return url_for("feedback.inbox", **_filters(**changed))


@bp.post("/comments.<any(csv, xlsx):ending>")
@needs(Permission.READ_FEEDBACK)
def comments_file(ending: str) -> ResponseReturnValue:
    headings, rows = exports.rows(_mine(), _wanted(), _state(), str(get_locale() or "en"))
    file = spreadsheets.download(ending, "comments", headings, rows)
    audit.record(db.session.get_one(User, current_user.id), "comments exported", after=ending)
    db.session.commit()
    return file


@bp.get("/")
@needs(Permission.READ_FEEDBACK)
def inbox() -> ResponseReturnValue:
    wanted, state = _wanted(), _state()
    rows = queries.page(_mine(), wanted, state, request.args.get("after", type=whole))
    change = _own_change(request.args.get("did", type=whole))
    return render_template(
        "feedback/inbox.html",
        rows=rows[: paging.SIZE],
        has_more=len(rows) > paging.SIZE,
        counts=queries.state_counts(_mine(), wanted),
        most=queries.COUNTED,
        at_once=queries.AT_ONCE,
        state=state or "all",
        wanted=wanted,
        tags=queries.tags(on(Tag.programme_id, Permission.READ_FEEDBACK)),
        editions=queries.editions(on(Theme.programme_id, Permission.READ_FEEDBACK)),
        readers=people.readers(current_user),
        here=_here,
        filters=_filters(),
        change=change if change and not change.undone_at else None,
        text_in=text_in,
        now=clock.now(),
    )


def _own_change(number: int | None) -> CommentChange | None:
    found = db.session.get(CommentChange, number) if number else None
    return found if found is not None and found.user_id == current_user.id else None


@bp.post("/mark")
@needs(Permission.READ_FEEDBACK)
def mark() -> ResponseReturnValue:
    """One comment (button `only`, "12:3:done"), the selected ones ("12:3", button `do`), or all that fit."""
    chosen, asked = request.form.getlist("id")[: paging.SIZE], request.form.get("do", "")
    if "only" in request.form:
        pair, _colon, asked = request.form["only"].rpartition(":")
        chosen = [pair]
    step = _step(asked)
    takes_all = "all" in request.form and "only" not in request.form
    picked, left = _all_that_fit() if takes_all else (_picked(_pairs(chosen)), 0)
    try:
        change = triage.do(picked, step, current_user.id, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        flash(str(refusal), "bad")
        return redirect(_here()), 303
    change.left += left
    db.session.commit()
    return redirect(_here(did=change.id)), 303


def _step(asked: str) -> triage.Step:
    if asked in set(CommentState):
        return triage.Mark(CommentState(asked))
    return (_STEPS.get(asked) or abort(400))()


def _owner() -> User | None:
    number = request.form.get("owner", type=whole)
    return db.session.get(User, number) if number else None


_STEPS: dict[str, Callable[[], triage.Step]] = {
    "assign": lambda: triage.Assign(_owner()),
    "tag": lambda: triage.TagAs(request.form.get("tag", "")),
}


def _picked(versions: dict[int, int]) -> list[tuple[queries.Comment, int]]:
    return [(found, versions[found.answer.id]) for found in queries.these(_mine(), versions)]


def _all_that_fit() -> tuple[list[tuple[queries.Comment, int]], int]:
    """As the page showed them: what somebody changed since is left, and counted; what came since waits."""
    try:
        seen = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        abort(400)
    if seen.tzinfo is None:
        abort(400)
    fits = queries.all_that_fit(_mine(), _wanted(), _state())
    found = [one for one in fits if one.response.saved_at <= seen]
    same = [one for one in found if one.review is None or one.review.changed_at <= seen]
    return [(one, one.version) for one in same], len(found) - len(same)


def _pairs(texts: list[str]) -> dict[int, int]:
    """Answer id -> version, from texts like "12:3"; others are passed over."""
    found: dict[int, int] = {}
    for one, _colon, other in (text.partition(":") for text in texts):
        with suppress(ValueError):
            found[whole(one)] = whole(other)
    return found


@bp.post("/undo")
@needs(Permission.READ_FEEDBACK)
def undo() -> ResponseReturnValue:
    number = request.form.get("change", type=whole)
    if number is None:
        abort(400)
    change = _own_change(number) or abort(404)
    try:
        count = triage.undo(change, _mine(), current_user.id, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        flash(str(refusal), "warn")
        return redirect(_here()), 303
    left = len(change.before) - count
    db.session.commit()
    flash(ngettext("One comment is as it was.", "%(num)d comments are as they were.", count))
    if left:
        flash(_("%(num)s were changed again meanwhile and stay as they are.", num=left), "warn")
    return redirect(_here()), 303
