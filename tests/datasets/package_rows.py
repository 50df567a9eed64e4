"""Programmes with people, plans and answers to make packages of."""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.participants.models import Sex
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.models import PlanState, Problem

NOW = datetime(2024, 6, 1, 9, tzinfo=UTC)
COUNTRIES = ("LA", "VN", "KH", "MM", "KE", "TZ", "UG", "NP", "BD", "LK")


def programme_with(make, people=20, programme=None, year=2019, with_plans=True):
    """An edition of people of ten countries, two by two; each sent a plan."""
    programme = programme or make.programme()
    cohort = make.cohort(
        make.theme(programme, year=year), starts_on=date(year, 7, 1), ends_on=date(year, 7, 14)
    )
    for number in range(people):
        add_person(make, cohort, number, with_plan=with_plans)
    db.session.commit()
    return programme, cohort


def add_person(make, cohort, number, with_plan=True):
    person = make.participant(
        sex=Sex.FEMALE if number % 2 else Sex.MALE,
        born_on=date(1980 + number % 7, 3, 3),
        full_name=f"Secret Name {number}",
    )
    facts = {"country": COUNTRIES[number // 2 % len(COUNTRIES)], "state": EnrolmentState.COMPLETED}
    enrolment = make.enrolment(cohort, person, **facts)
    if with_plan:
        problem = Problem.FINANCE if number % 3 else Problem.SKILLS
        state = PlanState.DONE if number % 4 else PlanState.APPROVED
        make.action_plan(enrolment, state=state, submitted_at=NOW, saved_at=NOW, problem_kind=problem)
    db.session.flush()
    return enrolment


def plans_sent():
    return db.session.scalar(sa.select(sa.func.count()).select_from(PlanStanding))
