"""A programme's dashboard over many editions and people, now and as of a past day."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bench import data, iati, visitors
from bench.databases import Place
from bench.pages import APP, measured
from bench.server import Server, always, served
from bench.table import Measurements
from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.impact.frames import lists, standings
from trainingapp.impact.models import Feed
from trainingapp.participants.models import Participant
from trainingapp.plans.board import standing
from trainingapp.plans.models import ActionPlan, Indicator, PlanState
from trainingapp.plans.progress.models import EvidenceLevel, IndicatorValue, ProgressUpdate, Source
from trainingapp.programmes import frames

EDITIONS = 50
FED = 100  # one person in so many has an indicator that counts towards a frame
STATES = (PlanState.APPROVED, PlanState.IN_PROGRESS, PlanState.DONE, PlanState.STOPPED)
ENDINGS = {PlanState.DONE: "finished", PlanState.STOPPED: "stopped"}  # its verb
SLOW = 60  # requests


def measure(place: Place, table: Measurements, bare: Server, people: int, times: int) -> None:
    """Everybody has a plan that was sent, and was asked in one wave."""
    with place.database(f"dashboards_{people}") as (app, environ):
        programme = data.programme()
        cohorts = [data.edition(programme, 1976 + number, capacity=people).id for number in range(EDITIONS)]
        rng, numbers = Random(people), range(1, people + 1)
        data.insert(
            Participant, (data.participant(n, f"Person {n}", rng.choice(data.COUNTRIES)) for n in numbers)
        )
        enrolled, plans = [_enrolment(rng, cohorts, n) for n in numbers], [_plan(rng, n) for n in numbers]
        data.insert(Enrolment, enrolled)
        data.insert(ActionPlan, plans)
        data.insert(AuditEntry, _trail(enrolled, plans))
        _ask(data.latest(programme), cohorts, people)
        _feed(programme.id, range(1, people + 1, FED))
        standing.recount()
        db.session.commit()
        data.settle()
        day = (clock.now() - timedelta(days=200)).date()
        pages = {"dashboard of a programme": "", "dashboard, as of a past day": f"?on={day}"}
        with served(APP, environ) as server:
            for what, query in pages.items():
                page = always(visitors.staff(app, f"/impact/programmes/{programme.id}{query}"))
                table.add(measured(app, server, bare, what, page, min(times, SLOW), people))
        iati.measure(table, environ, programme, people)


def _enrolment(rng: Random, cohorts: list[int], number: int) -> dict[str, Any]:
    made = data.enrolment(
        cohorts[number % len(cohorts)], number, f"Person {number}", rng.choice(data.COUNTRIES)
    )
    return {**made, "enrolled_at": clock.now() - timedelta(days=rng.randrange(1, 900))}


def _plan(rng: Random, number: int) -> dict[str, Any]:
    since = clock.now() - timedelta(days=rng.randrange(1, 900))
    return {
        "id": number,
        "enrolment_id": number,
        "title": "Cost records for weavers",
        "state": rng.choice(STATES),
        "submitted_at": since,
        "approved_at": since,
        "saved_at": since,
    }


def _trail(enrolled: list[dict[str, Any]], plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a past day is worked out from: how each came to where it stands, in the order of time."""
    lines = []
    for one in enrolled:
        at = one["enrolled_at"]
        lines += _changes("enrolments", one["id"], at, (("enrolled", "joined"), ("complete", "completed")))
    for plan in plans:
        ways = [("began", "draft"), ("submitted", "submitted"), ("approved", "approved")]
        ways += [("began work", "in_progress")] if plan["state"] != PlanState.APPROVED else []
        ways += [(ENDINGS[plan["state"]], str(plan["state"]))] if plan["state"] in ENDINGS else []
        lines += _changes("action_plans", plan["id"], plan["submitted_at"], ways)
    return sorted(lines, key=lambda line: line["at"])


def _changes(
    subject: str, number: int, since: datetime, ways: Iterable[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """Twenty days apart."""
    before = None
    for verb, after in ways:
        line = {"subject": subject, "subject_id": number, "verb": verb, "before": before, "after": after}
        yield {**line, "at": since, "actor": "Bench", "facts": {}}
        since, before = since + timedelta(days=20), after


def _ask(version: int, cohorts: list[int], people: int) -> None:
    today = clock.now()
    data.insert(
        Schedule, ({"id": n, "cohort_id": cohort, "armed_at": today} for n, cohort in enumerate(cohorts, 1))
    )
    data.insert(
        Wave,
        (
            {
                "id": number,
                "schedule_id": number,
                "survey_version_id": version,
                "offset_months": 12,
                "opens_on": today.date(),
                "closes_on": today.date(),
                "state": WaveState.CLOSED,
                "opened_at": today - timedelta(days=300),
            }
            for number in range(1, len(cohorts) + 1)
        ),
    )
    data.insert(Invitation, (_invitation(number, len(cohorts)) for number in range(1, people + 1)))


def _invitation(number: int, waves: int) -> dict[str, Any]:
    is_answered = number % 3 == 0
    return {
        "wave_id": number % waves + 1,
        "enrolment_id": number,
        "state": InvitationState.ANSWERED if is_answered else InvitationState.CLOSED,
        "language": "en",
        "time_zone": "Asia/Kathmandu",
        "token_hash": f"{number:064d}",
        "due_at": data.NOW,
        "answered_at": data.NOW if is_answered else None,
    }


def _feed(programme_id: int, plans: range) -> None:
    frames.ship(data.NOW)
    standings.ship()
    lists.ship(data.NOW)
    firms = next(one.id for one in db.session.query(lists.FrameIndicator) if one.code == "R2")
    data.insert(Indicator, ({**_line(n), "name": "Firms", "unit": "firms", "target": 40} for n in plans))
    data.insert(ProgressUpdate, (_update(n) for n in plans))
    told = {"evidence": EvidenceLevel.EXPLAINED, "is_latest": True}
    data.insert(IndicatorValue, ({"update_id": n, "indicator_id": n, "value": n % 40, **told} for n in plans))
    link = {"programme_id": programme_id, "frame_indicator_id": firms, "linked_at": data.NOW}
    said = {"contribution": "She began it."}
    data.insert(Feed, ({**link, **said, "indicator_id": n, "counted_as": f"person {n}"} for n in plans))


def _line(number: int) -> dict[str, Any]:
    return {"id": number, "plan_id": number, "position": 1, "baseline": 0}


def _update(number: int) -> dict[str, Any]:
    when = {"started_at": data.NOW, "reported_at": data.NOW}
    return {"id": number, "plan_id": number, "source": Source.SELF, **when}
