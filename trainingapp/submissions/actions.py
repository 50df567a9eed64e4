"""Verbs: begin a submission, bring a published one in, save, propose, hand in, take off the list."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.submissions import held, languages, lists, reading
from trainingapp.submissions.checks.fields import is_address
from trainingapp.submissions.fields import Prose, Value
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.models import Submission, SubmissionState


class Frozen(Refusal):
    """What was handed in, or taken off the list, is not written any more."""


class NotHandedIn(Refusal):
    """What follows on handing in does not come before."""


class NothingThere(Refusal):
    """An entry without its title is no entry."""


class NotYet(Refusal):
    """Nothing is handed in on a day to come."""


class NoAddress(Refusal):
    """Where it is published is a whole address."""


@dataclass(frozen=True)
class Typed:
    """What the editor sent."""

    texts: Mapping[str, Value]
    languages: Mapping[str, str]
    taken: Collection[str] = ()  # fields whose proposed text somebody has read and takes as theirs
    keeps_unplaced: bool = True


def begin(
    programme: Programme, kind: Kind, language: str, as_of: date | None, by: User, now: datetime, form_id: str
) -> Submission:
    """With every text proposed that we can found on something. Raises once.Twice."""
    made = _new(programme, kind, language, by, now, form_id, as_of=as_of)
    _propose(made, now)
    audit.record(made, "begun", after=kind.key, programme_id=programme.id)
    return made


def bring_in(
    programme: Programme,
    kind: Kind,
    language: str,
    entry: reading.Read,
    by: User,
    now: datetime,
    form_id: str,
) -> Submission:
    """As it was published: nothing is proposed until somebody asks. Raises once.Twice."""
    made = _new(
        programme,
        kind,
        language,
        by,
        now,
        form_id,
        texts=entry.texts,
        languages=entry.languages,
        labels=entry.labels,
        unplaced=entry.unplaced,
    )
    audit.record(made, "brought in", after=kind.key, programme_id=programme.id)
    return made


def again(earlier: Submission, by: User, now: datetime, form_id: str) -> Submission:
    """A new draft with the texts of one that is handed in, to be held against our figures of now. Raises
    NotHandedIn, once.Twice.
    """
    if earlier.state is not SubmissionState.HANDED_IN:
        raise NotHandedIn(_("Mark it as handed in first."))
    made = _new(
        earlier.programme,
        KINDS[earlier.kind],
        earlier.language,
        by,
        now,
        form_id,
        texts=dict(earlier.texts),
        languages=dict(earlier.languages),
    )
    audit.record(made, "begun", after=f"again from {earlier.id}", programme_id=made.programme_id)
    return made


def _new(
    programme: Programme, kind: Kind, language: str, by: User, now: datetime, form_id: str, **facts: Any
) -> Submission:
    lists.ship(now)
    made = Submission(
        programme_id=programme.id,
        programme=programme,
        kind=kind.key,
        language=language,
        form_id=form_id,
        made_at=now,
        changed_at=now,
        changed_by_id=by.id,
        **{"texts": kind.blank(), **facts},
    )
    once.keep(made)
    return made


def save(submission: Submission, typed: Typed, by: User, now: datetime) -> list[str]:
    """The fields that changed; what was changed is nobody's proposal any more. Raises Frozen."""
    check_open(submission)
    changed = [key for key, value in typed.texts.items() if submission.texts.get(key) != value]
    proposed = [key for key in submission.proposed if key not in changed and key not in typed.taken]
    spoken = {key: code for key, code in typed.languages.items() if code}
    is_same = not changed and proposed == submission.proposed and spoken == submission.languages
    if is_same and (typed.keeps_unplaced or not submission.unplaced):
        return []
    submission.texts = {**submission.texts, **typed.texts}
    submission.languages, submission.proposed = spoken, proposed
    submission.labels = {key: code for key, code in submission.labels.items() if key not in changed}
    if not typed.keeps_unplaced:
        submission.unplaced = ""
    _touch(submission, by, now)
    audit.record(
        submission,
        "saved",
        after=", ".join(changed) or None,
        facts={"taken": sorted(typed.taken)},
        programme_id=submission.programme_id,
    )
    return changed


def propose(submission: Submission, by: User, now: datetime) -> list[str]:
    """Fills what is empty, and what was proposed and nobody took, with what we hold now. Raises Frozen."""
    check_open(submission)
    changed = _propose(submission, now)
    if changed:
        _touch(submission, by, now)
        after = ", ".join(changed)
        audit.record(submission, "proposed", after=after, programme_id=submission.programme_id)
    return changed


def _propose(submission: Submission, now: datetime) -> list[str]:
    kind = KINDS[submission.kind]
    known = held.background(submission.programme, submission.as_of, now.date())
    with force_locale(submission.language):
        offered = {key: value for key, value in kind.propose(known) if value}
    open_ = {
        key: value
        for key, value in offered.items()
        if (not submission.texts.get(key) or key in submission.proposed)
        and submission.texts.get(key) != value
    }
    submission.texts = {**submission.texts, **open_}
    submission.proposed = list(dict.fromkeys([*submission.proposed, *open_]))
    spoken = {  # a name or description is kept in one language, whatever is asked for
        key: languages.guess(text) or submission.language
        for key, text in open_.items()
        if isinstance(kind.field(key), Prose)
    }
    submission.languages = {**submission.languages, **spoken}
    return list(open_)


def hand_in(submission: Submission, on: date, address: str, by: User, now: datetime) -> None:
    """Freezes the texts, with our figures of this moment beside them. Raises Frozen, NothingThere, NotYet,
    NoAddress.
    """
    check_open(submission)
    if not submission.title:
        raise NothingThere(_("Give it a title before you mark it as handed in."))
    if on > now.date():
        raise NotYet(_("This day is still to come. Write the day on which it was handed in."), "on")
    _set_address(submission, address)
    submission.state = SubmissionState.HANDED_IN
    submission.handed_in_on, submission.handed_in_by_id = on, by.id
    submission.proposed, submission.unplaced, submission.labels = [], "", {}
    submission.figures = held.of(submission.programme_id, submission.as_of, now.date()).kept()
    _touch(submission, by, now)
    audit.record(submission, "handed in", after=str(on), programme_id=submission.programme_id)


def publish_at(submission: Submission, address: str, by: User, now: datetime) -> None:
    """Where it can be read since; platforms take weeks. Raises NotHandedIn, NoAddress."""
    if submission.state is not SubmissionState.HANDED_IN:
        raise NotHandedIn(_("Mark it as handed in first."))
    before = submission.address
    _set_address(submission, address)
    if before != submission.address:
        _touch(submission, by, now)
        audit.record(
            submission,
            "published",
            before=before,
            after=submission.address,
            programme_id=submission.programme_id,
        )


def discard(submission: Submission, by: User, now: datetime) -> None:
    """Off the list; nothing is deleted."""
    if submission.state is not SubmissionState.DISCARDED:
        before, submission.state = submission.state, SubmissionState.DISCARDED
        _touch(submission, by, now)
        audit.record(submission, "discarded", before=before, programme_id=submission.programme_id)


def restore(submission: Submission, by: User, now: datetime) -> None:
    """As it was before it was taken off the list."""
    if submission.state is SubmissionState.DISCARDED:
        was_handed_in = submission.handed_in_on is not None
        submission.state = SubmissionState.HANDED_IN if was_handed_in else SubmissionState.DRAFT
        _touch(submission, by, now)
        audit.record(submission, "restored", after=submission.state, programme_id=submission.programme_id)


def check_open(submission: Submission) -> None:
    """Raises Frozen."""
    if submission.state is SubmissionState.HANDED_IN:
        raise Frozen(_("It is handed in and does not change any more. Begin a new draft from it."))
    if submission.state is SubmissionState.DISCARDED:
        raise Frozen(_("It is taken off the list. Put it back before you change it."))


def _set_address(submission: Submission, address: str) -> None:
    if address and not is_address(address):
        raise NoAddress(_("Write the whole address, beginning with https://."), "address")
    submission.address = address


def _touch(submission: Submission, by: User, now: datetime) -> None:
    submission.changed_at, submission.changed_by_id = now, by.id
