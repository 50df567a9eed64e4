"""URL to action to page: what people wrote back, for the coordinator."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

import trainingapp.replies.messages
import trainingapp.replies.words  # noqa: F401 - these describe and register what replies are
from trainingapp import clock, paging
from trainingapp.db import db
from trainingapp.followups.steps import steps_of
from trainingapp.labels import label
from trainingapp.paging import worded
from trainingapp.programmes.models import Theme
from trainingapp.programmes.roles import Permission, can, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.replies import actions, queries
from trainingapp.replies.commands import group
from trainingapp.replies.models import FOR_A_PERSON, EmailReply
from trainingapp.replies.told import understood
from trainingapp.responses.queries import takes_answers
from trainingapp.table_views import Table, table_file

bp = Blueprint("replies", __name__, url_prefix="/replies", cli_group=None)
bp.cli.add_command(group)


@bp.app_template_global("replies_of")
def replies_of(invitation_id: int) -> Sequence[EmailReply]:
    """For the page of one person who was asked, which belongs to an earlier package."""
    return queries.of_invitation(invitation_id)


@bp.get("/")
@needs(Permission.SEE_FOLLOWUPS)
def index() -> ResponseReturnValue:
    only_for_a_person = request.args.get("show") != "all"
    allowed = on(Theme.programme_id, Permission.SEE_FOLLOWUPS)
    page = queries.replies(
        allowed,
        only_for_a_person=only_for_a_person,
        after=request.args.get("after"),
        before=request.args.get("before"),
    )
    return render_template(
        "replies/index.html",
        page=page,
        only_for_a_person=only_for_a_person,
        waiting=worded(queries.count_for_a_person(allowed)),
        confirmed=queries.confirmed([reply.invitation_id for reply in page.rows]),
    )


@table_file(bp, "/list", needs(Permission.SEE_FOLLOWUPS))
def replies_file() -> Table:
    only_for_a_person = request.args.get("show") != "all"
    allowed = on(Theme.programme_id, Permission.SEE_FOLLOWUPS)
    found = paging.stretches(
        lambda after: queries.replies(allowed, only_for_a_person=only_for_a_person, after=after, before=None)
    )
    headings = [_("Person"), _("Country"), _("What became of it"), _("Confirmed by them"), _("When (UTC)")]
    rows = (
        (
            *(one.invitation.enrolment.participant.full_name, one.invitation.enrolment.country),
            *(label(one.outcome), _("Yes") if one.invitation_id in confirmed else _("No")),
            f"{one.received_at:%Y-%m-%d %H:%M}",
        )
        for some in found
        for confirmed in [queries.confirmed([one.invitation_id for one in some])]
        for one in some
    )
    return Table(_("Email replies"), headings, rows)


def _reply(reply_id: int, permission: Permission) -> EmailReply:
    found = queries.reply(reply_id) or abort(404)
    require(permission, found.invitation.wave.schedule.cohort.theme.programme_id)
    return found


@bp.get("/<int:reply_id>")
@needs(Permission.SEE_FOLLOWUPS)
def reply(reply_id: int) -> ResponseReturnValue:
    found = _reply(reply_id, Permission.SEE_FOLLOWUPS)
    programme_id = found.invitation.wave.schedule.cohort.theme.programme_id
    return render_template(
        "replies/reply.html",
        reply=found,
        cohort=found.invitation.wave.schedule.cohort,
        person=found.invitation.enrolment.participant,
        understood=understood(
            found, steps_of([found.invitation.enrolment_id])[found.invitation.enrolment_id]
        ),
        is_confirmed=bool(queries.confirmed([found.invitation_id])),
        is_for_a_person=found.outcome in FOR_A_PERSON,
        may_run=can(Permission.RUN_FOLLOWUPS, programme_id),
        takes_answers=takes_answers(found.invitation, clock.now()),
    )


@bp.post("/<int:reply_id>/seen-to")
@needs(Permission.RUN_FOLLOWUPS)
def see_to(reply_id: int) -> ResponseReturnValue:
    found = _reply(reply_id, Permission.RUN_FOLLOWUPS)
    try:
        actions.see_to(found, current_user)
        db.session.commit()
        flash(_("It is off the list."), "ok")
    except Refusal as refusal:
        db.session.rollback()
        flash(str(refusal), "warn")
    return redirect(url_for("replies.index"), 303)
