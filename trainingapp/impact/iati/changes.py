"""When what an activity file tells of a programme was changed last, from the audit trail.

Names, partners, budgets, links to reports and what became of an edition are told as they stand now, whatever
the day of the figures.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db

_EDITED = ("added", "changed")
_TOLD = {  # table -> verbs; others change nothing in a file
    "programmes": (*_EDITED, "opened to all", "closed to all"),
    "themes": _EDITED,
    "cohorts": (*_EDITED, "changed details", "moved on"),
    "enrolments": ("changed",),  # a corrected country counts for the past too
    "iati_details": ("saved",),
    "publications": ("published", "withdrawn"),
    "reports": ("published", "withdrawn"),
}


def last(programme_id: int) -> datetime | None:
    told = [
        sa.and_(AuditEntry.subject == subject, AuditEntry.verb.in_(verbs)) for subject, verbs in _TOLD.items()
    ]
    found: datetime | None = db.session.scalar(_newest(AuditEntry.at, programme_id).where(sa.or_(*told)))
    return found


def newest(programme_id: int) -> datetime | None:
    """Of whatever happened in the programme, told or not."""
    found: datetime | None = db.session.scalar(_newest(AuditEntry.at, programme_id))
    return found


def mark(programme_id: int) -> int:
    """Another one after whatever happened in the programme."""
    return db.session.scalar(_newest(AuditEntry.id, programme_id)) or 0


def _newest(column: Any, programme_id: int) -> sa.Select[Any]:
    lines = sa.select(column).where(AuditEntry.programme_id == programme_id)
    return lines.order_by(AuditEntry.id.desc()).limit(1)
