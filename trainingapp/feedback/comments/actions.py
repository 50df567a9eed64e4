"""Verbs: what one reader does with one comment."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.feedback import people
from trainingapp.feedback.comments import triage
from trainingapp.feedback.comments.queries import Comment
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag
from trainingapp.refusals import Stale


class ReadMeanwhile(Stale):
    """Another reader did something with the comment first."""

    def __init__(self) -> None:
        super().__init__(
            _("Someone else changed this comment after you opened it. Both versions are shown below.")
        )


@dataclass(frozen=True)
class Written:
    """What one reader leaves on a comment's page."""

    state: CommentState
    note: str = ""
    owner: User | None = None
    translation: str = ""
    translated_into: str = ""


def mark(comment: Comment, state: CommentState, version: int, by: int, now: datetime) -> None:
    """Raises ReadMeanwhile when the comment is not as it was when `version` was read."""
    _one(comment, triage.Mark(state), version, by, now)


def write(comment: Comment, written: Written, version: int, by: int, now: datetime) -> CommentReview:
    """Raises ReadMeanwhile or NotTheirs. The original is never touched."""
    people.check_owner(written.owner, {comment.programme_id})
    _one(comment, triage.Mark(written.state), version, by, now)
    review = _review(comment)
    before = (review.note, review.owner_id, review.translation)
    review.note = written.note
    review.owner_id = written.owner.id if written.owner else None
    review.translation = written.translation
    review.translated_into = written.translated_into if written.translation else ""
    if (review.note, review.owner_id, review.translation) != before:
        audit.record(review, "written", programme_id=comment.programme_id)
    db.session.flush()
    return review


def add_tag(comment: Comment, name: str, by: int, now: datetime) -> None:
    """The same tag twice is one tag. Raises TagMissing, or ReadMeanwhile."""
    _one(comment, triage.TagAs(name), comment.version, by, now)


def remove_tag(comment: Comment, tag_id: int) -> None:
    if comment.review is None:
        return
    on_it = (CommentTag.review_id == comment.review.id) & (CommentTag.tag_id == tag_id)
    gone = db.session.scalars(sa.delete(CommentTag).where(on_it).returning(CommentTag.tag_id)).all()
    names = [tag.name for tag in comment.tags if tag.id in gone]
    if names:
        audit.record(
            comment.review, "tag removed", before=", ".join(names), programme_id=comment.programme_id
        )


def _one(comment: Comment, step: triage.Step, version: int, by: int, now: datetime) -> None:
    if triage.do([(comment, version)], step, by, now).left:
        raise ReadMeanwhile


def _review(comment: Comment) -> CommentReview:
    review = db.session.scalars(
        sa.select(CommentReview).where(CommentReview.answer_id == comment.answer.id)
    ).one()
    lock(review)
    return review
