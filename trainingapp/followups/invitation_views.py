"""URL to action to page: one person who was asked, and what a coordinator can do to hear from them."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.db import db
from trainingapp.followups import actions, attempts, loading, people, queries
from trainingapp.followups.blueprint import RUN, SEE, bp
from trainingapp.followups.forms import AddressForm, AttemptForm
from trainingapp.followups.models import (
    AttemptOutcome,
    Channel,
    Invitation,
)
from trainingapp.programmes.roles import can, needs
from trainingapp.refusals import Refusal


@bp.get("/invitations/<int:invitation_id>")
@needs(SEE)
def invitation(invitation_id: int) -> ResponseReturnValue:
    return _person_page(loading.invitation(invitation_id, SEE), AttemptForm(), AddressForm())


def _person_page(
    found: Invitation, attempt: AttemptForm, address: AddressForm, status: int = 200
) -> ResponseReturnValue:
    cohort, now = found.wave.schedule.cohort, clock.now()
    mails = people.mails_of([found]).get(found.id, [])
    page = render_template(
        "followups/invitation.html",
        cohort=cohort,
        wave=found.wave,
        invitation=found,
        person=found.enrolment.participant,
        zone=queries.place(found).zone,
        mails=mails,
        attempts=people.attempts_of(found),
        contacts=queries.contacts_of(found.enrolment.participant_id),
        step=people.next_step(found, people.trouble(mails), now),
        may_send=queries.may_answer(found, now) and not queries.unwanted_because(found),
        may_record="responses.record" in current_app.view_functions,
        may_run=can(RUN, cohort.theme.programme_id),
        attempt=attempt,
        address=address,
    )
    return page, status


@bp.post("/invitations/<int:invitation_id>/send")
@needs(RUN)
def send(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, RUN)
    actions.send_now(found, clock.now())
    db.session.commit()
    flash(_("The message goes out now."), "ok")
    return redirect(url_for("followups.invitation", invitation_id=invitation_id))


@bp.post("/invitations/<int:invitation_id>/attempts")
@needs(RUN)
def record_attempt(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, RUN)
    form = AttemptForm()
    if not form.validate_on_submit():
        return _person_page(found, form, AddressForm(formdata=None), 422)
    said = attempts.Said(Channel(form.channel.data), AttemptOutcome(form.outcome.data), note=form.note.data)
    attempts.record(found.enrolment, found, said, by=current_user, now=clock.now())
    db.session.commit()
    return redirect(url_for("followups.invitation", invitation_id=invitation_id))


@bp.post("/invitations/<int:invitation_id>/address")
@needs(RUN)
def correct_address(invitation_id: int) -> ResponseReturnValue:
    found = loading.invitation(invitation_id, RUN)
    form = AddressForm()
    if form.validate_on_submit():
        try:
            actions.correct_address(found, form.email.data, clock.now())
            db.session.commit()
            flash(_("The message goes to the new address now."), "ok")
            return redirect(url_for("followups.invitation", invitation_id=invitation_id))
        except Refusal as refusal:
            db.session.rollback()
            refusal.field = refusal.field or "email"
            form.refuse(refusal)
    return _person_page(loading.invitation(invitation_id, RUN), AttemptForm(formdata=None), form, 422)
