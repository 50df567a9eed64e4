"""Verbs: publish figures for viewers, take them back."""

from datetime import datetime

from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.impact.publication.models import Publication
from trainingapp.impact.scope import Scope
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal


class NotOver(Refusal):
    """Figures of a day that is not over would change."""


def publish(
    programme: Programme, title: str, scope: Scope, level: EvidenceLevel, by: User, now: datetime
) -> Publication:
    """The figures as of a day that is over, for viewers. Raises NotOver."""
    if scope.on is None or scope.on >= now.date():
        raise NotOver(_("Choose a day before today: figures of today may still change."), "on")
    made = Publication(
        programme_id=programme.id,
        title=title,
        as_of=scope.on,
        level=level,
        first_year=scope.first_year,
        last_year=scope.last_year,
        published_at=now,
        published_by_id=by.id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(made, "published", after=title, programme_id=programme.id)
    return made


def withdraw(publication: Publication, now: datetime) -> None:
    if publication.withdrawn_at is None:
        publication.withdrawn_at = now
        audit.record(publication, "withdrawn", programme_id=publication.programme_id)
