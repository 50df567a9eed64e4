"""URL to action to page: behind the personal links. A supervisor or host answers; an alumna says yes or no.

No account, no menu. A GET notes nothing: scanners open every link.
"""

from typing import Any

from flask import g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.followups import calendar
from trainingapp.followups.yearly import queries as yearly
from trainingapp.outbox import unsubscribe
from trainingapp.refusals import Refusal
from trainingapp.responses import actions as responses
from trainingapp.responses import holder_views as holder
from trainingapp.responses import posted
from trainingapp.responses.forms import Page
from trainingapp.responses.holder_views import guesses
from trainingapp.responses.queries import Sheet
from trainingapp.responses.words import taps
from trainingapp.surveys import queries as surveys
from trainingapp.voices import actions, queries
from trainingapp.voices.blueprint import bp
from trainingapp.voices.forms import PersonForm
from trainingapp.voices.kinds import kind_of
from trainingapp.voices.models import RoundState, Voice, VoiceState

S = VoiceState


# Who is asked ---------------------------------------------------------------------------------------


@bp.get("/answer/<token>")
@public
@guesses
def link(token: str) -> ResponseReturnValue:
    """`a` names an answer that was tapped in the mail: the page shows it chosen, and nothing is kept."""
    found = queries.voice_for(token)
    if found is None:
        return holder.no_such_link(may_ask=False)
    return holder.go_on(
        token, ".page", ".page", calendar.ends(found.round.closes_on), a=request.args.get("a")
    )


@bp.get("/answer/page/<page_id>")
@public
@guesses
def page(page_id: str) -> ResponseReturnValue:
    found = _asked(page_id)
    if found is None:
        return holder.no_such_link(may_ask=False)
    form = Page(_sheet(found), g.language)
    form.choose(request.args.get("a", ""))
    return _show(found, page_id, form)


@bp.post("/answer/page/<page_id>")
@public
@guesses
def answer(page_id: str) -> ResponseReturnValue:
    """Send, or go on in another language: what was typed is never lost."""
    found = _asked(page_id)
    if found is None:
        return holder.no_such_link(may_ask=False)
    now, is_final = clock.now(), "l" not in request.form
    form = Page(_sheet(found), g.language, request.form.copy())
    filled = posted.read(form, now, is_final=is_final)
    if not is_final:
        return _show(found, page_id, form)
    if form.errors:
        return _show(found, page_id, form), 422
    try:
        promise = request.form.get("promise", "")
        actions.answer(found, filled, language=g.language, promise=promise, now=now)
        db.session.commit()
    except (actions.VoiceClosed, actions.NothingAnswered, responses.PromiseChanged) as refusal:
        db.session.rollback()
        return _show(found, page_id, form, problem=str(refusal)), _status(refusal)
    return redirect(holder.address(".page", page_id), 303)


def _status(refusal: Refusal) -> int:
    return 422 if isinstance(refusal, actions.NothingAnswered) else 409


@bp.post("/answer/page/<page_id>/decline")
@public
@guesses
def decline(page_id: str) -> ResponseReturnValue:
    found = _asked(page_id)
    if found is None:
        return holder.no_such_link(may_ask=False)
    actions.decline(found, clock.now())
    db.session.commit()
    return redirect(holder.address(".page", page_id), 303)


def _asked(page_id: str) -> Voice | None:
    return holder.held(page_id, queries.voice_for)


def _sheet(voice: Voice) -> Sheet:
    version = voice.round.survey_version
    questions = surveys.questions_of(version)
    return Sheet(questions, version.anonymity, sections=surveys.sections_of(version, questions))


def _show(found: Voice, page_id: str, form: Page, problem: str = "") -> str:
    """The questions, the thanks, or why there is nothing to answer any more."""
    is_open = queries.takes_answers(found, clock.now())
    is_asked = is_open and (found.state is not S.DECLINED or "again" in request.args)
    return render_template(
        "voices/page.html",
        form=form,
        problem=problem,
        is_open=is_open,
        is_asked=is_asked,
        **taps(),
        **_frame(found, page_id, found.address, kind_of(found.round).topic),
    )


def _frame(found: Voice, page_id: str, address: str, topic: str) -> dict[str, Any]:
    return {
        **holder.frame(number=page_id),
        "voice": found,
        "round": found.round,
        "kind": kind_of(found.round),
        "cohort": found.round.schedule.cohort,
        "stop": unsubscribe.link(address, topic, g.language),
    }


# The alumna, of her supervisor ----------------------------------------------------------------------


@bp.get("/told/<token>")
@public
@guesses
def told_link(token: str) -> ResponseReturnValue:
    found = queries.told_by(token)
    if found is None:
        return holder.no_such_link(may_ask=False)
    return holder.go_on(token, ".told", ".told", calendar.ends(found.round.closes_on))


@bp.get("/told/page/<page_id>")
@public
@guesses
def told(page_id: str) -> ResponseReturnValue:
    found = _told(page_id)
    if found is None:
        return holder.no_such_link(may_ask=False)
    return _show_told(found, page_id, PersonForm(formdata=None))


@bp.post("/told/page/<page_id>")
@public
@guesses
def say_told(page_id: str) -> ResponseReturnValue:
    """No, yes again, or somebody else."""
    found = _told(page_id)
    if found is None:
        return holder.no_such_link(may_ask=False)
    form, now, said = PersonForm(), clock.now(), request.form.get("do", "")
    try:
        if said == "no":
            actions.refuse(found, now)
        elif said == "undo":
            actions.allow(found, now)
        elif form.validate():
            actions.name_another(found, form.name.data or "", form.email.data or "", found.language, now)
        else:
            return _show_told(found, page_id, form), 422
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _show_told(found, page_id, form), 422
    return redirect(holder.address(".told", page_id), 303)


def _told(page_id: str) -> Voice | None:
    token = holder.token_of(page_id)
    found = queries.told_by(token) if token else None
    if found is None or found.enrolment is None or kind_of(found.round).unwanted_because(found):
        return None
    holder.speak(found.enrolment.participant.language)
    return found


def _show_told(found: Voice, page_id: str, form: PersonForm) -> str:
    frame = _frame(found, page_id, found.address, kind_of(found.round).topic)
    return render_template(
        "voices/told.html",
        form=form,
        masked=yearly.masked(found.address),
        asked_from=queries.may_be_asked_at(found.round, found, clock.now()),
        is_open=found.round.state is RoundState.OPEN,
        **{**frame, "stop": None},
    )
