"""Databases of a chosen size, filled in bulk."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from trainingapp.accounts.models import LoginSession, User
from trainingapp.cohorts.models import (
    Cohort,
    CohortState,
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    EnrolmentWord,
    Mode,
)
from trainingapp.db import Base, db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.outbox import actions as outbox
from trainingapp.participants.models import ContactKind, ContactPoint, NameWord, Participant
from trainingapp.participants.names import words
from trainingapp.plans.models import ActionPlan, Activity, PlanState
from trainingapp.programmes.models import Membership, Programme, Role, Theme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.actions import ship_questionnaires
from trainingapp.surveys.models import Question
from trainingapp.surveys.queries import latest_for, questions_of
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue, Asked
from trainingapp.tokens import fingerprint, issue

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHUNK = 5000
COUNTRIES = ("AF", "BD", "BT", "FJ", "IN", "ID", "LA", "MY", "MV", "MM", "NP", "PK", "PH", "LK", "TH", "VN")
SYLLABLES = [a + b for a in ("b", "d", "j", "k", "l", "m", "n", "p", "r", "s", "t", "w") for b in "aeiou"]
STEPS = ("Visit ten workshops", "Write down what a metre of cloth costs", "Train four field staff")
ORGANISATION, POST = "Department of Small Industry", "Programme officer"
STORY = "Twelve weavers keep cost records now, and the bank has asked to see them."
TOKEN = "the session of the bench"

Rows = Iterable[dict[str, Any]]


def insert(model: type[Base], rows: Rows) -> None:
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, CHUNK)):
        db.session.execute(sa.insert(model), chunk)
    db.session.commit()


def settle() -> None:
    """On PostgreSQL numbers go on after those given here, and autovacuum has been there, as it would have."""
    db.session.rollback()
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in db.metadata.sorted_tables:
            if "id" in table.columns:
                counter = f"setval(pg_get_serial_sequence('{table.name}', 'id'), max(id))"
                connection.execute(sa.text(f"SELECT {counter} FROM {table.name}"))
        connection.execute(sa.text("VACUUM ANALYZE"))


def programme() -> Programme:
    """With a user who organises and coordinates it, and is signed in by TOKEN."""
    made = Programme(slug="bench", name="Bench", short_name="Bench", created_at=NOW)
    user = User(email="bench@example.org", name="Dewi Lestari", created_at=NOW)
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


def edition(of: Programme, year: int, capacity: int) -> Cohort:
    theme = Theme(programme_id=of.id, year=year, title="Small industry")
    db.session.add(theme)
    db.session.flush()
    made = Cohort(
        theme_id=theme.id,
        name=f"Edition {year}",
        starts_on=date(year, 7, 1),
        ends_on=date(year, 7, 12),
        time_zone="Asia/Jakarta",
        mode=Mode.IN_PERSON,
        capacity=capacity,
        state=CohortState.FOLLOW_UP,
        created_at=NOW,
    )
    db.session.add(made)
    db.session.commit()
    return made


def name(rng: Random) -> str:
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title() for _ in range(2))


def people(cohort: Cohort, count: int) -> None:
    """All of them enrolled in one edition: the worst list there can be. Numbered from 1."""
    rng = Random(count)
    every = [(number, name(rng), rng.choice(COUNTRIES)) for number in range(1, count + 1)]
    insert(Participant, (participant(*one) for one in every))
    insert(NameWord, (_word(number, word) for number, full, _ in every for word in sorted(words([full]))))
    insert(ContactPoint, (_address(number) for number, _, _ in every))
    insert(Enrolment, (enrolment(cohort.id, *one) for one in every))
    insert(EnrolmentWord, (word for number, full, _ in every for word in _list_words(cohort, number, full)))


def email_of(number: int) -> str:
    return f"p{number}@example.org"


def participant(number: int, full_name: str, country: str) -> dict[str, Any]:
    return {
        "id": number,
        "full_name": full_name,
        "sort_name": full_name.lower(),
        "country": country,
        "created_at": NOW,
    }


def _word(number: int, word: str) -> dict[str, Any]:
    return {"word": word, "participant_id": number}


def _list_words(cohort: Cohort, number: int, full_name: str) -> Iterator[dict[str, Any]]:
    for word in sorted(words([full_name, ORGANISATION, POST])):
        yield {"enrolment_id": number, "cohort_id": cohort.id, "word": word}


def _address(number: int) -> dict[str, Any]:
    address = email_of(number)
    return {"participant_id": number, "kind": ContactKind.EMAIL, "value": address, "normalised": address}


def enrolment(cohort_id: int, number: int, full_name: str, country: str) -> dict[str, Any]:
    return {
        "id": number,
        "participant_id": number,
        "cohort_id": cohort_id,
        "country": country,
        "sort_name": full_name.lower(),
        "kind": EnrolmentKind.OFFICIAL,
        "mode": Mode.IN_PERSON,
        "organisation": ORGANISATION,
        "post": POST,
        "state": EnrolmentState.COMPLETED,
        "enrolled_at": NOW,
        "changed_at": NOW,
    }


def wave(of: Programme, cohort: Cohort, asked: int, answered: int) -> Wave:
    """Open, after six months. The first `answered` of those asked have answered every question."""
    ship_questionnaires(of, NOW)
    version = latest_for(of.id, 6)
    assert version is not None
    schedule = Schedule(cohort_id=cohort.id, armed_at=NOW)
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
        opened_at=NOW,
    )
    db.session.add(made)
    db.session.commit()
    numbers = range(1, asked + 1)
    insert(Invitation, (_invitation(made, number, is_answered=number <= answered) for number in numbers))
    insert(ActionPlan, (_plan(number) for number in numbers))
    insert(Activity, (row for number in numbers for row in _activities(number)))
    insert(Response, (_response(made, number) for number in range(1, answered + 1)))
    insert(Answer, _answers(questions_of(version), answered))
    return made


def latest(of: Programme) -> int:
    """The id of the questionnaire that a wave after six months asks."""
    ship_questionnaires(of, NOW)
    version = latest_for(of.id, 6)
    assert version is not None
    return version.id


def questions_in_a_wave(of: Programme) -> int:
    """So that a number of answers can be turned into a number of people."""
    ship_questionnaires(of, NOW)
    version = latest_for(of.id, 6)
    assert version is not None
    return len(questions_of(version))


def _invitation(of: Wave, number: int, *, is_answered: bool) -> dict[str, Any]:
    return {
        "id": number,
        "wave_id": of.id,
        "enrolment_id": number,
        "state": InvitationState.ANSWERED if is_answered else InvitationState.SENT,
        "address": email_of(number),
        "language": "en",
        "time_zone": "Asia/Kathmandu",
        "token_hash": fingerprint(issue("invitation", number, 1)),
        "due_at": NOW,
        "sent_at": NOW,
        "answered_at": NOW if is_answered else None,
    }


def _plan(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "enrolment_id": number,
        "title": "Cost records for weavers",
        "state": PlanState.APPROVED,
        "saved_at": NOW,
    }


def activities_of(plan: int) -> range:
    """Their ids."""
    return range((plan - 1) * len(STEPS) + 1, plan * len(STEPS) + 1)


def _activities(plan: int) -> Iterator[dict[str, Any]]:
    for position, (number, what) in enumerate(zip(activities_of(plan), STEPS, strict=True), start=1):
        yield {
            "id": number,
            "plan_id": plan,
            "position": position,
            "what": what,
            "due_on": date(2026, 6, position),
        }


def _response(of: Wave, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "wave_id": of.id,
        "invitation_id": number,
        "state": ResponseState.SENT,
        "language": "en",
        "saved_at": NOW,
        "sent_at": NOW,
    }


def typed_values(question: Question) -> list[str]:
    options = QUESTION_TYPES[question.kind].options(question, Asked("en"))
    if options:
        return [option.value for option in options]
    return ["3", "7", "12", "40"] if question.kind == "number" else [STORY]


def _answers(questions: Iterable[Question], responses: int) -> Iterator[dict[str, Any]]:
    """Each question's own class reads something typed, so that the rows are as the page would write them."""
    rng = Random(responses)
    read = [(question.id, _readings(question)) for question in questions]
    for number in range(1, responses + 1):
        for question_id, readings in read:
            for value in rng.choice(readings):
                yield {
                    "response_id": number,
                    "question_id": question_id,
                    **asdict(value),
                }


def _readings(question: Question) -> list[list[AnswerValue]]:
    kind = QUESTION_TYPES[question.kind]
    asked = Asked("en")
    return [
        kind.read(question, MultiDict([(kind.name(question), one)]), asked) for one in typed_values(question)
    ]


def sleeping_mails(count: int, invited: int) -> None:
    """Many mails to few people, due at NOW: made where they stay, for they are a million."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    numbers = (
        f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s"
        if is_sqlite
        else f"SELECT n FROM generate_series(1, {count}) AS s(n)"
    )
    facts = "'{\"invitation_id\": ' || person || '}'"
    db.session.execute(
        sa.text(f"""
        INSERT INTO outgoing_emails (dedupe_key, message_id, kind, topic, about, batch, sender, priority,
            lane, address, address_hmac, domain, language, facts, state, next_attempt_at, attempts,
            created_at)
        SELECT 'sleeping:' || n, '<sleeping.' || n || '@bench>', 'invitation', 'follow-up',
            'invitation:' || person, 'wave:1', 'default', 1, '', 'p' || person || '@example.org',
            'digest ' || n, 'example.org', 'en', {facts if is_sqlite else f"({facts})::jsonb"}, 'queued',
            :due, 0, :due
        FROM (SELECT n, n % :invited + 1 AS person FROM ({numbers}) AS numbers) AS numbered"""),
        {"due": str(NOW.replace(tzinfo=None)) + ".000000" if is_sqlite else NOW, "invited": invited},
    )
    db.session.commit()


def mails(count: int) -> None:
    """An invitation each to the first people, due now."""
    for number in range(1, count + 1):
        outbox.enqueue(
            "invitation",
            f"invitation:{number}:invite",
            email_of(number),
            now=NOW,
            language="en",
            about=f"invitation:{number}",
            facts={"invitation_id": number},
        )
    db.session.commit()
