"""Waves with answers, to begin a test with."""

from datetime import date

import factories as make
import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Schedule, Wave, WaveState
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity, Question, Survey, SurveyVersion

AGREE = {"from": 1, "to": 5, "low": {"en": "not at all"}, "high": {"en": "fully"}}
OBSTACLES = {"choices": [{"value": value, "text": {"en": value.title()}} for value in ("money", "staff")]}
KINDS = {
    "useful": ("scale", AGREE),
    "fitted": ("scale", AGREE),
    "recommend": ("scale", {"from": 0, "to": 10}),
    "started": ("yes_no", {}),
    "obstacles": ("many_of", OBSTACLES | {"other": True}),
    "first": ("one_of", OBSTACLES),
    "firms": ("number", {"min": 0}),
    "change": ("long_text", {}),
    "role": ("text", {}),
}


def questions(version, *keys):
    return {
        key: make.add(
            Question(
                version_id=version.id,
                key=key,
                kind=KINDS[key][0],
                position=position,
                wording={"en": f"About {key}"},
                options=KINDS[key][1],
            )
        )
        for position, key in enumerate(keys or KINDS)
    }


def wave(cohort=None, anonymity=Anonymity.CONFIDENTIAL, keys=(), **facts):
    """An open wave and its questions by key."""
    cohort = cohort or make.cohort()
    months = facts.pop("offset_months", 6)
    survey = make.add(
        Survey(programme_id=cohort.theme.programme_id, key=f"s{cohort.id}-{months}", title="How it went")
    )
    version = make.add(SurveyVersion(survey_id=survey.id, number=1, anonymity=anonymity))
    found = db.session.scalar(sa.select(Schedule).where(Schedule.cohort_id == cohort.id))
    schedule = found or make.add(Schedule(cohort_id=cohort.id))
    values = {
        "schedule_id": schedule.id,
        "survey_version_id": version.id,
        "offset_months": months,
        "opens_on": date(2020, 2, 9),
        "closes_on": date(2020, 3, 8),
        "state": WaveState.OPEN,
    }
    return make.add(Wave(**{**values, **facts})), questions(version, *keys)


def invitation(wave, enrolment, state=InvitationState.SENT):
    return make.add(
        Invitation(
            wave_id=wave.id,
            enrolment_id=enrolment.id,
            state=state,
            language="en",
            time_zone="Asia/Jakarta",
            token_hash=f"{wave.id}-{enrolment.id}",
            due_at=make.NOW,
        )
    )


def response(wave, asked, state=ResponseState.SENT, enrolment=None, **answers):
    """One response; answers by question key: a choice, several, a number, or words."""
    enrolment = enrolment or make.enrolment(wave.schedule.cohort)
    is_anonymous = wave.survey_version.anonymity == Anonymity.ANONYMOUS
    invited = invitation(wave, enrolment, InvitationState.ANSWERED)
    made = make.add(
        Response(
            wave_id=wave.id,
            invitation_id=None if is_anonymous else invited.id,
            state=state,
            language="en",
            saved_at=make.NOW,
            sent_at=make.NOW if state == ResponseState.SENT else None,
        )
    )
    for key, value in answers.items():
        question = asked[key]
        kind = question.kind
        for one in value if isinstance(value, list) else [value]:
            make.add(
                Answer(
                    response_id=made.id,
                    question_id=question.id,
                    choice="" if kind in {"number", "text", "long_text"} else str(one),
                    number=float(one) if kind in {"number", "scale"} else None,
                    text=one if kind in {"text", "long_text"} else None,
                )
            )
    return made


def asked_in(wave_id):
    """The questions of a wave by key, read again."""
    version = db.session.get(Wave, wave_id).survey_version_id
    found = db.session.scalars(sa.select(Question).where(Question.version_id == version))
    return {question.key: question for question in found}
