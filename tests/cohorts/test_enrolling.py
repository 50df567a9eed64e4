"""Places, quotas and states: what may be done to an enrolment, and what two clicks at once may not."""

import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from factories import NOW
from flask import Flask

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts import actions, queries
from trainingapp.cohorts.models import (
    HOLDS_A_PLACE,
    CohortState,
    CountryQuota,
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    Mode,
)
from trainingapp.db import db

FACTS = {"kind": EnrolmentKind.OFFICIAL, "mode": Mode.IN_PERSON, "now": NOW}


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context():
        yield


def test_a_full_cohort_takes_nobody_else(make):
    cohort = make.cohort(capacity=1)
    actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    with pytest.raises(actions.CohortFull, match="only place"):
        actions.enrol(cohort, make.participant(), country="BT", **FACTS)
    assert sum(queries.taken(cohort).values()) == 1


def test_a_country_has_as_many_places_as_every_country(make):
    cohort = make.cohort(places_per_country=1)
    actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    with pytest.raises(actions.CountryFull, match="Nepal") as refused:
        actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    assert refused.value.field == "country"
    actions.enrol(cohort, make.participant(), country="BT", **FACTS)


def test_a_quota_of_its_own_counts_more_than_that_of_every_country(make):
    cohort = make.cohort(places_per_country=1)
    make.add(CountryQuota(cohort_id=cohort.id, country="NP", places=2))
    make.add(CountryQuota(cohort_id=cohort.id, country="BT", places=0))
    for _ in range(2):
        actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    with pytest.raises(actions.CountryFull, match="All 2 places for Nepal"):
        actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    with pytest.raises(actions.CountryFull):
        actions.enrol(cohort, make.participant(), country="BT", **FACTS)


def test_a_person_is_enrolled_once_even_in_a_full_cohort(make):
    cohort, person = make.cohort(capacity=1), make.participant()
    actions.enrol(cohort, person, country="NP", **FACTS)
    with pytest.raises(actions.AlreadyEnrolled, match="already"):
        actions.enrol(cohort, person, country="NP", **FACTS)


def test_nobody_is_enrolled_in_a_cancelled_edition(make):
    with pytest.raises(actions.CohortCancelled):
        actions.enrol(make.cohort(state=CohortState.CANCELLED), make.participant(), country="NP", **FACTS)


def test_one_room_serves_many_enrolments(make):
    cohort = make.cohort(capacity=3)
    room = actions.Room(cohort)
    for _ in range(3):
        actions.enrol(cohort, make.participant(), country="NP", room=room, **FACTS)
    with pytest.raises(actions.CohortFull):
        actions.enrol(cohort, make.participant(), country="NP", room=room, **FACTS)


@pytest.mark.parametrize("leave", [actions.withdraw, actions.mark_no_show])
def test_who_does_not_come_frees_the_place(make, leave):
    cohort = make.cohort(capacity=1, places_per_country=1)
    leave(actions.enrol(cohort, make.participant(), country="NP", **FACTS), "Visa refused", NOW)
    actions.enrol(cohort, make.participant(), country="NP", **FACTS)


def test_putting_someone_back_needs_a_place_again(make):
    cohort = make.cohort(capacity=1)
    first = actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    actions.withdraw(first, "Visa refused", NOW)
    actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    with pytest.raises(actions.CohortFull):
        actions.put_back(first, "The visa came", NOW)


def test_a_withdrawal_asks_why_and_stays_in_the_trail(make):
    row = make.enrolment()
    with pytest.raises(actions.ReasonMissing):
        actions.withdraw(row, "", NOW)
    actions.withdraw(row, "Visa refused", NOW)
    db.session.flush()
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.subject == "enrolments")).one()
    assert (entry.before, entry.after, entry.why) == ("enrolled", "withdrawn", "Visa refused")


def test_completing_notes_the_day_in_the_cohorts_zone(make):
    row = make.enrolment(make.cohort(time_zone="Asia/Jakarta"))
    actions.complete(row, datetime(2019, 8, 8, 18, 0, tzinfo=UTC))  # 01:00 on the 9th in Jakarta
    assert row.completed_on.isoformat() == "2019-08-09"


@pytest.mark.parametrize("verb", list(actions.Verb))
@pytest.mark.parametrize("state", list(EnrolmentState))
def test_a_step_leads_only_where_the_table_says(make, verb, state):
    row = make.enrolment(state=state)
    step = actions.STEPS[verb]
    if state in step.of:
        actions.change(row, verb, "because", NOW)
        assert row.state == step.to
    else:
        with pytest.raises(actions.WrongState):
            actions.change(row, verb, "because", NOW)
        assert row.state == state


def test_moving_to_another_country_asks_that_countrys_quota(make):
    cohort = make.cohort(places_per_country=1)
    actions.enrol(cohort, make.participant(), country="NP", **FACTS)
    other = actions.enrol(cohort, make.participant(), country="BT", **FACTS)
    with pytest.raises(actions.CountryFull):
        actions.edit_enrolment(other, NOW, country="NP")
    actions.edit_enrolment(other, NOW, country="LA", post="Director")
    assert (other.country, other.post) == ("LA", "Director")


def at_once(app: Flask, jobs: list) -> list[Exception | None]:
    """Runs each job in a thread and a transaction of its own, from one starting line."""
    line, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number: int) -> None:
        with app.test_request_context():
            line.wait()
            try:
                jobs[number]()
                db.session.commit()
            except Exception as problem:  # noqa: BLE001 - handed to the test
                db.session.rollback()
                results[number] = problem
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def enrolling(cohort_id: int, person_id: int, country: str):
    def job() -> None:
        cohort = db.session.get_one(queries.Cohort, cohort_id)
        person = db.session.get_one(queries.Participant, person_id)
        actions.enrol(cohort, person, country=country, **FACTS)

    return job


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        ({"capacity": 3}, actions.CohortFull),
        ({"capacity": 99, "places_per_country": 3}, actions.CountryFull),
    ],
)
def test_organisers_clicking_at_once_never_overfill(app, make, limits, refusal):
    cohort = make.cohort(**limits)
    people = [make.participant() for _ in range(8)]
    db.session.commit()
    jobs = [enrolling(cohort.id, person.id, "NP") for person in people]
    db.session.remove()
    results = at_once(app, jobs)
    assert [type(problem) for problem in results if problem] == [refusal] * 5
    holding = sa.select(sa.func.count()).select_from(Enrolment).where(Enrolment.state.in_(HOLDS_A_PLACE))
    assert db.session.scalar(holding) == 3


def test_a_double_click_enrols_once(app, make):
    cohort, person = make.cohort(capacity=9), make.participant()
    db.session.commit()
    job = enrolling(cohort.id, person.id, "NP")
    db.session.remove()
    results = at_once(app, [job, job, job])
    assert [type(problem) for problem in results if problem] == [actions.AlreadyEnrolled] * 2
