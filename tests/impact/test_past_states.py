"""What a past day says, beside a plain walk along the same trail."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import sqlalchemy as sa

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.actions import STEPS
from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.impact import history

BEGAN = datetime(2024, 5, 1, tzinfo=UTC)
MOMENTS = [BEGAN + timedelta(days=day) for day in range(0, 40, 3)]


def test_a_day_reads_what_the_last_change_before_it_led_to(app, make):
    rng = Random(2)
    cohort = make.cohort(starts_on=date(2024, 5, 5), ends_on=date(2024, 5, 20))
    walked = [_walked(rng, make, cohort) for _ in range(60)]
    db.session.flush()
    for until in MOMENTS:
        states = history.States(Enrolment, until)
        state = history.enrolment_state(states, until, Cohort.ends_on)
        query = sa.select(Enrolment.id, state, states.is_dated).join(Cohort)
        found = {row[0]: (row[1], bool(row[2])) for row in db.session.execute(states.join(query))}
        assert found == {row.id: _then(row, trail, until) for row, trail in walked}, until


def _walked(rng, make, cohort):
    """An enrolment and its trail: none, or all of it, or from some change on; often right at midnight."""
    state, at, trail = EnrolmentState.ENROLLED, BEGAN, [(BEGAN, "enrolled", None, "enrolled")]
    for _ in range(rng.randrange(5)):
        verb = rng.choice([verb for verb, step in STEPS.items() if state in step.of])
        at += timedelta(days=rng.randrange(9), microseconds=rng.choice((-1, 0, 0, 1)))
        at = max(at, trail[-1][0])
        trail.append((at, verb.value, state.value, STEPS[verb].to.value))
        state = STEPS[verb].to
    trail = trail[rng.randrange(len(trail) + 1) :]
    completed_on = rng.choice((None, at.date())) if state == EnrolmentState.COMPLETED else None
    told = rng.choice(MOMENTS)  # changed_at follows other changes too, and says nothing of the state
    row = make.enrolment(cohort, state=state, enrolled_at=BEGAN, changed_at=told, completed_on=completed_on)
    for when, verb, before, after in trail:
        line = {"subject": "enrolments", "subject_id": row.id, "verb": verb, "before": before, "after": after}
        db.session.add(AuditEntry(at=when, actor="Test", facts={}, **line))
        db.session.flush()
    return row, trail


def _then(row, trail, until):
    earlier = [after for at, _verb, _before, after in trail if at < until]
    later = [before for at, _verb, before, _after in trail if at >= until]
    state = earlier[-1] if earlier else (later[0] if later else None) or row.state.value
    ended = row.completed_on or row.cohort.ends_on
    if not earlier and state == "completed" and ended >= until.date():
        state = "joined"
    return state, bool(earlier)
