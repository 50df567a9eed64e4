"""Verbs: add and take away material, write down what a host agreed to, ask an alumna and hear her."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cases.models import HostSolution, Material, PeerConsent
from trainingapp.db import db, insert
from trainingapp.plans.models import Activity
from trainingapp.plans.progress.models import Blocker
from trainingapp.refusals import Refusal
from trainingapp.visits.models import Host


class NothingToShow(Refusal):
    """Neither a link nor a file."""


class SaidAlready(Refusal):
    """The host's way out of this is written down."""


def add_material(programme_id: int, by: User, now: datetime, **facts: Any) -> Material:
    """`facts`: title, url or file_id, blockers, languages. Raises NothingToShow."""
    if bool(facts.get("url")) == bool(facts.get("file_id")):
        raise NothingToShow(_("Give a link or a file, one of the two."), "url")
    made = Material(programme_id=programme_id, added_by_id=by.id, added_at=now, **facts)
    db.session.add(made)
    db.session.flush()
    audit.record(made, "added", after=made.title, programme_id=programme_id)
    return made


def remove(material: Material, now: datetime) -> None:
    if material.removed_at is None:
        material.removed_at = now
        audit.record(material, "removed", programme_id=material.programme_id)


def add_solution(host: Host, blocker: Blocker, how: str, agreed_on: date, agreed_by: str) -> HostSolution:
    """With the consent of the host. Raises SaidAlready."""
    made = HostSolution(host_id=host.id, blocker=blocker, how=how, agreed_on=agreed_on, agreed_by=agreed_by)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as known:
        raise SaidAlready(_("What this host did about it is written down already."), "host") from known
    audit.record(made, "added", after=blocker, why=agreed_by, programme_id=host.programme_id)
    return made


def withdraw(solution: HostSolution) -> None:
    """The host does not want to be named any more: nothing of it is kept but the line in the trail."""
    audit.record(solution, "withdrawn", after=solution.blocker, programme_id=solution.host.programme_id)
    db.session.delete(solution)


def consent(activity: Activity, programme_id: int, wording: str, now: datetime, *, is_given: bool) -> None:
    """What she says to it, at once; again, when she thinks differently. `wording` is what she read."""
    said = {"activity_id": activity.id, "is_given": is_given, "wording": wording, "said_at": now}
    first = insert(PeerConsent).values(said).on_conflict_do_nothing().returning(PeerConsent.activity_id)
    is_first = db.session.scalar(first) is not None
    found = db.session.get_one(PeerConsent, activity.id, with_for_update=True, populate_existing=True)
    before = None if is_first else found.is_given
    found.is_given, found.wording, found.said_at = is_given, wording, now
    db.session.flush()
    verb = "agreed to be named" if is_given else "does not agree to be named"
    audit.record(activity, verb, before=before, after=is_given, why=wording, programme_id=programme_id)
