"""Participants and their enrolments, with the mess that real lists have."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from random import Random

from trainingapp.cohorts import actions
from trainingapp.cohorts.models import (
    CohortState,
    Enrolment,
    EnrolmentKind,
    EnrolmentState,
    Funding,
    Mode,
)
from trainingapp.db import db
from trainingapp.demo import facts
from trainingapp.demo.editions import MadeCohort
from trainingapp.local import GONE
from trainingapp.participants.models import (
    ContactKind,
    ContactPoint,
    ContactState,
    NameWord,
    Participant,
    Sex,
)
from trainingapp.participants.names import latin, sorted_as, words

OVER = {CohortState.FOLLOW_UP, CohortState.CLOSED}
OFFICIALS, ENTREPRENEURS = 0.6, 0.9  # cumulative shares: the rest are associations and academia
MOVED_ON = 0.05  # share of addresses that bounce by now


def make(rng: Random, cohorts: list[MadeCohort], now: datetime) -> dict[int, list[Enrolment]]:
    """Cohort id -> its enrolments. A few people come back in a later year, as real ones do."""
    used: set[str] = set()
    known: list[Participant] = []
    made: dict[int, list[Enrolment]] = {}
    for cohort in cohorts:
        countries = cycle(cohort.fact.countries.split() or [""])
        here: list[Enrolment] = []
        for number in range(cohort.fact.people):
            country = next(countries)
            person = _returning(rng, known, country, here) if number == 0 else None
            person = person or _person(rng, country, used, now)
            known.append(person)
            here.append(_enrolment(rng, cohort, person, len(here)))
        if here:
            here.extend(_lost(rng, cohort, used, now))
        db.session.flush()
        actions.index(Enrolment.cohort_id == cohort.row.id)
        made[cohort.row.id] = here
    return made


def _returning(
    rng: Random, known: list[Participant], country: str, here: list[Enrolment]
) -> Participant | None:
    there = {one.participant_id for one in here}
    candidates = [person for person in known if person.country == country and person.id not in there]
    return rng.choice(candidates) if candidates else None


def _person(rng: Random, country: str, used: set[str], now: datetime) -> Participant:
    name = _name(rng, country, used)
    language, local = facts.LOCAL.get(name, (None, None))
    person = Participant(
        full_name=name,
        local_name=local,
        local_language=language,
        passport_name=latin(name).upper(),
        sort_name=sorted_as(name),
        country=country,
        sex=rng.choice((Sex.FEMALE, Sex.MALE)),
        born_on=date(1968, 1, 1) + timedelta(days=rng.randrange(26 * 365)),
        language=facts.LANGUAGES.get(country, "en"),
        created_at=now,
    )
    db.session.add(person)
    db.session.flush()
    db.session.add_all(NameWord(word=word, participant_id=person.id) for word in sorted(words([name, local])))
    gone = rng.random() < MOVED_ON
    address = f"{latin(name).replace(' ', '.')}.{person.id}@{GONE if gone else country.lower() + '.example'}"
    state = ContactState.BOUNCED if gone else ContactState.WORKING
    db.session.add(_contact(person, ContactKind.EMAIL, address, address, state))
    phone = f"+62811555{person.id:04d}"
    db.session.add(_contact(person, ContactKind.PHONE, phone, phone, ContactState.WORKING))
    return person


def _contact(
    person: Participant, kind: ContactKind, value: str, normalised: str, state: ContactState
) -> ContactPoint:
    return ContactPoint(participant_id=person.id, kind=kind, value=value, normalised=normalised, state=state)


def _name(rng: Random, country: str, used: set[str]) -> str:
    given, family, single = facts.NAMES[country]
    if single and single not in used:
        used.add(single)
        return single
    honorifics = facts.HONORIFICS.get(country, ("",))
    every = [
        " ".join(
            part.replace("-", " ") if country == "VN" else part for part in (honorific, one, other) if part
        )
        for honorific in honorifics
        for one in given.split()
        for other in family.split()
    ]
    free = [name for name in every if name not in used]
    chosen = rng.choice(free or every)
    used.add(chosen)
    return chosen


def _enrolment(rng: Random, cohort: MadeCohort, person: Participant, number: int) -> Enrolment:
    kind = _kind(rng)
    over = cohort.row.state in OVER
    began = datetime.combine(cohort.row.starts_on, time(3), UTC)
    state = EnrolmentState.COMPLETED if over else EnrolmentState.JOINED
    row = Enrolment(
        participant_id=person.id,
        cohort_id=cohort.row.id,
        country=person.country,
        sort_name=person.sort_name,
        kind=kind,
        mode=_mode(cohort.row.mode, number),
        funding=rng.choice((Funding.FULL, Funding.FULL, Funding.PARTIAL)),
        nominating_body=f"National focal point, {person.country}",
        organisation=_organisation(rng, kind, person.country),
        post=rng.choice(facts.OWNER_POSTS if kind == EnrolmentKind.ENTREPRENEUR else facts.POSTS),
        supervisor_name="" if kind == EnrolmentKind.ENTREPRENEUR else "Head of division",
        supervisor_email="",
        state=state,
        enrolled_at=began - timedelta(days=45),
        changed_at=began,
        completed_on=cohort.row.ends_on if over else None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _lost(rng: Random, cohort: MadeCohort, used: set[str], now: datetime) -> list[Enrolment]:
    """Beside those who came: one who withdrew, and one who never arrived. They hold no place."""
    country = cohort.fact.countries.split()[-1]
    lost = []
    for state, reason in (
        (EnrolmentState.WITHDRAWN, "The visa was refused."),
        (EnrolmentState.NO_SHOW, "Did not arrive; no answer to two calls."),
    ):
        row = _enrolment(rng, cohort, _person(rng, country, used, now), 0)
        row.state, row.state_reason, row.completed_on = state, reason, None
        lost.append(row)
    return lost


def _kind(rng: Random) -> EnrolmentKind:
    share = rng.random()
    if share < OFFICIALS:
        return EnrolmentKind.OFFICIAL
    if share < ENTREPRENEURS:
        return EnrolmentKind.ENTREPRENEUR
    return rng.choice((EnrolmentKind.ASSOCIATION, EnrolmentKind.ACADEMIA))


def _mode(of_cohort: Mode, number: int) -> Mode:
    if of_cohort != Mode.HYBRID:
        return of_cohort
    return Mode.ONLINE if number % 3 else Mode.IN_PERSON


def _organisation(rng: Random, kind: EnrolmentKind, country: str) -> str:
    if kind == EnrolmentKind.ENTREPRENEUR:
        return rng.choice(facts.FIRMS)
    if kind == EnrolmentKind.ASSOCIATION:
        return rng.choice(facts.ASSOCIATIONS)
    if kind == EnrolmentKind.ACADEMIA:
        return "Technical Institute"
    return facts.OFFICES.get(country, facts.OTHER_OFFICE)
