"""What the editions taught, and which of it plans grew out of."""

from datetime import timedelta
from random import Random

import sqlalchemy as sa

from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.demo.editions import MadeCohort
from trainingapp.plans.models import ActionPlan
from trainingapp.visits.session_models import AgendaSession

TAUGHT = (
    ("Costing a product", "Ratna Suryadi, Institute for Small Industry"),
    ("Loans without land", "Hendra Lim, guarantee fund of West Java"),
    ("Standards and packaging for export", "Maria Tanoto, standards agency"),
    ("Clusters: from rivals to partners", "Agus Wirawan, Ministry of Industry"),
    ("Cleaner production in a small workshop", "Dewi Paramita, environment clinic"),
    ("Selling online from an island", ""),
)
EACH = 4
NAMES_ONE = 0.5  # of the plans


def make(rng: Random, cohorts: list[MadeCohort]) -> None:
    for cohort in cohorts:
        days = (cohort.row.ends_on - cohort.row.starts_on).days
        held = [
            AgendaSession(
                cohort_id=cohort.row.id,
                title=title,
                speaker=speaker,
                held_on=cohort.row.starts_on + timedelta(days=min(number, days)),
            )
            for number, (title, speaker) in enumerate(sorted(rng.sample(TAUGHT, EACH)))
        ]
        db.session.add_all(held)
        db.session.flush()
        mine = sa.select(ActionPlan).join(ActionPlan.enrolment).where(Enrolment.cohort_id == cohort.row.id)
        for plan in db.session.scalars(mine.order_by(ActionPlan.id)):
            if rng.random() < NAMES_ONE:
                plan.session_id = rng.choice(held).id
    db.session.flush()
