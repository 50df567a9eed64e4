"""Rows to begin a test with. Each is flushed, so that it has an id; the test commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentKind, EnrolmentState, Mode
from trainingapp.db import db
from trainingapp.followups.models import Schedule, Wave
from trainingapp.participants.models import ContactKind, ContactPoint, Participant
from trainingapp.programmes.models import Membership, Programme, Role, Theme
from trainingapp.surveys.models import Survey, SurveyVersion
from trainingapp.visits.models import Host, SiteVisit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_numbers = count(1)


def add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def user(*roles: tuple[Programme, Role], **facts: Any) -> User:
    number = next(_numbers)
    values = {"email": f"user{number}@example.org", "name": f"User {number}", "created_at": NOW, **facts}
    made = add(User(**values))
    for programme_, role in roles:
        add(Membership(user_id=made.id, programme_id=programme_.id, role=role))
    return made


def programme(**facts: Any) -> Programme:
    number = next(_numbers)
    values = {
        "slug": f"programme-{number}",
        "name": f"Programme {number}",
        "short_name": f"P{number}",
        "created_at": NOW,
    }
    return add(Programme(**{**values, **facts}))


def theme(in_programme: Programme | None = None, **facts: Any) -> Theme:
    owner = in_programme or programme()
    return add(Theme(**{"programme_id": owner.id, "year": 2019, "title": f"Theme {next(_numbers)}", **facts}))


def cohort(of_theme: Theme | None = None, **facts: Any) -> Cohort:
    of_theme = of_theme or theme()
    values = {
        "theme_id": of_theme.id,
        "name": f"Edition {next(_numbers)}",
        "starts_on": date(2019, 7, 29),
        "ends_on": date(2019, 8, 9),
        "time_zone": "Asia/Jakarta",
        "mode": Mode.IN_PERSON,
        "capacity": 25,
        "state": CohortState.FOLLOW_UP,
        "created_at": NOW,
    }
    return add(Cohort(**{**values, **facts}))


def participant(full_name: str = "", email: str | None = None, **facts: Any) -> Participant:
    name = full_name or f"Person {next(_numbers)}"
    values = {"full_name": name, "sort_name": name.lower(), "country": "NP", "created_at": NOW}
    made = add(Participant(**{**values, **facts}))
    if email:
        add(
            ContactPoint(
                participant_id=made.id, kind=ContactKind.EMAIL, value=email, normalised=email.lower()
            )
        )
    return made


def enrolment(in_cohort: Cohort | None = None, of: Participant | None = None, **facts: Any) -> Enrolment:
    in_cohort = in_cohort or cohort()
    of = of or participant(email=f"person{next(_numbers)}@example.org")
    values = {
        "participant_id": of.id,
        "cohort_id": in_cohort.id,
        "country": of.country,
        "sort_name": of.sort_name,
        "kind": EnrolmentKind.OFFICIAL,
        "mode": in_cohort.mode,
        "enrolled_at": NOW,
        "changed_at": NOW,
    }
    return add(Enrolment(**{**values, **facts}))


def host(of_programme: Programme | None = None, **facts: Any) -> Host:
    of_programme = of_programme or programme()
    values = {
        "programme_id": of_programme.id,
        "name": f"Workshop {next(_numbers)}",
        "place": "Bandung",
        "time_zone": "Asia/Jakarta",
        "created_at": NOW,
    }
    return add(Host(**{**values, **facts}))


def site_visit(of_cohort: Cohort | None = None, at: Host | None = None, **facts: Any) -> SiteVisit:
    of_cohort = of_cohort or cohort()
    at = at or host(of_cohort.theme.programme)
    values = {
        "cohort_id": of_cohort.id,
        "host_id": at.id,
        "visit_on": of_cohort.starts_on,
        "starts_at": time(9, 0),
        "ends_at": time(11, 30),
        "capacity": 12,
    }
    return add(SiteVisit(**{**values, **facts}))


def survey_version(of_programme: Programme | None = None, **facts: Any) -> SurveyVersion:
    owner = of_programme or programme()
    number = next(_numbers)
    survey = add(Survey(programme_id=owner.id, key=f"survey-{number}", title=f"Survey {number}"))
    return add(SurveyVersion(**{"survey_id": survey.id, "number": 1, "published_at": NOW, **facts}))


def schedule(of_cohort: Cohort | None = None, **facts: Any) -> Schedule:
    of_cohort = of_cohort or cohort()
    return add(Schedule(**{"cohort_id": of_cohort.id, "armed_at": NOW, **facts}))


def wave(of_schedule: Schedule | None = None, **facts: Any) -> Wave:
    """Opens today, six months after the edition."""
    of_schedule = of_schedule or schedule()
    version = facts.pop("version", None) or survey_version(of_schedule.cohort.theme.programme)
    values = {
        "schedule_id": of_schedule.id,
        "survey_version_id": version.id,
        "offset_months": 6,
        "opens_on": NOW.date(),
        "closes_on": NOW.date() + timedelta(days=28),
    }
    return add(Wave(**{**values, **facts}))


def alumna(in_cohort: Cohort, full_name: str = "", email: str | None = "", **facts: Any) -> Enrolment:
    """A completed enrolment; of someone with an address unless email is None."""
    address = f"person{next(_numbers)}@example.org" if email == "" else email
    person = participant(full_name, address, **facts)
    return enrolment(in_cohort, person, state=EnrolmentState.COMPLETED)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The SQL statements that run inside."""
    statements: list[str] = []

    def listen(*args: Any) -> None:
        statements.append(args[2])

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listen)
