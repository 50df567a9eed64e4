"""Verbs: what becomes of a comment."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.db import db, lock
from trainingapp.feedback.comments import Comment
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag, Tag
from trainingapp.refusals import Refusal, Stale

LONGEST_TAG = 60

Undo = list[tuple[int, str, int]]  # (answer, state before, version after)


class ReadMeanwhile(Stale):
    """Another reader did something with the comment first."""


class TagMissing(Refusal):
    """A tag has a name."""


def mark(comment: Comment, state: CommentState, version: int, by: int, now: datetime) -> CommentReview:
    """Raises ReadMeanwhile when the comment is not as it was when `version` was read."""
    return _write(comment, _review(comment, version, by, now), state, None, by, now)


def write_note(
    comment: Comment, note: str, state: CommentState, version: int, by: int, now: datetime
) -> CommentReview:
    """Raises ReadMeanwhile."""
    return _write(comment, _review(comment, version, by, now), state, note, by, now)


def mark_many(
    comments: Sequence[tuple[Comment, int]], state: CommentState, by: int, now: datetime
) -> tuple[Undo, int]:
    """Marks what nobody changed meanwhile and leaves the rest: what undoes it, and how many were left."""
    undo: Undo = []
    for comment, version in comments:
        before = comment.state
        try:
            review = mark(comment, state, version, by, now)
        except ReadMeanwhile:
            continue
        undo.append((comment.answer.id, before, review.version))
    return undo, len(comments) - len(undo)


def undo(comments: Sequence[Comment], done: Undo, by: int, now: datetime) -> int:
    """Puts comments back that nobody touched since. Answers with how many."""
    found = {comment.answer.id: comment for comment in comments}
    count = 0
    for answer_id, state, version in done:
        if answer_id in found and found[answer_id].version == version:
            mark(found[answer_id], CommentState(state), version, by, now)
            count += 1
    return count


def add_tag(comment: Comment, name: str, by: int, now: datetime) -> Tag:
    """The same tag twice is one tag. A new comment counts as read from now on."""
    name = " ".join(name.split())[:LONGEST_TAG]
    if not name:
        raise TagMissing(_("Write the tag's name first."), "tag")
    programme_id = comment.theme.programme_id
    tag = _tag(programme_id, name)
    review = comment.review or _review(comment, 0, by, now)
    if review.state == CommentState.NEW:
        review.state = CommentState.READ
    try:
        with db.session.begin_nested():
            db.session.add(CommentTag(review_id=review.id, tag_id=tag.id))
    except IntegrityError:
        return tag
    audit.record(review, "tagged", after=tag.name, programme_id=programme_id)
    return tag


def remove_tag(comment: Comment, tag_id: int) -> None:
    if comment.review is None:
        return
    on_it = (CommentTag.review_id == comment.review.id) & (CommentTag.tag_id == tag_id)
    db.session.execute(sa.delete(CommentTag).where(on_it))
    names = [tag.name for tag in comment.tags if tag.id == tag_id]
    audit.record(
        comment.review, "tag removed", before=", ".join(names), programme_id=comment.theme.programme_id
    )


def _write(
    comment: Comment, review: CommentReview, state: CommentState, note: str | None, by: int, now: datetime
) -> CommentReview:
    before = review.state
    review.state, review.changed_by_id, review.changed_at = state, by, now
    if note is not None:
        review.note = note
    db.session.flush()
    verb = "marked" if note is None else "noted"
    audit.record(review, verb, before=before, after=state, programme_id=comment.theme.programme_id)
    return review


def _tag(programme_id: int, name: str) -> Tag:
    same = sa.select(Tag).where(Tag.programme_id == programme_id, sa.func.lower(Tag.name) == name.lower())
    found = db.session.scalar(same.limit(1))
    if found:
        return found
    try:
        with db.session.begin_nested():
            made = Tag(programme_id=programme_id, name=name)
            db.session.add(made)
    except IntegrityError:
        return db.session.scalars(same.limit(1)).one()
    return made


def _review(comment: Comment, version: int, by: int, now: datetime) -> CommentReview:
    """The comment's review as `version` knew it; version 0 makes the first one."""
    meanwhile = ReadMeanwhile(
        _("Someone else changed this comment after you opened it. Both versions are shown below.")
    )
    asked = sa.select(CommentReview).where(CommentReview.answer_id == comment.answer.id)
    review = db.session.scalar(asked)
    if review:
        lock(review)
        if review.version != version:
            raise meanwhile
        return review
    if version:
        raise meanwhile
    made = CommentReview(
        answer_id=comment.answer.id, state=CommentState.NEW, changed_by_id=by, changed_at=now
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as taken:
        raise meanwhile from taken
    return made
