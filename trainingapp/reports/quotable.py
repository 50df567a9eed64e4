"""Which comments a report may quote, without a name.

Those that may be read, were answered by name or may be told to others, together with at least four more, and,
where the questionnaire asked for that, whose writer said yes.
"""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.feedback.comments import queries as comments
from trainingapp.feedback.comments.queries import Comment, Wanted
from trainingapp.feedback.promises import queries as promises
from trainingapp.feedback.promises.queries import KINDS_OF_CONSENT, YES
from trainingapp.impact.scope import Scope
from trainingapp.responses.models import Answer, Response
from trainingapp.surveys.models import Question


def found(scope: Scope, text: str = "") -> list[Comment]:
    """As many as are dealt with at one time, in the order of the inbox."""
    every = comments.all_that_fit(_within(scope), Wanted(text=text), None)
    return _allowed(every, scope)


def these(scope: Scope, answer_ids: Sequence[int]) -> list[Comment]:
    """Those of them that may still be quoted, in their order."""
    by_id = {one.answer.id: one for one in comments.these(_within(scope), answer_ids)}
    return _allowed([by_id[number] for number in answer_ids if number in by_id], scope)


def _within(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(Cohort.id.is_not(None), *scope.holds())


def _allowed(every: Sequence[Comment], scope: Scope) -> list[Comment]:
    """Of those that were written by the scope's day."""
    numbers = [one.answer.id for one in every if _is_old_enough(one, scope)]
    allowed = promises.quotable(numbers) - _not_agreed(numbers)
    return [one for one in every if one.answer.id in allowed]


def _is_old_enough(one: Comment, scope: Scope) -> bool:
    """Anonymous ones have no hour of their own: they came with their wave. Old ones came with their file."""
    came = one.archive.brought_in_at if one.archive else one.response.sent_at
    return scope.until is None or came is None or came < scope.until


def _not_agreed(answer_ids: Collection[int]) -> set[int]:
    """Of people who were asked whether it may be told, and did not say yes."""
    agreed = aliased(Answer)
    asked = aliased(Question)
    said = sa.and_(agreed.response_id == Answer.response_id, agreed.question_id == asked.id)
    query = (
        sa.select(Answer.id)
        .join(Response, Response.id == Answer.response_id)
        .join(Question, Question.id == Answer.question_id)
        .join(asked, sa.and_(asked.version_id == Question.version_id, asked.kind.in_(KINDS_OF_CONSENT)))
        .outerjoin(agreed, said)
        .where(Answer.id.in_(answer_ids), sa.or_(agreed.choice.is_(None), agreed.choice != YES))
    )
    return set(db.session.scalars(query))
