"""Verbs of "you said, we did": written, shown, kept, dropped with a reason, open again."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db, lock
from trainingapp.feedback import people
from trainingapp.feedback.promises import queries
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.refusals import Refusal, Stale


class NothingSaid(Refusal):
    """Both halves are needed, in one language at least."""


class Unmasks(Refusal):
    """Their words would say who wrote them, to others than they were promised."""


class ReasonMissing(Refusal):
    """What is dropped says why."""


@dataclass(frozen=True)
class Words:
    said: dict[str, str]  # language -> text
    did: dict[str, str]
    owner: User | None
    due_on: date | None
    shows_quote: bool
    is_shown: bool


def begin(
    cohort: Cohort,
    words: Words,
    now: datetime,
    *,
    answer_id: int | None = None,
    tag_id: int | None = None,
    form_id: str | None = None,
) -> Promise:
    """Raises what `write` raises, and once.Twice."""
    made = Promise(
        cohort_id=cohort.id,
        cohort=cohort,
        answer_id=answer_id,
        tag_id=tag_id,
        said={},
        did={},
        written_at=now,
        state=PromiseState.PROMISED,
        form_id=form_id,
    )
    _put(made, words, now)
    once.keep(made)
    audit.record(made, "promised", programme_id=cohort.theme.programme_id)
    return made


def write(promise: Promise, words: Words, now: datetime) -> None:
    """Raises NothingSaid, Unmasks or NotTheirs."""
    was_shown = promise.shown_at is not None
    _put(promise, words, now)
    db.session.flush()
    verb = "promise changed" if was_shown == words.is_shown else _SHOWN[words.is_shown]
    audit.record(promise, verb, programme_id=promise.cohort.theme.programme_id)


_SHOWN = {True: "promise shown", False: "promise hidden"}


def _put(promise: Promise, words: Words, now: datetime) -> None:
    if not set(words.said) & set(words.did):
        raise NothingSaid(
            _("Write what people said and what you do about it, in the same language at least once.")
        )
    if words.shows_quote and not (promise.answer_id and queries.may_be_quoted(promise.answer_id)):
        raise Unmasks(
            _(
                "These words stay with the team: fewer than five people answered, "
                "or the questionnaire promised that nobody else reads them."
            ),
            "shows_quote",
        )
    people.check_owner(words.owner, {promise.cohort.theme.programme_id})
    promise.said, promise.did = dict(words.said), dict(words.did)
    promise.owner_id = words.owner.id if words.owner else None
    promise.due_on, promise.shows_quote = words.due_on, words.shows_quote
    promise.shown_at = (promise.shown_at or now) if words.is_shown else None


def settle(promise: Promise, state: PromiseState, reason: str, version: int, now: datetime) -> None:
    """Raises ReasonMissing, or Stale when someone else was quicker."""
    lock(promise)
    if promise.version != version:
        raise Stale(_("Someone else changed this after you opened it. Look at it once more."))
    if state is PromiseState.DROPPED and not reason:
        raise ReasonMissing(_("Write why: those who said it, and next year's team, read it."), "reason")
    before = promise.state
    promise.state, promise.reason = state, reason
    promise.settled_at = None if state is PromiseState.PROMISED else now
    db.session.flush()
    audit.record(
        promise,
        "promise settled",
        before=before,
        after=state,
        why=reason or None,
        programme_id=promise.cohort.theme.programme_id,
    )
