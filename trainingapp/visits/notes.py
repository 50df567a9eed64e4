"""Note cards: what a participant saw on a visit and can use at home. Verbs and questions."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.cohorts.models import HOLDS_A_PLACE, Enrolment
from trainingapp.db import db
from trainingapp.files.models import StoredFile
from trainingapp.refusals import Refusal
from trainingapp.visits.models import NoteCard, SiteVisit

LONGEST = 2000  # characters, as much as a line of a plan holds
MOST = 30  # cards of one person from one visit


class NothingNoted(Refusal):
    """A card says something, or shows it."""


class TooManyCards(Refusal):
    """A visit gives a handful of ideas; a plan has seven lines."""


def write(
    visit: SiteVisit,
    enrolment: Enrolment,
    text: str,
    now: datetime,
    *,
    photo: StoredFile | None = None,
    wants_contact: bool = False,
    form_id: str | None = None,
) -> NoteCard:
    """A new card. Raises NothingNoted, TooManyCards, once.Twice."""
    _must_say_something(text, photo)
    if counts([visit.id], enrolment.id).get(visit.id, 0) >= MOST:
        raise TooManyCards(_("There are many notes of this visit already. Change or remove one of them."))
    card = NoteCard(
        visit_id=visit.id,
        enrolment_id=enrolment.id,
        text=text,
        file_id=photo.id if photo else None,
        wants_contact=wants_contact,
        written_at=now,
        form_id=form_id,
    )
    once.keep(card)
    _record(card, "noted")
    return card


def change(card: NoteCard, text: str, *, photo: StoredFile | None, wants_contact: bool) -> None:
    """Raises NothingNoted. Without a new photo the card keeps the one it has."""
    _must_say_something(text, photo or card.file)
    card.text = text
    card.file_id = photo.id if photo else card.file_id
    if card.wants_contact and not wants_contact:
        card.contact_given_at = None
    card.wants_contact = wants_contact
    db.session.flush()
    _record(card, "changed")


def remove(card: NoteCard, now: datetime) -> None:
    """It leaves her list; a line of a plan that grew out of it still remembers it."""
    card.removed_at = card.removed_at or now
    db.session.flush()
    _record(card, "removed")


def give_contact(card: NoteCard, now: datetime) -> None:
    """An organiser brought the participant and the host together."""
    if card.wants_contact and card.contact_given_at is None:
        card.contact_given_at = now
        db.session.flush()
        _record(card, "gave contact")


def cards_of(enrolment_id: int) -> list[NoteCard]:
    """Every card of one enrolment, the removed ones too; the visits in their order, then as written."""
    query = (
        sa.select(NoteCard)
        .join(NoteCard.visit)
        .where(NoteCard.enrolment_id == enrolment_id)
        .options(joinedload(NoteCard.visit).joinedload(SiteVisit.host), joinedload(NoteCard.file))
        .order_by(SiteVisit.visit_on, SiteVisit.starts_at, NoteCard.written_at, NoteCard.id)
    )
    return list(db.session.scalars(query))


def card_of(enrolment_id: int, card_id: int) -> NoteCard | None:
    """Hers, unless she removed it."""
    query = sa.select(NoteCard).where(
        NoteCard.id == card_id, NoteCard.enrolment_id == enrolment_id, NoteCard.removed_at.is_(None)
    )
    return db.session.scalar(query)


def wishes(visit: SiteVisit) -> list[NoteCard]:
    """Those who would like to stay in touch with the host; the open wishes first."""
    query = (
        sa.select(NoteCard)
        .join(NoteCard.enrolment)
        .where(
            NoteCard.visit_id == visit.id,
            NoteCard.wants_contact,
            NoteCard.removed_at.is_(None),
            Enrolment.state.in_(HOLDS_A_PLACE),
        )
        .options(joinedload(NoteCard.enrolment).joinedload(Enrolment.participant), joinedload(NoteCard.file))
        .order_by(NoteCard.contact_given_at.is_not(None), NoteCard.written_at, NoteCard.id)
    )
    return list(db.session.scalars(query))


def counts(visit_ids: Sequence[int], enrolment_id: int) -> dict[int, int]:
    """Visit id -> how many cards of hers."""
    query = (
        sa.select(NoteCard.visit_id, sa.func.count().label("many"))
        .where(
            NoteCard.visit_id.in_(visit_ids),
            NoteCard.enrolment_id == enrolment_id,
            NoteCard.removed_at.is_(None),
        )
        .group_by(NoteCard.visit_id)
    )
    return {row.visit_id: row.many for row in db.session.execute(query)}


def _must_say_something(text: str, photo: StoredFile | None) -> None:
    if not text and photo is None:
        raise NothingNoted(_("Write a word, or add a photo."), "text")


def _record(card: NoteCard, verb: str) -> None:
    visit = db.session.get_one(SiteVisit, card.visit_id)
    audit.record(card, verb, programme_id=visit.cohort.theme.programme_id)
