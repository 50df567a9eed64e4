"""URL to action to page: writing a report, figures as they stand and words beside them."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, dates
from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.plans.versions import comparison
from trainingapp.programmes.roles import needs
from trainingapp.refusals import Refusal
from trainingapp.reports import actions, composing, loading, queries
from trainingapp.reports.blueprint import WRITE, bp
from trainingapp.reports.forms import SettingsForm, TextForm
from trainingapp.reports.kinds import KINDS
from trainingapp.reports.models import EarlierText, Report, ReportSection, ReportState, ReportText
from trainingapp.reports.sections import SECTIONS

STEPS = {"up": -1, "down": 1}
ZONE = "UTC"


@bp.get("/<int:report_id>/edit")
@needs(WRITE)
def edit(report_id: int) -> ResponseReturnValue:
    found = loading.own(report_id)
    if found.state is not ReportState.DRAFT:
        return redirect(url_for("reports.report", report_id=found.id))
    parts = composing.parts(found)
    return render_template(
        "reports/edit.html",
        report=found,
        kind=KINDS[found.kind],
        parts=parts,
        forms={part.place.key: _form(part.text, part.place.key) for part in parts},
        sections=SECTIONS,
        zone=ZONE,
    )


def _form(text: ReportText | None, key: str) -> TextForm:
    data = {"text": text.text if text else "", "version": str(text.version if text else 0)}
    form = TextForm(formdata=None, data=data)
    form.text.id = f"text-{key}"
    return form


@bp.post("/<int:report_id>/sections/<section>")
@needs(WRITE)
def write(report_id: int, section: str) -> ResponseReturnValue:
    """Every button of a text comes here; a sentence that was offered is put at its end."""
    place, form = loading.section(report_id, section), TextForm()
    is_auto = request.form.get("do") == "autosave"
    typed = "\n\n".join(filter(None, [form.text.data or "", request.form.get("add", "")]))
    version = request.form.get("version", 0, whole)
    if not form.validate_on_submit():
        problem = form.problems[0][1]
        return (jsonify(problem=problem), 422) if is_auto else _again(place, typed, version, problem)
    try:
        text = actions.write(place, typed, version, current_user, clock.now())
    except Refusal as refusal:
        problem = str(refusal)
        return (jsonify(problem=problem), 409) if is_auto else _beside(place, typed, problem)
    db.session.commit()
    if is_auto:
        saved = _("Saved %(time)s.", time=dates.hour(text.written_at, ZONE))
        return jsonify(version=text.version, saved=saved)
    return redirect(url_for("reports.edit", report_id=report_id, _anchor=section))


def _again(place: ReportSection, typed: str, version: int, problem: str) -> ResponseReturnValue:
    """What was typed stays upon the version it was typed on: who wrote meanwhile is not overwritten."""
    return _typed(place, typed, version, problem=problem), 422


def _beside(place: ReportSection, typed: str, problem: str) -> ResponseReturnValue:
    """As _again, with what somebody else wrote beside it, word by word: the two may be brought together."""
    stored = db.session.get(ReportText, place.id)
    pieces = comparison.words(stored.text if stored else "", typed)
    version = stored.version if stored else 0
    return _typed(place, typed, version, problem=problem, stored=stored, pieces=pieces), 409


def _typed(place: ReportSection, typed: str, version: int, **more: object) -> str:
    return render_template(
        "reports/text.html",
        report=place.report,
        key=place.key,
        section=SECTIONS[place.key],
        typed=typed,
        version=version,
        zone=ZONE,
        **more,
    )


@bp.get("/<int:report_id>/sections/<section>/history")
@needs(WRITE)
def history(report_id: int, section: str) -> ResponseReturnValue:
    """Each text with what the next one changed in it."""
    place = loading.section(report_id, section)
    now = db.session.get(ReportText, place.id)
    texts: list[ReportText | EarlierText] = [*([now] if now else []), *queries.history(place)]
    before = [*(one.text for one in texts[1:]), ""]
    changes = [comparison.words(old, one.text) for one, old in zip(texts, before, strict=False)]
    return render_template(
        "reports/history.html",
        report=place.report,
        key=place.key,
        section=SECTIONS[place.key],
        texts=list(zip(texts, changes, strict=True)),
        zone=ZONE,
    )


@bp.post("/<int:report_id>/sections/<section>/place")
@needs(WRITE)
def arrange(report_id: int, section: str) -> ResponseReturnValue:
    """Up, down, left out, or told again."""
    place = loading.section(report_id, section)
    verb = request.form.get("do", "")
    if verb in STEPS:
        actions.move(place, STEPS[verb])
    else:
        actions.tell(place, is_told=verb == "tell")
    db.session.commit()
    return redirect(url_for("reports.edit", report_id=report_id, _anchor=section))


@bp.route("/<int:report_id>/settings", methods=["GET", "POST"])
@needs(WRITE)
def settings(report_id: int) -> ResponseReturnValue:
    found = loading.own(report_id)
    form = SettingsForm()
    form.offer()
    if not form.is_submitted():
        form.fill(found)
    elif form.validate():
        try:
            form.check_fresh(found)
            actions.ask(found, form.asked, clock.now())
            db.session.commit()
            return redirect(url_for("reports.edit", report_id=found.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("reports/settings.html", report=found, form=form), form.status


@bp.post("/<int:report_id>/discard")
@needs(WRITE)
def discard(report_id: int) -> ResponseReturnValue:
    found = loading.own(report_id)
    programme_id = found.programme_id
    actions.discard(found)
    db.session.commit()
    flash(_("The draft is gone."))
    return redirect(url_for("reports.of_programme", programme_id=programme_id))


@bp.post("/<int:report_id>/publish")
@needs(WRITE)
def publish(report_id: int) -> ResponseReturnValue:
    """A second press finds its work done."""
    found: Report = loading.own(report_id)
    if found.state is ReportState.DRAFT:
        actions.publish(found, current_user, clock.now())
        db.session.commit()
        flash(_("Published. Its figures and texts stay as they are from now on."), "ok")
    return redirect(url_for("reports.report", report_id=found.id))
