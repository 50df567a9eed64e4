"""One sign-in a role. The passwords are made anew and kept nowhere."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from trainingapp.accounts import passwords
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.participants.models import Participant
from trainingapp.plans.models import ActionPlan, PlanState
from trainingapp.programmes.models import Membership, Programme, Role

HOST = "lanjut.example"
STAFF = (
    ("administrator", "admin", "Putri Andalasari", None, ""),
    ("organiser", "organiser", "Ratna Layangkarya", Role.ORGANISER, ""),
    ("coordinator", "coordinator", "Dewi Utarabintang", Role.COORDINATOR, ""),
    ("focal point", "focal", "Bimala Himchuli", Role.FOCAL_POINT, "NP"),
    ("viewer", "viewer", "Henrik Donovang", Role.VIEWER, ""),
)
# One writes her plan, one reports on it: both pages have something to do.
ALUMNI = (
    ("participant", EnrolmentState.JOINED, PlanState.DRAFT),
    ("alumna", EnrolmentState.COMPLETED, PlanState.IN_PROGRESS),
)


@dataclass(frozen=True)
class SignIn:
    role: str
    email: str
    password: str


def coordinator() -> User:
    return db.session.scalars(sa.select(User).where(User.email == f"coordinator@{HOST}")).one()


def make(programme: Programme, crowd: dict[int, list[Enrolment]], now: datetime) -> list[SignIn]:
    made = []
    for title, local, name, role, country in STAFF:
        user, sign_in = _user(title, f"{local}@{HOST}", name, now)
        user.is_administrator = role is None
        if role:
            db.session.add(Membership(user_id=user.id, programme_id=programme.id, role=role, country=country))
        made.append(sign_in)
    for title, state, plan in ALUMNI:
        person = _someone(crowd, state, plan)
        user, sign_in = _user(title, f"{title}@{HOST}", person.full_name, now)
        user.time_zone = "Asia/Kathmandu"
        person.user_id = user.id
        made.append(sign_in)
    return made


def renew() -> list[SignIn]:
    """New passwords for the same people; ends their sessions. Does not commit."""
    made = []
    staff = [(title, local) for title, local, _name, _role, _country in STAFF]
    for title, local in [*staff, *((title, title) for title, _state, _plan in ALUMNI)]:
        user = db.session.scalar(sa.select(User).where(User.email == f"{local}@{HOST}"))
        if user:
            sign_in = SignIn(title, f"{local}@{HOST}", secrets.token_urlsafe(12))
            passwords.change(user, sign_in.password)
            made.append(sign_in)
    return made


def _user(title: str, email: str, name: str, now: datetime) -> tuple[User, SignIn]:
    sign_in = SignIn(title, email, secrets.token_urlsafe(12))
    user = User(email=email, name=name, created_at=now, password_hash=passwords.hashed(sign_in.password))
    db.session.add(user)
    db.session.flush()
    return user, sign_in


def _someone(crowd: dict[int, list[Enrolment]], state: EnrolmentState, plan: PlanState) -> Participant:
    """From Nepal, in the latest edition that has someone in this state with such a plan."""
    planned = set(db.session.scalars(sa.select(ActionPlan.enrolment_id).where(ActionPlan.state == plan)))
    for enrolments in reversed(crowd.values()):
        for one in enrolments:
            person = db.session.get_one(Participant, one.participant_id)
            fits = one.state == state and one.country == "NP" and one.id in planned
            if fits and person.user_id is None:
                return person
    raise LookupError(f"no one from Nepal is {state} with a plan that is {plan}")
