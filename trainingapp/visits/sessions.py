"""Verbs and questions of the sessions of an edition's agenda."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.refusals import Refusal
from trainingapp.visits.session_models import AgendaSession


class SessionKnown(Refusal):
    """The edition has a session of that title on that day."""


class SessionRemembered(Refusal):
    """A plan says that it grew out of it."""


class NotOfTheEdition(Refusal):
    """Held before the edition or after it."""


def of_cohort(cohort_id: int) -> list[AgendaSession]:
    """In the order in which they are held."""
    query = sa.select(AgendaSession).where(AgendaSession.cohort_id == cohort_id)
    return list(db.session.scalars(query.order_by(AgendaSession.held_on, AgendaSession.id)))


def add(cohort: Cohort, facts: Mapping[str, Any]) -> AgendaSession:
    """`facts` are columns. Raises SessionKnown, NotOfTheEdition."""
    made = AgendaSession(cohort_id=cohort.id, cohort=cohort)
    _keep(made, facts, "added")
    return made


def change(session: AgendaSession, facts: Mapping[str, Any]) -> None:
    """Raises what `add` raises."""
    _keep(session, facts, "changed")


def _keep(session: AgendaSession, facts: Mapping[str, Any], verb: str) -> None:
    if not session.cohort.starts_on <= facts["held_on"] <= session.cohort.ends_on:
        raise NotOfTheEdition(_("Choose a day of the edition."), "held_on")
    try:
        with db.session.begin_nested():
            for column, value in facts.items():
                setattr(session, column, value)
            db.session.add(session)
    except IntegrityError as known:
        raise SessionKnown(_("A session of this title is held on that day already."), "title") from known
    _note(session, verb)


def remove(session: AgendaSession) -> None:
    """Raises SessionRemembered: figures of a past day name it."""
    _note(session, "removed")
    try:
        with db.session.begin_nested():
            db.session.delete(session)
    except IntegrityError as named:
        raise SessionRemembered(
            _("An action plan says that its idea came from this session, so it stays.")
        ) from named


def _note(session: AgendaSession, verb: str) -> None:
    programme_id = session.cohort.theme.programme_id
    audit.record(session, verb, after=f"{session.held_on} {session.title}", programme_id=programme_id)
