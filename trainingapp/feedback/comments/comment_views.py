"""URL to action to page: one comment, with its note, owner, translation and tags."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.feedback import people
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.comments import actions, queries
from trainingapp.feedback.models import CommentState, Tag
from trainingapp.feedback.promises import queries as promises
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.responses.words import LANGUAGE_NAMES
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Survey

LONGEST = 10_000


@bp.get("/comments/<int:answer_id>")
@needs(Permission.READ_FEEDBACK)
def comment(answer_id: int) -> ResponseReturnValue:
    return _page(load(answer_id), 200)


def load(answer_id: int) -> queries.Comment:
    found = queries.comment(answer_id) or abort(404)
    require(Permission.READ_FEEDBACK, found.programme_id)
    return found


def _page(
    found: queries.Comment,
    status: int,
    mine: actions.Written | None = None,
    problem: str = "",
    tag: str = "",
) -> ResponseReturnValue:
    """`mine` is what was typed and refused, to stand beside what is stored."""
    page = render_template(
        "feedback/comment.html",
        comment=found,
        text=surveys.text_in(found.question.wording, str(get_locale() or "en")),
        tags=queries.tags(Tag.programme_id == found.programme_id),
        reader=db.session.get(User, found.review.changed_by_id) if found.review else None,
        readers=people.readers(current_user),
        promises=promises.about_comment(found.answer.id),
        next_id=queries.next_after(on(Survey.programme_id, Permission.READ_FEEDBACK), found.answer.id),
        languages=LANGUAGE_NAMES,
        mine=mine,
        typed_tag=tag,
        problem=problem,
    )
    return page, status


@bp.post("/comments/<int:answer_id>")
@needs(Permission.READ_FEEDBACK)
def save_comment(answer_id: int) -> ResponseReturnValue:
    found, version = load(answer_id), request.form.get("version", type=whole)
    written = _written()
    if version is None:
        abort(400)
    try:
        actions.write(found, written, version, current_user.id, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        return _page(load(answer_id), 409, written, str(refusal))
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for("feedback.comment", answer_id=answer_id)), 303


def _written() -> actions.Written:
    asked = request.form.get("state", "")
    if asked not in set(CommentState):
        abort(400)
    number = request.form.get("owner", type=whole)
    into = request.form.get("into", "")
    texts: dict[str, Any] = {
        name: request.form.get(name, "").strip()[:LONGEST] for name in ("note", "translation")
    }
    return actions.Written(
        CommentState(asked),
        owner=db.session.get(User, number) if number else None,
        translated_into=into if into in LANGUAGE_NAMES else "",
        **texts,
    )


@bp.post("/comments/<int:answer_id>/tags")
@needs(Permission.READ_FEEDBACK)
def tag(answer_id: int) -> ResponseReturnValue:
    found = load(answer_id)
    remove, name = request.form.get("remove", type=whole), request.form.get("tag", "")
    try:
        if remove:
            actions.remove_tag(found, remove)
        else:
            actions.add_tag(found, name, current_user.id, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        return _page(load(answer_id), 422, problem=str(refusal), tag=name)
    db.session.commit()
    return redirect(url_for("feedback.comment", answer_id=answer_id, _anchor="tags")), 303
