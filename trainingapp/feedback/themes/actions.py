"""Verbs of proposed themes: asked for, read by a worker, renamed, merged, split, accepted or rejected."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import InvalidRequestError

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db, insert, lock
from trainingapp.feedback.comments import tags
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag
from trainingapp.feedback.themes import proposing, queries
from trainingapp.feedback.themes.models import (
    ProposalState,
    ProposedTheme,
    ThemeProposal,
    ThemeQuote,
    ThemeState,
)
from trainingapp.refusals import Refusal, Stale

LONGEST = tags.LONGEST_TAG


class NothingChosen(Refusal):
    """Moving and splitting need comments, or another theme."""


class NameMissing(Refusal):
    """A theme has a name."""


def ask(cohort: Cohort, by: int, now: datetime) -> ThemeProposal:
    """The one that is under way already, or a new one."""
    lock(cohort)
    last = queries.latest(cohort)
    if last and queries.is_under_way(last, now):
        return last
    made = ThemeProposal(cohort_id=cohort.id, asked_by_id=by, asked_at=now, state=ProposalState.WAITING)
    db.session.add(made)
    db.session.flush()
    audit.record(made, "themes asked for", programme_id=cohort.theme.programme_id)
    return made


def read_waiting() -> Iterator[ProposalState]:
    """Takes the oldest that waits. To be committed at each state: nothing is held while words are
    grouped, and two workers never take the same one.
    """
    query = (
        sa.select(ThemeProposal)
        .where(ThemeProposal.state == ProposalState.WAITING)
        .order_by(ThemeProposal.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    proposal = db.session.scalar(query)
    if proposal is None:
        return
    proposal.state = ProposalState.READING
    db.session.flush()
    yield proposal.state
    number, texts = proposal.id, queries.texts(proposal.cohort)
    db.session.rollback()
    try:
        enough = len(texts) >= proposing.FEWEST
        found = proposing.propose([text for _answer, text in texts]) if enough else []
        state = ProposalState.READY if enough else ProposalState.TOO_FEW
    except proposing.NotGrouped:
        current_app.logger.exception("the comments of theme proposal %s were not grouped", number)
        found, state = [], ProposalState.FAILED
    proposal = db.session.get_one(ThemeProposal, number)
    keep(proposal, texts, found, state)
    yield state


def keep(
    proposal: ThemeProposal,
    texts: Sequence[tuple[int, str]],
    found: Sequence[proposing.Proposed],
    state: ProposalState = ProposalState.READY,
) -> None:
    proposal.comments, proposal.state = len(texts), state
    for one in found:
        theme = _new(proposal.id, one.name, one.words)
        db.session.add_all(
            ThemeQuote(theme_id=theme.id, answer_id=texts[place][0], position=position)
            for position, place in enumerate(one.places)
        )
    db.session.flush()


def _new(proposal_id: int, name: str, words: list[str]) -> ProposedTheme:
    made = ProposedTheme(proposal_id=proposal_id, name=name[:LONGEST], words=words, state=ThemeState.PROPOSED)
    db.session.add(made)
    db.session.flush()
    return made


def hold(theme: ProposedTheme, version: int, into: ProposedTheme | None = None) -> None:
    """With the one that comments go to, in one order for everybody. Raises Stale when someone was quicker."""
    late = Stale(_("Someone else changed this theme after you opened it. Look at it once more."))
    for row in sorted((theme, into) if into else (theme,), key=lambda one: one.id):
        try:
            lock(row)
        except InvalidRequestError as gone:  # merged into another
            raise late from gone
    if theme.version != version:
        raise late


def rename(theme: ProposedTheme, name: str, by: int, now: datetime) -> None:
    before, theme.name = theme.name, _name(name)
    if theme.tag_id:
        _untag(theme, queries.answers_of([theme.id]))
        theme.tag_id = tags.named(theme.proposal.cohort.theme.programme_id, theme.name).id
        _tag(theme, by, now)
    _note(theme, "theme renamed", before=before, after=theme.name)


def merge(theme: ProposedTheme, into: ProposedTheme | None, by: int, now: datetime) -> None:
    """Its comments go over, and it is gone."""
    into = _other(theme, into)
    _move(theme, into, queries.answers_of([theme.id]), by, now)
    into.words = list(dict.fromkeys([*into.words, *theme.words]))
    _note(into, "theme merged", after=theme.name)
    db.session.delete(theme)
    db.session.flush()


def split(
    theme: ProposedTheme, name: str, answer_ids: Collection[int], by: int, now: datetime
) -> ProposedTheme:
    chosen = _chosen(theme, answer_ids)
    made = _new(theme.proposal_id, _name(name), [])
    made.proposal = theme.proposal
    _move(theme, made, chosen, by, now)
    _note(made, "theme split off", before=theme.name, after=made.name)
    return made


def move(
    theme: ProposedTheme, into: ProposedTheme | None, answer_ids: Collection[int], by: int, now: datetime
) -> None:
    into = _other(theme, into)
    _move(theme, into, _chosen(theme, answer_ids), by, now)
    _note(theme, "quotes moved", after=into.name)


def take_out(theme: ProposedTheme, answer_ids: Collection[int]) -> None:
    chosen = _chosen(theme, answer_ids)
    _untag(theme, chosen)
    db.session.execute(sa.delete(ThemeQuote).where(_under(theme, chosen)))
    _note(theme, "quotes taken out")


def reject(theme: ProposedTheme) -> None:
    theme.state = ThemeState.REJECTED
    _note(theme, "theme rejected")


def reopen(theme: ProposedTheme) -> None:
    """A rejected one is a proposal again."""
    theme.state = ThemeState.PROPOSED
    _note(theme, "theme reopened")


def accept(theme: ProposedTheme, by: int, now: datetime) -> None:
    """It becomes a tag on each of its comments. Which of them have been read stays as it was."""
    tag = tags.named(theme.proposal.cohort.theme.programme_id, theme.name)
    theme.state, theme.tag_id = ThemeState.ACCEPTED, tag.id
    _tag(theme, by, now)
    _note(theme, "theme accepted", after=tag.name)


def _tag(theme: ProposedTheme, by: int, now: datetime) -> None:
    """Every comment under it. Rows are made and held in the order of triage."""
    under = ThemeQuote.theme_id == theme.id
    new: dict[str, Any] = {
        "state": sa.literal(CommentState.NEW, CommentReview.state.type),
        "note": sa.literal(""),
        "translation": sa.literal(""),
        "translated_into": sa.literal(""),
        "changed_by_id": sa.literal(by),
        "changed_at": sa.literal(now, CommentReview.changed_at.type),
        "version": sa.literal(1),
    }
    rows = sa.select(ThemeQuote.answer_id, *new.values()).where(under).order_by(ThemeQuote.answer_id)
    db.session.execute(insert(CommentReview).from_select(["answer_id", *new], rows).on_conflict_do_nothing())
    held = (
        sa.select(CommentReview.id)
        .where(CommentReview.answer_id.in_(sa.select(ThemeQuote.answer_id).where(under)))
        .order_by(CommentReview.id)
        .with_for_update()
    )
    tagged = [{"review_id": review, "tag_id": theme.tag_id} for review in db.session.scalars(held)]
    if tagged:
        db.session.execute(insert(CommentTag).values(tagged).on_conflict_do_nothing())


def _untag(theme: ProposedTheme, answer_ids: Collection[int]) -> None:
    reviews = sa.select(CommentReview.id).where(CommentReview.answer_id.in_(answer_ids))
    on_them = (CommentTag.tag_id == theme.tag_id) & CommentTag.review_id.in_(reviews)
    db.session.execute(sa.delete(CommentTag).where(on_them))


def _other(theme: ProposedTheme, into: ProposedTheme | None) -> ProposedTheme:
    if into is None or into.id == theme.id or into.proposal_id != theme.proposal_id:
        raise NothingChosen(_("Choose another theme of this proposal."))
    return into


def _under(theme: ProposedTheme, answer_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return (ThemeQuote.theme_id == theme.id) & ThemeQuote.answer_id.in_(answer_ids)


def _name(name: str) -> str:
    name = " ".join(name.split())[:LONGEST]
    if not name:
        raise NameMissing(_("Write a name for the theme."), "name")
    return name


def _chosen(theme: ProposedTheme, answer_ids: Collection[int]) -> list[int]:
    chosen = [number for number in queries.answers_of([theme.id]) if number in set(answer_ids)]
    if not chosen:
        raise NothingChosen(_("Choose at least one comment first."))
    return chosen


def _move(
    theme: ProposedTheme, into: ProposedTheme, answer_ids: Collection[int], by: int, now: datetime
) -> None:
    """With the tag of an accepted one taken off and put on."""
    _untag(theme, answer_ids)
    db.session.execute(sa.delete(ThemeQuote).where(_under(theme, answer_ids)))
    rows = [
        {"theme_id": into.id, "answer_id": number, "position": place}
        for place, number in enumerate(answer_ids)
    ]
    if rows:
        db.session.execute(insert(ThemeQuote).values(rows).on_conflict_do_nothing())
    if into.tag_id:
        _tag(into, by, now)


def _note(theme: ProposedTheme, verb: str, before: str | None = None, after: str | None = None) -> None:
    db.session.flush()
    programme_id = theme.proposal.cohort.theme.programme_id
    audit.record(theme, verb, before=before, after=after, programme_id=programme_id)
