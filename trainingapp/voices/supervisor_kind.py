"""Supervisors at home: asked about one alumna each, who knows of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import contains_eager

from trainingapp.cohorts.models import Enrolment, EnrolmentState
from trainingapp.db import db
from trainingapp.followups import audience, calendar
from trainingapp.followups.calendar import Place
from trainingapp.followups.models import Schedule
from trainingapp.participants import queries as participants
from trainingapp.participants.models import Participant
from trainingapp.plans import supervisors
from trainingapp.plans.confirmations.messages import SupervisorAsked
from trainingapp.plans.supervisors import Supervisor
from trainingapp.surveys.models import Audience
from trainingapp.voices.kinds import Alumna, Candidate, NotAsked, VoiceKind, register, stopped_by
from trainingapp.voices.models import Voice, VoiceRound, VoiceState


@register
class Supervisors(VoiceKind):
    """Asked some months after an edition about one alumna each, who is told a week before and may say no."""

    audience = Audience.SUPERVISORS
    # One "stop" is enough for these and for the question whether what she reports is so.
    topic, topic_name = SupervisorAsked.topic, SupervisorAsked.topic_name
    subject = "enrolment_id"
    lead = "voices/_of_supervisor.html"
    verb = _l("Ask the supervisors")
    how = _l(
        "Each supervisor gets a personal link about one alumna. She hears of it a week before, and can say "
        "no or name somebody else."
    )
    whose = _l("Her supervisor. Ask her for the address: it stands in her enrolment from then on.")
    has_months = True
    notice = timedelta(days=7)

    def title(self, of: VoiceRound) -> str:
        months = of.offset_months
        return ngettext("Supervisors, after %(num)d month", "Supervisors, after %(num)d months", months)

    def days(self, schedule: Schedule, months: int) -> tuple[date, date]:
        opens_on = calendar.offset_day(schedule.cohort.ends_on, months)
        return opens_on, opens_on + timedelta(days=schedule.open_days)

    def candidates(self, of: VoiceRound, after: int = 0, only: int | None = None) -> Sequence[Candidate]:
        rows = db.session.execute(_alumnae(of, after, only)).all()
        people = {enrolment.id: enrolment.participant for enrolment, _no in rows}
        reached = audience.reach([person.id for person in people.values()])
        known = supervisors.of_enrolments(people)
        stopped = stopped_by([one.address for many in known.values() for one in many])
        found = []
        for enrolment, said_no in rows:
            person = enrolment.participant
            her, place = reached.get(person.id), audience.place_of(person)
            named = _living(known[enrolment.id], stopped)
            is_out = person.opted_out_at is not None or (her is not None and her.is_stopped)
            reasons = {
                NotAsked.ALUMNA_SAID_NO: said_no,
                NotAsked.ALUMNA_OPTED_OUT: is_out,
                NotAsked.NO_ADDRESS: named is None,
                NotAsked.STOPPED: named is not None and self.topic in stopped[named.address],
                NotAsked.CANNOT_TELL: her is None,
            }
            found.append(
                Candidate(
                    subject_id=enrolment.id,
                    about=person.full_name,
                    name=named.name if named else enrolment.supervisor_name,
                    address=named.address if named else "",
                    language=named.language if named else person.language,
                    place=place,
                    ready_at=calendar.local(of.opens_on, 0, place.zone),
                    why_not=next((reason for reason, holds in reasons.items() if holds), None),
                    tell=Alumna(participants.reader(person.id), her.address, person.language)
                    if her
                    else None,
                )
            )
        return found

    def place(self, voice: Voice) -> Place:
        return audience.place_of(_enrolment(voice).participant)

    def about(self, voice: Voice) -> str:
        return _enrolment(voice).participant.full_name

    def unwanted_because(self, voice: Voice) -> str | None:
        enrolment = _enrolment(voice)
        person = enrolment.participant
        reasons = {
            "erased": person.erased_at is not None,
            "deceased": person.deceased_on is not None,
            "withdrawn": enrolment.state is not EnrolmentState.COMPLETED,
            "alumna opted out": person.opted_out_at is not None,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def keep(self, of: VoiceRound, subject_id: int, name: str, address: str) -> None:
        enrolment = db.session.get(Enrolment, subject_id)
        if enrolment is None or enrolment.cohort_id != of.schedule.cohort_id:
            raise LookupError(subject_id)
        enrolment.supervisor_name, enrolment.supervisor_email = name, address


def _alumnae(of: VoiceRound, after: int, only: int | None) -> sa.Select[Enrolment, bool]:
    """Who completed the edition and has no voice in the round, with whether she ever said no."""
    asked = sa.exists().where(Voice.round_id == of.id, Voice.enrolment_id == Enrolment.id)
    said_no = sa.exists().where(Voice.enrolment_id == Enrolment.id, Voice.state == VoiceState.REFUSED)
    return (
        sa.select(Enrolment, said_no)
        .join(Enrolment.participant)
        .options(contains_eager(Enrolment.participant))
        .where(
            Enrolment.cohort_id == of.schedule.cohort_id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.id > after,
            Enrolment.id == only if only else sa.true(),
            Participant.erased_at.is_(None),
            Participant.deceased_on.is_(None),
            ~asked,
        )
        .order_by(Enrolment.id)
        .limit(audience.CHUNK)
    )


def _living(named: Sequence[Supervisor], stopped: Mapping[str, Collection[str]]) -> Supervisor | None:
    """The one named last whose address takes mail."""
    return next((one for one in named if "all" not in stopped[one.address]), None)


def _enrolment(voice: Voice) -> Enrolment:
    assert voice.enrolment is not None, "a supervisor's voice is about one"
    return voice.enrolment
