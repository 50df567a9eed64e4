"""What plans add to shared frames, rounds of monitoring, one publication, and when plans came to what."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import sqlalchemy as sa

from trainingapp.accounts.models import AuditEntry, User
from trainingapp.db import db
from trainingapp.impact.feeds import actions as feeding
from trainingapp.impact.frames import actions as frame_actions
from trainingapp.impact.frames import lists, standings
from trainingapp.impact.frames import queries as frame_queries
from trainingapp.impact.frames.models import FrameIndicator, FrameLine
from trainingapp.impact.models import Feed
from trainingapp.impact.publication import actions as publishing
from trainingapp.impact.scope import Scope
from trainingapp.plans.models import ENDED, ActionPlan, Indicator, PlanState
from trainingapp.plans.progress.models import EvidenceLevel, ProgressUpdate
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import FrameItem, ReferenceFrame
from trainingapp.programmes.models import Programme

LINKED, UNDATED = 0.85, 0.06
HELPED = (
    "She trained the first group herself; the district office paid for the room.",
    "He brought the bank and the makers together. The bank had planned a window of its own.",
    "The idea came from the visit; the money came from the ministry's own budget.",
    "One of three projects that did this in the district; we count only its own register.",
)
TWIN = "Palpa weavers' committee"
SUCCESSOR = """
[[frame]]
key = "sap-successor"
kind = "goals"
name = "Plan for small firms after 2025 (invented for the demo)"
valid_from = 2026-01-01
follows = "sap-smed"
source = "Invented: load the adopted text in its place"
items = [
  { code = "1", heading = "A  Firms", text = "Firms that use new technology" },
  { code = "2", heading = "A  Firms", text = "Firms that trade across borders" },
]
"""
GIVEN = (
    ("ID", "19.9", 2022, "Up to IDR 10 billion of assets", "Central bank"),
    ("MY", "47.8", 2021, "Up to 200 workers in manufacturing", "Central bank"),
    ("TH", "43.2", 2020, "Up to 200 workers", "Central bank"),
    ("PH", "6.1", 2021, "Up to PHP 100 million of assets", "Central bank"),
    ("LA", None, None, "", ""),
    ("MM", None, None, "", ""),
)


def make(rng: Random, programme: Programme, coordinator: User, now: datetime) -> None:
    standings.ship()
    lists.ship(now)
    _remember(rng, programme)
    _link(rng, coordinator, now)
    _monitor(coordinator, now)
    scope = Scope(programme.id, now.date() - timedelta(days=30), 2016, 2023)
    publishing.publish(
        programme, "The first eight editions", scope, EvidenceLevel.EXPLAINED, coordinator, now
    )


def _remember(rng: Random, programme: Programme) -> None:
    """When each plan was sent, agreed, begun and ended; of a few nobody wrote it down."""
    query = sa.select(
        ActionPlan.id, sa.func.min(ProgressUpdate.reported_at), sa.func.max(ProgressUpdate.reported_at)
    )
    query = query.join(ProgressUpdate, ProgressUpdate.plan_id == ActionPlan.id).group_by(ActionPlan.id)
    told = {number: (first, last) for number, first, last in db.session.execute(query)}
    rows = []
    for plan in db.session.scalars(sa.select(ActionPlan).order_by(ActionPlan.id)):
        if plan.submitted_at is None or rng.random() < UNDATED:
            continue
        first, last = told.get(plan.id, (None, None))
        steps = [("submitted", PlanState.DRAFT, PlanState.SUBMITTED, plan.submitted_at)]
        if plan.approved_at:
            steps.append(("approved", PlanState.SUBMITTED, PlanState.APPROVED, plan.approved_at))
        if plan.approved_at and first:
            steps.append(("began work", PlanState.APPROVED, PlanState.IN_PROGRESS, first))
        if plan.state in ENDED:
            verb = "finished" if plan.state == PlanState.DONE else "stopped"
            steps.append((verb, steps[-1][2], plan.state, last or plan.saved_at))
        if steps[-1][2] == plan.state:
            rows += [(plan.id, *step) for step in steps]
    db.session.add_all(
        AuditEntry(
            at=at,
            actor="system",
            programme_id=programme.id,
            subject=ActionPlan.__tablename__,
            subject_id=plan_id,
            verb=verb,
            before=before.value,
            after=after.value,
            facts={},
        )
        for plan_id, verb, before, after, at in sorted(rows, key=lambda row: row[-1])
    )
    db.session.flush()


def _link(rng: Random, coordinator: User, now: datetime) -> None:
    """Most plans count towards the indicators that fit them, since half a year after their edition."""
    offered = db.session.scalars(
        sa.select(FrameIndicator)
        .where(FrameIndicator.counted_in != "", FrameIndicator.code != "K3")
        .order_by(FrameIndicator.id)
    ).all()
    query = sa.select(Indicator).join(ActionPlan, ActionPlan.id == Indicator.plan_id)
    query = query.where(ActionPlan.approved_at.is_not(None), Indicator.name != "").order_by(Indicator.id)
    twins = 2
    for indicator in db.session.scalars(query).all():
        if rng.random() > LINKED:
            continue
        plan = db.session.get_one(ActionPlan, indicator.plan_id)
        ended = datetime.combine(plan.enrolment.cohort.ends_on, now.timetz())
        for to in (one for one in offered if feeding.fits(indicator, one)):
            is_twin = twins > 0 and indicator.unit == "firms" and plan.enrolment.country == "NP"
            twins -= is_twin
            feeding.link(
                indicator,
                to,
                coordinator,
                min(ended + timedelta(days=180), now),
                contribution=rng.choice(HELPED),
                counted_as=TWIN if is_twin else "",
            )
    ended_link = db.session.scalars(sa.select(Feed).order_by(Feed.id).limit(1)).first()
    if ended_link:
        feeding.unlink(ended_link, now)


def _monitor(coordinator: User, now: datetime) -> None:
    """Two rounds of the ASEAN plan, with gaps; lines with and without a champion; what follows it."""
    frames.load(SUCCESSOR, now)
    asean = db.session.scalars(sa.select(ReferenceFrame).where(ReferenceFrame.key == "sap-smed")).one()
    first = frame_actions.add_round(asean, "Update of 2020", date(2020, 12, 31), now)
    frame_actions.add_round(asean, "Closing round", now.date() + timedelta(days=60), now)
    loans = next(one for one in frame_queries.indicators_of(asean) if one.code == "K1")
    for country, value, year, definition, source in GIVEN:
        frame_actions.record_value(
            first,
            loans,
            country,
            Decimal(value) if value else None,
            coordinator,
            now,
            year=year,
            definition=definition,
            source=source and f"{source} (invented for the demo)",
            comparability="Loans of rural banks are left out." if country == "PH" else "",
        )
    items = db.session.scalars(sa.select(FrameItem).where(FrameItem.frame_id == asean.id)).all()
    goal = {item.code: item.id for item in items}
    lines = (
        ("L1", "B-1", "Guarantee schemes learn from each other (invented)", "MY", "Japan", "under way"),
        ("L2", "E-2", "Courses for women who lead firms (invented)", "PH", "", "finished"),
        ("L3", "C-2", "One desk for first exporters (invented)", "", "", "not begun"),
    )
    for position, (code, item, text, champion, partners, status) in enumerate(lines, 1):
        db.session.add(
            FrameLine(
                frame_id=asean.id,
                item_id=goal[item],
                code=code,
                text=text,
                champion=champion,
                partners=partners,
                status=status,
                starts_on=date(2017, 1, 1),
                ends_on=date(2025, 12, 31),
                report_due_on=date(2024, 6, 30) if not champion else None,
                position=position,
            )
        )
    db.session.flush()
