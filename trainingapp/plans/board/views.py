"""URL to action to page: the coordinator's board, of all programmes or of one edition."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from trainingapp import clock, countries, paging
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.plans.blueprint import bp
from trainingapp.plans.board import actions, queries
from trainingapp.plans.board.queries import DAYS, Filters, Group
from trainingapp.plans.models import EDITABLE
from trainingapp.programmes.roles import Permission, holds, needs
from trainingapp.spreadsheets import download

SEE = Permission.SEE_PLANS


def _filters() -> Filters:
    """What the address says, without what means nothing."""
    asked = request.args
    country, cohort_id = asked.get("country", ""), asked.get("cohort", type=whole)
    group, days = asked.get("group", ""), asked.get("days", type=whole)
    return Filters(
        clock.now(),
        group=Group(group) if group in set(Group) else Group.STALLED,
        days=days if days in DAYS else queries.USUAL_DAYS,
        country=country if countries.exists(country) else None,
        cohort=loading.cohort(cohort_id, SEE).id if cohort_id else None,
        owner=asked.get("owner", type=whole),
    )


def _as_args(filters: Filters) -> dict[str, Any]:
    """Back into an address, without what is usual."""
    args = {
        "group": filters.group.value if filters.group is not Group.STALLED else None,
        "days": filters.days if filters.days != queries.USUAL_DAYS else None,
        "country": filters.country,
        "cohort": filters.cohort,
        "owner": filters.owner,
    }
    return {name: value for name, value in args.items() if value is not None}


@bp.get("/board")
@needs(SEE)
def plan_board() -> ResponseReturnValue:
    filters, owners = _filters(), queries.coordinators()
    args, names = _as_args(filters), {user.id: user.name for user in owners}

    def link(**changes: Any) -> str:
        return url_for("plans.plan_board", **{**args, **changes})

    return render_template(
        "plans/board.html",
        filters=filters,
        args=args,
        link=link,
        page=queries.page(
            queries.plans(filters), filters.group, request.args.get("after"), request.args.get("before")
        ),
        counts=queries.counts(filters),
        cohort=loading.cohort(filters.cohort, SEE) if filters.cohort else None,
        editions=queries.editions(),
        owners=owners,
        owner_name=names.get(filters.owner or 0) or _("Nobody"),
        days=DAYS,
        first_step=queries.FIRST_STEP.days,
        may_assign=holds(Permission.REVIEW_PLANS),
        may_export=holds(Permission.SEE_PEOPLE),
    )


@bp.post("/board/assign")
@needs(Permission.REVIEW_PLANS)
def assign() -> ResponseReturnValue:
    """The chosen plans to me, to a colleague, or back to nobody."""
    wanted = request.form.get("owner", "")
    number = current_user.id if wanted == "me" else request.form.get("owner", type=whole)
    allowed = {user.id: user for user in queries.coordinators()} | {current_user.id: current_user}
    owner = allowed.get(number or 0)
    chosen = actions.these(request.form.getlist("id", type=whole)[: paging.SIZE])
    changed = actions.assign(chosen, owner) if owner or not wanted else 0
    db.session.commit()
    text = ngettext("One plan has changed hands.", "%(num)d plans have changed hands.", changed)
    flash(text, "ok" if changed else "warn")
    return redirect(url_for("plans.plan_board", **_as_args(_filters())))


@bp.post("/board/plans.<any(csv, xlsx):ending>")
@needs(Permission.SEE_PEOPLE)
def export_board(ending: str) -> ResponseReturnValue:
    headings = [
        *(_("Name"), _("Country"), _("Edition"), _("Plan"), _("State"), _("Last heard"), _("Next due")),
        *(
            _("Activities"),
            _("Done"),
            _("Stuck"),
            _("Not verified"),
            _("Open requests"),
            _("Looked after by"),
        ),
    ]
    filters = _filters()
    wanted = queries.plans(filters)  # while the reader is known
    rows = (
        (
            *(one.plan.enrolment.participant.full_name, one.country, one.plan.enrolment.cohort.name),
            *(one.plan.title if one.plan.state not in EDITABLE else None, label(one.plan.state)),
            *(one.heard_at, one.due_on, one.lines, one.lines_done),
            *(one.lines_blocked, one.lines_unverified, one.open_cases, one.owner.name if one.owner else None),
        )
        for one in queries.to_export(wanted, filters.group)
    )
    file = download(ending, _("Action plans"), headings, rows)
    audit.record(db.session.get_one(User, current_user.id), "plans exported", after=ending)
    db.session.commit()
    return file
