"""Ready ways to reach someone whom mail does not reach, and ready words for each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

import phonenumbers
import sqlalchemy as sa
from flask import current_app, render_template
from flask_babel import force_locale

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.followups.models import Channel, Invitation, InvitationState
from trainingapp.followups.rescue.models import Helper, HelperRole
from trainingapp.followups.steps import ENDED
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.plans.models import ActionPlan, Activity
from trainingapp.programmes.models import Membership, Role
from trainingapp.surveys import queries as surveys
from trainingapp.tokens import issue

MATES_SHOWN = 4
TELEGRAM = ("t.me/", "telegram.me/", "@")


class WayKind(StrEnum):
    EMAIL = "email"  # another address of theirs: the invitation can go there
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    SUPERVISOR = "supervisor"
    FOCAL_POINT = "focal_point"
    COLLEAGUE = "colleague"


_ORDER = {kind: number for number, kind in enumerate(WayKind)}


@dataclass(frozen=True)
class Way:
    """`whom` is empty where it leads to the person; `href` opens a program of the coordinator's own."""

    kind: WayKind
    channel: Channel
    contact: str
    href: str | None = None
    whom: str = ""
    helper: Helper | None = None


@dataclass(frozen=True)
class Words:
    """What may be copied or sent as it is, in the language in which we write to the person."""

    to_person: str
    to_helper: str
    subject: str  # of a mail to a helper
    language: str


def words(enrolment: Enrolment, invitation: Invitation | None, sender: User) -> Words:
    """`invitation` only where it can still be answered: the words hold its personal link."""
    person = enrolment.participant
    facts = {
        "person": person,
        "sender": sender,
        "programme": enrolment.cohort.theme.programme,
        "year": enrolment.cohort.theme.year,
        "link": None,
    }
    if invitation:
        token = issue("invitation", invitation.id, invitation.link_number)
        link = f"{current_app.config['BASE_URL']}/r/{token}"
        facts |= {"link": link, "minutes": _minutes(invitation)}
    with force_locale(person.language):
        return Words(
            render_template("followups/notes/to_person.txt", **facts).strip(),
            render_template("followups/notes/to_helper.txt", **facts).strip(),
            render_template("followups/notes/to_helper.subject.txt").strip(),
            person.language.replace("_", "-"),
        )


def _minutes(invitation: Invitation) -> int:
    version = invitation.wave.survey_version
    steps = 0
    if version.asks_progress:
        going_on = (
            sa.select(sa.func.count())
            .select_from(Activity)
            .join(ActionPlan, ActionPlan.id == Activity.plan_id)
            .where(
                ActionPlan.enrolment_id == invitation.enrolment_id,
                Activity.removed_at.is_(None),
                Activity.state.not_in(ENDED),
            )
        )
        steps = db.session.scalar(going_on) or 0
    return surveys.minutes(surveys.questions_of(version), steps)


def ways(
    enrolment: Enrolment, invitation: Invitation | None, contacts: Sequence[ContactPoint], said: Words
) -> list[Way]:
    """Her own first, then those who may know where she is."""
    person = enrolment.participant
    working = [point for point in contacts if point.state is ContactState.WORKING]
    used = (
        invitation.address if invitation and invitation.state is not InvitationState.NOT_DELIVERED else None
    )
    own = [way for point in working for way in _own(point, person, said, used)]
    found = [*own, *_helpers(enrolment, said), *_focal_points(enrolment, said)]
    return sorted(found, key=lambda way: _ORDER[way.kind])


def kind_of(point: ContactPoint, person: Participant) -> WayKind | None:
    """The best of the ways that this leads to; none where it cannot be read."""
    if point.kind is not ContactKind.MESSAGING:
        return WayKind.EMAIL if point.kind is ContactKind.EMAIL else WayKind.PHONE
    if _handle(point.value):
        return WayKind.TELEGRAM
    return WayKind.WHATSAPP if _number(point.value, person.country) else None


def _own(point: ContactPoint, person: Participant, said: Words, used: str | None) -> Iterator[Way]:
    if point.kind is ContactKind.EMAIL:
        if point.normalised != used:
            yield Way(WayKind.EMAIL, Channel.EMAIL, point.value)
    elif point.kind is ContactKind.PHONE:
        yield Way(WayKind.PHONE, Channel.PHONE, point.value, f"tel:{point.normalised}")
        yield _whatsapp(point, point.normalised, said)
    elif handle := _handle(point.value):
        yield Way(WayKind.TELEGRAM, Channel.MESSAGING, point.value, f"https://t.me/{quote(handle)}")
    elif number := _number(point.value, person.country):
        yield _whatsapp(point, number, said)


def _whatsapp(point: ContactPoint, number: str, said: Words) -> Way:
    text = urlencode({"text": said.to_person}, quote_via=quote)
    return Way(
        WayKind.WHATSAPP, Channel.MESSAGING, point.value, f"https://wa.me/{number.removeprefix('+')}?{text}"
    )


def _handle(text: str) -> str | None:
    """@karma and t.me/karma are karma at Telegram."""
    for mark in TELEGRAM:
        _before, found, handle = text.strip().partition(mark)
        if found:
            return handle.split("?")[0].strip("/@ ") or None
    return None


def _number(text: str, country: str) -> str | None:
    """The first telephone number in what somebody wrote, as E.164."""
    match = next(iter(phonenumbers.PhoneNumberMatcher(text, country)), None)
    return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164) if match else None


def helpers_of(enrolment: Enrolment) -> Sequence[Helper]:
    query = sa.select(Helper).where(Helper.enrolment_id == enrolment.id)
    return db.session.scalars(query.order_by(Helper.role, Helper.id)).all()


def _helpers(enrolment: Enrolment, said: Words) -> Iterator[Way]:
    """Those who agreed; the supervisor who signed the nomination, unless somebody wrote down another."""
    known = helpers_of(enrolment)
    for helper in known:
        if helper.agreed_on is None:
            continue
        kind, whom = WayKind(helper.role.value), helper.name
        if helper.email:
            yield Way(
                kind, Channel.THIRD_PERSON, helper.email, _mailto(helper.email, said), whom, helper=helper
            )
        if helper.phone:
            yield Way(
                kind, Channel.THIRD_PERSON, helper.phone, f"tel:{_dialled(helper.phone)}", whom, helper=helper
            )
    if enrolment.supervisor_email and not any(one.role is HelperRole.SUPERVISOR for one in known):
        address, whom = enrolment.supervisor_email, enrolment.supervisor_name
        yield Way(WayKind.SUPERVISOR, Channel.THIRD_PERSON, address, _mailto(address, said), whom)


def _focal_points(enrolment: Enrolment, said: Words) -> Iterator[Way]:
    """Of the country that nominated them, as far as they have an account here."""
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.programme_id == enrolment.cohort.theme.programme_id,
            Membership.role == Role.FOCAL_POINT,
            Membership.country == enrolment.country,
            User.is_enabled,
        )
        .order_by(User.name, User.id)
    )
    for user in db.session.scalars(query):
        yield Way(WayKind.FOCAL_POINT, Channel.THIRD_PERSON, user.email, _mailto(user.email, said), user.name)


def _dialled(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit() or sign == "+")


def _mailto(address: str, said: Words) -> str:
    parts = {"subject": said.subject, "body": said.to_helper}
    return f"mailto:{quote(address, safe='@')}?{urlencode(parts, quote_via=quote)}"


def mates(enrolment: Enrolment) -> list[tuple[Participant, str]]:
    """Of the same edition, who agreed to be asked for help and answered us: their own country first.

    Names and countries only: how to reach a mate stands on the mate's own page.
    """
    answered = sa.func.max(Invitation.answered_at)
    query = (
        sa.select(Participant, Enrolment.country)
        .join(Enrolment, Enrolment.participant_id == Participant.id)
        .join(Invitation, Invitation.enrolment_id == Enrolment.id)
        .where(
            Enrolment.cohort_id == enrolment.cohort_id,
            Enrolment.id != enrolment.id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Participant.agreed_to_help_on.is_not(None),
            Participant.opted_out_at.is_(None),
            Participant.deceased_on.is_(None),
            Participant.erased_at.is_(None),
            Invitation.answered_at.is_not(None),
        )
        .group_by(Participant.id, Enrolment.country)
        .order_by((Enrolment.country != enrolment.country), answered.desc(), Participant.id)
        .limit(MATES_SHOWN)
    )
    return [(person, country) for person, country in db.session.execute(query)]
