"""Verbs of a case: open by hand, give to somebody, move its day, note, answer, open again."""

from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import once
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cases import arrivals, messages
from trainingapp.cases.models import ENDS, LIVE, CaseNote, CaseState, HelpCase
from trainingapp.db import db, lock
from trainingapp.plans.models import Activity
from trainingapp.plans.progress.models import Blocker
from trainingapp.programmes.roles import Permission, programmes_of
from trainingapp.refusals import Refusal

AT_MOST = timedelta(days=365)


class AlreadyOpen(Refusal):
    """The activity has a case that is not over."""


class Over(Refusal):
    """It has been answered."""


class NotOver(Refusal):
    """It cannot be opened again: it is open."""


class NotTheirs(Refusal):
    """The person may not look after plans of this programme."""


class WrongDay(Refusal):
    """In the past, or beyond a year."""


class NothingSaid(Refusal):
    """She gets an answer in words."""


def open_by_hand(
    activity: Activity,
    programme_id: int,
    wish: str,
    blocker: Blocker | None,
    by: User,
    now: datetime,
    form_id: str | None,
) -> HelpCase:
    """By a coordinator who heard of it. Raises AlreadyOpen, once.Twice."""
    case = HelpCase(
        plan_id=activity.plan_id,
        activity_id=activity.id,
        blocker=blocker,
        wish=wish,
        state=CaseState.IN_HAND,
        owner_id=by.id,
        due_on=(now + arrivals.TO_ANSWER).date(),
        opened_at=now,
        form_id=form_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(case)
    except IntegrityError as taken:
        if form_id and "form_id" in str(taken.orig):
            raise once.Twice(_("This was recorded already.")) from taken
        raise AlreadyOpen(_("There is an open case about this activity already.")) from taken
    audit.record(case, "opened", after="by hand", programme_id=programme_id)
    return case


def assign(case: HelpCase, owner: User | None) -> None:
    """To this person, who has it in hand from now on; or back to nobody. Raises Over, NotTheirs."""
    _must_be_live(case)
    allowed = owner is None or owner.is_administrator
    if owner and not allowed and _programme(case) not in programmes_of(owner, Permission.REVIEW_PLANS):
        raise NotTheirs(_("%(name)s does not look after plans of this programme.", name=owner.name))
    if case.owner_id == (owner.id if owner else None) and case.state is CaseState.IN_HAND:
        return
    case.owner_id = owner.id if owner else None
    case.state = CaseState.IN_HAND if owner else CaseState.OPEN
    _note(case, "assigned", after=owner.name if owner else None)


def move(case: HelpCase, day: date | None, now: datetime) -> None:
    """The day by which she has an answer. Raises Over, WrongDay."""
    _must_be_live(case)
    if day is None or not now.date() <= day <= now.date() + AT_MOST:
        raise WrongDay(_("Write a day from today on, within a year."), "due_on")
    if day != case.due_on:
        before, case.due_on = case.due_on, day
        _note(case, "moved", before=before, after=day)


def note(case: HelpCase, by: User, text: str, now: datetime, form_id: str | None = None) -> CaseNote:
    """For the team. Raises once.Twice."""
    made = CaseNote(case_id=case.id, by_id=by.id, at=now, text=text, form_id=form_id)
    once.keep(made)
    return made


def answer(case: HelpCase, state: CaseState, text: str, helped: str, by: User, now: datetime) -> None:
    """Ends it, and she gets the words by mail. Raises Over, NothingSaid."""
    _must_be_live(case)
    if state not in ENDS or not text:
        raise NothingSaid(_("Write the answer: she gets it by email."), "answer")
    before, case.state = case.state, state
    case.answer, case.helped, case.ended_at = text, helped, now
    case.owner_id = case.owner_id or by.id
    _note(case, "answered", before=before, after=state, why=text)  # a later answer overwrites it in the row
    messages.write_answered(case, now)


def open_again(case: HelpCase, now: datetime) -> None:
    """The answer did not help, or came too early. Raises NotOver, AlreadyOpen."""
    lock(case)
    if case.state in LIVE:
        raise NotOver(_("This case is open."))
    before = case.state
    try:
        with db.session.begin_nested():
            case.state = CaseState.IN_HAND if case.owner_id else CaseState.OPEN
            case.ended_at, case.due_on = None, (now + arrivals.TO_ANSWER).date()
            db.session.flush()
    except IntegrityError as taken:
        raise AlreadyOpen(_("There is an open case about this activity already.")) from taken
    _note(case, "opened again", before=before, after=case.state)


def _must_be_live(case: HelpCase) -> None:
    lock(case)
    if case.state not in LIVE:
        raise Over(_("This case has been answered. Nothing was changed."))


def _programme(case: HelpCase) -> int:
    return case.plan.enrolment.cohort.theme.programme_id


def _note(
    case: HelpCase, verb: str, before: object = None, after: object = None, why: str | None = None
) -> None:
    audit.record(case, verb, before=before, after=after, why=why, programme_id=_programme(case))
