"""URL to action to page: what a participant does with her own plan."""

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, once
from trainingapp.cases import queries as cases
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Schedule, Wave, WaveState
from trainingapp.participants import queries as participants
from trainingapp.plans import actions, forms, queries
from trainingapp.plans.agreements import queries as agreement_queries
from trainingapp.plans.blueprint import bp
from trainingapp.plans.models import ActionPlan
from trainingapp.programmes.roles import signed_in


@bp.get("/mine")
@signed_in
def mine() -> ResponseReturnValue:
    own = queries.enrolments_of(current_user.id)
    ids = [plan.id for _enrolment, plan in own if plan]
    return render_template(
        "plans/mine.html",
        own=own,
        activities=queries.activities_by_plan(ids),
        told=queries.told_by_plan(ids),
        comments=queries.comments_by_plan(ids),
        versions=queries.version_counts(ids),
        agreed=agreement_queries.of_plans(ids),
        waves=_waves_to_come([enrolment.cohort_id for enrolment, _plan in own]),
        zone=participants.zone(own[0][0].participant) if own else "UTC",
        cases=cases.of_plans(ids),
        stop_form=forms.StopForm(),
        new_form_id=once.new_id,
    )


@bp.post("/begin/<int:enrolment_id>")
@signed_in
def begin(enrolment_id: int) -> ResponseReturnValue:
    enrolment = db.session.get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.participant.user_id != current_user.id:
        abort(404)
    plan = actions.begin(enrolment, clock.now())
    db.session.commit()
    return redirect(url_for("plans.edit", plan_id=plan.id))


@bp.post("/<int:plan_id>/finish")
@signed_in
def finish(plan_id: int) -> ResponseReturnValue:
    actions.finish(own_plan(plan_id), clock.now())
    db.session.commit()
    flash(_("Your plan is done. Thank you for telling us."))
    return redirect(url_for("plans.mine"))


@bp.post("/<int:plan_id>/stop")
@signed_in
def stop(plan_id: int) -> ResponseReturnValue:
    plan = own_plan(plan_id)
    actions.stop(plan, forms.StopForm().why.data or "", clock.now())
    db.session.commit()
    flash(_("Your plan was stopped. What you wrote stays here."))
    return redirect(url_for("plans.mine"))


def own_plan(plan_id: int) -> ActionPlan:
    plan = queries.plan(plan_id)
    if plan is None or not is_own(plan):
        abort(404)
    return plan


def is_own(plan: ActionPlan) -> bool:
    return current_user.is_authenticated and plan.enrolment.participant.user_id == current_user.id


def _waves_to_come(cohort_ids: list[int]) -> dict[int, list[Wave]]:
    query = (
        sa.select(Schedule.cohort_id, Wave)
        .join(Wave, Wave.schedule_id == Schedule.id)
        .where(Schedule.cohort_id.in_(cohort_ids), Wave.state.in_((WaveState.PLANNED, WaveState.OPEN)))
        .order_by(Wave.opens_on)
    )
    found: dict[int, list[Wave]] = {}
    for cohort_id, wave in db.session.execute(query):
        found.setdefault(cohort_id, []).append(wave)
    return found
