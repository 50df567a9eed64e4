"""Programme, themes, cohorts, hosts and visits."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from dateutil.relativedelta import relativedelta

from trainingapp.cohorts.models import (
    Cohort,
    CohortPartner,
    CohortPlace,
    CohortState,
    CountryQuota,
    Enrolment,
    EnrolmentState,
    Mode,
    PartnerRole,
)
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.facts import BALI, JAVA, Edition
from trainingapp.programmes.models import Programme, Theme
from trainingapp.visits.models import Host, SiteVisit, VisitGroup, VisitPlace

PARTNERS = (
    ("Ministry of State Secretariat, Indonesia", PartnerRole.OWNER),
    ("Ministry of Industry, Indonesia", PartnerRole.CONTENT),
    ("Colombo Plan Secretariat", PartnerRole.FUNDER),
)
QUESTIONS = (
    "Who decides the price?",
    "What was the first machine you bought together?",
    "What would you not do again?",
)


@dataclass(frozen=True)
class MadeCohort:
    row: Cohort
    fact: Edition


def make(now: datetime) -> tuple[Programme, list[MadeCohort]]:
    programme = Programme(
        slug="smi",
        name=facts.PROGRAMME,
        short_name="Small and medium industry",
        created_at=now,
        description=facts.DESCRIPTION,
    )
    db.session.add(programme)
    db.session.flush()
    return programme, [_cohort(programme, fact, now) for fact in (*facts.EDITIONS, *_around(now.date()))]


def _around(today: date) -> list[Edition]:
    """One edition whose six-month wave is open, one that runs now, a draft, and one that was cancelled."""
    ended = today - timedelta(days=9) - relativedelta(months=6)
    return [
        Edition(
            "Selling across borders: quality, packaging and small consignments",
            "Ninth edition, Surakarta",
            ended - timedelta(days=10),
            ended,
            ("Surakarta", "Klaten"),
            JAVA,
            Mode.IN_PERSON,
            21,
            "NP BD BT LA MM LK PK AF VN ID PH MV",
            CohortState.FOLLOW_UP,
        ),
        Edition(
            "Shared machines, shared brands: clusters that pay for themselves",
            "Tenth edition, Yogyakarta and Ubud",
            today - timedelta(days=4),
            today + timedelta(days=6),
            ("Yogyakarta", "Ubud"),
            JAVA,
            Mode.HYBRID,
            22,
            "BD NP BT LA MM PK LK IN FJ PG TH ID",
            CohortState.RUNNING,
        ),
        Edition(
            "Finance that follows the order book",
            "Eleventh edition, Mataram",
            date(today.year + 1, 7, 5),
            date(today.year + 1, 7, 16),
            ("Mataram",),
            BALI,
            Mode.IN_PERSON,
            0,
            "",
            CohortState.DRAFT,
        ),
        Edition(
            "Halal value chains for small makers",
            "Edition of 2024, Padang",
            date(2024, 7, 8),
            date(2024, 7, 19),
            ("Padang",),
            JAVA,
            Mode.IN_PERSON,
            0,
            "",
            CohortState.CANCELLED,
        ),
    ]


def _cohort(programme: Programme, fact: Edition, now: datetime) -> MadeCohort:
    theme = Theme(programme_id=programme.id, year=fact.starts_on.year, title=fact.theme)
    db.session.add(theme)
    db.session.flush()
    cancelled = fact.state == CohortState.CANCELLED
    row = Cohort(
        theme_id=theme.id,
        name=fact.name,
        starts_on=fact.starts_on,
        ends_on=fact.ends_on,
        time_zone=fact.time_zone,
        mode=fact.mode,
        capacity=max(25, fact.people + 2),
        places_per_country=8 if fact.mode != Mode.IN_PERSON else 3,
        state=fact.state,
        created_at=now,
        state_reason="The partner's budget was not confirmed in time." if cancelled else None,
        state_on=fact.starts_on - timedelta(days=40) if cancelled else None,
    )
    db.session.add(row)
    db.session.flush()
    for position, place in enumerate(fact.places):
        zone = BALI if place in {"Bali", "Ubud", "Mataram"} else JAVA
        db.session.add(CohortPlace(cohort_id=row.id, name=place, time_zone=zone, position=position))
    db.session.add_all(CohortPartner(cohort_id=row.id, name=name, role=role) for name, role in PARTNERS)
    db.session.add(CountryQuota(cohort_id=row.id, country="ID", places=12))
    db.session.flush()
    return MadeCohort(row, fact)


def make_visits(
    rng: Random,
    programme: Programme,
    cohorts: list[MadeCohort],
    crowd: dict[int, list[Enrolment]],
    now: datetime,
) -> dict[int, list[SiteVisit]]:
    """Hosts, and two or three visits an edition held in person; cohort id -> visits."""
    hosts = [_host(programme, fact, now) for fact in facts.HOSTS]
    db.session.add_all(hosts)
    db.session.flush()
    made: dict[int, list[SiteVisit]] = {}
    for cohort in cohorts:
        enrolled = [
            one
            for one in crowd.get(cohort.row.id, [])
            if one.mode != Mode.ONLINE and one.state not in {EnrolmentState.WITHDRAWN, EnrolmentState.NO_SHOW}
        ]
        if not enrolled:
            continue
        chosen = rng.sample(hosts, 3)
        made[cohort.row.id] = [
            _visit(rng, cohort.row, host, day, enrolled) for day, host in enumerate(chosen, 1)
        ]
    return made


def _host(programme: Programme, fact: facts.HostFact, now: datetime) -> Host:
    return Host(
        programme_id=programme.id,
        name=fact.name,
        cluster=fact.cluster,
        products=fact.products,
        shows=fact.shows,
        place=fact.place,
        latitude=fact.latitude,
        longitude=fact.longitude,
        time_zone=fact.time_zone,
        languages="Indonesian, some English",
        visitor_limit=40,
        contact_name="Ibu Wulan Sarimaya",
        contact_phone="+62 811 5550 107",
        safety="Closed shoes in the workshop. The dye is hot.",
        allows_photos=True,
        created_at=now,
    )


def _visit(rng: Random, cohort: Cohort, host: Host, day: int, enrolled: list[Enrolment]) -> SiteVisit:
    visit = SiteVisit(
        cohort_id=cohort.id,
        host_id=host.id,
        visit_on=min(cohort.starts_on + timedelta(days=day), cohort.ends_on),
        starts_at=time(9, 0),
        ends_at=time(11, 30),
        capacity=max(30, len(enrolled)),
        transport="Two buses; the driver waits at the gate.",
        leaves_from="Hotel lobby",
        leaves_at=time(7, 45),
        interpreter="Agus Duajembatan",
        dress="Long sleeves, closed shoes",
        questions=list(QUESTIONS),
        notes="Lunch and prayer at 12:00 nearby.",
    )
    db.session.add(visit)
    db.session.flush()
    groups = [
        VisitGroup(visit_id=visit.id, name=name, guide=guide)
        for name, guide in (("A", "Ratna"), ("B", "Yusuf"))
    ]
    db.session.add_all(groups)
    db.session.flush()
    shuffled = rng.sample(enrolled, len(enrolled))
    db.session.add_all(
        VisitPlace(visit_id=visit.id, enrolment_id=one.id, group_id=groups[number % 2].id)
        for number, one in enumerate(shuffled)
    )
    db.session.flush()
    return visit
