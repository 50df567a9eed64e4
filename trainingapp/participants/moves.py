"""What people tell us about themselves: a new employer, post, country or address. It can be taken back."""

from datetime import datetime

import sqlalchemy as sa

from trainingapp.accounts import audit
from trainingapp.countries import zone_of
from trainingapp.db import db
from trainingapp.participants import actions, queries
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Employment, Participant


def tell(
    person: Participant, *, organisation: str, post: str, country: str, email: str, now: datetime
) -> Employment:
    """A new address is written to first from now on. Raises Refusal when it cannot be read.

    One that is someone else's is only kept in the row, for a person to look at: a page that said so
    would tell a stranger who is in the directory.
    """
    wanted = actions.normalise_email(email) if email else ""
    told = Employment(
        participant_id=person.id,
        organisation=organisation,
        post=post,
        country=country,
        email=wanted,
        told_at=now,
        before={"country": person.country, "time_zone": person.time_zone, **_prefer(person, wanted)},
    )
    if country != person.country:
        # The zone is written down, not left to the country: what waits follows a zone that changed.
        _live_in(person, country, zone_of(country), now)
    person.contact_lost_at = None
    db.session.add(told)
    db.session.flush()
    audit.record(told, "told us about their work", after=f"{post}; {organisation}; {country}; {wanted}")
    return told


def _prefer(person: Participant, wanted: str) -> dict[str, int | None]:
    """Writes there first; says which address was first, and which one is new."""
    known = queries.emails([person]).get(person.id)
    if not wanted or (known and known.normalised == wanted and known.state is ContactState.WORKING):
        return {}
    mine = sa.select(ContactPoint).where(
        ContactPoint.participant_id == person.id, ContactPoint.normalised == wanted
    )
    point, is_new = db.session.scalar(mine), False
    if point is None:
        try:
            point, is_new = actions.add_contact(person, ContactKind.EMAIL, wanted), True
        except actions.AddressTaken:
            return {"taken": 1}
    point.state = ContactState.WORKING
    actions.prefer(point)
    return {"first": known.id if known else None, "new": point.id if is_new else None}


def _live_in(person: Participant, country: str, time_zone: str | None, now: datetime) -> None:
    opted_out = person.opted_out_at is not None
    actions.edit(person, now, opted_out=opted_out, country=country, time_zone=time_zone)


def is_taken(told: Employment) -> bool:
    """Whether the address that was written belongs to someone else."""
    return "taken" in told.before


def latest(participant_id: int) -> Employment | None:
    query = sa.select(Employment).where(Employment.participant_id == participant_id)
    return db.session.scalar(query.order_by(Employment.id.desc()).limit(1))


def take_back(told: Employment, now: datetime) -> None:
    """As it was before: country, hours, and which address is written to first."""
    person, before = told.participant, told.before
    if before["country"] != person.country:
        _live_in(person, before["country"], before["time_zone"], now)
    if first := db.session.get(ContactPoint, before.get("first") or 0):
        actions.prefer(first)
    if new := db.session.get(ContactPoint, before.get("new") or 0):
        audit.record(person, "contact removed", before=new.value)
        db.session.delete(new)
    audit.record(told, "taken back", before=f"{told.post}; {told.organisation}; {told.country}")
    db.session.delete(told)
