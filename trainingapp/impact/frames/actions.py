"""Verbs: ask countries, record what they gave."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.impact.frames.models import FrameIndicator, FrameValue, MonitoringRound
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.refusals import Refusal


class RoundThere(Refusal):
    """A frame has a round of one name once."""


class ValueUnfounded(Refusal):
    """A figure of a country says its year and where it comes from."""


def add_round(frame: ReferenceFrame, name: str, due_on: date, now: datetime) -> MonitoringRound:
    """Raises RoundThere."""
    made = MonitoringRound(frame_id=frame.id, name=name, due_on=due_on, added_at=now)
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError as there:
        raise RoundThere(_("This frame has a round called “%(name)s” already.", name=name), "name") from there
    audit.record(made, "added", after=f"{name}, due {due_on}")
    return made


def record_value(
    of: MonitoringRound,
    indicator: FrameIndicator,
    country: str,
    value: Decimal | None,
    by: User | None,
    now: datetime,
    *,
    year: int | None = None,
    **words: Any,
) -> FrameValue:
    """What a country gave, or with no value that it has a gap. Raises ValueUnfounded.

    `words` are definition, source and comparability. An earlier value of the round stays beside it.
    """
    if value is not None and not (year and words.get("source")):
        raise ValueUnfounded(_("A value needs its year and its source."), "source" if year else "year")
    made = FrameValue(
        round_id=of.id,
        indicator_id=indicator.id,
        country=country,
        value=value,
        year=year,
        recorded_at=now,
        recorded_by_id=by.id if by else None,
        **words,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(made, "recorded", after=f"{country} {'gap' if value is None else value}")
    return made
