"""Verbs: link a plan's indicator to a frame's, and end the link."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import countries
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment, EnrolmentKind
from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.impact.models import Feed
from trainingapp.plans import currencies
from trainingapp.plans.models import ActionPlan, Indicator
from trainingapp.refusals import Refusal

MONEY = "money"  # counted_in of an indicator that is fed with any currency, each by itself


class NotApproved(Refusal):
    """The figures of a plan that may still change feed nothing."""


class UnitsDiffer(Refusal):
    """Weavers are not loans."""


class TakesNothing(Refusal):
    """The frame does not say in what plans are counted."""


class ContributionMissing(Refusal):
    """How the plan helped is asked, not taken for granted."""


class AlreadyLinked(Refusal):
    """An indicator feeds another once."""


def link(
    indicator: Indicator,
    to: FrameIndicator,
    by: User,
    now: datetime,
    *,
    contribution: str,
    same_unit: str = "",
    counted_as: str = "",
) -> Feed:
    """Raises NotApproved, TakesNothing, UnitsDiffer, ContributionMissing, AlreadyLinked.

    `same_unit` says why another word means the same; `counted_as` names the firms where other plans count
    them too.
    """
    plan = db.session.get_one(ActionPlan, indicator.plan_id)
    if plan.approved_at is None:
        raise NotApproved(_("Approve the plan first: until then its figures may change."))
    currency = _currency(indicator, to, same_unit)
    if not contribution:
        raise ContributionMissing(_("Say in a sentence how the plan helped towards it."), "contribution")
    enrolment = plan.enrolment
    feed = Feed(
        programme_id=enrolment.cohort.theme.programme_id,
        indicator_id=indicator.id,
        frame_indicator_id=to.id,
        currency=currency,
        same_unit=same_unit,
        counted_as=countries.key(counted_as) or whose(enrolment),
        contribution=contribution,
        linked_at=now,
        linked_by_id=by.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(feed)
            db.session.flush()
    except IntegrityError as twice:
        raise AlreadyLinked(_("It feeds this indicator already."), "to") from twice
    audit.record(feed, "linked", after=f"{to.frame.key}:{to.code}", programme_id=feed.programme_id)
    return feed


def unlink(feed: Feed, now: datetime) -> None:
    """Figures as of an earlier day still count it."""
    if feed.ended_at is None:
        feed.ended_at = now
        audit.record(feed, "unlinked", programme_id=feed.programme_id)


def whose(enrolment: Enrolment) -> str:
    """Whose firms a plan counts, unless somebody says more: the firm of an owner; else those that the person
    works for, in whatever edition.
    """
    firm = countries.key(enrolment.organisation)
    if enrolment.kind == EnrolmentKind.ENTREPRENEUR and firm:
        return f"firm {enrolment.country} {firm}"[:120]
    return f"person {enrolment.participant_id}"


def fits(indicator: Indicator, to: FrameIndicator) -> bool:
    """Whether the plan counts in the unit, or in one of its other names."""
    unit = countries.key(indicator.unit)
    if to.counted_in == MONEY:
        return indicator.unit.strip().upper() in currencies.in_use()
    return bool(unit) and unit in {countries.key(name) for name in (to.counted_in, *to.also_called)}


def _currency(indicator: Indicator, to: FrameIndicator, same_unit: str) -> str:
    if not to.counted_in:
        raise TakesNothing(_("This indicator does not say what plans count towards it."), "to")
    if to.counted_in == MONEY:
        code = indicator.unit.strip().upper()
        if code not in currencies.in_use():
            text = _("The plan counts “%(unit)s”. Money needs the code of its currency.", unit=indicator.unit)
            raise UnitsDiffer(text, "to")
        return code
    if not fits(indicator, to) and not same_unit:
        raise UnitsDiffer(
            _(
                "The plan counts “%(unit)s”, the indicator counts “%(other)s”. "
                "If it is the same thing by another name, say why; otherwise choose another indicator.",
                unit=indicator.unit,
                other=to.counted_in,
            ),
            "same_unit",
        )
    return ""
