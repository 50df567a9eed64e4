"""Verbs on the question bank. A key keeps its kind and the values of its choices; words may change."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import db, lock
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.surveys.bank.models import BankQuestion, BankWording
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES

LISTS = ("choices", "items")  # of options, whose values are counted over the years


class KeyMeansElse(Refusal):
    """The key stands for a question of another kind."""


class ValueGone(Refusal):
    """A value that people have chosen would mean nothing any more."""


class SameWords(Refusal):
    """Nothing changed."""


def enter(
    questions: Iterable[Question], programme_id: int, now: datetime, *, why: str, by: User | None = None
) -> None:
    """The questions of a version that is published: new keys are added, new words noted.

    Raises KeyMeansElse, ValueGone.
    """
    _hold(programme_id)
    asked = [question for question in questions if QUESTION_TYPES[question.kind].takes_answer]
    there = known(programme_id)
    latest = _latest(programme_id)
    there |= _added([question for question in asked if question.key not in there], programme_id, now)
    for question in asked:
        entry = there[question.key]
        _must_mean_the_same(entry, question)
        before = latest.get(entry.id)
        if before is None or _words(before) != _words(question):
            if before:
                must_keep_values(before.options, question.options)
            _write(entry, before, question, now, why=why, by=by)
    db.session.flush()


def reword(
    entry: BankQuestion,
    *,
    wording: Mapping[str, Any],
    hint: Mapping[str, Any],
    options: Mapping[str, Any],
    why: str,
    by: User,
    now: datetime,
) -> BankWording:
    """For the next questionnaires; those that are published stay as they are.

    Raises OptionsUnfit, ValueGone, SameWords.
    """
    _hold(entry.programme_id)
    before = latest_of(entry)
    asked = Question(kind=entry.kind, wording=dict(wording), hint=dict(hint), options=dict(options))
    QUESTION_TYPES[entry.kind].check_options(asked.options)
    if before and _words(before) == _words(asked):
        raise SameWords(_("These are the words it has already."), "wording")
    if before:
        must_keep_values(before.options, asked.options)
    made = _write(entry, before, asked, now, why=why, by=by)
    db.session.flush()
    audit.record(entry, "reworded", after=f"wording {made.number}", why=why, programme_id=entry.programme_id)
    return made


def retire(entry: BankQuestion, now: datetime) -> None:
    entry.retired_at = entry.retired_at or now
    audit.record(entry, "retired", programme_id=entry.programme_id)


def bring_back(entry: BankQuestion) -> None:
    entry.retired_at = None
    audit.record(entry, "brought back", programme_id=entry.programme_id)


def must_keep_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises ValueGone. Adding is fine."""
    for name in LISTS:
        kept = {one["value"] for one in after.get(name) or []}
        for one in before.get(name) or []:
            if one["value"] not in kept:
                text = next(iter(one["text"].values()), one["value"])
                raise ValueGone(
                    _(
                        "People may have chosen “%(text)s” (%(value)s), so that it must stay. "
                        "Ask it under a new key to leave it out.",
                        text=text,
                        value=one["value"],
                    ),
                    name,
                )


def latest_of(entry: BankQuestion) -> BankWording | None:
    return db.session.scalar(
        sa.select(BankWording)
        .where(BankWording.question_id == entry.id)
        .order_by(BankWording.number.desc())
        .limit(1)
    )


def known(programme_id: int) -> dict[str, BankQuestion]:
    """By key."""
    rows = db.session.scalars(sa.select(BankQuestion).where(BankQuestion.programme_id == programme_id))
    return {row.key: row for row in rows}


def _hold(programme_id: int) -> None:
    """Two who publish or reword at once would number the same wording, or add the same key."""
    lock(db.session.get_one(Programme, programme_id))


def _latest(programme_id: int) -> dict[int, BankWording]:
    rows = db.session.scalars(
        sa.select(BankWording)
        .join(BankQuestion)
        .where(BankQuestion.programme_id == programme_id)
        .order_by(BankWording.number)
    )
    return {row.question_id: row for row in rows}


def _added(questions: Iterable[Question], programme_id: int, now: datetime) -> dict[str, BankQuestion]:
    """By key."""
    made = {
        question.key: BankQuestion(
            programme_id=programme_id, key=question.key, kind=question.kind, level=question.level, made_at=now
        )
        for question in questions
    }
    db.session.add_all(made.values())
    db.session.flush()
    return made


def _must_mean_the_same(entry: BankQuestion, question: Question) -> None:
    if entry.kind != question.kind:
        raise KeyMeansElse(
            _(
                "The key %(key)s stands for “%(theirs)s” in the question bank, and here for “%(ours)s”. "
                "Give this question another key.",
                key=entry.key,
                theirs=str(QUESTION_TYPES[entry.kind].title),
                ours=str(QUESTION_TYPES[question.kind].title),
            ),
            "key",
        )


def _words(of: Question | BankWording) -> tuple[Any, Any, Any]:
    return of.wording or {}, of.hint or {}, of.options or {}


def _write(
    entry: BankQuestion,
    before: BankWording | None,
    asked: Question,
    now: datetime,
    *,
    why: str,
    by: User | None,
) -> BankWording:
    made = BankWording(
        question_id=entry.id,
        number=before.number + 1 if before else 1,
        wording=asked.wording,
        hint=asked.hint or {},
        options=asked.options or {},
        why=why,
        written_at=now,
        written_by_id=by.id if by else None,
    )
    db.session.add(made)
    return made
