"""Verbs: let anybody read a programme's page, or close it again."""

from datetime import datetime

from trainingapp.accounts import audit
from trainingapp.db import db, insert, lock
from trainingapp.impact.publication.models import PublicPage
from trainingapp.programmes.models import Programme


def settle(programme: Programme, *, is_open: bool, may_be_found: bool, now: datetime) -> PublicPage:
    """A page that closes says so to whoever has its address."""
    closed = {"programme_id": programme.id, "is_open": False, "may_be_found": False, "changed_at": now}
    db.session.execute(insert(PublicPage).values(closed).on_conflict_do_nothing())
    page = db.session.get_one(PublicPage, programme.id)
    lock(page)
    for name, wanted in (("is_open", is_open), ("may_be_found", may_be_found and is_open)):
        if getattr(page, name) != wanted:
            audit.record(programme, _VERBS[name, wanted], programme_id=programme.id)
            setattr(page, name, wanted)
            page.changed_at = now
    return page


_VERBS = {
    ("is_open", True): "opened to all",
    ("is_open", False): "closed to all",
    ("may_be_found", True): "offered to search engines",
    ("may_be_found", False): "taken from search engines",
}
