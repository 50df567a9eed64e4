"""Questions about the question bank. No writes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from trainingapp.db import db
from trainingapp.paging import SIZE
from trainingapp.surveys.bank.models import BankQuestion, BankWording
from trainingapp.surveys.models import Level, Question, Survey, SurveyVersion
from trainingapp.surveys.wording import text_in


@dataclass(frozen=True)
class Wanted:
    text: str = ""
    level: Level | None = None
    kind: str = ""
    with_retired: bool = False


@dataclass(frozen=True)
class Entry:
    question: BankQuestion
    words: BankWording
    uses: int  # versions that ask it


def entries(allowed: sa.ColumnElement[bool], wanted: Wanted, page: int = 1) -> tuple[list[Entry], bool]:
    """By key, and whether more follow. `allowed` is about BankQuestion.programme_id."""
    uses = (
        sa.select(sa.func.count())
        .select_from(Question)
        .join(SurveyVersion, SurveyVersion.id == Question.version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
        .where(Question.key == BankQuestion.key, Survey.programme_id == BankQuestion.programme_id)
        .correlate(BankQuestion)
        .scalar_subquery()
    )
    query = (
        sa.select(BankQuestion, BankWording, uses)
        .join(BankWording, BankWording.question_id == BankQuestion.id)
        .where(allowed, _is_latest())
        .order_by(BankQuestion.key, BankQuestion.id)
        .offset((page - 1) * SIZE)
        .limit(SIZE + 1)
    )
    if wanted.text:
        like = _part(wanted.text)
        said = sa.func.lower(sa.cast(BankWording.wording, sa.Text))
        as_json = {_part(json.dumps(text)[1:-1]) for text in (wanted.text, wanted.text.casefold())}
        query = query.where(
            sa.or_(
                *(BankQuestion.key.ilike(like, escape="\\"), said.like(like, escape="\\")),
                *(said.like(text, escape="\\") for text in as_json),  # a database may keep \u0645
            )
        )
    if wanted.level:
        query = query.where(BankQuestion.level == wanted.level)
    if wanted.kind:
        query = query.where(BankQuestion.kind == wanted.kind)
    if not wanted.with_retired:
        query = query.where(BankQuestion.retired_at.is_(None))
    found = [Entry(question, words, count) for question, words, count in db.session.execute(query)]
    return found[:SIZE], len(found) > SIZE


def entry(entry_id: int) -> BankQuestion | None:
    return db.session.get(BankQuestion, entry_id, options=[joinedload(BankQuestion.programme)])


def history(of: BankQuestion) -> Sequence[BankWording]:
    """The latest first."""
    return db.session.scalars(
        sa.select(BankWording)
        .where(BankWording.question_id == of.id)
        .options(joinedload(BankWording.written_by))
        .order_by(BankWording.number.desc())
    ).all()


def used_in(of: BankQuestion) -> Sequence[SurveyVersion]:
    """Versions that ask it, the latest first."""
    return db.session.scalars(
        sa.select(SurveyVersion)
        .join(Question, Question.version_id == SurveyVersion.id)
        .join(SurveyVersion.survey)
        .where(Question.key == of.key, Survey.programme_id == of.programme_id)
        .options(joinedload(SurveyVersion.survey))
        .order_by(SurveyVersion.id.desc())
    ).all()


def offered(programme_id: int, taken: Sequence[str]) -> list[tuple[int, str, str]]:
    """What a draft may add: id, key and wording in English or any language."""
    query = (
        sa.select(BankQuestion.id, BankQuestion.key, BankWording.wording)
        .join(BankWording, BankWording.question_id == BankQuestion.id)
        .where(BankQuestion.programme_id == programme_id, BankQuestion.retired_at.is_(None), _is_latest())
        .order_by(BankQuestion.key)
    )
    found = db.session.execute(query)
    return [(number, key, text_in(words, "en")) for number, key, words in found if key not in taken]


def _is_latest() -> sa.ColumnElement[bool]:
    newer = sa.orm.aliased(BankWording)
    return ~sa.exists().where(newer.question_id == BankWording.question_id, newer.number > BankWording.number)


def _part(text: str) -> str:
    """Anywhere, in any letters."""
    plain = text.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
