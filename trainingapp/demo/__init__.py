"""The demo: ten years of one programme, the same each time it is made on the same day."""

from random import Random

import sqlalchemy as sa

from trainingapp import clock
from trainingapp.db import db
from trainingapp.demo import (
    answers,
    comments,
    datasets,
    editions,
    helping,
    iati,
    impact,
    kinds,
    missing,
    old_answers,
    people,
    plans,
    progress,
    promised,
    replies,
    reports,
    returned,
    secret,
    sessions,
    sign_ins,
    submissions,
    troubles,
    voices,
    waves,
    wordings,
    writing,
)
from trainingapp.demo.sign_ins import SignIn
from trainingapp.programmes import frames
from trainingapp.programmes.models import Programme

__all__ = ["SignIn", "is_loaded", "load"]


def is_loaded() -> bool:
    return db.session.scalar(sa.select(Programme.id).limit(1)) is not None


def load() -> list[SignIn]:
    """Fills an empty database and commits. Returns one sign-in a role, with its new password."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    rng = Random("lanjut")  # noqa: S311 - the same demo each time is the point
    programme, cohorts = editions.make(now)
    frames.ship(now)
    crowd = people.make(rng, cohorts, now)
    visits = editions.make_visits(rng, programme, cohorts, crowd, now)
    written = plans.make(rng, cohorts, crowd, visits, now)
    made = sign_ins.make(programme, crowd, now)
    asked = waves.make(rng, programme, cohorts, crowd, now)
    wordings.make(programme, asked, now)
    answers.make(rng, asked, written)
    plans.as_reported()
    sessions.make(Random("sessions"), cohorts)  # noqa: S311 - as above
    writing.make(Random("writing"), written, now)  # noqa: S311 - as above
    troubles.make(asked, written, now)
    progress.make(Random("progress"), sign_ins.coordinator(), now)  # noqa: S311 - others' rows stay the same
    missing.make(Random("missing"), asked, now)  # noqa: S311 - as above
    helping.make(Random("helping"), sign_ins.coordinator(), now)  # noqa: S311 - as above
    returned.make(now)
    replies.make(now)
    kinds.make(Random("types"), programme, now)  # noqa: S311 - as above
    old_answers.make(Random("archives"), programme, cohorts, now)  # noqa: S311 - as above
    secret.make(Random("secret"), programme, now)  # noqa: S311 - as above
    voices.make(Random("voices"), now)  # noqa: S311 - as above
    comments.make(rng, programme, now)
    wordings.begin_next(programme)
    impact.make(Random("impact"), programme, sign_ins.coordinator(), now)  # noqa: S311 - as above
    submissions.make(programme, sign_ins.coordinator(), now)
    iati.make(programme, sign_ins.coordinator(), now)
    promised.make(Random("promised"), cohorts, now)  # noqa: S311 - as above
    reports.make(programme, sign_ins.coordinator(), now)
    datasets.make(programme, sign_ins.coordinator(), now)
    db.session.commit()
    return made
