"""What is done to many comments in one step, and undone as a whole."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, insert, lock
from trainingapp.feedback.comments.queries import Comment, these
from trainingapp.feedback.comments.tags import named
from trainingapp.feedback.models import CommentChange, CommentReview, CommentState, CommentTag
from trainingapp.feedback.people import check_owner
from trainingapp.refusals import Refusal


class NothingToUndo(Refusal):
    """It was undone already, by another press."""


Reviews = Mapping[int, CommentReview]  # answer id -> its review, held until the transaction ends


class Step(Protocol):
    @property
    def what(self) -> str: ...

    @property
    def to(self) -> str: ...

    def apply(self, comments: Sequence[Comment], reviews: Reviews) -> dict[int, int]:
        """Answer id -> the tag that is new on it."""


@dataclass(frozen=True)
class Mark:
    state: CommentState
    what = "marked"

    @property
    def to(self) -> str:
        return self.state.value

    def apply(self, comments: Sequence[Comment], reviews: Reviews) -> dict[int, int]:
        for comment in comments:
            reviews[comment.answer.id].state = self.state
        return {}


@dataclass(frozen=True)
class Assign:
    owner: User | None
    what = "assigned"

    @property
    def to(self) -> str:
        return self.owner.name if self.owner else ""

    def apply(self, comments: Sequence[Comment], reviews: Reviews) -> dict[int, int]:
        """Raises NotTheirs."""
        check_owner(self.owner, {comment.programme_id for comment in comments})
        for comment in comments:
            reviews[comment.answer.id].owner_id = self.owner.id if self.owner else None
        return {}


@dataclass(frozen=True)
class TagAs:
    name: str
    what = "tagged"

    @property
    def to(self) -> str:
        return self.name

    def apply(self, comments: Sequence[Comment], reviews: Reviews) -> dict[int, int]:
        """Raises TagMissing. A new comment counts as read from now on."""
        tags = {
            programme: named(programme, self.name) for programme in {one.programme_id for one in comments}
        }
        rows = {reviews[one.answer.id].id: (one.answer.id, tags[one.programme_id].id) for one in comments}
        added = db.session.scalars(
            insert(CommentTag)
            .values([{"review_id": review, "tag_id": tag} for review, (_answer, tag) in rows.items()])
            .on_conflict_do_nothing()
            .returning(CommentTag.review_id)
        )
        for review in reviews.values():
            if review.state is CommentState.NEW:
                review.state = CommentState.READ
        return dict(rows[review] for review in added)


def do(picked: Sequence[tuple[Comment, int]], step: Step, by: int, now: datetime) -> CommentChange:
    """Changes what is still as its version was read, and leaves the rest. Raises what the step raises."""
    reviews = _held(picked, by, now)
    comments = [comment for comment, _version in picked if comment.answer.id in reviews]
    were = {number: (review.state.value, review.owner_id) for number, review in reviews.items()}
    tagged = step.apply(comments, reviews) if comments else {}
    for review in reviews.values():
        review.changed_by_id, review.changed_at = by, now
    db.session.flush()
    change = CommentChange(
        user_id=by,
        made_at=now,
        what=step.what,
        to=step.to,
        before=[
            [number, reviews[number].version, *were[number], tagged.get(number)] for number in sorted(reviews)
        ],
        left=len(picked) - len(reviews),
    )
    db.session.add(change)
    db.session.flush()
    for comment in comments:
        audit.record(
            reviews[comment.answer.id], step.what, after=step.to or None, programme_id=comment.programme_id
        )
    return change


def _held(picked: Sequence[tuple[Comment, int]], by: int, now: datetime) -> dict[int, CommentReview]:
    """Answer id -> review of those that nobody changed since; the first look makes one."""
    wanted = {comment.answer.id: version for comment, version in picked}
    fresh = sorted(number for number, version in wanted.items() if not version)
    made: set[int] = set()
    if fresh:
        new = {"state": CommentState.NEW, "note": "", "changed_by_id": by, "changed_at": now, "version": 1}
        adding = insert(CommentReview).values([{"answer_id": number, **new} for number in fresh])
        made = set(db.session.scalars(adding.on_conflict_do_nothing().returning(CommentReview.answer_id)))
    return {
        review.answer_id: review
        for review in db.session.scalars(_held_in_order(wanted))
        if review.answer_id in made or review.version == wanted[review.answer_id]
    }


def _held_in_order(answer_ids: Collection[int]) -> sa.Select[CommentReview]:
    """In one order for all who change several, so that no two wait for each other."""
    query = sa.select(CommentReview).where(CommentReview.answer_id.in_(answer_ids)).order_by(CommentReview.id)
    return query.with_for_update().execution_options(populate_existing=True)


def undo(change: CommentChange, within: sa.ColumnElement[bool], by: int, now: datetime) -> int:
    """Puts back what nobody touched since; says how many. `within` speaks of Survey.programme_id: what is not
    the reader's any more stays. Raises NothingToUndo.
    """
    lock(change)
    if change.undone_at:
        raise NothingToUndo(_("There is nothing left to undo."))
    was = {number: rest for number, *rest in change.before}
    programmes = {one.answer.id: one.programme_id for one in these(within, was)}
    count = 0
    for review in db.session.scalars(_held_in_order(programmes)):
        version, state, owner_id, tag_id = was[review.answer_id]
        if review.version != version:
            continue
        review.state, review.owner_id = CommentState(state), owner_id
        review.changed_by_id, review.changed_at = by, now
        if tag_id:
            there = (CommentTag.review_id == review.id) & (CommentTag.tag_id == tag_id)
            db.session.execute(sa.delete(CommentTag).where(there))
        audit.record(
            review,
            f"{change.what}, undone",
            before=change.to or None,
            programme_id=programmes[review.answer_id],
        )
        count += 1
    change.undone_at = now
    db.session.flush()
    return count
