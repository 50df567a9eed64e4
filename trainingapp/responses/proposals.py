"""What someone told another way than on her page, until she confirms it there."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _

from trainingapp.db import db
from trainingapp.followups.models import Invitation
from trainingapp.plans.progress.models import Source
from trainingapp.refusals import Refusal
from trainingapp.responses.models import Proposal


class ToldElsewhere(Refusal):
    """She told something another way as well, which this page had not shown: both are shown now."""


def waiting(invitation: Invitation) -> Proposal | None:
    """Nobody has told anything who never began: most pages need not ask."""
    if invitation.started_at is None:
        return None
    return db.session.get(Proposal, invitation.id, populate_existing=True)


def propose(invitation: Invitation, source: Source, fields: Mapping[str, str], now: datetime) -> None:
    """Beside what she proposed before; of the same field the later word counts. Lock the invitation first."""
    known = db.session.get(Proposal, invitation.id, populate_existing=True)
    if known is None:
        db.session.add(Proposal(invitation_id=invitation.id, source=source, fields=dict(fields), told_at=now))
    else:
        known.source, known.fields, known.told_at = source, {**known.fields, **fields}, now
    db.session.flush()


def settle(invitation: Invitation, seen: str) -> Source | None:
    """She sends, so that nothing waits any more; returns how it was told. Raises ToldElsewhere."""
    found = waiting(invitation)
    if found is None:
        return None
    if seen != found.stamp:
        raise ToldElsewhere(
            _("Something was also told by email. Both are shown here: look at them, then send again.")
        )
    db.session.delete(found)
    return found.source
