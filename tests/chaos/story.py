"""An edition whose people are asked, and what some of them do meanwhile, through the product's own pages."""

import random
from datetime import timedelta
from http import HTTPStatus

import sqlalchemy as sa
from flask import Flask

from tests import factories
from tests.chaos.sink import BAD
from tests.clients import Browser
from trainingapp import clock
from trainingapp.cohorts import actions as cohorts
from trainingapp.cohorts.models import Enrolment, EnrolmentKind, EnrolmentState, Mode
from trainingapp.db import db
from trainingapp.followups.models import Invitation
from trainingapp.followups.schedules import actions as scheduling
from trainingapp.outbox import unsubscribe
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants import actions as participants
from trainingapp.participants.models import ContactKind, ContactPoint, Participant
from trainingapp.tokens import issue

COUNTRIES = ("BD", "BT", "ID", "NP", "TH", "VN")
LANGUAGES = ("en", "id", "fr", "fa_AF")
REMINDER_DAYS = (10, 17)
BAD_SHARE = 50  # one address of so many does not exist
CHUNK = 5000


def begin(people: int, reminders: int) -> int:
    """An armed schedule with one wave that is due today. Commits; returns the wave's id."""
    today = clock.now().date()
    edition = factories.cohort(
        starts_on=today - timedelta(days=195), ends_on=today - timedelta(days=182), capacity=people
    )
    version = factories.questionnaire(edition.theme.programme)
    schedule = factories.schedule(edition, reminder_days=list(REMINDER_DAYS[:reminders]))
    wave = scheduling.add_wave(
        schedule,
        offset_months=6,
        opens_on=today,
        closes_on=today + timedelta(days=60),
        survey_version_id=version.id,
    )
    number = wave.id
    for first in range(1, people + 1, CHUNK):
        _enrol(edition.id, range(first, min(first + CHUNK, people + 1)))
    db.session.commit()
    return number


def address_of(number: int) -> str:
    name = BAD if number % BAD_SHARE == 0 else "person"
    return f"{name}{number}@d{number % 7}.example.org"


def is_good(address: str) -> bool:
    return not address.startswith(BAD)


def _enrol(cohort_id: int, numbers: range) -> None:
    now = clock.now()
    owner = [{"id": n, "country": COUNTRIES[n % len(COUNTRIES)], "sort_name": f"person {n}"} for n in numbers]
    db.session.execute(
        sa.insert(Participant),
        [
            {
                **each,
                "full_name": f"Person {each['id']}",
                "language": LANGUAGES[each["id"] % len(LANGUAGES)],
                "created_at": now,
            }
            for each in owner
        ],
    )
    db.session.execute(
        sa.insert(ContactPoint),
        [
            {
                "participant_id": n,
                "kind": ContactKind.EMAIL,
                "value": address_of(n),
                "normalised": address_of(n),
            }
            for n in numbers
        ],
    )
    db.session.execute(
        sa.insert(Enrolment),
        [
            {
                **each,
                "participant_id": each["id"],
                "cohort_id": cohort_id,
                "kind": EnrolmentKind.OFFICIAL,
                "mode": Mode.IN_PERSON,
                "state": EnrolmentState.COMPLETED,
                "enrolled_at": now,
                "changed_at": now,
            }
            for each in owner
        ],
    )


class People:
    """Some answer, unsubscribe, withdraw or opt out while mail goes out; `done` says who, and since when."""

    def __init__(self, app: Flask, people: int, share: float, dice: random.Random) -> None:
        self.app = app
        app.test_client_class = Browser
        good = [number for number in range(1, people + 1) if is_good(address_of(number))]
        chosen = dice.sample(good, round(len(good) * share))
        deeds = (self.answer, self.unsubscribe, self.withdraw, self.opt_out)
        self.plan = sorted((dice.random(), number, dice.choice(deeds)) for number in chosen)
        self.total = len(self.plan)
        self.done: dict[str, float] = {}  # address -> when it was committed, on the shifted clock

    def act(self, progress: float) -> None:
        """Whoever has their moment by now. One whose deed fails, as the database is away, tries again."""
        for _ in range(20):
            if not self.plan or self.plan[0][0] > progress:
                return
            moment, number, deed = self.plan.pop(0)
            try:
                was_done = deed(number)
            except sa.exc.DBAPIError:
                was_done = False
            db.session.rollback()
            if was_done:
                self.done[address_of(number)] = clock.now().timestamp()
            else:
                self.plan.append((moment + 0.02, number, deed))
                self.plan.sort(key=lambda each: each[0])

    def answer(self, number: int) -> bool:
        invitation = _invitation(number)
        if invitation is None:
            return False
        token = issue("invitation", invitation.id, invitation.link_number)
        db.session.rollback()
        phone = self.app.test_client()
        page = phone.get(f"/r/{token}").headers.get("Location", "")
        sent = phone.post(page, data={"q-use": "weekly", "do": "send"}) if page else None
        return sent is not None and sent.status_code == HTTPStatus.SEE_OTHER

    def unsubscribe(self, number: int) -> bool:
        mail = sa.select(OutgoingEmail).where(OutgoingEmail.address == address_of(number)).limit(1)
        found = db.session.scalar(mail)
        if found is None:
            return False
        place = (unsubscribe.url(found) or "").removeprefix(self.app.config["BASE_URL"])
        db.session.rollback()
        told = self.app.test_client().post(place, data={"List-Unsubscribe": "One-Click"})
        return bool(told.status_code == HTTPStatus.OK)

    def withdraw(self, number: int) -> bool:
        enrolment = db.session.scalars(sa.select(Enrolment).filter_by(participant_id=number)).one()
        cohorts.change(enrolment, cohorts.Verb.PUT_BACK, "a mistake", clock.now())
        cohorts.withdraw(enrolment, "left the programme", clock.now())
        db.session.commit()
        return True

    def opt_out(self, number: int) -> bool:
        person = db.session.get_one(Participant, number)
        participants.edit(person, clock.now(), opted_out=True)
        db.session.commit()
        return True


def _invitation(number: int) -> Invitation | None:
    mine = sa.select(Invitation).join(Enrolment).where(Enrolment.participant_id == number)
    return db.session.scalar(mine)
