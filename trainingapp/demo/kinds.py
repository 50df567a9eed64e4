"""A questionnaire with every kind of question, asked in a wave of its own that is still open."""

import io
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageDraw
from werkzeug.datastructures import MultiDict

from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.files import actions as files
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants import queries as participants
from trainingapp.participants.models import Participant
from trainingapp.plans.models import OVER, ActionPlan, Activity
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.actions import LANGUAGES
from trainingapp.surveys.conditions import Rules
from trainingapp.surveys.models import Level, Question, Survey, SurveySection, SurveyVersion
from trainingapp.surveys.queries import questions_of
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue, Asked
from trainingapp.tokens import fingerprint, issue

SOURCE = Path(__file__).with_name("every_kind.toml")
MONTHS = 5  # just before the wave that is open in the demo
ANSWERED, OPEN_DAYS = 0.7, 90
TOWNS = (
    ("Bogor", "-6.594, 106.789"),
    ("Solo", ""),
    ("Surabaya", "-7.2575, 112.7521"),
    ("solo", ""),
    ("Kandy", ""),
)
COUNTRIES = ("Indonesia", "Nepal", "Lao PDR", "Viet Nam", "Bhutan")
HELPERS = ("host", "alumni", "office", "other")


def make(rng: Random, programme: Programme, now: datetime) -> None:
    version = _published(programme, now)
    open_wave = db.session.scalars(
        sa.select(Wave)
        .where(Wave.state == WaveState.OPEN)
        .order_by(Wave.offset_months == MONTHS + 1, Wave.id)
    ).all()[-1]
    schedule = db.session.get_one(Schedule, open_wave.schedule_id)
    opened_at = now - timedelta(days=20)
    wave = Wave(
        schedule_id=schedule.id,
        survey_version_id=version.id,
        offset_months=MONTHS,
        opens_on=opened_at.date(),
        closes_on=opened_at.date() + timedelta(days=OPEN_DAYS),
        opened_at=opened_at,
        state=WaveState.OPEN,
    )
    db.session.add(wave)
    db.session.flush()
    rules = Rules(questions_of(version))
    for enrolment, person in _asked(schedule):
        invitation = _invitation(wave, enrolment, person, opened_at)
        if rng.random() < ANSWERED:
            _answer(rng, rules, invitation, min(now, opened_at + timedelta(hours=rng.randrange(4, 400))))


def _published(programme: Programme, now: datetime) -> SurveyVersion:
    source = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    survey = Survey(programme_id=programme.id, key="closer-look", title=source["title"])
    db.session.add(survey)
    db.session.flush()
    version = SurveyVersion(survey_id=survey.id, number=1, languages=LANGUAGES, published_at=now)
    db.session.add(version)
    db.session.flush()
    sections: dict[str, SurveySection] = {}
    for position, about in enumerate(source["sections"], start=1):
        section = SurveySection(version_id=version.id, position=position, **about)
        sections[section.key] = section
    db.session.add_all(sections.values())
    db.session.flush()
    for position, about in enumerate(source["questions"], start=1):
        named = sections.get(about.pop("section", ""))
        asked = {"level": Level.RESULTS, "hint": {}, "options": {}, **about}
        place = {"version_id": version.id, "position": position, "section_id": named.id if named else None}
        db.session.add(Question(**asked, **place))
    db.session.flush()
    return version


def _asked(schedule: Schedule) -> list[tuple[Enrolment, Participant]]:
    query = (
        sa.select(Enrolment, Participant)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Cohort.id == schedule.cohort_id, Enrolment.state == EnrolmentState.COMPLETED)
        .order_by(Enrolment.id)
    )
    return [(enrolment, person) for enrolment, person in db.session.execute(query)]


def _invitation(wave: Wave, enrolment: Enrolment, person: Participant, when: datetime) -> Invitation:
    invitation = Invitation(
        wave_id=wave.id,
        enrolment_id=enrolment.id,
        language=person.language,
        time_zone=participants.zone(person),
        token_hash=f"{wave.id} {enrolment.id}",  # made of the id, which comes with the flush
        due_at=when,
        sent_at=when,
        state=InvitationState.SENT,
    )
    db.session.add(invitation)
    db.session.flush()
    invitation.token_hash = fingerprint(issue("invitation", invitation.id, 1))
    return invitation


def _answer(rng: Random, rules: Rules, invitation: Invitation, when: datetime) -> None:
    invitation.state = InvitationState.ANSWERED
    invitation.opened_at = invitation.started_at = invitation.answered_at = when
    response = Response(
        wave_id=invitation.wave_id,
        invitation_id=invitation.id,
        state=ResponseState.SENT,
        language=invitation.language,
        saved_at=when,
        sent_at=when,
    )
    db.session.add(response)
    db.session.flush()
    asked = Asked(invitation.language, _activities(invitation), _photo(rng, when))
    typed = MultiDict(_typed(rng, asked, when))
    answers: dict[int, list[AnswerValue]] = {
        question.id: QUESTION_TYPES[question.kind].read(question, typed, asked)
        for question in rules.questions
    }
    settled = rules.settle(answers)
    for question_id, values in {**answers, **settled.worked_out}.items():
        if question_id not in settled.irrelevant:
            db.session.add_all(
                Answer(response_id=response.id, question_id=question_id, **asdict(value)) for value in values
            )


def _activities(invitation: Invitation) -> list[tuple[str, str]]:
    query = (
        sa.select(Activity)
        .join(ActionPlan, ActionPlan.id == Activity.plan_id)
        .where(
            ActionPlan.enrolment_id == invitation.enrolment_id,
            Activity.state.not_in(OVER),
            Activity.removed_at.is_(None),
        )
    )
    return [(str(activity.id), activity.what) for activity in db.session.scalars(query)]


def _photo(rng: Random, when: datetime) -> Mapping[int, str]:
    """Some add one: here a picture of coloured cloth, woven of nothing but numbers."""
    if rng.random() > 0.3:  # noqa: PLR2004
        return {}
    picture = Image.new("RGB", (320, 240), (42, 67, 144))
    draw = ImageDraw.Draw(picture)
    for line in range(0, 320, 16):
        draw.rectangle((line, 0, line + rng.randrange(2, 12), 240), (138, 82 + rng.randrange(80), 9))
    made = io.BytesIO()
    picture.save(made, "JPEG")
    stored = files.keep(made.getvalue(), "cloth.jpg", when)
    return {stored.id: stored.name}


def _typed(rng: Random, asked: Asked, when: datetime) -> dict[str, Any]:
    """As the page would send it."""
    town, at = rng.choice(TOWNS)
    trained = rng.randrange(3, 60)
    then = rng.randrange(1, 4)
    order = rng.sample(range(1, 5), 4)
    if rng.random() < 0.6:  # noqa: PLR2004 - most agree on what comes first
        order = sorted(order)
    form: dict[str, Any] = {
        "q-study_consent": rng.choice(["yes", "yes", "yes", "no"]),
        "q-work_country": rng.choice(COUNTRIES),
        "q-work_place": town,
        "q-work_place~at": at,
        "q-trained_firms": rng.choice(["yes", "yes", "no"]),
        "q-firms_trained": str(trained),
        "q-firms_growing": str(rng.randrange(trained + 1)),
        "q-started_on": f"{when - timedelta(days=rng.randrange(10, 120)):%Y-%m}",
        "q-skills~then": str(then),
        "q-skills~now": str(min(5, then + rng.choice([0, 1, 1, 2]))),
        "q-learned_from": rng.choice(HELPERS),
        "q-learned_from~other": "",
        "q-photo": [str(number) for number in asked.files],
        "q-closing_words": rng.choice(facts.COMMENTS) if rng.random() < 0.4 else "",  # noqa: PLR2004
    }
    if form["q-learned_from"] == "other":
        form["q-learned_from~other"] = rng.choice(
            ["My brother, who has a shop", "The bank", "A radio programme"]
        )
    for item in ("costs", "quality", "market"):
        form[f"q-methods_used~{item}"] = rng.choice(["never", "monthly", "monthly", "weekly"])
    form |= {
        f"q-needs_first~{one}": str(place)
        for one, place in zip(("money", "market", "skills", "rules"), order, strict=True)
    }
    form |= {
        f"q-activity_worth~{number}": rng.choice(["little", "much"]) for number, _what in asked.activities
    }
    return form
