"""URL to action to page: the participant asks her supervisor, who answers behind a personal link."""

from contextlib import suppress

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from trainingapp import clock, once
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.outbox import unsubscribe
from trainingapp.participants import queries as participants
from trainingapp.plans import pages, queries
from trainingapp.plans.agreements import actions
from trainingapp.plans.agreements import queries as agreement_queries
from trainingapp.plans.agreements.forms import AgreementForm, SupervisorForm
from trainingapp.plans.agreements.messages import SupervisorAsked
from trainingapp.plans.agreements.models import SupervisorAgreement, SupervisorWord
from trainingapp.plans.blueprint import bp
from trainingapp.plans.own_views import is_own, own_plan
from trainingapp.plans.versions.reading import Reading
from trainingapp.programmes.roles import signed_in
from trainingapp.refusals import Refusal
from trainingapp.responses import holder_views as holder
from trainingapp.responses.holder_views import GONE, guesses
from trainingapp.responses.words import LANGUAGE_NAMES
from trainingapp.web import limiter


@bp.route("/<int:plan_id>/supervisor", methods=["GET", "POST"])
@signed_in
@limiter.limit("20/hour", methods=["POST"])
def supervisor(plan_id: int) -> ResponseReturnValue:
    plan = own_plan(plan_id)
    usual = plan.enrolment.participant.language
    form = SupervisorForm(_languages(), data={"language": usual} if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            with suppress(once.Twice):
                actions.ask(
                    plan,
                    form.supervisor.data or "",
                    form.email.data or "",
                    form.language.data,
                    clock.now(),
                    form.form_id.data,
                )
            db.session.commit()
            flash(_("We write to %(name)s now.", name=form.supervisor.data))
            return redirect(url_for("plans.supervisor", plan_id=plan.id))
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template(
        "plans/supervisor.html",
        plan=plan,
        form=form,
        asked=agreement_queries.of_plan(plan),
        versions=queries.versions_of(plan),
        now=clock.now(),
        is_open=agreement_queries.is_open,
        zone=participants.zone(plan.enrolment.participant),
    )
    return page, form.status


@bp.post("/<int:plan_id>/supervisor/withdraw")
@signed_in
def withdraw_question(plan_id: int) -> ResponseReturnValue:
    plan = own_plan(plan_id)
    for asked in agreement_queries.of_plan(plan):
        actions.withdraw(asked, clock.now())
    db.session.commit()
    flash(_("The link no longer works. What was answered before stays."))
    return redirect(url_for("plans.supervisor", plan_id=plan.id))


@bp.get("/agree/<token>")
@public
@guesses
def agreement_link(token: str) -> ResponseReturnValue:
    """Nothing is noted: scanners open every link."""
    g.is_personal = True
    asked = agreement_queries.found(token)
    if asked is None:
        return holder.no_such_link(may_ask=False)
    return holder.go_on(token, ".agreement", ".agreement", asked.expires_at)


@bp.get("/agree/page/<page_id>")
@public
@guesses
def agreement(page_id: str) -> ResponseReturnValue:
    asked = _held(page_id)
    if asked is None:
        return holder.no_such_link(may_ask=False)
    return _page(asked, page_id, AgreementForm(formdata=None))


@bp.post("/agree/page/<page_id>")
@public
@guesses
def agree(page_id: str) -> ResponseReturnValue:
    asked = _held(page_id)
    if asked is None:
        return holder.no_such_link(may_ask=False)
    if is_own(asked.plan):  # signed in, she holds the link that she had sent to somebody else
        abort(403)
    form = AgreementForm()
    if asked.answer is not None:  # a second press finds its work done
        return redirect(url_for("plans.agreement", page_id=page_id, l=g.language), 303)
    if form.validate():
        try:
            seen = request.form.get("seen", 0, whole)
            said, reason = SupervisorWord(form.answer.data), form.reason.data or ""
            actions.answer(asked, seen, said, reason, clock.now())
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return redirect(url_for("plans.agreement", page_id=page_id, l=g.language), 303)
    return _page(asked, page_id, form)


def _languages() -> list[tuple[str, str]]:
    return [(code, name) for code, (name, _way) in LANGUAGE_NAMES.items()]


def _held(page_id: str) -> SupervisorAgreement | None:
    return holder.held(page_id, agreement_queries.found)


def _page(asked: SupervisorAgreement, page_id: str, form: AgreementForm) -> ResponseReturnValue:
    """The plan in short and the question; or the thanks; or why there is nothing to answer any more."""
    plan, is_open = asked.plan, agreement_queries.is_open(asked, clock.now())
    version = asked.plan_version if asked.answer else queries.versions_of(plan)[-1]
    document = pages.document_of(version)
    page = render_template(
        "plans/agreement.html",
        asked=asked,
        plan=plan,
        person=plan.enrolment.participant,
        version=version,
        document=document,
        read=Reading(queries.Inspirations(), [], document),
        form=form,
        is_open=is_open,
        is_own=is_own(plan),
        **{
            **holder.frame(None, page_id),
            "cohort": plan.enrolment.cohort,
            "stop": unsubscribe.link(asked.email, SupervisorAsked.topic, g.language),
        },
    )
    closed = not is_open and asked.answer is None
    return page, GONE if closed else form.status
