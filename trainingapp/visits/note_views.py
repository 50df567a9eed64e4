"""URL to action to page: what a participant notes at a visit, on her telephone."""

from contextlib import suppress

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, once
from trainingapp.cohorts.models import HOLDS_A_PLACE, Enrolment
from trainingapp.db import db
from trainingapp.files import serving, uploads
from trainingapp.files.models import StoredFile
from trainingapp.participants.models import Participant
from trainingapp.plans.models import Activity
from trainingapp.programmes.roles import Permission, needs, require, signed_in
from trainingapp.refusals import Refusal
from trainingapp.visits import notes, queries
from trainingapp.visits.blueprint import bp
from trainingapp.visits.forms import NoteForm
from trainingapp.visits.models import NoteCard, SiteVisit


@bp.get("/mine/<int:cohort_id>")
@signed_in
def my_visits(cohort_id: int) -> ResponseReturnValue:
    enrolment = _own_enrolment(cohort_id)
    visits = [visit for visit, _seats in queries.visits_of(enrolment.cohort)]
    counts = notes.counts([visit.id for visit in visits], enrolment.id)
    return render_template("visits/mine.html", cohort=enrolment.cohort, visits=visits, counts=counts)


@bp.route("/<int:visit_id>/notes", methods=["GET", "POST"])
@signed_in
def note(visit_id: int) -> ResponseReturnValue:
    visit = db.session.get(SiteVisit, visit_id) or abort(404)
    enrolment, form = _own_enrolment(visit.cohort_id), NoteForm()
    if not form.is_submitted():
        return _page(visit, enrolment, form)
    is_valid, photo = form.validate(), _photo(form)
    if is_valid and not form.refusal:
        try:
            with suppress(once.Twice):
                notes.write(
                    visit,
                    enrolment,
                    form.text.data or "",
                    clock.now(),
                    photo=photo,
                    wants_contact=form.wants_contact.data,
                    form_id=form.form_id.data,
                )
            db.session.commit()
            flash(_("Noted. It waits for you when you write your plan."))
            return redirect(url_for("visits.note", visit_id=visit.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return _kept(visit, enrolment, form, photo)


@bp.post("/notes/<int:card_id>")
@signed_in
def save_note(card_id: int) -> ResponseReturnValue:
    """Changes a card, or removes it."""
    card = db.session.get(NoteCard, card_id) or abort(404)
    enrolment = _own_enrolment(card.visit.cohort_id)
    if card.enrolment_id != enrolment.id or card.removed_at:
        abort(404)
    back = redirect(url_for("visits.note", visit_id=card.visit_id))
    if "remove" in request.form:
        notes.remove(card, clock.now())
        db.session.commit()
        flash(_("The note was removed."))
        return back
    form = NoteForm()
    is_valid, photo = form.validate(), _photo(form)
    if is_valid and not form.refusal:
        try:
            notes.change(card, form.text.data or "", photo=photo, wants_contact=form.wants_contact.data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            db.session.commit()
            return back
    return _kept(card.visit, enrolment, form, photo, edited=card.id)


@bp.get("/notes/<int:card_id>/photo")
@signed_in
def note_photo(card_id: int) -> ResponseReturnValue:
    """Hers; for others as soon as she shows the card: by wishing contact, or by a line of her plan."""
    card = db.session.get(NoteCard, card_id) or abort(404)
    if card.enrolment.participant.user_id != current_user.id:
        require(Permission.SEE_PEOPLE, card.visit.cohort.theme.programme_id)
        in_a_plan = sa.select(Activity.id).where(Activity.note_card_id == card.id).limit(1)
        if not card.wants_contact and db.session.scalar(in_a_plan) is None:
            abort(404)
    return serving.send(card.file or abort(404))


@bp.post("/notes/<int:card_id>/contact")
@needs(Permission.MANAGE_VISITS)
def give_contact(card_id: int) -> ResponseReturnValue:
    card = db.session.get(NoteCard, card_id) or abort(404)
    require(Permission.MANAGE_VISITS, card.visit.cohort.theme.programme_id)
    notes.give_contact(card, clock.now())
    db.session.commit()
    return redirect(url_for("visits.visit", visit_id=card.visit_id, _anchor="wishes"))


def _own_enrolment(cohort_id: int) -> Enrolment:
    query = (
        sa.select(Enrolment)
        .join(Enrolment.participant)
        .where(
            Enrolment.cohort_id == cohort_id,
            Participant.user_id == current_user.id,
            Enrolment.state.in_(HOLDS_A_PLACE),
        )
    )
    return db.session.scalar(query) or abort(404)


def _photo(form: NoteForm) -> StoredFile | None:
    """The photo that came now, or with the form when it was shown before."""
    posted = request.form.copy()
    refused = uploads.take(posted, request.files, ["photo"], clock.now(), current_user)
    if refused:
        form.refuse(Refusal(refused["photo"], "photo"))
    numbers = posted.getlist("photo")
    return db.session.get(StoredFile, int(numbers[-1])) if numbers else None


def _kept(
    visit: SiteVisit,
    enrolment: Enrolment,
    form: NoteForm,
    photo: StoredFile | None,
    edited: int | None = None,
) -> ResponseReturnValue:
    """What was typed and chosen stays, beside what is wrong with it."""
    db.session.commit()  # the photo: it need not be sent again
    return _page(visit, enrolment, form, photo, edited)


def _page(
    visit: SiteVisit,
    enrolment: Enrolment,
    form: NoteForm,
    photo: StoredFile | None = None,
    edited: int | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "visits/notes.html",
        visit=visit,
        cohort=visit.cohort,
        form=form,
        blank=NoteForm(formdata=None) if edited else form,
        cards=[c for c in notes.cards_of(enrolment.id) if c.visit_id == visit.id and not c.removed_at],
        edited=edited,
        photo=photo,
        ticket=uploads.ticket(photo.id) if photo else None,
        longest=notes.LONGEST,
    )
    return page, form.status
