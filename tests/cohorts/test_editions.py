"""Setting up an edition and moving it on."""

from datetime import date

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts import editions, queries
from trainingapp.cohorts.actions import ReasonMissing
from trainingapp.cohorts.models import CohortState, Mode, PartnerRole
from trainingapp.db import db

DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context():
        yield


def facts(**more):
    return {
        "name": "2026 edition",
        "starts_on": date(2026, 8, 3),
        "ends_on": date(2026, 8, 14),
        "time_zone": "Asia/Jakarta",
        "mode": Mode.HYBRID,
        "capacity": 24,
        **more,
    }


def test_a_theme_has_an_edition_of_a_name_once(make):
    theme = make.theme()
    editions.add(theme, NOW, **facts())
    with pytest.raises(editions.NameTaken) as refused:
        editions.add(theme, NOW, **facts())
    assert refused.value.field == "name"


def test_places_are_not_taken_from_people_who_hold_them(make):
    cohort = make.cohort(capacity=3)
    make.enrolment(cohort)
    make.enrolment(cohort)
    with pytest.raises(editions.TooFewPlaces):
        editions.edit(cohort, capacity=1)
    editions.edit(cohort, capacity=2)
    assert cohort.capacity == 2


def test_details_are_as_they_were_last_saved(make):
    cohort = make.cohort()
    places = [("Bali", "Asia/Makassar"), ("Jakarta", "Asia/Jakarta")]
    editions.set_details(cohort, places, {"NP": 2}, [("Ministry of Industry", PartnerRole.OWNER)] * 2)
    assert [(place.name, place.time_zone) for place in queries.places(cohort)] == places
    assert len(queries.partners(cohort)) == 1
    editions.set_details(cohort, places[:1], {}, [])
    assert len(queries.places(cohort)) == 1
    assert queries.quotas(cohort) == queries.partners(cohort) == []


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        (CohortState.DRAFT, CohortState.CALL_OPEN, False),
        (CohortState.DRAFT, CohortState.CLOSED, False),
        (CohortState.RUNNING, CohortState.CONFIRMED, True),
        (CohortState.CONFIRMED, CohortState.POSTPONED, True),
        (CohortState.POSTPONED, CohortState.CONFIRMED, False),
        (CohortState.RUNNING, CohortState.CANCELLED, True),
    ],
)
def test_an_interruption_or_a_step_back_is_explained(before, after, asks):
    assert editions.needs_reason(before, after) is asks


def test_moving_online_keeps_the_reason_and_the_day(make):
    cohort = make.cohort(state=CohortState.CONFIRMED)
    with pytest.raises(ReasonMissing):
        editions.move_on(cohort, CohortState.MOVED_ONLINE, "", DAY)
    editions.move_on(cohort, CohortState.MOVED_ONLINE, "No flights", DAY)
    assert (cohort.mode, cohort.state_reason, cohort.state_on) == (Mode.ONLINE, "No flights", DAY)
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.subject == "cohorts")).one()
    assert (entry.before, entry.after, entry.why) == ("confirmed", "moved_online", "No flights")
