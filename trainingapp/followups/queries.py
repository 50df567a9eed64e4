"""Questions about schedules, waves and invitations. The ledger's own are in ledger.py."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState
from trainingapp.db import came_held, db
from trainingapp.followups import calendar
from trainingapp.followups.audience import place_of, silenced
from trainingapp.followups.models import (
    MAY_ANSWER,
    Invitation,
    InvitationState,
    LeftOut,
    Messages,
    OldLink,
    Schedule,
    Wave,
    WaveState,
)
from trainingapp.participants import moves
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.programmes.models import Theme
from trainingapp.surveys.models import Audience, Survey, SurveyVersion
from trainingapp.tokens import fingerprint

# A mail that was let go for it is taken up again when the wave, or the one person, is resumed.
WAVE_HELD = "wave held"
HELD = "held"
PAUSES = {Messages.HELD: HELD, Messages.CANCELLED: "cancelled"}

# The `about` of an invitation's mails in the outbox, as SQL.
ABOUT: sa.ColumnElement[str] = sa.literal("invitation:") + sa.cast(Invitation.id, sa.String)

WHOLE = (
    joinedload(Invitation.wave)
    .joinedload(Wave.schedule)
    .joinedload(Schedule.cohort)
    .joinedload(Cohort.theme)
    .joinedload(Theme.programme),
    joinedload(Invitation.wave).joinedload(Wave.survey_version),
    joinedload(Invitation.enrolment).joinedload(Enrolment.participant),
)

_BY_IDS = (
    sa.select(Invitation).where(Invitation.id.in_(sa.bindparam("numbers", expanding=True))).options(*WHOLE)
)
_HELD = (
    sa.select(Invitation)
    .where(Invitation.id == sa.bindparam("number"))
    .options(joinedload(Invitation.wave).joinedload(Wave.schedule))
    .with_for_update(of=Invitation)
    .execution_options(populate_existing=True)
)
_FREE = (
    sa.select(Invitation)
    .where(Invitation.id.in_(sa.bindparam("numbers", expanding=True)))
    .options(
        joinedload(Invitation.wave).joinedload(Wave.schedule),
        joinedload(Invitation.enrolment).joinedload(Enrolment.participant),
    )
    .with_for_update(of=Invitation, skip_locked=True)
    .execution_options(populate_existing=True)
)
# Built once: every visit to an alumna's page asks it, and putting it together costs more than running it.
_BY_LINK = sa.select(Invitation).where(Invitation.token_hash == sa.bindparam("token_hash")).options(*WHOLE)
_HELD_BY_LINK = _BY_LINK.with_for_update(of=Invitation).execution_options(populate_existing=True)


def about(invitation: Invitation) -> str:
    return f"invitation:{invitation.id}"


def batch(wave_id: int) -> str:
    """What all mails of a wave carry in the outbox, which knows no wave."""
    return f"wave:{wave_id}"


def abouts(wave: Wave, *which: sa.ColumnElement[bool]) -> sa.Select[str]:
    return sa.select(ABOUT).where(Invitation.wave_id == wave.id, *which)


def hours(schedule: Schedule) -> calendar.Hours:
    return calendar.Hours(schedule.from_hour, schedule.to_hour)


def place(invitation: Invitation) -> calendar.Place:
    return place_of(invitation.enrolment.participant)


def invitation(number: int) -> Invitation | None:
    return db.session.scalar(sa.select(Invitation).where(Invitation.id == number).options(*WHOLE))


def hold(number: int) -> Invitation | None:
    """Locked, with its wave and schedule only: asked for every single mail that goes out."""
    return db.session.scalar(_HELD, {"number": number})


def hold_those_free(numbers: Collection[int]) -> dict[int, Invitation]:
    """By id, locked; without those that somebody else holds. For who holds their messages already."""
    return {found.id: found for found in db.session.scalars(_FREE, {"numbers": sorted(numbers)})}


def hold_all(wave: Wave) -> None:
    """Locks all its invitations, in the order of their ids: before a verb that changes their messages too."""
    every = sa.select(Invitation.id).where(Invitation.wave_id == wave.id).order_by(Invitation.id)
    if db.session.get_bind().dialect.name == "postgresql":  # SQLite has locked out everybody else
        db.session.execute(every.with_for_update()).all()


def invitations(numbers: Collection[int]) -> dict[int, Invitation]:
    """By id, each with all that a mail about it says."""
    return {found.id: found for found in db.session.scalars(_BY_IDS, {"numbers": sorted(numbers)})}


def invitation_for(token: str) -> Invitation | None:
    """What a personal link opens, whatever became of its wave: ask `may_answer` before showing a form."""
    return db.session.scalar(_BY_LINK, {"token_hash": fingerprint(token)})


def hold_for(token: str) -> Invitation | None:
    """As invitation_for, locked: for who is about to answer."""
    found = db.session.scalar(_HELD_BY_LINK, {"token_hash": fingerprint(token)})
    if found:
        came_held(found)
    return found


def invitation_behind(token: str) -> Invitation | None:
    """As invitation_for, but a link that was replaced is known too."""
    replaced = (
        sa.select(Invitation).join(OldLink, OldLink.invitation_id == Invitation.id).options(*WHOLE)
    ).where(OldLink.token_hash == fingerprint(token))
    return invitation_for(token) or db.session.scalar(replaced)


def may_answer(invitation: Invitation, now: datetime) -> bool:
    """Whether the personal link is still good for an answer. A held wave takes answers."""
    wave = invitation.wave
    return (
        wave.state in {WaveState.OPEN, WaveState.HELD}
        and invitation.state in MAY_ANSWER
        and now < calendar.ends(wave.closes_on)
    )


def open_invitation_of(participant_id: int, now: datetime) -> Invitation | None:
    """The one whose wave opened last, if any can still be answered."""
    query = (
        sa.select(Invitation)
        .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(
            Enrolment.participant_id == participant_id,
            Invitation.state.in_(MAY_ANSWER),
            Wave.state.in_([WaveState.OPEN, WaveState.HELD]),
            Wave.closes_on >= calendar.ended_before(now),
        )
        .order_by(Wave.opened_at.desc(), Invitation.id.desc())
        .options(*WHOLE)
        .limit(1)
    )
    return db.session.scalar(query)


def latest_invitation(enrolment_id: int) -> Invitation | None:
    """Of the wave that opened last."""
    query = (
        sa.select(Invitation)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Invitation.enrolment_id == enrolment_id)
        .order_by(Wave.opened_at.desc(), Invitation.id.desc())
        .options(*WHOLE)
        .limit(1)
    )
    return db.session.scalar(query)


def schedule_of(cohort_id: int) -> Schedule | None:
    return db.session.scalar(sa.select(Schedule).where(Schedule.cohort_id == cohort_id))


def waves_of(schedule: Schedule) -> Sequence[Wave]:
    query = (
        sa.select(Wave)
        .where(Wave.schedule_id == schedule.id)
        .options(joinedload(Wave.survey_version).joinedload(SurveyVersion.survey), joinedload(Wave.schedule))
        .order_by(Wave.opens_on, Wave.offset_months)
    )
    return db.session.scalars(query).all()


def wave(number: int) -> Wave | None:
    to_programme = joinedload(Wave.schedule).joinedload(Schedule.cohort).joinedload(Cohort.theme)
    query = (
        sa.select(Wave)
        .where(Wave.id == number)
        .options(
            to_programme.joinedload(Theme.programme),
            joinedload(Wave.survey_version).joinedload(SurveyVersion.survey),
        )
    )
    return db.session.scalar(query)


def left_out(number: int) -> LeftOut | None:
    return db.session.get(LeftOut, number)


def waves_asking(survey_id: int) -> Sequence[Wave]:
    """Of any version of a questionnaire, with edition and version, the latest first."""
    return db.session.scalars(
        sa.select(Wave)
        .join(Wave.survey_version)
        .where(SurveyVersion.survey_id == survey_id)
        .options(
            joinedload(Wave.survey_version),
            joinedload(Wave.schedule).joinedload(Schedule.cohort).joinedload(Cohort.theme),
        )
        .order_by(Wave.opens_on.desc(), Wave.id)
    ).all()


def published_versions(programme_id: int) -> list[SurveyVersion]:
    """The latest published version of each of the programme's surveys for alumni."""
    newest = (
        sa.select(SurveyVersion.survey_id, sa.func.max(SurveyVersion.number).label("number"))
        .where(SurveyVersion.published_at.is_not(None), SurveyVersion.asked_elsewhere.is_(False))
        .group_by(SurveyVersion.survey_id)
        .subquery()
    )
    query = (
        sa.select(SurveyVersion)
        .join(
            newest,
            sa.and_(newest.c.survey_id == SurveyVersion.survey_id, newest.c.number == SurveyVersion.number),
        )
        .join(Survey)
        .where(Survey.programme_id == programme_id, Survey.audience == Audience.ALUMNI)
        .options(joinedload(SurveyVersion.survey))
        .order_by(Survey.id)
    )
    return list(db.session.scalars(query))


def unwanted_because(invitation: Invitation) -> str | None:
    """Why nothing may be sent to the person for this invitation, whatever the address; or None."""
    person, enrolment = invitation.enrolment.participant, invitation.enrolment
    return _reason(person, enrolment.state, invitation.wave.state, invitation.state)


class Standing(NamedTuple):
    reason: str | None  # as unwanted_because
    paused: str | None  # a coordinator wants no message of this wave to go to this one person
    addresses: frozenset[str]  # that work


def standing(numbers: Collection[int]) -> dict[int, Standing]:
    """Of many invitations at once, by id: one small query, asked before every single mail."""
    found: dict[int, Standing] = {}
    for row in db.session.execute(_STANDING, {"numbers": sorted(numbers)}):
        known = found.get(row.id, Standing(None, None, frozenset())).addresses
        reason = _reason(row, row.enrolment_state, row.wave_state, row.state)
        found[row.id] = Standing(reason, PAUSES.get(row.messages), known | {row.normalised})
    return found


# One row for each working address of the person.
_STANDING = (
    sa.select(
        Invitation.id,
        Invitation.state,
        Invitation.messages,
        Wave.state.label("wave_state"),
        Enrolment.state.label("enrolment_state"),
        Participant.erased_at,
        Participant.deceased_on,
        Participant.opted_out_at,
        ContactPoint.normalised,
    )
    .join(Wave, Wave.id == Invitation.wave_id)
    .join(Enrolment, Enrolment.id == Invitation.enrolment_id)
    .join(Participant, Participant.id == Enrolment.participant_id)
    .outerjoin(
        ContactPoint,
        sa.and_(
            ContactPoint.participant_id == Participant.id,
            ContactPoint.kind == ContactKind.EMAIL,
            ContactPoint.state == ContactState.WORKING,
        ),
    )
    .where(Invitation.id.in_(sa.bindparam("numbers", expanding=True)))
)


def _reason(
    person: Any, enrolment_state: EnrolmentState, wave_state: WaveState, state: InvitationState
) -> str | None:
    reasons = {
        **silenced(person, enrolment_state),
        WAVE_HELD: wave_state is WaveState.HELD,
        "wave closed": wave_state is WaveState.CLOSED,
        "wave cancelled": wave_state is WaveState.CANCELLED,
        "answered": state is InvitationState.ANSWERED,
        "declined": state in {InvitationState.DECLINED, InvitationState.GONE},
        "closed": state is InvitationState.CLOSED,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def contacts_of(participant_id: int) -> Sequence[ContactPoint]:
    """Every way to reach a person, the one that is used first on top."""
    query = sa.select(ContactPoint).where(ContactPoint.participant_id == participant_id)
    return db.session.scalars(query.order_by(ContactPoint.kind, ContactPoint.position, ContactPoint.id)).all()


def works_at(enrolment: Enrolment) -> dict[str, str]:
    """What we know of someone's work: in their own words, else as it was at the edition."""
    told, person = moves.latest(enrolment.participant_id), enrolment.participant
    known = told or enrolment
    return {"post": known.post, "organisation": known.organisation, "country": person.country}
