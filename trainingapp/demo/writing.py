"""What makes a plan deep: objectives, risks, shared goals, notes of visits, versions, the supervisor."""

from datetime import UTC, datetime, time, timedelta
from random import Random

import sqlalchemy as sa

from trainingapp.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.demo.plans import WrittenPlan
from trainingapp.participants.models import Participant
from trainingapp.plans import queries
from trainingapp.plans.agreements import actions as agreements
from trainingapp.plans.agreements import queries as agreement_queries
from trainingapp.plans.agreements.models import SupervisorAgreement, SupervisorWord
from trainingapp.plans.models import (
    ActionPlan,
    Disaggregation,
    Objective,
    PlanState,
    PlanVersion,
    Problem,
    Risk,
)
from trainingapp.plans.versions.content import snapshot
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import FrameKind
from trainingapp.tokens import fingerprint
from trainingapp.visits.models import NoteCard, SiteVisit

OBJECTIVES = (
    "Those who decide have agreed in writing",
    "The first ten firms take part and say what they need",
    "Somebody at home can go on without me",
)
RISKS = (
    ("The budget comes late", "Begin with what costs nothing, and ask again in the next quarter"),
    ("I get another post", "My colleague takes over; the list of firms is with her already"),
)
GAINING = (
    "25 small firms, most of them led by women",
    "60 women and 15 young people",
    "Two districts, 40 firms",
)
SUPPORT = "Advice by telephone from the host, twice in the first year."
PARTNERS = ("Chamber of commerce", "Technical institute", "", "Women's union")
PAYERS = ("My office", "The province", "The firms themselves")
EVIDENCE = ("The register of the office", "Photographs and a list with signatures", "Copies of certificates")
NOTES = (
    ("The price list hangs on the wall: nobody argues about the price. Do the same at home.", False),
    ("One machine for six families. Each hour is written down in a book and paid at the month's end.", True),
    ("They ask buyers to say by telephone what was wrong, every Monday.", False),
)
GOALS = {
    Problem.FINANCE: ("8.10", "9.3"),
    Problem.TECHNOLOGY: ("9.b", "9.4"),
    Problem.MARKETS: ("9.3", "17.11"),
    Problem.SKILLS: ("4.4",),
    Problem.STANDARDS: ("9.3",),
    Problem.POLICY: ("8.3",),
    Problem.DATA: ("17.18",),
    Problem.ENVIRONMENT: ("12.5", "9.4"),
}
NOT_YET = "A good plan. Say first which two districts, and who looks after your desk on the days you travel."
SUPERVISOR = "Head of division"


def make(rng: Random, written: dict[int, WrittenPlan], now: datetime) -> None:
    cohorts = {cohort.id: cohort for cohort in db.session.scalars(sa.select(Cohort))}
    visits: dict[int, list[SiteVisit]] = {}
    for visit in db.session.scalars(sa.select(SiteVisit).order_by(SiteVisit.id)):
        visits.setdefault(visit.cohort_id, []).append(visit)
    for number, (enrolment_id, one) in enumerate(written.items()):
        enrolment = db.session.get_one(Enrolment, enrolment_id)
        if number % 7 == 0 and one.plan.state != PlanState.DRAFT:
            continue  # as plans were written before: they read and print as well
        cohort = cohorts[enrolment.cohort_id]
        many = 2 if one.plan.state == PlanState.DRAFT else rng.randrange(0, 3)
        cards = _cards(rng, enrolment, visits.get(cohort.id, [])[:many], now)
        _deepen(rng, one, cohort, cards)
        _send(one.plan, now)
        if one.plan.submitted_at:
            _supervisor(rng, one.plan, cohort, number, now)
    db.session.flush()


def _cards(rng: Random, enrolment: Enrolment, visits: list[SiteVisit], now: datetime) -> list[NoteCard]:
    if enrolment.state == EnrolmentState.ENROLLED:  # has not come yet
        return []
    cards = []
    for visit, (text, wants) in zip(visits, rng.sample(NOTES, len(visits)), strict=True):
        at = min(datetime.combine(visit.visit_on, time(4), UTC), now - timedelta(hours=20))
        given = at + timedelta(days=2) if wants and at + timedelta(days=9) < now else None
        cards.append(
            NoteCard(
                visit_id=visit.id,
                enrolment_id=enrolment.id,
                text=text,
                wants_contact=wants,
                contact_given_at=given,
                written_at=at,
            )
        )
    db.session.add_all(cards)
    db.session.flush()
    return cards


def _deepen(rng: Random, one: WrittenPlan, cohort: Cohort, cards: list[NoteCard]) -> None:
    plan = one.plan
    aims = [
        Objective(plan_id=plan.id, position=position, text=text)
        for position, text in enumerate(OBJECTIVES[: rng.randrange(2, 4)], 1)
    ]
    risks = [
        Risk(plan_id=plan.id, position=position, risk=risk, response=response)
        for position, (risk, response) in enumerate(RISKS[: rng.randrange(1, 3)], 1)
    ]
    db.session.add_all([*aims, *risks])
    db.session.flush()
    plan.beneficiaries, plan.support_wanted = rng.choice(GAINING), rng.choice((SUPPORT, ""))
    plan.sdg_targets = list(GOALS.get(plan.problem_kind or Problem.OTHER, ("8.3",)))
    goals = [
        frames.code_of(offer.frame, item)
        for offer in frames.offered(FrameKind.GOALS, cohort.starts_on)
        for _heading, items in offer.groups
        for item in items
    ]
    plan.frame_goals = sorted(rng.sample(goals, 2)) if len(goals) > 1 else []
    for number, activity in enumerate(one.activities):
        activity.objective_id = aims[number * len(aims) // len(one.activities)].id
        activity.partners, activity.payer = rng.choice(PARTNERS), rng.choice(PAYERS)
    for activity, card in zip(one.activities[1:], cards[: rng.randrange(0, 2)], strict=False):
        activity.note_card_id = card.id
    one.indicator.disaggregation = rng.choice(
        (Disaggregation.SEX, Disaggregation.FIRM_KIND, Disaggregation.NONE)
    )
    one.indicator.counted_on = one.activities[-1].due_on
    one.indicator.evidence = rng.choice(EVIDENCE)
    db.session.flush()


def _send(plan: ActionPlan, now: datetime) -> None:
    """What was sent says the same as the rows; a plan sent back holds what she changes since."""
    version = db.session.scalar(sa.select(PlanVersion).where(PlanVersion.plan_id == plan.id))
    if version is None:
        return
    version.content = snapshot(plan, queries.lines_of(plan))
    if plan.state == PlanState.RETURNED:
        lines = queries.lines_of(plan)["activities"]
        lines[1].first_step = f"{lines[1].first_step}, before the end of the month"
        lines[0].position, lines[-1].position = lines[-1].position, lines[0].position
        plan.saved_at = now - timedelta(hours=1)
    elif plan.state == PlanState.SUBMITTED:
        _sent_again(plan, version, now)


def _sent_again(plan: ActionPlan, version: PlanVersion, now: datetime) -> None:
    """It came back once, was changed and sent again: the review shows what is new."""
    at = now - timedelta(hours=2)
    content = {**version.content, "goal": plan.goal.replace("by the end of", "before the end of")}
    content["activities"] = [dict(line) for line in version.content["activities"][:-1]]
    content["activities"][0]["first_step"] = "Make a list"
    content["risks"] = []
    version.content = content
    version.submitted_at = at - timedelta(days=1)
    db.session.add(
        PlanVersion(
            plan_id=plan.id, number=2, content=snapshot(plan, queries.lines_of(plan)), submitted_at=at
        )
    )
    plan.submitted_at = at


def _supervisor(rng: Random, plan: ActionPlan, cohort: Cohort, number: int, now: datetime) -> None:
    """Asked, agreed, not yet, came back, withdrawn: each at least once."""
    fate = ("agreed", "asked", "agreed", "not yet", "none", "undelivered", "withdrawn", "agreed")[number % 8]
    if fate == "none":
        return
    is_now = cohort.state == CohortState.RUNNING
    versions = queries.versions_of(plan)
    at = min(versions[0].submitted_at + timedelta(hours=1), now - timedelta(hours=1))
    person = db.session.get_one(Participant, plan.enrolment.participant_id)
    asked = SupervisorAgreement(
        plan_id=plan.id,
        plan_version_id=versions[0].id,
        name=SUPERVISOR,
        email=f"head-{number}@office.example",
        language=person.language,
        asked_at=at,
        expires_at=at + agreements.LASTS,
        is_undelivered=fate == "undelivered",
        withdrawn_at=at + timedelta(minutes=20) if fate == "withdrawn" else None,
    )
    db.session.add(asked)
    db.session.flush()
    asked.token_hash = fingerprint(agreement_queries.token(asked))
    if fate in {"agreed", "not yet"}:
        answered = at + (timedelta(minutes=30) if is_now else timedelta(days=rng.randrange(1, 9)))
        asked.answered_at = min(answered, now - timedelta(minutes=5))
        asked.answer = SupervisorWord.AGREED if fate == "agreed" else SupervisorWord.NOT_YET
        asked.reason = NOT_YET if fate == "not yet" else ""
