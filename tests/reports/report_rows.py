"""An edition with people, answers, a plan, a promise and words, for reports to begin with."""

from datetime import UTC, date, datetime, timedelta

import factories as make

from trainingapp.cohorts.models import Enrolment, EnrolmentKind, EnrolmentState
from trainingapp.db import db
from trainingapp.feedback.promises.models import Promise
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.participants.models import Sex
from trainingapp.plans.models import PlanState
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.reports import actions, queries
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity, Survey, SurveyVersion

THEN = datetime(2019, 7, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = date(2026, 3, 9)
WORDS = "The visit to the cooperative gave us a common price list."


def edition(programme, year=2019, people=12, **facts):
    """Seven from Nepal, the others from Bhutan; all of them completed."""
    begins = date(year, 7, 29)
    values = {"starts_on": begins, "ends_on": begins + timedelta(days=11), **facts}
    cohort = make.cohort(make.theme(programme, year=year), **values)
    enrolled = datetime(year, 6, 1, tzinfo=UTC)
    for place in range(people):
        country = "NP" if place < 7 else "BT"
        sex = Sex.FEMALE if place % 2 else Sex.MALE
        person = make.participant(country=country, sex=sex, created_at=enrolled)
        make.enrolment(
            cohort,
            person,
            state=EnrolmentState.COMPLETED,
            kind=EnrolmentKind.OFFICIAL if place % 3 else EnrolmentKind.ENTREPRENEUR,
            completed_on=cohort.ends_on,
            enrolled_at=enrolled,
            changed_at=enrolled,
        )
    return cohort


SCALE = {"from": 1, "to": 5, "low": {"en": "not at all"}, "high": {"en": "fully"}}
CHOICES = {"choices": [{"value": value, "text": {"en": value.title()}} for value in ("money", "staff")]}
QUESTIONS = {
    "useful": ("scale", SCALE),
    "recommend": ("scale", {"from": 0, "to": 10}),
    "first": ("one_of", CHOICES),
    "firms": ("number", {"min": 0}),
    "change": ("long_text", {}),
}


def asked(cohort, months=0, answers=8, words=WORDS, anonymity=Anonymity.CONFIDENTIAL, **facts):
    """A closed wave and its questions by key. So many answered; the first of them wrote something too."""
    begins = cohort.ends_on + timedelta(days=30 * months)
    opened_at = datetime.combine(begins, THEN.timetz())
    values = {
        "offset_months": months,
        "opens_on": begins,
        "closes_on": begins + timedelta(days=28),
        "opened_at": opened_at,
        "state": WaveState.CLOSED,
        **facts,
    }
    version = _version(cohort, months, anonymity)
    questions = {
        key: make.question(
            version, key=key, kind=kind, position=place, wording={"en": f"About {key}"}, options=options
        )
        for place, (key, (kind, options)) in enumerate(QUESTIONS.items(), 1)
    }
    found = db.session.query(Schedule).filter_by(cohort_id=cohort.id).one_or_none()
    schedule = found or make.add(Schedule(cohort_id=cohort.id))
    wave = make.add(Wave(schedule_id=schedule.id, survey_version_id=version.id, **values))
    for place, enrolment in enumerate(enrolments(cohort)[:answers]):
        given = {
            "useful": {"choice": str(place % 5 + 1), "number": place % 5 + 1},
            "recommend": {"choice": str(place % 11), "number": place % 11},
            "first": {"choice": "staff" if place % 3 else "money"},
            "firms": {"number": 10 * place},
            **({"change": {"text": words}} if words and not place else {}),
        }
        _answer(wave, enrolment, {questions[key].id: value for key, value in given.items()}, opened_at)
    return wave, questions


def _version(cohort, months, anonymity):
    key = f"s{cohort.id}-{months}"
    survey = make.add(Survey(programme_id=cohort.theme.programme_id, key=key, title="How it went"))
    return make.add(SurveyVersion(survey_id=survey.id, number=1, anonymity=anonymity, published_at=THEN))


def _answer(wave, enrolment, given, when):
    invitation = make.add(
        Invitation(
            wave_id=wave.id,
            enrolment_id=enrolment.id,
            state=InvitationState.ANSWERED,
            language="en",
            time_zone="Asia/Jakarta",
            token_hash=f"{wave.id}-{enrolment.id}",
            due_at=when,
            answered_at=when,
        )
    )
    is_anonymous = wave.survey_version.anonymity is Anonymity.ANONYMOUS
    response = make.add(
        Response(
            wave_id=wave.id,
            invitation_id=None if is_anonymous else invitation.id,
            state=ResponseState.SENT,
            language="en",
            saved_at=when,
            sent_at=when,
        )
    )
    for question_id, value in given.items():
        make.add(Answer(response_id=response.id, question_id=question_id, **value))


def enrolments(cohort):
    return db.session.query(Enrolment).filter_by(cohort_id=cohort.id).order_by(Enrolment.id).all()


def plans(cohort, how_many=6):
    for place, enrolment in enumerate(enrolments(cohort)[:how_many]):
        state = PlanState.DONE if place == 0 else PlanState.APPROVED
        make.action_plan(enrolment, state=state, submitted_at=THEN, approved_at=THEN, saved_at=THEN)


def promise(cohort, **facts):
    values = {
        "said": {"en": "Too short"},
        "did": {"en": "A full morning"},
        "shown_at": THEN,
        "written_at": THEN,
    }
    return make.add(Promise(cohort_id=cohort.id, **{**values, **facts}))


def consent(version):
    """Asked of whoever wrote something."""
    return make.question(
        version,
        key="agreed",
        kind="consent",
        position=9,
        wording={"en": "About agreed"},
        relevant="string-length(${change}) > 0",
    )


def begun(cohort, by, language="en", now=NOW, **facts):
    values = {
        "title": "What came of it",
        "language": language,
        "as_of": DAY,
        "level": EvidenceLevel.EXPLAINED,
    }
    return actions.begin(cohort.theme.programme, cohort, {**values, **facts}, by, now)


def over_years(programme, by, first=2018, last=2019, **facts):
    values = {"title": "Two years", "language": "en", "as_of": DAY, "level": EvidenceLevel.EXPLAINED}
    years = {"first_year": first, "last_year": last}
    return actions.begin(programme, None, {**values, **years, **facts}, by, NOW)


def write(report, key, text, by, now=NOW):
    section = queries.section(report, key)
    found = queries.texts(report).get(section.id)
    return actions.write(section, text, found.version if found else 0, by, now)


def texts_of(found):
    """Every text that a frozen document shows, in no order."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for one in found:
            yield from texts_of(one)
    elif isinstance(found, dict):
        for name, one in found.items():
            if name not in {
                "kind",
                "key",
                "dir",
                "direction",
                "align",
                "as_of",
                "language",
                "translation_dir",
            }:
                yield from texts_of(one)
