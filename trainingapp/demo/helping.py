"""Requests for help in every state, who got over the same, and a small library."""

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.cases import causes, library
from trainingapp.cases.models import LIVE, CaseNote, CaseState, HelpCase
from trainingapp.cases.words import asked_of_peer
from trainingapp.db import db
from trainingapp.plans.board import standing
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.progress.models import Blocker
from trainingapp.programmes.models import Programme
from trainingapp.visits.models import Host

GOING = 9  # of the requests: the latest are not over
ENDS = (CaseState.ANSWERED, CaseState.SOLVED, CaseState.SOLVED, CaseState.NOT_POSSIBLE)
ANSWERS = (
    (
        "The district office keeps a list of lenders. Ask there for the woman who runs the desk.",
        "A list of lenders",
    ),
    ("Two workshops of an earlier edition share their press. They expect your call.", "Sharing a machine"),
    ("We wrote to your ministry; the letter is attached to your plan.", "A letter from the secretariat"),
    ("The fund closed this year. Ask again in March.", ""),
)
NOTES = (
    "Rang the office; nobody picked up.",
    "Wrote to two alumni of the 2018 edition.",
    "Waiting for the letter.",
)
MATERIAL = (
    ("Loans for small firms: what a bank asks", "https://example.org/loans", [Blocker.FINANCE], ["en"]),
    ("Pinjaman untuk usaha kecil", "https://example.org/pinjaman", [Blocker.FINANCE], ["id"]),
    ("Selling by telephone, step by step", "https://example.org/selling", [Blocker.MARKET], ["en", "id"]),
    ("Where to find natural dyes", "https://example.org/dyes", [Blocker.SUPPLIES], ["en"]),
    ("Convince your head of division", "https://example.org/letters", [Blocker.AUTHORITY], ["en"]),
)
WAYS_OUT = (
    (Blocker.FINANCE, "Ten workshops lend to each other in turn; nobody has ever failed to pay."),
    (Blocker.MARKET, "A stall shared by four workshops, each one week in the month."),
)


def make(rng: Random, coordinator: User, now: datetime) -> None:
    db.session.flush()
    standing.recount()
    _requests(rng, coordinator, now)
    _owners(rng, coordinator)
    _library(coordinator, now)
    _consents(now)
    db.session.flush()


def _requests(rng: Random, coordinator: User, now: datetime) -> None:
    """The reports have opened them; here they are worked on."""
    found = db.session.scalars(sa.select(HelpCase).order_by(HelpCase.opened_at, HelpCase.id)).all()
    for number, case in enumerate(reversed(found)):
        if number < GOING:
            case.opened_at = now - timedelta(days=2 * number + 1)
            case.due_on = (now + timedelta(days=9 - 3 * number)).date()
            case.owner_id = None if number % 3 == 0 else coordinator.id
            case.state = CaseState.IN_HAND if case.owner_id else CaseState.OPEN
        else:
            case.state, case.owner_id = rng.choice(ENDS), coordinator.id
            case.answer, case.helped = rng.choice(ANSWERS)
            case.ended_at = min(case.opened_at + timedelta(days=rng.randrange(1, 12)), now)
        if case.owner_id and rng.random() < 0.5:  # noqa: PLR2004 - half of them
            at = min(case.opened_at + timedelta(days=1), now)
            db.session.add(CaseNote(case_id=case.id, by_id=coordinator.id, at=at, text=rng.choice(NOTES)))
    assert {case.state for case in found} >= {*LIVE, CaseState.SOLVED}


def _owners(rng: Random, coordinator: User) -> None:
    for one in db.session.scalars(sa.select(PlanStanding).order_by(PlanStanding.plan_id)):
        if rng.random() < 0.4:  # noqa: PLR2004 - a little less than half
            one.owner_id = coordinator.id


def _library(coordinator: User, now: datetime) -> None:
    programme = db.session.scalars(sa.select(Programme).order_by(Programme.id)).first()
    assert programme is not None
    for title, url, blockers, languages in MATERIAL:
        facts = {
            "title": title,
            "url": url,
            "blockers": [str(one) for one in blockers],
            "languages": languages,
        }
        library.add_material(programme.id, coordinator, now, **facts)
    hosts = db.session.scalars(sa.select(Host).order_by(Host.id).limit(len(WAYS_OUT))).all()
    for host, (blocker, how) in zip(hosts, WAYS_OUT, strict=False):
        agreed_on = (now - timedelta(days=120)).date()
        library.add_solution(host, blocker, how, agreed_on, host.contact_name or host.name)


def _consents(now: datetime) -> None:
    """Of those who got over something: most agreed, some said no, some have not been asked."""
    for blocker in Blocker:
        for number, one in enumerate(causes.solved(blocker, sa.true())):
            if number % 4 < 3 and one.consent is None:  # noqa: PLR2004
                wording = asked_of_peer(blocker.value, one.activity.what)
                programme_id = one.enrolment.cohort.theme.programme_id
                library.consent(one.activity, programme_id, wording, now, is_given=number % 4 < 2)  # noqa: PLR2004
