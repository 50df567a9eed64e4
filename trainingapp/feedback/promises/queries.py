"""Questions about "you said, we did". Participants see no name, and nothing about fewer than five."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from trainingapp.archives.models import ArchivedResponse
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.feedback.models import CommentReview, CommentTag
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.followups.models import Schedule, Wave
from trainingapp.paging import bounded_count
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Theme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.models import Anonymity, Question, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.question_types.consents import Consent
from trainingapp.surveys.wording import text_in

SHOWN = 200  # promises on one page
KINDS_OF_CONSENT = tuple(kind for kind, type_ in QUESTION_TYPES.items() if isinstance(type_, Consent))
YES = "yes"


@dataclass(frozen=True)
class Shown:
    """One promise as participants read it."""

    promise: Promise
    said: str
    did: str
    quote: str | None
    people: int | None  # who said it; None below five


def promise(promise_id: int) -> Promise | None:
    found = sa.select(Promise).where(Promise.id == promise_id)
    return db.session.scalar(found.options(joinedload(Promise.cohort).joinedload(Cohort.theme)))


def about_comment(answer_id: int) -> Sequence[Promise]:
    query = sa.select(Promise).where(Promise.answer_id == answer_id).order_by(Promise.id)
    return db.session.scalars(query.options(joinedload(Promise.owner))).all()


def of_cohort(cohort: Cohort) -> Sequence[Promise]:
    """Those still to be kept first, by their day."""
    return _read(_all().where(Promise.cohort_id == cohort.id))


def carried_over(cohort: Cohort) -> Sequence[Promise]:
    """What earlier editions of the programme promised and nobody has settled yet."""
    return _read(_all().where(_is_carried_over(cohort)))


def number_carried_over(cohort: Cohort) -> int:
    return bounded_count(sa.select(Promise).where(_is_carried_over(cohort)))


def _is_carried_over(cohort: Cohort) -> sa.ColumnElement[bool]:
    before = (
        sa.select(Cohort.id)
        .join(Cohort.theme)
        .where(Theme.programme_id == cohort.theme.programme_id, Cohort.starts_on < cohort.starts_on)
    )
    return Promise.cohort_id.in_(before) & (Promise.state == PromiseState.PROMISED)


def _all() -> sa.Select[Promise]:
    return sa.select(Promise).options(
        joinedload(Promise.owner),
        joinedload(Promise.tag),
        joinedload(Promise.cohort).joinedload(Cohort.theme),
    )


def _read(query: sa.Select[Promise]) -> Sequence[Promise]:
    is_settled = Promise.state != PromiseState.PROMISED
    order = (is_settled, Promise.due_on.is_(None), Promise.due_on, Promise.id)
    return db.session.scalars(query.order_by(*order).limit(SHOWN)).all()


def shown_to(cohort_ids: Collection[int], language: str) -> dict[int, list[Shown]]:
    """Cohort's id -> what its participants may read, in the language as far as it was written."""
    query = _all().where(Promise.cohort_id.in_(cohort_ids), Promise.shown_at.is_not(None))
    rows = db.session.scalars(query.order_by(Promise.shown_at.desc(), Promise.id).limit(SHOWN)).all()
    quotes = _quotes([row.answer_id for row in rows if row.shows_quote and row.answer_id])
    people = _people({row.tag_id for row in rows if row.tag_id}, cohort_ids)
    found: dict[int, list[Shown]] = {}
    for row in rows:
        said = people.get((row.cohort_id, row.tag_id or 0), 0)
        found.setdefault(row.cohort_id, []).append(
            Shown(
                row,
                text_in(row.said, language),
                text_in(row.did, language),
                quotes.get(row.answer_id or 0) if row.shows_quote else None,
                said if said >= SMALLEST_GROUP else None,
            )
        )
    return found


def may_be_quoted(answer_id: int) -> bool:
    return bool(quotable([answer_id]))


def quotable(answer_ids: Collection[int]) -> set[int]:
    """As `may_be_quoted`, of many."""
    return set(_quotes(answer_ids))


def _quotes(answer_ids: Collection[int]) -> dict[int, str]:
    """Answer's id -> its words: of those who answered by name, or agreed that they are told to others,
    together with at least four more in the same wave or old spreadsheet. Who was promised that coordinators
    alone read them is not read by twenty who know each other's voice.
    """
    if not answer_ids:
        return {}
    beside, beside_then = aliased(Response), aliased(ArchivedResponse)
    in_wave = (
        sa.select(sa.func.count(beside.id))
        .where(beside.wave_id == Response.wave_id, beside.state == ResponseState.SENT)
        .scalar_subquery()
    )
    in_archive = (
        sa.select(sa.func.count(beside_then.response_id))
        .where(beside_then.archive_id == ArchivedResponse.archive_id)
        .scalar_subquery()
    )
    agreed, asked = aliased(Answer), aliased(Question)
    # Of what its condition speaks: "may we tell your story?" is asked of whoever wrote one.
    told_of = asked.relevant.contains(sa.literal("${") + Question.key + sa.literal("}"))
    has_agreed = (
        sa.exists()
        .where(agreed.response_id == Response.id, agreed.choice == YES)
        .where(asked.id == agreed.question_id, asked.kind.in_(KINDS_OF_CONSENT), told_of)
    )
    query = (
        sa.select(Answer.id, Answer.text)
        .join(Question, Question.id == Answer.question_id)
        .join(Response, Response.id == Answer.response_id)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .outerjoin(ArchivedResponse, ArchivedResponse.response_id == Response.id)
        .where(
            Answer.id.in_(answer_ids),
            (SurveyVersion.anonymity == Anonymity.NAMED) | has_agreed,
            in_wave + in_archive >= SMALLEST_GROUP,
        )
    )
    return {number: text for number, text in db.session.execute(query) if text}


def _people(tag_ids: Collection[int], cohort_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(cohort, tag) -> how many people's comments carry it. One answer a wave each; the largest wave counts,
    since the same person may have said it twice.
    """
    if not tag_ids:
        return {}
    counted = (
        sa.select(
            Schedule.cohort_id,
            CommentTag.tag_id,
            Wave.id,
            sa.func.count(Response.id.distinct()).label("said"),
        )
        .join(CommentReview, CommentReview.id == CommentTag.review_id)
        .join(Answer, Answer.id == CommentReview.answer_id)
        .join(Response, Response.id == Answer.response_id)
        .join(Wave, Wave.id == Response.wave_id)
        .join(Schedule, Schedule.id == Wave.schedule_id)
        .where(CommentTag.tag_id.in_(tag_ids), Schedule.cohort_id.in_(cohort_ids))
        .group_by(Schedule.cohort_id, CommentTag.tag_id, Wave.id)
    )
    found: dict[tuple[int, int], int] = {}
    for cohort_id, tag_id, _wave, said in db.session.execute(counted):
        found[cohort_id, tag_id] = max(said, found.get((cohort_id, tag_id), 0))
    return found


def cohorts_of(user_id: int) -> Sequence[Cohort]:
    """Editions the user took part in, the latest first."""
    own = (
        sa.select(Enrolment.cohort_id)
        .join(Participant, Participant.id == Enrolment.participant_id)
        .where(Participant.user_id == user_id)
    )
    query = sa.select(Cohort).where(Cohort.id.in_(own)).order_by(Cohort.starts_on.desc())
    return db.session.scalars(query.options(joinedload(Cohort.theme))).all()
