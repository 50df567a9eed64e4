"""Rows to begin a test with. Each is flushed, so that it has an id; the test commits."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa

from trainingapp import tokens
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentKind, EnrolmentState, Mode
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactKind, ContactPoint, Participant
from trainingapp.plans.models import ActionPlan, Activity, Indicator, PlanState, Problem
from trainingapp.programmes.models import Membership, Programme, Role, Theme
from trainingapp.surveys.actions import ship
from trainingapp.surveys.models import Audience, Question, Survey, SurveyVersion
from trainingapp.surveys.queries import latest_for
from trainingapp.visits.models import Host, SiteVisit
from trainingapp.voices import asking
from trainingapp.voices.models import RoundState, Voice, VoiceRound, VoiceState

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


def questionnaire(in_programme: Programme, months: int = 6) -> SurveyVersion:
    """The one in the box for that wave."""
    return latest_for(in_programme.id, months) or ship(in_programme, f"month-{months}", NOW)


def question(of: SurveyVersion | None = None, **facts: Any) -> Question:
    """Short text, unless told otherwise."""
    number = next(_numbers)
    if of is None:
        owner = programme()
        kept = add(Survey(programme_id=owner.id, key=f"survey-{number}", title="Questions"))
        of = add(SurveyVersion(survey_id=kept.id, number=1, published_at=NOW))
    values = {
        "version_id": of.id,
        "key": f"q{number}",
        "kind": "text",
        "position": number,
        "wording": {"en": f"Question {number}?"},
        "hint": {},
        "options": {},
    }
    return add(Question(**{**values, **facts}))


def asked(
    of_enrolment: Enrolment | None = None, version: SurveyVersion | None = None, months: int = 6, **facts: Any
) -> tuple[Invitation, str]:
    """Someone who was asked in a wave that is open, and the token of their personal link."""
    of_enrolment = of_enrolment or enrolment(state=EnrolmentState.COMPLETED)
    in_cohort = of_enrolment.cohort
    version = version or questionnaire(in_cohort.theme.programme, months)
    found = db.session.scalar(sa.select(Schedule).where(Schedule.cohort_id == in_cohort.id))
    schedule = found or add(Schedule(cohort_id=in_cohort.id))
    today = datetime.now(UTC).date()
    wave = add(
        Wave(
            schedule_id=schedule.id,
            survey_version_id=version.id,
            offset_months=months,
            opens_on=today - timedelta(days=3),
            closes_on=today + timedelta(days=20),
            state=WaveState.OPEN,
        )
    )
    return invited(wave, of_enrolment, **facts)


def invited(wave: Wave, of_enrolment: Enrolment, **facts: Any) -> tuple[Invitation, str]:
    """One more in that wave, as `asked`."""
    values = {
        "wave_id": wave.id,
        "enrolment_id": of_enrolment.id,
        "state": InvitationState.SENT,
        "language": "en",
        "time_zone": "Asia/Kathmandu",
        "token_hash": f"{next(_numbers):064d}",
        "due_at": NOW,
    }
    invitation = add(Invitation(**{**values, **facts}))
    token = tokens.issue("invitation", invitation.id, invitation.link_number)
    invitation.token_hash = tokens.fingerprint(token)
    db.session.flush()
    return invitation, token


def planned(of_enrolment: Enrolment, *activities: str, **facts: Any) -> ActionPlan:
    """A plan that was approved, with these activities."""
    plan = add(
        ActionPlan(
            **{
                "enrolment_id": of_enrolment.id,
                "title": "Fair prices for weavers",
                "state": PlanState.APPROVED,
                "saved_at": NOW,
                **facts,
            }
        )
    )
    for position, what in enumerate(activities, start=1):
        add(Activity(plan_id=plan.id, position=position, what=what, due_on=date(2026, 6, position)))
    return plan


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


def action_plan(of: Enrolment | None = None, **facts: Any) -> ActionPlan:
    """Ready to be sent: three activities and an indicator."""
    of = of or enrolment()
    values = {
        "enrolment_id": of.id,
        "title": "Cost records for weavers",
        "problem_kind": Problem.FINANCE,
        "problem": "Nobody knows what a metre of cloth costs to make.",
        "goal": "By December 40 weavers keep cost records.",
        "saved_at": NOW,
    }
    made = add(ActionPlan(**{**values, **facts}))
    for position in range(1, 4):
        activity(made, position=position)
    add(
        Indicator(
            plan_id=made.id, position=1, name="Weavers with records", unit="weavers", baseline=0, target=40
        )
    )
    return made


def activity(of_plan: ActionPlan, **facts: Any) -> Activity:
    values = {
        "plan_id": of_plan.id,
        "position": 1,
        "what": f"Activity {next(_numbers)}",
        "who": "I and two field staff",
        "first_step": "Ring the first weaver",
        "starts_on": date(2026, 3, 1),
        "due_on": date(2026, 6, 30),
        "cost": Decimal("4500.00"),
        "currency": "NPR",
    }
    return add(Activity(**{**values, **facts}))


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


def voice_round(of_schedule: Schedule, version: SurveyVersion, **facts: Any) -> VoiceRound:
    """Open since three days; of whom its questionnaire is for."""
    today = datetime.now(UTC).date()
    values = {
        "schedule_id": of_schedule.id,
        "survey_version_id": version.id,
        "audience": version.survey.audience,
        "offset_months": 6 if version.survey.audience is Audience.SUPERVISORS else 0,
        "opens_on": today - timedelta(days=3),
        "closes_on": today + timedelta(days=20),
        "state": RoundState.OPEN,
    }
    return add(VoiceRound(**{**values, **facts}))


def voice(of: VoiceRound, about: Enrolment | SiteVisit, **facts: Any) -> Voice:
    """Somebody who was written to."""
    subject = "enrolment_id" if isinstance(about, Enrolment) else "visit_id"
    values = {
        "round_id": of.id,
        subject: about.id,
        "name": "Ram Bahadur",
        "address": f"ram{next(_numbers)}@office.example",
        "language": "en",
        "state": VoiceState.SENT,
        "told_at": NOW - timedelta(days=8),
        "sent_at": NOW,
        "token_hash": f"{next(_numbers):064d}",
    }
    made = add(Voice(**{**values, **facts}))
    made.token_hash = tokens.fingerprint(asking.token(made))
    made.told_hash = tokens.fingerprint(asking.told_token(made))
    db.session.flush()
    return made


def deliver(email: OutgoingEmail, at: datetime | None = None) -> None:
    """As the sender does when the server said 250."""
    email.state, email.sent_at = EmailState.SENT, at or email.next_attempt_at
    KINDS[email.kind].went(email)
    db.session.commit()
