"""What time costs: planning the first mails of a large wave, and a tick over a million who sleep.

The floor of planning is what nobody can do without: the same number of rows, inserted bare.
"""

import resource
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bench import data
from bench.databases import Place
from bench.table import Measurements, Row
from trainingapp.db import db
from trainingapp.followups import actions
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState

PEOPLE_A_WAVE = 250
EVER = timedelta(days=1)


def plan(place: Place, table: Measurements, people: int) -> None:
    with place.database(f"planning_{people}"):
        programme = data.programme()
        cohort = data.edition(programme, 2019, capacity=people)
        data.people(cohort, people)
        version = data.latest(programme)
        schedule = Schedule(cohort_id=cohort.id, armed_at=data.NOW)
        db.session.add(schedule)
        db.session.flush()
        opens_on = data.NOW.date()
        db.session.add(_wave(schedule.id, version, 6, opens_on=opens_on, state=WaveState.PLANNED))
        db.session.commit()
        data.settle()
        bare = _bare(people)
        table.add(Row("floor: bare rows inserted", people, p50=bare * 1000, rate=people / bare))
        began, used, before = time.perf_counter(), time.process_time(), _peak()
        for _piece in actions.follow_up(data.NOW):
            db.session.commit()
        seconds, cpu = time.perf_counter() - began, (time.process_time() - used) * 1000
        planned = db.session.scalar(sa.select(sa.func.count()).select_from(Invitation))
        if planned != people:
            raise SystemExit(f"{planned} of {people} invitations were planned")
        table.add(
            Row(
                "planning due invitations",
                people,
                p50=seconds * 1000,
                floors=seconds / bare,
                cpu=cpu / people,
                rate=people / seconds,
                memory=_peak() - before,
            )
        )


def _bare(rows: int) -> float:
    """Seconds for as many rows with three texts, in one statement a chunk, and one commit."""
    bare = sa.Table(
        "bare_rows",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(320)) for name in ("key", "address", "facts")),
    )
    bare.create(db.engine)
    began = time.perf_counter()
    with db.engine.begin() as connection:
        for start in range(0, rows, data.CHUNK):
            numbers = range(start, min(start + data.CHUNK, rows))
            chunk = [{"key": f"key:{n}", "address": data.email_of(n), "facts": "{}"} for n in numbers]
            connection.execute(sa.insert(bare), chunk)
    return time.perf_counter() - began


def tick(place: Place, table: Measurements, sleeping: int, times: int) -> None:
    """All invited a day ago, silent, and nothing due: waves of 250, in editions of up to forty waves."""
    with place.database(f"asleep_{sleeping}"):
        _sleep(sleeping)
        data.settle()
        taken = []
        for number in range(times + 1):
            began = time.perf_counter()
            for _piece in actions.follow_up(data.NOW + timedelta(seconds=30 * number)):
                db.session.commit()
            taken.append((time.perf_counter() - began) * 1000)
        ordered = sorted(taken[1:])  # the first puts its statements together
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        table.add(Row("follow-up tick, all asleep", sleeping, p50=statistics.median(ordered), p95=p95))


def _sleep(sleeping: int) -> None:
    programme = data.programme()
    version = data.latest(programme)
    waves = -(-sleeping // PEOPLE_A_WAVE)
    cohort = data.edition(programme, 2000, capacity=PEOPLE_A_WAVE)
    data.people(cohort, min(sleeping, PEOPLE_A_WAVE))
    schedule = Schedule(cohort_id=cohort.id, armed_at=data.NOW)
    db.session.add(schedule)
    db.session.flush()
    opened = data.NOW.date() - EVER
    db.session.add_all(
        _wave(schedule.id, version, number, opens_on=opened, state=WaveState.OPEN) for number in range(waves)
    )
    db.session.commit()
    data.insert(Invitation, _sleepers(sleeping))


def _wave(schedule_id: int, version: int, months: int, **facts: Any) -> Wave:
    closes_on = facts["opens_on"] + timedelta(days=28)
    return Wave(
        schedule_id=schedule_id,
        survey_version_id=version,
        offset_months=months,
        closes_on=closes_on,
        opened_at=data.NOW if facts["state"] is WaveState.OPEN else None,
        **facts,
    )


def _sleepers(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        wave, person = divmod(number, PEOPLE_A_WAVE)
        yield {
            "id": number + 1,
            "wave_id": wave + 1,
            "enrolment_id": person + 1,
            "state": InvitationState.SENT,
            "address": data.email_of(person + 1),
            "language": "en",
            "time_zone": "Asia/Kathmandu",
            "token_hash": f"{number:064d}",
            "due_at": data.NOW,
            "sent_at": data.NOW,
            "look_at": data.NOW + timedelta(days=9, seconds=number % 86_400),
        }


def _peak() -> float:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
