"""URL to action to page: writing a plan, step by step or all on one page, over the same draft."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, dates
from trainingapp.db import db, lock
from trainingapp.numbers import whole
from trainingapp.participants import queries as participants
from trainingapp.plans import actions, forms, pages, queries
from trainingapp.plans.blueprint import bp
from trainingapp.plans.models import EDITABLE, ActionPlan
from trainingapp.plans.own_views import own_plan
from trainingapp.plans.versions import comparison, content
from trainingapp.plans.versions.reading import Reading
from trainingapp.plans.writing import drafts, goals, readiness
from trainingapp.plans.writing import forms as plan_form
from trainingapp.programmes.roles import signed_in
from trainingapp.refusals import Refusal, Stale
from trainingapp.visits import notes

MOVES = ("add", "up", "down", "remove")  # what a button does with a line


@bp.get("/<int:plan_id>/edit")
@signed_in
def edit(plan_id: int) -> ResponseReturnValue:
    plan = own_plan(plan_id)
    if plan.state not in EDITABLE:
        return redirect(url_for("plans.mine"))
    return _editor(plan, _saved_form(plan, request.args.get("step", "")))


@bp.post("/<int:plan_id>/edit")
@signed_in
def save(plan_id: int) -> ResponseReturnValue:
    """Every button of the editor comes here: what was typed is saved first, whatever it was."""
    plan, form, now = own_plan(plan_id), plan_form.PlanForm(), clock.now()
    lock(plan)
    typed = form.document(_as_saved(plan))
    answers = {**drafts.replies(plan), **_posted_replies(plan)}
    answered = request.form.get("reply")
    answer = answers.pop(answered, "") if answered is not None else ""
    try:
        if plan.state in EDITABLE:
            form.check_fresh(plan)
        actions.save(plan, _rearranged(plan, typed), now, {k: text for k, text in answers.items() if text})
    except (Stale, actions.NotEditable) as refusal:
        return _conflict(plan, form, refusal)
    if answer:
        actions.reply(plan, current_user, answered or "", answer, now)
    if "settle" in request.form:
        actions.settle(plan, request.form.get("settle", 0, whole), now)
    if request.form.get("do") == "send":
        return _send(plan, form.step.data or "")
    db.session.commit()
    if request.form.get("do") == "autosave":
        return _saved_answer(plan, form.step.data or "")
    if request.form.get("do") == "close":
        return redirect(url_for("plans.mine"))
    return redirect(_next_place(plan, form))


def _as_saved(plan: ActionPlan) -> content.Document:
    return drafts.typed(plan, queries.lines_of(plan))


def _posted_replies(plan: ActionPlan) -> dict[str, str]:
    """Answers to comments that stand on the page, sent or not: place -> text."""
    typed = {
        place: request.form.get(f"{drafts.REPLY}{place}")
        for place in {"", *(comment.place for comment in queries.comments_of(plan))}
    }
    return {place: text.strip()[: forms.LONGEST] for place, text in typed.items() if text is not None}


def _rearranged(plan: ActionPlan, document: content.Document) -> content.Document:
    if "card" in request.form:
        card = notes.card_of(plan.enrolment_id, request.form.get("card", 0, whole))
        return drafts.grown(document, card) if card else document
    for verb in MOVES:
        if verb in request.form:
            return drafts.rearranged(document, verb, request.form[verb])
    return document


def _next_place(plan: ActionPlan, form: plan_form.PlanForm) -> str:
    """The step that was asked for, or where a line was added, moved or removed, or what was looked for."""
    step, asked = form.step.data or None, request.form.get("go")
    if asked is not None:
        return url_for("plans.edit", plan_id=plan.id, step=asked if asked in plan_form.STEPS else None)
    moved = next((request.form[verb] for verb in MOVES if verb in request.form), "")
    place = "activities" if "card" in request.form else moved.partition("-")[0]
    return url_for(
        "plans.edit",
        plan_id=plan.id,
        step=step,
        find=request.form.get("find") or None,
        _anchor=place or ("frames" if request.form.get("do") == "find" else None),
    )


def _saved_form(plan: ActionPlan, step: str) -> plan_form.PlanForm:
    """The editor as it is saved, whatever was posted."""
    known = step if step in plan_form.STEPS else ""
    return plan_form.PlanForm(formdata=None, data={**_as_saved(plan), "version": plan.version, "step": known})


def _editor(plan: ActionPlan, form: plan_form.PlanForm, **more: Any) -> str:
    enrolment, lines = plan.enrolment, queries.lines_of(plan)
    saved = drafts.typed(plan, lines)
    document = form.document(saved)
    checks = _checks(plan, document)
    known, cards = queries.inspirations(enrolment.cohort_id), notes.cards_of(enrolment.id)
    find = request.args.get("find", "").strip()
    form.offer(known, enrolment.participant.country, saved["objectives"])
    form.say(checks)
    versions, now_reads = queries.versions_of(plan), content.snapshot(plan, lines)
    read = Reading(known, cards, now_reads, *map(pages.document_of, versions[-1:]))
    return render_template(
        "plans/edit.html",
        plan=plan,
        form=form,
        document=document,
        step=form.step.data or "",
        steps=list(plan_form.STEPS),
        checks=checks,
        comments=forms.by_place(queries.comments_of(plan), document),
        replies={**drafts.replies(plan), **_posted_replies(plan)},
        versions=versions,
        changes=pages.changed_since(versions, now_reads, read),
        total=pages.total(lines["activities"]),
        visits=read.visits,
        cards=[card for card in cards if card.removed_at is None],
        read=read,
        picker=goals.picker(enrolment.cohort.starts_on, document, find),
        find=find,
        mine=enrolment.participant.user_id,
        zone=participants.zone(enrolment.participant),
        **more,
    )


def _checks(plan: ActionPlan, document: content.Document) -> list[readiness.Check]:
    return readiness.checks(document, queries.unanswered(plan), actions.begin_by(plan, clock.now()))


def _send(plan: ActionPlan, step: str) -> ResponseReturnValue:
    try:
        actions.submit(plan, clock.now())
    except actions.NotReady as refusal:
        db.session.commit()  # what was typed is kept, though it is not sent
        form = _saved_form(plan, step)
        form.refuse(refusal)
        return _editor(plan, form), 422
    db.session.commit()
    flash(_("Your plan was sent. You get an email when it has been read."))
    return redirect(url_for("plans.mine"))


def _saved_answer(plan: ActionPlan, step: str) -> ResponseReturnValue:
    zone = participants.zone(plan.enrolment.participant)
    checklist = render_template(
        "plans/_checklist.html", checks=_checks(plan, _as_saved(plan)), plan=plan, step=step
    )
    saved = _("Saved %(time)s.", time=dates.hour(plan.saved_at, zone))
    return jsonify(version=plan.version, saved=saved, checklist=checklist)


def _conflict(plan: ActionPlan, form: plan_form.PlanForm, refusal: Refusal) -> ResponseReturnValue:
    """Both versions stay in sight. A second click on "Send plan" finds its work done: no conflict."""
    stored = drafts.tidied(_as_saved(plan))
    typed = drafts.without_blanks(drafts.tidied(form.document(stored)))
    sent_twice = plan.state not in EDITABLE and typed == drafts.without_blanks(stored)
    if request.form.get("do") == "autosave":
        return jsonify(problem=str(refusal)), 409
    if sent_twice:
        flash(_("Your plan was already sent."), "ok")
        return redirect(url_for("plans.mine"))
    for of in content.LISTS:  # lines that have no number yet are told apart by their place
        typed[of] = [{**line, "id": line["id"] or f"new-{n}"} for n, line in enumerate(typed[of])]
    form.version.data = str(plan.version)
    form.version.raw_data = None
    enrolment = plan.enrolment
    read = Reading(queries.inspirations(enrolment.cohort_id), notes.cards_of(enrolment.id), stored, typed)
    differences = comparison.compare(stored, typed, read)
    return _editor(plan, form, differences=differences, refusal=refusal), 409
