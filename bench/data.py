"""Databases of a chosen size, filled in bulk."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from trainingapp.accounts.models import LoginSession, User
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentKind, EnrolmentState, Mode
from trainingapp.db import Base, db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant
from trainingapp.participants.names import words
from trainingapp.programmes.models import Membership, Programme, Role, Theme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import actions as surveys
from trainingapp.surveys import queries
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.tokens import fingerprint, issue

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHUNK = 5000
COUNTRIES = ("AF", "BD", "BT", "FJ", "IN", "ID", "LA", "MY", "MV", "MM", "NP", "PK", "PH", "LK", "TH", "VN")
SYLLABLES = ("ka", "ri", "ma", "shu", "ten", "pa", "dor", "ji", "wan", "li", "sa", "nu", "bha", "rat", "mi")
TOKEN = "bench"


def insert(model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, CHUNK)):
        db.session.execute(sa.insert(model), chunk)
    db.session.commit()


def programme() -> Programme:
    """With one user who may do everything on it, signed in by the token `bench`."""
    made = Programme(slug="bench", name="Bench", short_name="Bench", created_at=NOW)
    user = User(email="bench@example.org", name="Bench", created_at=NOW)
    db.session.add_all([made, user])
    db.session.flush()
    for role in (Role.ORGANISER, Role.COORDINATOR):
        db.session.add(Membership(user_id=user.id, programme_id=made.id, role=role))
    db.session.add(
        LoginSession(
            token_hash=fingerprint(TOKEN),
            user_id=user.id,
            began_at=NOW,
            ends_at=NOW + timedelta(days=3650),
            device="",
        )
    )
    db.session.commit()
    return made


def people(in_programme: Programme, count: int) -> Cohort:
    """All of them enrolled in one cohort: the worst list there can be."""
    rng = Random(count)
    theme = Theme(programme_id=in_programme.id, year=2019, title="Bench")
    db.session.add(theme)
    db.session.flush()
    cohort = Cohort(
        theme_id=theme.id,
        name="Bench",
        starts_on=date(2019, 7, 1),
        ends_on=date(2019, 7, 12),
        time_zone="Asia/Jakarta",
        mode=Mode.IN_PERSON,
        capacity=count + 1000000,
        state=CohortState.FOLLOW_UP,
        created_at=NOW,
    )
    db.session.add(cohort)
    db.session.commit()
    names = [" ".join("".join(rng.choices(SYLLABLES, k=3)).title() for _ in range(2)) for _ in range(count)]
    countries = [rng.choice(COUNTRIES) for _ in range(count)]
    numbers = range(1, count + 1)
    every = list(zip(numbers, names, countries, strict=True))
    insert(
        Participant,
        (
            {
                "id": number,
                "full_name": name,
                "sort_name": name.lower(),
                "country": country,
                "created_at": NOW,
            }
            for number, name, country in every
        ),
    )
    insert(
        NameWord,
        (
            {"word": word, "participant_id": number}
            for number, name, _ in every
            for word in sorted(words([name]))
        ),
    )
    insert(
        ContactPoint,
        (
            {
                "participant_id": number,
                "kind": ContactKind.EMAIL,
                "value": f"p{number}@example.org",
                "normalised": f"p{number}@example.org",
            }
            for number in numbers
        ),
    )
    insert(
        Enrolment,
        (
            {
                "id": number,
                "participant_id": number,
                "cohort_id": cohort.id,
                "country": country,
                "sort_name": name.lower(),
                "kind": EnrolmentKind.OFFICIAL,
                "mode": Mode.IN_PERSON,
                "state": EnrolmentState.COMPLETED,
                "enrolled_at": NOW,
                "changed_at": NOW,
            }
            for number, name, country in every
        ),
    )
    return cohort


def wave(in_programme: Programme, cohort: Cohort, asked: int, answered: int) -> Wave:
    """An open six-month wave: `asked` invitations, of which `answered` have a response to every question."""
    rng = Random(asked)
    version = surveys.ship_questionnaires(in_programme, NOW)[6]
    schedule = Schedule(cohort_id=cohort.id)
    db.session.add(schedule)
    db.session.flush()
    today = datetime.now(UTC).date()
    made = Wave(
        schedule_id=schedule.id,
        survey_version_id=version.id,
        offset_months=6,
        opens_on=today - timedelta(days=5),
        closes_on=today + timedelta(days=20),
        state=WaveState.OPEN,
    )
    db.session.add(made)
    db.session.commit()
    insert(
        Invitation,
        (
            {
                "id": number,
                "wave_id": made.id,
                "enrolment_id": number,
                "state": InvitationState.ANSWERED if number <= answered else InvitationState.SENT,
                "language": "en",
                "time_zone": "Asia/Kathmandu",
                "token_hash": fingerprint(issue("invitation", number, 1)),
                "due_at": NOW,
                "sent_at": NOW,
                "answered_at": NOW if number <= answered else None,
            }
            for number in range(1, asked + 1)
        ),
    )
    insert(
        Response,
        (
            {
                "id": number,
                "wave_id": made.id,
                "invitation_id": number,
                "state": ResponseState.SENT,
                "language": "en",
                "saved_at": NOW,
                "sent_at": NOW,
            }
            for number in range(1, answered + 1)
        ),
    )
    questions = queries.questions_of(version)
    insert(Answer, _answers(rng, questions, answered))
    return made


def _answers(rng: Random, questions: list[Question], responses: int) -> Iterable[dict[str, Any]]:
    """Each question's own class reads something typed, so that the rows are as the page would write them."""
    for question in questions:
        kind = QUESTION_TYPES[question.kind]
        typed = [option.value for option in kind.options(question, "en")] or ["12", "7", "3"]
        values = [kind.read(question, MultiDict([(kind.name(question), one)])) for one in typed]
        for number in range(1, responses + 1):
            for value in rng.choice(values):
                yield {
                    "response_id": number,
                    "question_id": question.id,
                    "choice": value.choice,
                    "number": value.number,
                    "text": value.text,
                }
