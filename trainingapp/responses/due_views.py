"""URL to action to page: a reminder of due activities. One tap a line, and a note where she likes."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db, lock
from trainingapp.followups.due import queries as due
from trainingapp.followups.due.models import DueNotice
from trainingapp.outbox import unsubscribe
from trainingapp.plans import actions as plans
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress.actions import NothingToReportOn, Said
from trainingapp.plans.progress.models import Source
from trainingapp.responses import holder_views as holder
from trainingapp.responses.blueprint import bp
from trainingapp.responses.holder_views import guesses
from trainingapp.responses.words import EVERY_TAP

TAPS = (ActivityState.DONE, ActivityState.ON_TRACK, ActivityState.DELAYED, ActivityState.BLOCKED)
LONGEST = 4000


@bp.get("/due/<token>")
@public
@guesses
def due_link(token: str) -> ResponseReturnValue:
    """`a` names what was tapped in the mail: the page shows it chosen, and nothing is kept."""
    found = due.notice_for(token, clock.now())
    if found is None:
        return holder.no_such_link(may_ask=False)
    return holder.go_on(token, ".due_page", ".due_page", found.due_at + due.LIVES, a=request.args.get("a"))


@bp.get("/due/page/<page_id>")
@public
@guesses
def due_page(page_id: str) -> ResponseReturnValue:
    found = _notice(page_id)
    return _page(found, page_id) if found else holder.no_such_link(may_ask=False)


@bp.post("/due/page/<page_id>")
@public
@guesses
def say_due(page_id: str) -> ResponseReturnValue:
    """Each line that was tapped becomes part of one report."""
    found = _notice(page_id)
    if found is None:
        return holder.no_such_link(may_ask=False)
    lock(found)
    said, only_noted = list(_said(found)), _only_noted(found)
    plan, now = due.plan_of(found), clock.now()
    if only_noted or not said or plan is None:
        return _page(found, page_id, is_empty=not only_noted, only_noted=only_noted), 422
    if found.told_at is None:  # a second press
        with suppress(NothingToReportOn):  # the plan was stopped meanwhile: the page says so by itself
            plans.report(plan, Source.SELF, now, activities=said)
            found.told_at = now
            db.session.commit()
    return redirect(url_for(".due_page", page_id=page_id, l=request.form.get("language")), 303)


def _notice(page_id: str) -> DueNotice | None:
    return holder.held(page_id, lambda token: due.notice_for(token, clock.now()))


def _said(found: DueNotice) -> Any:
    for line in due.lines_of(found):
        state = request.form.get(f"a-{line.activity_id}", "")
        if state in set(TAPS):
            yield line.activity, Said(ActivityState(state), _note(line.activity_id))


def _only_noted(found: DueNotice) -> set[int]:
    """Activities of which she wrote something, and did not say how they stand."""
    ids = {line.activity_id for line in due.lines_of(found)}
    return {one for one in ids if _note(one) and request.form.get(f"a-{one}", "") not in set(TAPS)}


def _note(activity_id: int) -> str:
    return request.form.get(f"a-{activity_id}-note", "").replace("\0", "").strip()[:LONGEST]


def _page(found: DueNotice, page_id: str, *, is_empty: bool = False, only_noted: Collection[int] = ()) -> str:
    name, _dot, value = request.args.get("a", "").partition(".")
    frame = holder.frame(found, page_id)
    return render_template(
        "responses/due.html",
        notice=found,
        lines=due.lines_of(found),
        taps={state: EVERY_TAP[state] for state in TAPS},
        chosen_line={name: value} if value in set(TAPS) else {},
        is_empty=is_empty,
        only_noted=only_noted,
        typed=request.form,
        **{**frame, "stop": unsubscribe.link(found.address, due.TOPIC, g.language)},
    )
