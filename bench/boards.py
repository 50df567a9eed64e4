"""The coordinator's board over many plans: each of its groups, of a whole programme."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from bench import data, visitors
from bench.databases import Place
from bench.pages import APP, measured
from bench.server import Server, always, served
from bench.table import Measurements
from trainingapp import clock
from trainingapp.db import db
from trainingapp.plans.board import standing
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.board.queries import Group
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, PlanState

LINES = 4
FIFTY = 50  # one in so many asks for help
STATES = (PlanState.APPROVED, PlanState.IN_PROGRESS, PlanState.IN_PROGRESS, PlanState.DONE, PlanState.STOPPED)


def measure(place: Place, table: Measurements, bare: Server, plans: int, times: int) -> None:
    """Every group is asked for, of one programme; in one edition, so that no filter makes it smaller."""
    with place.database(f"boards_{plans}") as (app, environ):
        programme = data.programme()
        cohort = data.edition(programme, 2019, capacity=plans)
        data.people(cohort, plans)
        rng = Random(plans)
        data.insert(ActionPlan, (_plan(rng, number) for number in range(1, plans + 1)))
        data.insert(Activity, (line for number in range(1, plans + 1) for line in _lines(rng, number)))
        standing.recount()
        db.session.execute(
            sa.update(PlanStanding).where(PlanStanding.plan_id % FIFTY == 0).values(open_cases=1)
        )
        db.session.commit()
        data.settle()
        asked = {f"board, {group.value.replace('_', ' ')}": f"?group={group}" for group in Group}
        asked["board, one country, all"] = "?group=all&country=NP"
        with served(APP, environ) as server:
            for what, query in asked.items():
                page = always(visitors.staff(app, f"/plans/board{query}"))
                table.add(measured(app, server, bare, what, page, times, plans))


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


def _lines(rng: Random, plan: int) -> Iterator[dict[str, Any]]:
    for position in range(LINES):
        yield {
            "plan_id": plan,
            "position": position,
            "what": data.STEPS[position % len(data.STEPS)],
            "due_on": (clock.now() + timedelta(days=rng.randrange(-400, 400))).date(),
            "state": rng.choice(list(ActivityState)),
        }
