"""Open answers under review, as an inbox: one page at a time, with who may be named and who may not."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.archives.models import Archive, ArchivedResponse
from trainingapp.cohorts.models import Cohort, Enrolment
from trainingapp.db import db
from trainingapp.feedback.comments import searching
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag, Tag
from trainingapp.feedback.promises.models import Promise
from trainingapp.feedback.results.charts import KINDS_OF_WORDS
from trainingapp.followups.models import Invitation, Schedule, Wave, WaveState
from trainingapp.paging import SIZE
from trainingapp.participants.models import Participant
from trainingapp.programmes.models import Theme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys.models import Anonymity, Question, Survey, SurveyVersion

COUNTED = 1000  # a segment's count stops there
AT_ONCE = 500  # comments that one step may change
OFFERED = 100  # editions and tags in a filter's menu


@dataclass(frozen=True)
class Comment:
    answer: Answer
    question: Question
    programme_id: int
    wave: Wave | None
    archive: Archive | None  # where it was gathered elsewhere
    cohort: Cohort | None  # an old spreadsheet may be of none
    theme: Theme | None
    response: Response
    review: CommentReview | None
    owner: User | None
    person: Participant | None  # only where the questionnaire said so before the first answer
    tags: list[Tag] = field(default_factory=list)
    is_answered: bool = False

    @property
    def state(self) -> CommentState:
        return self.review.state if self.review else CommentState.NEW

    @property
    def version(self) -> int:
        """0 while nobody has looked."""
        return self.review.version if self.review else 0


@dataclass(frozen=True)
class Wanted:
    """What the address asks for."""

    cohort_id: int | None = None
    wave_id: int | None = None
    question: str = ""  # a key: the same question over the years
    tag_id: int | None = None
    owner_id: int | None = None
    is_answered: bool = False
    text: str = ""


_asked_on = sa.func.coalesce(
    Wave.opens_on, Archive.collected_to, Archive.collected_from, sa.literal(date(1970, 1, 1))
)
_source = sa.func.coalesce(Wave.id, -Archive.id)  # what was asked together stands together


def _released() -> sa.ColumnElement[bool]:
    """As queries.is_released, for many waves and old spreadsheets at once."""
    enough = (
        sa.select(Response.wave_id)
        .where(Response.state == ResponseState.SENT)
        .group_by(Response.wave_id)
        .having(sa.func.count() >= SMALLEST_GROUP)
    )
    enough_old = (
        sa.select(ArchivedResponse.archive_id)
        .group_by(ArchivedResponse.archive_id)
        .having(sa.func.count() >= SMALLEST_GROUP)
    )
    is_final = (SurveyVersion.anonymity != Anonymity.ANONYMOUS) | (Wave.state == WaveState.CLOSED)
    return (
        (SurveyVersion.anonymity == Anonymity.NAMED)
        | (Wave.id.in_(enough) & is_final)
        | Archive.id.in_(enough_old)
    )


def _shuffled() -> sa.ColumnElement[int]:
    """Within a wave comments stand in no order of time, which would tell who answered when."""
    return (Answer.id % 10007) * 7919 % 10007  # two primes: no product leaves a 32-bit integer


_ORDER = (_asked_on.desc(), _source.desc(), _shuffled(), Answer.id)


def _with_source(query: sa.Select[Any]) -> sa.Select[Any]:
    """Joins the wave or the old spreadsheet that an answer came with, and its edition."""
    return (
        query.join(Response, Response.id == Answer.response_id)
        .outerjoin(Wave, Wave.id == Response.wave_id)
        .outerjoin(Schedule, Schedule.id == Wave.schedule_id)
        .outerjoin(ArchivedResponse, ArchivedResponse.response_id == Response.id)
        .outerjoin(Archive, Archive.id == ArchivedResponse.archive_id)
    )


def _joined(*columns: Any) -> sa.Select[Any]:
    return (
        _with_source(sa.select(*columns).select_from(Answer))
        .join(Question, Question.id == Answer.question_id)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .outerjoin(Cohort, Cohort.id == sa.func.coalesce(Schedule.cohort_id, Archive.cohort_id))
        .outerjoin(Theme, Theme.id == Cohort.theme_id)
        .outerjoin(CommentReview, CommentReview.answer_id == Answer.id)
        .where(
            _source.is_not(None),
            Question.kind.in_(KINDS_OF_WORDS),
            Response.state == ResponseState.SENT,
            Answer.text != "",
            _released(),
        )
    )


def _filtered(query: sa.Select[Any], within: sa.ColumnElement[bool], wanted: Wanted) -> sa.Select[Any]:
    query = query.where(within)
    if wanted.cohort_id:
        query = query.where(Cohort.id == wanted.cohort_id)
    if wanted.wave_id:
        query = query.where(Wave.id == wanted.wave_id)
    if wanted.question:
        query = query.where(Question.key == wanted.question)
    if wanted.text:
        query = query.where(searching.has_words(Answer.text, wanted.text))
    if wanted.owner_id:
        query = query.where(CommentReview.owner_id == wanted.owner_id)
    if wanted.is_answered:
        query = query.where(sa.exists().where(Promise.answer_id == Answer.id))
    if wanted.tag_id:
        tagged = sa.select(CommentTag.review_id).where(CommentTag.tag_id == wanted.tag_id)
        query = query.where(CommentReview.id.in_(tagged))
    return query


def _in_state(state: CommentState) -> sa.ColumnElement[bool]:
    if state == CommentState.NEW:
        return CommentReview.id.is_(None) | (CommentReview.state == CommentState.NEW)
    return CommentReview.state == state


def state_counts(within: sa.ColumnElement[bool], wanted: Wanted) -> dict[CommentState, int]:
    """How many comments are in each state, up to COUNTED each; one query."""
    sums = []
    for state in CommentState:
        some = _filtered(_joined(Answer.id), within, wanted).where(_in_state(state)).limit(COUNTED)
        sums.append(sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery())
    return dict(zip(CommentState, db.session.execute(sa.select(*sums)).one(), strict=True))


def _with_person(query: sa.Select[Any]) -> sa.Select[Any]:
    """Joins the person in the database only where the wave names people."""
    is_named = SurveyVersion.anonymity == Anonymity.NAMED
    return (
        query.outerjoin(Invitation, (Invitation.id == Response.invitation_id) & is_named)
        .outerjoin(Enrolment, Enrolment.id == Invitation.enrolment_id)
        .outerjoin(Participant, Participant.id == Enrolment.participant_id)
        .outerjoin(User, User.id == CommentReview.owner_id)
        .add_columns(
            Answer, Question, Survey.programme_id, Wave, Archive, Cohort, Theme, Response, CommentReview, User
        )
        .add_columns(Participant, sa.exists().where(Promise.answer_id == Answer.id).label("is_answered"))
    )


def page(
    within: sa.ColumnElement[bool], wanted: Wanted, state: CommentState | None, after: int | None
) -> list[Comment]:
    """Newest wave first; one more than a page when there is a next one. `after`: the last answer's id."""
    query = _with_person(_of(within, wanted, state))
    if after:
        query = query.where(_later_than(after))
    return _comments(query.order_by(*_ORDER).limit(SIZE + 1))


def _of(
    within: sa.ColumnElement[bool], wanted: Wanted, state: CommentState | None, *columns: Any
) -> sa.Select[Any]:
    query = _filtered(_joined(*columns), within, wanted)
    return query.where(_in_state(state)) if state else query


def all_that_fit(within: sa.ColumnElement[bool], wanted: Wanted, state: CommentState | None) -> list[Comment]:
    """The first AT_ONCE of them, in the order of the pages."""
    return _comments(_with_person(_of(within, wanted, state)).order_by(*_ORDER).limit(AT_ONCE))


def _later_than(answer_id: int) -> sa.ColumnElement[bool]:
    columns: list[Any] = [_asked_on, _source, _shuffled()]
    place = sa.select(*columns).select_from(Answer)
    last = db.session.execute(_with_source(place).where(Answer.id == answer_id)).one_or_none()
    if last is None or last[1] is None:
        return sa.true()
    asked_on, source, shuffled = last
    return sa.or_(
        _asked_on < asked_on,
        (_asked_on == asked_on) & (_source < source),
        (_source == source) & (sa.tuple_(_shuffled(), Answer.id) > sa.tuple_(shuffled, answer_id)),
    )


def next_after(within: sa.ColumnElement[bool], answer_id: int) -> int | None:
    """The next one that nobody has read, of the same edition first, as the inbox has them."""
    query = _of(within, Wanted(), CommentState.NEW, Answer.id).where(_later_than(answer_id))
    return db.session.scalar(query.order_by(*_ORDER).limit(1))


def _comments(query: sa.Select[Any]) -> list[Comment]:
    rows = db.session.execute(query).all()
    tags = tags_of([row.CommentReview.id for row in rows if row.CommentReview])
    return [
        Comment(
            row.Answer,
            row.Question,
            row.programme_id,
            row.Wave,
            row.Archive,
            row.Cohort,
            row.Theme,
            row.Response,
            row.CommentReview,
            row.User,
            row.Participant,
            tags.get(row.CommentReview.id, []) if row.CommentReview else [],
            row.is_answered,
        )
        for row in rows
    ]


def comment(answer_id: int) -> Comment | None:
    """Nothing when it is no comment, was not sent, or may not be read yet."""
    found = _comments(_with_person(_joined()).where(Answer.id == answer_id))
    return found[0] if found else None


def these(within: sa.ColumnElement[bool], answer_ids: Collection[int]) -> list[Comment]:
    """Those of the comments that exist and may be seen, each once."""
    return _comments(_with_person(_joined()).where(within, Answer.id.in_(answer_ids)))


def texts(within: sa.ColumnElement[bool], at_most: int) -> list[tuple[int, str]]:
    """Answer's id and words, in the order of the pages."""
    query = _filtered(_joined(Answer.id, Answer.text), within, Wanted()).order_by(*_ORDER).limit(at_most)
    return [(number, text or "") for number, text in db.session.execute(query)]


def everything(within: sa.ColumnElement[bool], wanted: Wanted, state: CommentState | None) -> sa.Select[Any]:
    """For an export: to be read in stretches, with the person where the wave names people."""
    return _with_person(_of(within, wanted, state)).order_by(*_ORDER)


def tags_of(review_ids: Sequence[int]) -> dict[int, list[Tag]]:
    query = (
        sa.select(CommentTag.review_id, Tag)
        .join(Tag)
        .where(CommentTag.review_id.in_(review_ids))
        .order_by(Tag.name)
    )
    found: defaultdict[int, list[Tag]] = defaultdict(list)
    for review_id, tag in db.session.execute(query):
        found[review_id].append(tag)
    return found


def tags(within: sa.ColumnElement[bool]) -> Sequence[Tag]:
    """`within` speaks of Tag.programme_id."""
    return db.session.scalars(sa.select(Tag).where(within).order_by(Tag.name).limit(OFFERED)).all()


def editions(within: sa.ColumnElement[bool]) -> list[tuple[int, int, str]]:
    """(id, year, name) of editions that were ever asked, newest first."""
    query = (
        sa.select(Cohort.id, Theme.year, Cohort.name)
        .join(Cohort.theme)
        .where(within, sa.exists().where(Schedule.cohort_id == Cohort.id))
        .order_by(Cohort.starts_on.desc())
        .limit(OFFERED)
    )
    return [(number, year, name) for number, year, name in db.session.execute(query)]
