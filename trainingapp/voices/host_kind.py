"""Hosts of site visits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from babel import Locale
from babel.core import get_global
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import aliased, contains_eager

from trainingapp.countries import weekend_of
from trainingapp.db import db
from trainingapp.followups import audience, calendar
from trainingapp.followups.calendar import Place
from trainingapp.followups.models import Schedule
from trainingapp.surveys.models import Audience
from trainingapp.visits import queries as visits
from trainingapp.visits.models import Host, SiteVisit
from trainingapp.voices.kinds import Candidate, NotAsked, VoiceKind, register, stopped_by
from trainingapp.voices.models import Voice, VoiceRound


@register
class Hosts(VoiceKind):
    """Asked once an edition, when their last visit of it is over."""

    audience = Audience.HOSTS
    topic = "hosts"
    topic_name = _l("questions after the visits of our groups")
    subject = "visit_id"
    lead = "voices/_of_host.html"

    verb = _l("Ask the hosts")
    how = _l(
        "The contact of each host gets a personal link when the last visit of this edition to them is over."
    )
    whose = _l("The contact of this host. It is kept for later visits, too.")

    def title(self, of: VoiceRound) -> str:  # noqa: ARG002
        return _("Hosts, after their visit")

    def days(self, schedule: Schedule, months: int) -> tuple[date, date]:  # noqa: ARG002
        cohort = schedule.cohort
        return cohort.starts_on, cohort.ends_on + timedelta(days=schedule.open_days)

    def candidates(self, of: VoiceRound, after: int = 0, only: int | None = None) -> Sequence[Candidate]:
        found = db.session.scalars(_visits(of, after, only)).all()
        stopped = stopped_by([visit.host.contact_email.lower() for visit in found])
        return [self._candidate(of, visit, stopped) for visit in found]

    def _candidate(
        self, of: VoiceRound, visit: SiteVisit, stopped: Mapping[str, Collection[str]]
    ) -> Candidate:
        host = visit.host
        address = host.contact_email.lower()
        reasons = {
            NotAsked.NO_ADDRESS: not address or "all" in stopped[address],
            NotAsked.STOPPED: self.topic in stopped[address],
        }
        return Candidate(
            subject_id=visit.id,
            about=host.name,
            name=host.contact_name or host.name,
            address=address,
            language=language_in(host.languages, of.survey_version.languages),
            place=_place_of(host),
            ready_at=max(visits.span(visit)[1], calendar.local(of.opens_on, 0, host.time_zone)),
            why_not=next((reason for reason, holds in reasons.items() if holds), None),
        )

    def place(self, voice: Voice) -> Place:
        return _place_of(_visit(voice).host)

    def about(self, voice: Voice) -> str:
        return _visit(voice).host.name

    def unwanted_because(self, voice: Voice) -> str | None:
        return "visit cancelled" if _visit(voice).cancelled_because is not None else None

    def keep(self, of: VoiceRound, subject_id: int, name: str, address: str) -> None:
        visit = db.session.get(SiteVisit, subject_id)
        if visit is None or visit.cohort_id != of.schedule.cohort_id:
            raise LookupError(subject_id)
        visit.host.contact_name, visit.host.contact_email = name, address


def _visits(of: VoiceRound, after: int, only: int | None) -> sa.Select[SiteVisit]:
    """The last visit of the edition to each host who was not asked in this round."""
    cohort_id = of.schedule.cohort_id
    other = aliased(SiteVisit)
    of_host = sa.select(other.id).where(other.host_id == SiteVisit.host_id, other.cohort_id == cohort_id)
    later = of_host.where(
        other.cancelled_because.is_(None),
        sa.tuple_(other.visit_on, other.starts_at, other.id)
        > sa.tuple_(SiteVisit.visit_on, SiteVisit.starts_at, SiteVisit.id),
    )
    asked = of_host.join(Voice, Voice.visit_id == other.id).where(Voice.round_id == of.id)
    return (
        sa.select(SiteVisit)
        .join(SiteVisit.host)
        .options(contains_eager(SiteVisit.host))
        .where(
            SiteVisit.cohort_id == cohort_id,
            SiteVisit.cancelled_because.is_(None),
            SiteVisit.id > after,
            SiteVisit.id == only if only else sa.true(),
            ~later.exists(),
            ~asked.exists(),
        )
        .order_by(SiteVisit.id)
        .limit(audience.CHUNK)
    )


def _place_of(host: Host) -> Place:
    country = get_global("zone_territories").get(host.time_zone, "")
    return Place(host.time_zone, weekend_of(country))


def language_in(text: str, offered: Sequence[str]) -> str:
    """The one of `offered` that a host's own words ("Indonesian, some English") name first; else English."""
    words = text.casefold()
    places = {}
    for code in offered:
        locale = Locale.parse(code)
        names = {locale.get_language_name("en"), locale.get_language_name(), str(locale.english_name)}
        at = [words.find(name.casefold()) for name in names if name and name.casefold() in words]
        if at:
            places[code] = min(at)
    return min(places, key=lambda code: places[code], default="en")


def _visit(voice: Voice) -> SiteVisit:
    assert voice.visit is not None, "a host's voice is about one"
    return voice.visit
