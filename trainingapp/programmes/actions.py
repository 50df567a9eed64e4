"""Verbs: begin a programme, give it a theme for a year, change them."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp.accounts import audit
from trainingapp.db import Base, db
from trainingapp.programmes import frames
from trainingapp.programmes.models import Programme, Theme
from trainingapp.refusals import Refusal


class SlugTaken(Refusal):
    """A programme's address is its own."""


class ThemeExists(Refusal):
    """A programme has a title once in a year."""


def add_programme(now: datetime, **facts: Any) -> Programme:
    """Raises SlugTaken."""
    programme = Programme(created_at=now, **facts)
    _keep(programme, _slug_taken(programme.slug))
    frames.ship(now)
    audit.record(programme, "added", after=programme.name, programme_id=programme.id)
    return programme


def edit_programme(programme: Programme, **facts: Any) -> None:
    """Raises SlugTaken."""
    before = programme.name
    _keep(programme, _slug_taken(facts.get("slug", programme.slug)), facts)
    audit.record(programme, "changed", before=before, after=programme.name, programme_id=programme.id)


def add_theme(programme: Programme, **facts: Any) -> Theme:
    """Raises ThemeExists."""
    theme = Theme(programme_id=programme.id, **facts)
    _keep(theme, _theme_exists(theme.year))
    audit.record(theme, "added", after=f"{theme.year}: {theme.title}", programme_id=programme.id)
    return theme


def edit_theme(theme: Theme, **facts: Any) -> None:
    """Raises ThemeExists."""
    before, programme_id = f"{theme.year}: {theme.title}", theme.programme_id
    _keep(theme, _theme_exists(facts.get("year", theme.year)), facts)
    after = f"{theme.year}: {theme.title}"
    audit.record(theme, "changed", before=before, after=after, programme_id=programme_id)


def _keep(row: Base, refusal: Refusal, facts: dict[str, Any] | None = None) -> None:
    """Changes are made inside the savepoint: what is dirty before it would be written before it."""
    try:
        with db.session.begin_nested():
            for name, value in (facts or {}).items():
                setattr(row, name, value)
            db.session.add(row)
            db.session.flush()
    except IntegrityError as taken:
        raise refusal from taken


def _slug_taken(slug: str) -> SlugTaken:
    return SlugTaken(_("Another programme already has the address “%(slug)s”.", slug=slug), "slug")


def _theme_exists(year: int) -> ThemeExists:
    return ThemeExists(_("%(year)d already has a theme with this title.", year=year), "title")
