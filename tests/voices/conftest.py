"""An edition whose supervisors, or hosts, are asked by what the box has."""

from datetime import date

import pytest
from factories import NOW

from trainingapp.db import db
from trainingapp.followups import queries as followups
from trainingapp.surveys.actions import ship_questionnaires
from trainingapp.surveys.models import Audience
from trainingapp.voices import queries, rounds


@pytest.fixture
def cohort(make):
    """Ended three weeks before NOW; its schedule is armed."""
    made = make.cohort(starts_on=date(2026, 2, 2), ends_on=date(2026, 2, 9))
    make.schedule(made)
    ship_questionnaires(made.theme.programme, NOW)
    db.session.commit()
    return made


@pytest.fixture
def planned(cohort):
    """Plans a round; its number."""

    def plan(audience=Audience.SUPERVISORS, months=1):
        version = queries.versions_for(cohort.theme.programme_id, audience)[0]
        made = rounds.plan(followups.schedule_of(cohort.id), audience, version.id, months, NOW.date())
        db.session.commit()
        return made.id

    return plan
