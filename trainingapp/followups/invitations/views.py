"""URL to action to page: one person who was asked, and what a coordinator can do to hear from them."""

from contextlib import suppress
from datetime import datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, once
from trainingapp.cohorts.models import Enrolment
from trainingapp.dates import day
from trainingapp.db import db
from trainingapp.followups import actions, loading, queries
from trainingapp.followups.audience import TOPIC, place_of
from trainingapp.followups.blueprint import RUN, SEE, bp
from trainingapp.followups.forms import AddressForm, AttemptForm, HelperForm
from trainingapp.followups.invitations import attempts
from trainingapp.followups.invitations.attempts import Said
from trainingapp.followups.models import AttemptOutcome, Channel, Invitation
from trainingapp.followups.rescue import queries as rescue_queries
from trainingapp.followups.rescue import ways
from trainingapp.followups.rescue.models import LIVE
from trainingapp.followups.waves import people
from trainingapp.outbox import queries as outbox
from trainingapp.outbox.addresses import digest
from trainingapp.participants import moves
from trainingapp.programmes.roles import can, needs
from trainingapp.refusals import Refusal

ASKED_FOR = ("channel", "contact", "outcome")  # of the attempt, as a link may suggest them


@bp.get("/invitations/<int:invitation_id>")
@needs(SEE)
def invitation(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, SEE)
    return person_page(found.enrolment, found)


@bp.get("/rescue/<int:task_id>")
@needs(SEE)
def rescue_task(task_id: int) -> ResponseReturnValue:
    """Stands on top of the page of the person's invitation; by itself where they were asked by none."""
    task = loading.task(task_id, SEE)
    if task.invitation_id:
        return redirect(url_for("followups.invitation", invitation_id=task.invitation_id))
    return person_page(task.enrolment, None)


def person_page(
    enrolment: Enrolment,
    found: Invitation | None,
    attempt: AttemptForm | None = None,
    address: AddressForm | None = None,
) -> ResponseReturnValue:
    """Everything known of one person in one edition; `attempt` and `address` when they were refused."""
    cohort, person, now = enrolment.cohort, enrolment.participant, clock.now()
    mails = people.mails_of([found]).get(found.id, []) if found else []
    trouble, task = people.trouble(mails), rescue_queries.latest_task(enrolment.id)
    may_run = can(RUN, cohort.theme.programme_id)
    is_wanted = _is_wanted(enrolment, found)
    may_send = found is not None and queries.may_answer(found, now) and is_wanted
    contacts = queries.contacts_of(person.id)
    said = ways.words(enrolment, found if may_send else None, current_user) if may_run and is_wanted else None
    suggested = {name: request.args.get(name) for name in ASKED_FOR}
    page = render_template(
        "followups/invitation.html",
        cohort=cohort,
        wave=found.wave if found else None,
        invitation=found,
        enrolment=enrolment,
        person=person,
        zone=place_of(person).zone,
        mails=mails,
        deliveries=people.deliveries_of(mails),
        others=rescue_queries.other_waves(person, found),
        task=task,
        is_live=task is not None and task.state in LIVE,
        history=rescue_queries.history(task) if task else [],
        attempts=rescue_queries.attempts_of(enrolment.id),
        contacts=contacts,
        helpers=ways.helpers_of(enrolment),
        ways=ways.ways(enrolment, found, contacts, said) if said else [],
        words=said,
        mates=ways.mates(enrolment) if said else [],
        trouble=trouble,
        step=people.next_step(found, trouble, now) if found else None,
        is_wanted=is_wanted,
        may_send=may_send,
        may_record="responses.record" in current_app.view_functions,
        may_hold=may_send and "followups.change_messages" in current_app.view_functions,
        may_run=may_run,
        coordinators=rescue_queries.coordinators() if task and may_run else [],
        attempt=attempt or AttemptForm(formdata=None, data=suggested),
        address=address or AddressForm(formdata=None),
        helper_form=HelperForm(formdata=None),
        new_form_id=once.new_id,
        told=moves.latest(person.id),
        stopped=outbox.suppression(digest(found.address), TOPIC) if found and found.address else None,
    )
    return page, 422 if attempt or address else 200


def _is_wanted(enrolment: Enrolment, found: Invitation | None) -> bool:
    """Whether anybody may try to reach them at all."""
    person = enrolment.participant
    if found and found.state in {actions.S.ANSWERED, actions.S.DECLINED}:
        return False
    return not (person.opted_out_at or person.deceased_on or person.erased_at)


def _to_person(invitation_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("followups.invitation", invitation_id=invitation_id, _anchor=anchor))


@bp.post("/invitations/<int:invitation_id>/send")
@needs(RUN)
def send(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, RUN)
    now = clock.now()
    actions.send_now(found, now)
    db.session.commit()
    flash(_when(found, now), "ok")
    return _to_person(invitation_id)


@bp.post("/invitations/<int:invitation_id>/attempts")
@needs(RUN)
def record_attempt(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, RUN)
    return _record(found.enrolment, found) or _to_person(invitation_id, "tried")


@bp.post("/rescue/<int:task_id>/attempts")
@needs(RUN)
def record_rescue_attempt(task_id: int) -> ResponseReturnValue:
    """For someone whom no wave has asked."""
    task = loading.task(task_id, RUN)
    back = redirect(url_for("followups.rescue_task", task_id=task_id, _anchor="tried"))
    return _record(task.enrolment, task.invitation) or back


def _record(enrolment: Enrolment, found: Invitation | None) -> ResponseReturnValue | None:
    """The page again when something is wrong; a second press goes on as the first did."""
    form = AttemptForm()
    if not form.validate_on_submit():
        return person_page(enrolment, found, attempt=form)
    form_id = form.form_id.data
    try:
        with suppress(once.Twice):
            attempts.record(enrolment, found, _said(form), by=current_user, now=clock.now(), form_id=form_id)
            db.session.commit()
            flash(_("The attempt is in the log."), "ok")
    except Refusal as refusal:
        db.session.rollback()
        refusal.field = "new_address" if refusal.field == "email" else refusal.field
        form.refuse(refusal)
        return person_page(enrolment, found, attempt=form)
    return None


def _said(form: AttemptForm) -> Said:
    return Said(
        Channel(form.channel.data),
        AttemptOutcome(form.outcome.data),
        contact=form.contact.data or "",
        note=form.note.data or "",
        day=form.day.data,
        email=form.new_address.data or "",
    )


@bp.post("/invitations/<int:invitation_id>/address")
@needs(RUN)
def correct_address(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, RUN)
    form = AddressForm()
    if form.validate_on_submit():
        try:
            now = clock.now()
            actions.correct_address(found, form.email.data, now)
            db.session.commit()
            flash(_when(found, now), "ok")
            return _to_person(invitation_id)
        except Refusal as refusal:
            db.session.rollback()
            refusal.field = refusal.field or "email"
            form.refuse(refusal)
    found = loading.invitation(invitation_id, RUN)
    return person_page(found.enrolment, found, address=form)


@bp.post("/mails/<int:email_id>/<any(arrived, again):fate>")
@needs(RUN)
def settle_one(email_id: int, fate: str) -> ResponseReturnValue:
    email, found = loading.mail(email_id, RUN)
    attempts.settle(email, found, has_arrived=fate == "arrived", now=clock.now())
    db.session.commit()
    flash(_("Noted: it arrived.") if fate == "arrived" else _("It goes out once more."), "ok")
    return _to_person(found.id)


def _when(invitation: Invitation, now: datetime) -> str:
    """A message by hand keeps a week from all others, as those that go by themselves."""
    if invitation.next_at is None or invitation.next_at <= now:
        return _("The message goes to %(address)s now.", address=invitation.address)
    return _(
        "They had another message from us this week. This one goes on %(day)s.", day=day(invitation.next_at)
    )
