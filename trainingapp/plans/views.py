"""URL to action to page, for those who read and review. The owner's pages are in own_views.py."""

from contextlib import suppress

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, countries, once, paging
from trainingapp.cases import queries as cases
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.files import serving
from trainingapp.labels import label
from trainingapp.plans import actions, forms, own_views, pages, queries, words
from trainingapp.plans.agreements import queries as agreement_queries
from trainingapp.plans.agreements import views as agreement_views
from trainingapp.plans.blueprint import bp
from trainingapp.plans.board import views as board_views
from trainingapp.plans.confirmations import messages as confirmation_messages
from trainingapp.plans.confirmations import queries as confirmation_queries
from trainingapp.plans.confirmations import views as confirmation_views
from trainingapp.plans.models import EDITABLE, ActionPlan, PlanState
from trainingapp.plans.progress import counting
from trainingapp.plans.progress import pages as progress_pages
from trainingapp.plans.progress import queries as progress_queries
from trainingapp.plans.progress import views as progress_views
from trainingapp.plans.progress import words as progress_words
from trainingapp.plans.progress.forms import SupervisorForm
from trainingapp.plans.progress.models import Blocker, EvidenceLevel
from trainingapp.plans.versions import views as version_views
from trainingapp.plans.versions.reading import Reading
from trainingapp.plans.writing import views as writing_views
from trainingapp.programmes.roles import Permission, can, needs, require, signed_in
from trainingapp.refusals import Refusal
from trainingapp.table_views import Table, table_file
from trainingapp.visits import notes

# They register their pages and mails; words describe the states of this package.
__all__ = [
    "agreement_views",
    "board_views",
    "bp",
    "confirmation_messages",
    "confirmation_views",
    "own_views",
    "progress_views",
    "version_views",
    "words",
    "writing_views",
]


@bp.app_context_processor
def field_names() -> dict[str, object]:
    return {
        "plan_fields": words.FIELDS,
        "plan_value": words.value,
        "line_name": words.line_name,
        "list_names": words.LIST_NAMES,
        "step_names": words.STEP_NAMES,
        "plan_parts": progress_words.PARTS,
    }


bp.add_app_template_filter(serving.described, "file_size")


@bp.get("/<int:plan_id>")
@needs(Permission.SEE_PLANS)
def plan(plan_id: int) -> ResponseReturnValue:
    return _plan_page(_seen(plan_id))


@bp.get("/cohorts/<int:cohort_id>")
@needs(Permission.SEE_PLANS)
def of_cohort(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.SEE_PLANS)
    state, chosen, level = _wanted_plans()
    return render_template(
        "plans/of_cohort.html",
        cohort=cohort,
        page=queries.of_cohort(cohort_id, state, request.args.get("after"), blocker=chosen, level=level),
        total=counting.of_cohort(cohort_id, level),
        blockers=progress_queries.blockers_in(cohort_id),
        blocker=chosen,
        level=level,
        levels=list(EvidenceLevel),
        counts=queries.states_in(cohort_id),
        states=list(PlanState),
        state=state,
    )


def _wanted_plans() -> tuple[str | None, Blocker | None, EvidenceLevel]:
    state, blocker = request.args.get("state"), request.args.get("blocker")
    if state not in {*PlanState, queries.NO_PLAN}:
        state = None
    chosen = Blocker(blocker) if blocker in set(Blocker) else None
    level = progress_pages.level_asked(request.args.get("from"))
    return state, chosen, level


@table_file(bp, "/cohorts/<int:cohort_id>", needs(Permission.SEE_PLANS))
def plans_file(cohort_id: int) -> Table:
    cohort = loading.cohort(cohort_id, Permission.SEE_PLANS)
    state, blocker, level = _wanted_plans()
    headings = [
        *(_("Name"), _("Country"), _("Plan"), _("State"), _("Activities"), _("Activities done")),
        *(_("In the way"), _("Last heard")),
    ]
    rows = (
        (
            *(row.enrolment.participant.full_name, countries.name_of(row.enrolment.country)),
            row.plan.title if row.plan and row.plan.state not in EDITABLE else None,
            label(row.plan.state) if row.plan else _("No plan yet"),
            *((row.count.activities, row.count.done) if row.plan and row.plan.submitted_at else (None, None)),
            ", ".join(map(label, row.standing.blockers)),
            row.heard_at.date() if row.heard_at else None,
        )
        for some in paging.stretches(
            lambda after: queries.of_cohort(cohort_id, state, after, blocker=blocker, level=level)
        )
        for row in some
    )
    name = f"{cohort.theme.year} {cohort.name}, {_('Action plans')}"
    return Table(name, headings, rows, cohort, cohort.theme.programme_id)


@bp.post("/<int:plan_id>/comments")
@signed_in
def comment(plan_id: int) -> ResponseReturnValue:
    """By a coordinator, or the participant's reply."""
    plan = _own_or_reviewed(plan_id)
    form = forms.CommentForm()
    is_own = own_views.is_own(plan)
    if not form.validate() and is_own:
        raise Refusal(form.text.errors[0])
    if form.errors:
        return _plan_page(plan, comment_form=form)
    place = form.about.data or ""
    with suppress(once.Twice):
        actions.comment(plan, current_user, form.text.data, clock.now(), place, form.form_id.data)
        db.session.commit()
    anchor = f"at-{place}" if place else None
    back = url_for("plans.plan", plan_id=plan.id, _anchor=anchor)
    return redirect(url_for("plans.mine") if is_own else back)


@bp.post("/<int:plan_id>/settle/<int:comment_id>")
@needs(Permission.REVIEW_PLANS)
def settle(plan_id: int, comment_id: int) -> ResponseReturnValue:
    """Whoever asked is content; or asked in error."""
    plan = _reviewed(plan_id)
    if all(comment.id != comment_id for comment in queries.comments_of(plan)):
        abort(404)
    actions.settle(plan, comment_id, clock.now())
    db.session.commit()
    return redirect(url_for("plans.plan", plan_id=plan.id, _anchor=f"comment-{comment_id}"))


@bp.post("/<int:plan_id>/return")
@needs(Permission.REVIEW_PLANS)
def send_back(plan_id: int) -> ResponseReturnValue:
    plan, form = _reviewed(plan_id), forms.ReviewForm()
    if not form.validate():
        return _plan_page(plan, review_form=form)
    try:
        actions.send_back(plan, current_user, form.changes.data or "", clock.now())
    except actions.NothingToChange as refusal:
        form.refuse(refusal)
        return _plan_page(plan, review_form=form)
    db.session.commit()
    flash(_("The plan was sent back. %(name)s gets an email.", name=plan.enrolment.participant.full_name))
    return redirect(url_for("plans.plan", plan_id=plan.id))


@bp.post("/<int:plan_id>/approve")
@needs(Permission.REVIEW_PLANS)
def approve(plan_id: int) -> ResponseReturnValue:
    plan = _reviewed(plan_id)
    actions.approve(plan, clock.now())
    db.session.commit()
    flash(_("The plan was approved. %(name)s gets an email.", name=plan.enrolment.participant.full_name))
    return redirect(url_for("plans.plan", plan_id=plan.id))


def _seen(plan_id: int, permission: Permission = Permission.SEE_PLANS) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    require(permission, plan.enrolment.cohort.theme.programme_id)
    return plan


def _reviewed(plan_id: int) -> ActionPlan:
    return _seen(plan_id, Permission.REVIEW_PLANS)


def _own_or_reviewed(plan_id: int) -> ActionPlan:
    plan = queries.plan(plan_id) or abort(404)
    return plan if own_views.is_own(plan) else _reviewed(plan_id)


def _plan_page(
    plan: ActionPlan,
    review_form: forms.ReviewForm | None = None,
    comment_form: forms.CommentForm | None = None,
) -> ResponseReturnValue:
    cohort, versions, told = plan.enrolment.cohort, queries.versions_of(plan), queries.told(plan)
    sent = pages.as_others_see(plan, versions)
    today, level = clock.today(cohort.time_zone), progress_pages.level_asked(request.args.get("from"))
    lines = (sent.activities, sent.indicators) if sent else ([], [])
    comments = comment_form or forms.CommentForm(formdata=None)
    cards, known = notes.cards_of(plan.enrolment_id), queries.inspirations(cohort.id)
    documents = [sent.document] if sent else []
    read = Reading(known, cards, *documents, *map(pages.document_of, versions[-2:-1]))
    failed = bool(review_form or comment_form)
    page = render_template(
        "plans/plan.html",
        plan=plan,
        cohort=cohort,
        person=plan.enrolment.participant,
        sent=sent,
        progress=progress_pages.put_together(plan, *lines, told, today, level),
        level=level,
        levels=list(EvidenceLevel),
        supervisor_form=SupervisorForm(formdata=None, data=confirmation_queries.supervisor_of(plan)),
        comments=forms.by_place(queries.comments_of(plan), sent.document if sent else {}),
        changes=pages.changed_since(versions[:-1], pages.document_of(versions[-1]), read)
        if len(versions) > 1
        else [],
        versions=versions,
        read=read,
        asked=agreement_queries.of_plan(plan),
        total=pages.total(sent.activities) if sent else {},
        may_review=can(Permission.REVIEW_PLANS, cohort.theme.programme_id),
        review_form=review_form or forms.ReviewForm(formdata=None),
        comment_form=comments,
        new_form_id=once.new_id,
        cases=cases.of_plans([plan.id]).get(plan.id, []),
    )
    return page, 422 if failed else 200
