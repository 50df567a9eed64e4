"""How far the plans came: shares done, what was in the way, what was shown, and who confirmed it."""

import io
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from PIL import Image, ImageDraw

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.files import actions as files
from trainingapp.plans.confirmations import actions as confirmations
from trainingapp.plans.confirmations import queries as confirmation_queries
from trainingapp.plans.models import OVER, ActionPlan, ActivityState, Disaggregation, Indicator, PlanState
from trainingapp.plans.progress import ladder
from trainingapp.plans.progress.actions import GOES_WELL, UNDER_WAY
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Confirmation,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    IndicatorValue,
    ProgressUpdate,
    Source,
)

HELP = (
    "Somebody who did this before should look at my price list.",
    "A letter to my director would help.",
    "Which bank gave others a loan without land?",
)
PHOTOS = ("The advice desk on a Tuesday", "First samples", "The room with its power line", "Register, page 1")
CHECKS = (
    ("Phoned her; she read the figures from the register.", Source.PHONE),
    ("Saw the desk and the register on our visit.", Source.VISIT),
    ("Read the attendance lists she sent.", Source.DOCUMENT),
)
LINKS = ("https://example.org/register", "https://example.org/news/first-samples")
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)
SEEN = "I see the desk open on most Tuesdays."
EXPLAINED, SHOWN, VERIFIED = 0.5, 0.25, 0.3


def make(rng: Random, coordinator: User, now: datetime) -> None:
    """After the answers: each report gets what a person would have said more."""
    told = _reports(rng)
    for update, line in told:
        is_shown = rng.random() < SHOWN and _show(rng, update, line)
        assert update.reported_at
        ladder.begin(update, line, update.reported_at, is_shown=is_shown)
    db.session.flush()
    shown = [line for _update, line in told if line.is_latest and line.evidence.rank > 1]
    for line in shown:
        if rng.random() < VERIFIED:
            note, how = rng.choice(CHECKS)
            ladder.verify(line, coordinator, how, note, now)
    taken_back = next((line for line in shown if line.evidence is EvidenceLevel.VERIFIED), None)
    if taken_back:
        ladder.undo(taken_back, coordinator, "The register is of another village.", now)
    _ask_supervisors(rng, coordinator, now)


def _reports(rng: Random) -> list[tuple[ProgressUpdate, ladder.Line]]:
    """Every line that was told, in the order of time, with more in it; the last of each is marked."""
    updates = sa.select(ProgressUpdate).where(ProgressUpdate.reported_at.is_not(None))
    by_id = {one.id: one for one in db.session.scalars(updates.order_by(ProgressUpdate.reported_at))}
    latest: dict[tuple[str, int], ladder.Line] = {}
    told: list[tuple[ProgressUpdate, ladder.Line]] = []
    reports = db.session.scalars(sa.select(ActivityReport)).all()
    order = list(by_id)
    for report in sorted(reports, key=lambda one: (order.index(one.update_id), one.id)):
        _say_more(rng, report)
        latest["a", report.activity_id] = report
        told.append((by_id[report.update_id], report))
    values = db.session.scalars(sa.select(IndicatorValue)).all()
    for value in sorted(values, key=lambda one: (order.index(one.update_id), one.id)):
        latest["i", value.indicator_id] = value
        value.note = "Counted in my register." if rng.random() < EXPLAINED else ""
        _tell_apart(rng, value)
        told.append((by_id[value.update_id], value))
    for line in latest.values():
        line.is_latest = True
    return told


def _say_more(rng: Random, report: ActivityReport) -> None:
    if report.state in UNDER_WAY:
        report.percent = rng.choice((None, 10, 25, 40, 60, 75, 90))
    if report.state in {ActivityState.BLOCKED, ActivityState.DELAYED, ActivityState.DROPPED}:
        report.blocker = rng.choice(list(Blocker))
    if report.state not in {*OVER, *GOES_WELL} and rng.random() < SHOWN:
        report.wants_help, report.help_text = True, rng.choice(HELP)


def _tell_apart(rng: Random, value: IndicatorValue) -> None:
    """Every second count of people is told by women and men."""
    indicator = db.session.get_one(Indicator, value.indicator_id)
    if indicator.id % 2:
        indicator.disaggregation = Disaggregation.SEX
        women = int(value.value * rng.randrange(40, 80) / 100)
        value.parts = {"women": str(women), "men": str(int(value.value) - women)}


def _show(rng: Random, update: ProgressUpdate, line: ladder.Line) -> bool:
    when, kind = update.reported_at or update.started_at, rng.choice(list(EvidenceKind))
    file = None
    if kind is EvidenceKind.PHOTO:
        file = files.keep(_picture(rng), f"IMG_{rng.randrange(1000, 9999)}.jpg", when)
    elif kind is EvidenceKind.FILE:
        file = files.keep(PDF, "Attendance list.pdf", when)
    db.session.add(
        Evidence(
            update_id=update.id,
            activity_id=line.activity_id if isinstance(line, ActivityReport) else None,
            indicator_id=line.indicator_id if isinstance(line, IndicatorValue) else None,
            kind=kind,
            file_id=file.id if file else None,
            url="" if file else rng.choice(LINKS),
            caption=rng.choice(PHOTOS) if kind is EvidenceKind.PHOTO else "",
            added_at=when,
        )
    )
    return True


def _picture(rng: Random) -> bytes:
    """A hill, a house and a sun: nobody's photo."""
    made, drawn = Image.new("RGB", (640, 480), (176, 205, 226)), io.BytesIO()
    pen, green = ImageDraw.Draw(made), rng.randrange(90, 150)
    pen.ellipse((rng.randrange(60, 500), 40, 560, 120), fill=(244, 214, 132))
    hill = [(0, 480), (0, 300), (rng.randrange(200, 440), 190), (640, 320), (640, 480)]
    pen.polygon(hill, fill=(70, green, 80))
    left = rng.randrange(80, 400)
    pen.rectangle((left, 300, left + 140, 400), fill=(150, 96, 60))
    pen.polygon([(left - 20, 300), (left + 70, 230), (left + 160, 300)], fill=(110, 60, 44))
    made.save(drawn, "JPEG", quality=70)
    return drawn.getvalue()


def _ask_supervisors(rng: Random, coordinator: User, now: datetime) -> None:
    """Three who answered, each in another way, and one whose mail goes out now."""
    going = sa.select(ActionPlan).where(ActionPlan.state == PlanState.IN_PROGRESS).order_by(ActionPlan.id)
    plans = [plan for plan in db.session.scalars(going) if confirmation_queries.claims_of(plan)]
    answers = (Confirmation.YES, Confirmation.PARTLY, Confirmation.UNKNOWN, None)
    for plan, said in zip(plans, answers, strict=False):
        when = now - timedelta(days=20) if said else now
        check = confirmations.ask(
            plan, "Head of division", f"head{plan.id}@ministry.example", when, coordinator
        )
        if said:
            claims = confirmation_queries.claims_in(check)
            each = {claim.answer.id: rng.choice((Confirmation.YES, said)) for claim in claims}
            confirmations.answer(check, each, SEEN, when + timedelta(days=2))
