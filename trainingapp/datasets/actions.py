"""Verbs: make a package, publish it, withdraw it, throw away what nobody saw."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.datasets import packing, queries
from trainingapp.datasets.describing import Label
from trainingapp.datasets.models import Release
from trainingapp.db import db, lock
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal


class MadeTwice(Refusal):
    """Two pressed the button at once."""


class Overtaken(Refusal):
    """It was never held against the package that was published since."""


class OutAlready(Refusal):
    """What was published cannot be thrown away."""


class WithdrawnForGood(Refusal):
    """A withdrawn package stays withdrawn."""


def make(
    programme: Programme, licence: str, k: int, by: User, now: datetime, finest: int | None = None
) -> Release:
    """Nobody sees it yet. Raises NothingToTell, MadeTwice."""
    last = db.session.scalar(
        sa.select(sa.func.max(Release.number)).where(Release.programme_id == programme.id)
    )
    label = Label(programme, (last or 0) + 1, licence, now.date(), now)
    package = packing.make(label, k, queries.ever_published(programme.id), finest)
    made = Release(
        programme_id=programme.id,
        number=label.number,
        licence=licence,
        as_of=label.as_of,
        k=k,
        levels=list(package.levels),
        check=packing.facts(package.check),
        sha256=packing.digest(package.data),
        data=package.data,
        size=len(package.data),
        groups=package.groups,
        made_at=now,
        made_by_id=by.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError as twice:
        raise MadeTwice(_("Somebody made a package at the same moment. Look at that one first.")) from twice
    audit.record(made, "made", after=made.sha256, programme_id=programme.id)
    return made


def publish(release: Release, now: datetime) -> None:
    """Raises Overtaken, WithdrawnForGood."""
    lock(release.programme)  # two published at once would not know of each other
    lock(release)
    if release.withdrawn_at:
        raise WithdrawnForGood(_("This package was withdrawn. Make a new one."))
    if release.published_at:
        return
    out = {one.number for one in queries.ever_published(release.programme_id)}
    if not out <= set(release.check["held_against"]):
        raise Overtaken(
            _("Another package was published after this one was made. Throw this one away and make it again.")
        )
    release.published_at = now
    db.session.flush()
    audit.record(release, "published", after=release.sha256, programme_id=release.programme_id)


def withdraw(release: Release, now: datetime) -> None:
    """Nobody can take it any more. Who has it keeps it, so later packages are still held against it."""
    lock(release)
    if release.published_at and release.withdrawn_at is None:
        release.withdrawn_at = now
        db.session.flush()
        audit.record(release, "withdrawn", programme_id=release.programme_id)


def throw_away(release: Release) -> None:
    """Raises OutAlready."""
    lock(release)
    if release.published_at:
        raise OutAlready(_("This package was published. Withdraw it instead."))
    audit.record(release, "thrown away", before=release.sha256, programme_id=release.programme_id)
    db.session.delete(release)
