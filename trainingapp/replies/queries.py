"""Questions about replies; no writes."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp import paging
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation, Schedule, Wave
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.participants.models import ContactKind, ContactPoint
from trainingapp.plans.progress.models import Source
from trainingapp.programmes.models import Theme
from trainingapp.replies.models import FOR_A_PERSON, NOT_ANSWERED, EmailReply
from trainingapp.responses.models import Response

WHOLE = (
    joinedload(EmailReply.invitation).joinedload(Invitation.enrolment).joinedload(Enrolment.participant),
    joinedload(EmailReply.invitation)
    .joinedload(Invitation.wave)
    .joinedload(Wave.schedule)
    .joinedload(Schedule.cohort)
    .joinedload(Cohort.theme),
)


def addresses_of(participant_id: int) -> set[str]:
    """From which she may write, whatever state they are in."""
    query = sa.select(ContactPoint.normalised).where(
        ContactPoint.participant_id == participant_id, ContactPoint.kind == ContactKind.EMAIL
    )
    return {address.lower() for address in db.session.scalars(query)}


def count_answers(invitation_id: int) -> int:
    """How often we have written back."""
    query = sa.select(sa.func.count()).where(
        OutgoingEmail.about == f"invitation:{invitation_id}", OutgoingEmail.kind == "reply_read"
    )
    return db.session.scalar(query) or 0


def latest_of_hers(invitation_id: int) -> EmailReply | None:
    """Without those that are not answered: of strangers, and of people whom we may not write to."""
    mine = sa.select(EmailReply).where(
        EmailReply.invitation_id == invitation_id, EmailReply.outcome.not_in(NOT_ANSWERED)
    )
    return db.session.scalar(mine.order_by(EmailReply.id.desc()).limit(1))


def of_invitation(invitation_id: int) -> Sequence[EmailReply]:
    """Oldest first."""
    mine = sa.select(EmailReply).where(EmailReply.invitation_id == invitation_id)
    return db.session.scalars(mine.order_by(EmailReply.id)).all()


def reply(number: int) -> EmailReply | None:
    return db.session.scalar(sa.select(EmailReply).where(EmailReply.id == number).options(*WHOLE))


def _on(allowed: sa.ColumnElement[bool], *, only_for_a_person: bool) -> sa.Select[EmailReply]:
    query = (
        sa.select(EmailReply)
        .join(Invitation, Invitation.id == EmailReply.invitation_id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .join(Schedule, Schedule.id == Wave.schedule_id)
        .join(Cohort, Cohort.id == Schedule.cohort_id)
        .join(Theme, Theme.id == Cohort.theme_id)
        .where(allowed)
    )
    return query.where(EmailReply.outcome.in_(FOR_A_PERSON)) if only_for_a_person else query


def replies(
    allowed: sa.ColumnElement[bool], *, only_for_a_person: bool, after: str | None, before: str | None
) -> paging.Page[EmailReply]:
    """The latest first; `allowed` is about Theme."""
    query = _on(allowed, only_for_a_person=only_for_a_person).options(*WHOLE)
    keys = (EmailReply.received_at, EmailReply.id)
    return paging.page(query, keys, after=after, before=before, descending=True)


def count_for_a_person(allowed: sa.ColumnElement[bool]) -> int:
    return paging.bounded_count(_on(allowed, only_for_a_person=True))


def confirmed(invitation_ids: Sequence[int]) -> set[int]:
    """Of these invitations, those answered by confirming what a reply had told."""
    query = sa.select(Response.invitation_id).where(
        Response.invitation_id.in_(invitation_ids),
        Response.source == Source.EMAIL,
        Response.sent_at.is_not(None),
    )
    return {number for number in db.session.scalars(query) if number is not None}
