"""Rows that the tests of impact begin with."""

from datetime import UTC, date, datetime
from decimal import Decimal

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.impact.feeds import actions as feeding
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.plans import actions as plans
from trainingapp.plans.models import Indicator, PlanState
from trainingapp.plans.progress.actions import Counted
from trainingapp.plans.progress.models import IndicatorValue, Source
from trainingapp.programmes.frame_models import FrameKind, ReferenceFrame

THEN = datetime(2024, 6, 1, 9, tzinfo=UTC)
DAY = date(2024, 6, 30)
HELPED = "She trained the first group herself."


def frame_indicator(make, **facts):
    frame = make.add(
        ReferenceFrame(
            key=f"frame-{facts.get('code', 'R1')}",
            kind=FrameKind.RESULTS,
            name="Results",
            valid_from=date(2016, 1, 1),
            source="Ours",
            loaded_at=THEN,
        )
    )
    values = {
        "code": "R1",
        "name": "Firms",
        "counted_in": "firms",
        "also_called": ["producers"],
        "position": 1,
    }
    return make.add(FrameIndicator(frame_id=frame.id, **{**values, **facts}))


def fed(make, to, cohort, unit="firms", baseline=0, target=40, link=True, when=THEN, **facts):
    """An approved plan with one indicator, linked."""
    enrolment = make.enrolment(cohort, state=EnrolmentState.COMPLETED, enrolled_at=when, **facts)
    plan = make.action_plan(
        enrolment, state=PlanState.APPROVED, submitted_at=when, approved_at=when, saved_at=when
    )
    indicator = db.session.query(Indicator).filter_by(plan_id=plan.id).one()
    indicator.unit, indicator.baseline, indicator.target = unit, baseline, target
    db.session.flush()
    if link:
        feeding.link(indicator, to, make.user(), when, contribution=HELPED)
    return plan, indicator


def tell(plan, indicator, value, when=THEN, note="Counted in my register.", parts=None):
    counted = Counted(Decimal(value), parts or {}, note)
    plans.report(plan, Source.SELF, when, values=[(indicator, counted)])
    return db.session.query(IndicatorValue).filter_by(indicator_id=indicator.id, is_latest=True).one()
