"""Verbs of proposed themes: asked for, read by a worker, renamed, merged, split, accepted or rejected."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from trainingapp.accounts import audit
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db, insert, lock
from trainingapp.feedback import proposing, tags, themes
from trainingapp.feedback.models import CommentReview, CommentState, CommentTag
from trainingapp.feedback.theme_models import (
    ProposalState,
    ProposedTheme,
    ThemeProposal,
    ThemeQuote,
    ThemeState,
)
from trainingapp.refusals import Refusal, Stale

LONGEST = tags.LONGEST_TAG
UNDER_WAY = (ProposalState.WAITING, ProposalState.READING)
GIVEN_UP = timedelta(minutes=2)  # its worker was stopped: it may be asked for again


class NothingChosen(Refusal):
    """Moving and splitting need comments, or another theme."""


class NameMissing(Refusal):
    """A theme has a name."""


def ask(cohort: Cohort, by: int, now: datetime) -> ThemeProposal:
    """The one that is under way already, or a new one."""
    lock(cohort)
    last = themes.latest(cohort)
    if last and last.state in UNDER_WAY and last.asked_at > now - GIVEN_UP:
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
    number, texts = proposal.id, themes.texts(proposal.cohort)
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


def hold(theme: ProposedTheme, version: int) -> None:
    """Raises Stale when someone else was quicker."""
    lock(theme)
    if theme.version != version:
        raise Stale(_("Someone else changed this theme after you opened it. Look at it once more."))


def rename(theme: ProposedTheme, name: str) -> None:
    before, theme.name = theme.name, _name(name)
    _note(theme, "theme renamed", before=before, after=theme.name)


def merge(theme: ProposedTheme, into: ProposedTheme) -> None:
    """Its comments go over, and it is gone."""
    if into.id == theme.id or into.proposal_id != theme.proposal_id:
        raise NothingChosen(_("Choose another theme of this proposal."))
    _move(theme, into, themes.answers_of([theme.id]))
    into.words = list(dict.fromkeys([*into.words, *theme.words]))
    _note(into, "theme merged", after=theme.name)
    db.session.delete(theme)
    db.session.flush()


def split(theme: ProposedTheme, name: str, answer_ids: Collection[int]) -> ProposedTheme:
    chosen = _chosen(theme, answer_ids)
    made = _new(theme.proposal_id, _name(name), [])
    made.proposal = theme.proposal
    _move(theme, made, chosen)
    _note(made, "theme split off", before=theme.name, after=made.name)
    return made


def move(theme: ProposedTheme, into: ProposedTheme, answer_ids: Collection[int]) -> None:
    if into.id == theme.id or into.proposal_id != theme.proposal_id:
        raise NothingChosen(_("Choose another theme of this proposal."))
    _move(theme, into, _chosen(theme, answer_ids))
    _note(theme, "quotes moved", after=into.name)


def take_out(theme: ProposedTheme, answer_ids: Collection[int]) -> None:
    there = (ThemeQuote.theme_id == theme.id) & ThemeQuote.answer_id.in_(_chosen(theme, answer_ids))
    db.session.execute(sa.delete(ThemeQuote).where(there))
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
    programme_id = theme.proposal.cohort.theme.programme_id
    tag = tags.named(programme_id, theme.name)
    answer_ids = themes.answers_of([theme.id])
    new = {"state": CommentState.NEW, "note": "", "changed_by_id": by, "changed_at": now, "version": 1}
    if answer_ids:
        rows = [{"answer_id": number, **new} for number in answer_ids]
        db.session.execute(insert(CommentReview).values(rows).on_conflict_do_nothing())
        reviews = db.session.scalars(
            sa.select(CommentReview.id).where(CommentReview.answer_id.in_(answer_ids))
        )
        tagged = [{"review_id": review, "tag_id": tag.id} for review in reviews]
        db.session.execute(insert(CommentTag).values(tagged).on_conflict_do_nothing())
    theme.state, theme.tag_id = ThemeState.ACCEPTED, tag.id
    _note(theme, "theme accepted", after=tag.name)


def _name(name: str) -> str:
    name = " ".join(name.split())[:LONGEST]
    if not name:
        raise NameMissing(_("Write a name for the theme."), "name")
    return name


def _chosen(theme: ProposedTheme, answer_ids: Collection[int]) -> list[int]:
    chosen = [number for number in themes.answers_of([theme.id]) if number in set(answer_ids)]
    if not chosen:
        raise NothingChosen(_("Choose at least one comment first."))
    return chosen


def _move(theme: ProposedTheme, into: ProposedTheme, answer_ids: Collection[int]) -> None:
    there = (ThemeQuote.theme_id == theme.id) & ThemeQuote.answer_id.in_(answer_ids)
    db.session.execute(sa.delete(ThemeQuote).where(there))
    rows = [
        {"theme_id": into.id, "answer_id": number, "position": place}
        for place, number in enumerate(answer_ids)
    ]
    if rows:
        db.session.execute(insert(ThemeQuote).values(rows).on_conflict_do_nothing())


def _note(theme: ProposedTheme, verb: str, before: str | None = None, after: str | None = None) -> None:
    db.session.flush()
    programme_id = theme.proposal.cohort.theme.programme_id
    audit.record(theme, verb, before=before, after=after, programme_id=programme_id)
