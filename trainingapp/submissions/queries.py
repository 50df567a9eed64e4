"""Questions about submissions. No writes."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.db import db
from trainingapp.programmes.models import Programme
from trainingapp.submissions.models import Submission, SubmissionState


def of_programme(programme: Programme, states: Collection[SubmissionState]) -> Sequence[Submission]:
    """Drafts, what was handed in, what is off the list; of each what was changed last comes first."""
    query = sa.select(Submission).where(Submission.programme_id == programme.id, Submission.state.in_(states))
    query = query.options(joinedload(Submission.changed_by))
    place = sa.case({state: number for number, state in enumerate(SubmissionState)}, value=Submission.state)
    order = (place, Submission.changed_at.desc(), Submission.id.desc())
    return db.session.scalars(query.order_by(*order)).all()
