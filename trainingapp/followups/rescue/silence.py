"""When silence is long enough that a person should look for the alumna.

What falls due stands in Invitation.rescue_at; a tick reads that index and nothing else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.followups import audience, calendar, queries
from trainingapp.followups.audience import CHUNK, TOPIC
from trainingapp.followups.models import MAY_ANSWER, Invitation, InvitationState, WaveState
from trainingapp.followups.rescue import actions
from trainingapp.followups.rescue.models import RescueCause, RescueTask
from trainingapp.outbox.models import EmailState, OutgoingEmail

PATIENCE = timedelta(days=4)  # after the last reminder, before a person calls
TIME_TO_CALL = timedelta(days=3)  # left of the wave when the task opens
DAY = timedelta(days=1)
UNCLEAR_FOR = DAY  # evidence comes within hours: a bounce, a success notice, an opened page


def look_for_from(
    first_mail: datetime, latest: datetime, reminder_days: Sequence[int], end: datetime
) -> datetime:
    """When silence becomes a task: days after the last reminder, with time left to call before the end."""
    last = max(first_mail + timedelta(days=max(reminder_days, default=0)), latest)
    return min(last + PATIENCE, max(latest + DAY, end - TIME_TO_CALL))


def expect_answer(invitation: Invitation, at: datetime) -> None:
    """A mail went at this moment."""
    wave = invitation.wave
    invitation.rescue_at = look_for_from(
        invitation.sent_at or at, at, wave.schedule.reminder_days, calendar.ends(wave.closes_on)
    )


def open_due(now: datetime) -> int:
    """Tasks for those whose moment has come and who have not answered; says how many."""
    due = (
        sa.select(Invitation)
        .where(Invitation.rescue_at <= now)
        .order_by(Invitation.rescue_at, Invitation.id)
        .limit(CHUNK)
        .options(*queries.WHOLE)
    )
    found = db.session.scalars(due).all()
    silent = []
    for invitation in found:
        later = _later(invitation, now)
        invitation.rescue_at = later
        if later is None and _is_missing(invitation):
            silent.append((invitation, _cause(invitation)))
    return actions.open_each(_still_wanted(silent), now)


def _later(invitation: Invitation, now: datetime) -> datetime | None:
    """While a mail waits or the wave is held there is nothing to do for a person yet."""
    if invitation.wave.state is WaveState.HELD:
        return now + DAY
    waits = invitation.next_at
    return max(waits, now) + DAY if waits and invitation.wave.state is WaveState.OPEN else None


def _is_missing(invitation: Invitation) -> bool:
    return (
        invitation.wave.state is WaveState.OPEN
        and invitation.state in MAY_ANSWER
        and queries.unwanted_because(invitation) is None
    )


def _cause(invitation: Invitation) -> RescueCause:
    if invitation.state is InvitationState.NOT_DELIVERED:
        return RescueCause.BOUNCED
    if invitation.address is None:
        return RescueCause.NO_ADDRESS
    return RescueCause.SILENT if invitation.sent_at or invitation.opened_at else RescueCause.NOT_SENT


def open_uncertain(now: datetime) -> int:
    """Mails that may or may not have arrived, when no evidence and no rule has settled them by now.

    Once for an invitation: a task that somebody let go does not come back.
    """
    unclear = sa.select(OutgoingEmail.facts).where(
        OutgoingEmail.state == EmailState.UNCERTAIN,
        OutgoingEmail.topic == TOPIC,
        OutgoingEmail.dot_at <= now - UNCLEAR_FOR,
    )
    numbers = {facts["invitation_id"] for facts in db.session.scalars(unclear) if "invitation_id" in facts}
    opened = 0
    for start in range(0, len(numbers), CHUNK):
        some = sorted(numbers)[start : start + CHUNK]
        known = sa.exists().where(
            RescueTask.invitation_id == Invitation.id, RescueTask.cause == RescueCause.UNCERTAIN
        )
        query = sa.select(Invitation).where(Invitation.id.in_(some), ~known).options(*queries.WHOLE)
        found = [row for row in db.session.scalars(query) if _is_missing(row)]
        opened += actions.open_each(_still_wanted([(row, RescueCause.UNCERTAIN) for row in found]), now)
    return opened


def _still_wanted(missing: list[actions.Missing]) -> list[actions.Missing]:
    """Without those who stopped our mails by their address."""
    reached = audience.reach([one.enrolment.participant_id for one, _cause in missing])
    stopped = {owner for owner, reach in reached.items() if reach.is_stopped}
    return [(one, cause) for one, cause in missing if one.enrolment.participant_id not in stopped]
