"""Open answers that a coordinator has begun to read."""

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.sign_ins import HOST
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag, Tag
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Answer, Response, ResponseState

STATES = (CommentState.READ, CommentState.DONE, CommentState.FLAGGED, CommentState.READ)
NEW = 40  # the latest comments that nobody has opened


def make(rng: Random, programme: Programme, now: datetime) -> None:
    tags = [Tag(programme_id=programme.id, name=name) for name in facts.TAGS]
    db.session.add_all(tags)
    reader = db.session.scalars(sa.select(User).where(User.email == f"coordinator@{HOST}")).one()
    db.session.flush()
    texts = (
        sa.select(Answer.id)
        .join(Response)
        .where(Answer.text.is_not(None), Answer.text != "", Response.state == ResponseState.SENT)
        .order_by(Response.sent_at.desc(), Answer.id)
        .offset(NEW)
    )
    for answer_id in db.session.scalars(texts).all():
        when = now - timedelta(days=rng.randrange(1, 400))
        review = CommentReview(
            answer_id=answer_id, state=rng.choice(STATES), changed_by_id=reader.id, changed_at=when
        )
        db.session.add(review)
        db.session.flush()
        chosen = rng.sample(tags, rng.randrange(3))
        db.session.add_all(CommentTag(review_id=review.id, tag_id=tag.id) for tag in chosen)
