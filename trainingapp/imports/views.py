"""From a spreadsheet to enrolments in four steps; nothing is enrolled before the last."""

from contextlib import suppress
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from wtforms import SelectChoice

from trainingapp import clock, countries, paging
from trainingapp.cohorts import loading
from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.db import db
from trainingapp.imports import actions, checking, commands, queries, undoing, words, work
from trainingapp.imports.cells import CHOICES
from trainingapp.imports.fields import LABELS
from trainingapp.imports.forms import AssumedForm, DecisionForm, UploadForm
from trainingapp.imports.models import Decision, ImportBatch, ImportState
from trainingapp.labels import choices
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import csv_response

bp = Blueprint("imports", __name__, url_prefix="/imports", cli_group="participants")
bp.cli.help = "People, from the command line."
bp.cli.add_command(commands.import_file)

_PAGES = {
    ImportState.WAITING: "imports/waiting.html",
    ImportState.CHECKING: "imports/waiting.html",
    ImportState.IMPORTING: "imports/waiting.html",
    ImportState.REFUSED: "imports/refused.html",
}


def _batch(batch_id: int) -> ImportBatch:
    batch = db.session.get(ImportBatch, batch_id) or abort(404)
    require(Permission.ENROL, batch.cohort.theme.programme_id)
    return batch


@bp.route("/cohorts/<int:cohort_id>", methods=["GET", "POST"])
@needs(Permission.ENROL)
def start(cohort_id: int) -> ResponseReturnValue:
    cohort = loading.cohort(cohort_id, Permission.ENROL)
    form = UploadForm()
    if form.validate_on_submit():
        upload = form.file.data
        batch = actions.upload(cohort, upload.filename, upload.read(), current_user, clock.now())
        return _go_on(batch)
    page = render_template("imports/start.html", cohort=cohort, form=form, batches=queries.of_cohort(cohort))
    return page, form.status


def _go_on(batch: ImportBatch) -> ResponseReturnValue:
    """A short step at once; a long one is left to a worker and the page waits."""
    if work.is_small(batch):
        work.proceed(batch, clock.now())
    db.session.commit()
    return redirect(url_for("imports.batch", batch_id=batch.id), 303)


@bp.get("/<int:batch_id>")
@needs(Permission.ENROL)
def batch(batch_id: int) -> ResponseReturnValue:
    """The page of the step that the file is at."""
    found = _batch(batch_id)
    if found.state is ImportState.MAPPING:
        return _columns_page(found, AssumedForm(formdata=None, data=found.assumed))
    if found.state is ImportState.REVIEW:
        return _review_page(found)
    if found.state in {ImportState.IMPORTED, ImportState.UNDONE}:
        return _done_page(found)
    status = 422 if found.state is ImportState.REFUSED else 200
    return render_template(_PAGES[found.state], cohort=found.cohort, batch=found, form=UploadForm()), status


@bp.post("/<int:batch_id>/now")
@needs(Permission.ENROL)
def do_now(batch_id: int) -> ResponseReturnValue:
    """For when no worker runs."""
    found = _batch(batch_id)
    work.proceed(found, clock.now())
    db.session.commit()
    return redirect(url_for("imports.batch", batch_id=found.id), 303)


@bp.route("/<int:batch_id>/columns", methods=["GET", "POST"])
@needs(Permission.ENROL)
def columns(batch_id: int) -> ResponseReturnValue:
    found = _batch(batch_id)
    form = _with_choices(AssumedForm(data=found.assumed))
    if not form.validate_on_submit():
        return _columns_page(found, form)
    mapping = {
        str(at): request.form[f"column-{at}"]
        for at in range(len(found.headings))
        if request.form.get(f"column-{at}") in LABELS
    }
    assumed = {name: form[name].data or "" for name in ("country", "kind", "dates")}
    try:
        actions.match_columns(found, mapping, assumed)
    except Refusal as refusal:
        form.refuse(refusal)
        return _columns_page(found, form, mapping)
    return _go_on(found)


@bp.post("/<int:batch_id>/again")
@needs(Permission.ENROL)
def read_again(batch_id: int) -> ResponseReturnValue:
    """With another sheet, or another row as the headings."""
    found = _batch(batch_id)
    actions.read(found, request.form.get("sheet"), request.form.get("heading_row", type=whole))
    db.session.commit()
    return redirect(url_for("imports.columns", batch_id=found.id), 303)


def _with_choices(form: AssumedForm) -> AssumedForm:
    every = [("", _("None: such rows must be fixed")), *countries.choices()]
    form.country.choices = [SelectChoice(code, name) for code, name in every]
    form.kind.choices = [SelectChoice(value, text) for value, text in choices(EnrolmentKind)]
    return form


def _columns_page(
    found: ImportBatch, form: AssumedForm, mapping: dict[str, str] | None = None
) -> ResponseReturnValue:
    page = render_template(
        "imports/columns.html",
        cohort=found.cohort,
        batch=found,
        form=_with_choices(form),
        mapping=found.mapping if mapping is None else mapping,
        labels=LABELS,
        samples=queries.samples(found),
    )
    return page, form.status


def _review_page(found: ImportBatch, problem: str = "", status: int = 200) -> ResponseReturnValue:
    view = request.args.get("show", "look")
    view = view if view in queries.VIEWS else "look"
    counts = queries.counts(found)
    if view == "look" and "show" not in request.args and not counts.notable:
        view = "all"
    after = request.args.get("after", 0, whole)
    rows = queries.rows(found, view, after)
    doubtful = queries.to_decide(found, request.args.get("row", type=whole))
    page = render_template(
        "imports/review.html",
        cohort=found.cohort,
        batch=found,
        counts=counts,
        view=view,
        after=after,
        rows=rows[: paging.SIZE],
        more=rows[paging.SIZE - 1].number if len(rows) > paging.SIZE else None,
        wrong=queries.first_wrong(found),
        doubtful=doubtful,
        person=queries.person(doubtful.participant_id) if doubtful and doubtful.participant_id else None,
        labels=LABELS,
        choices=CHOICES,
        country_choices=countries.choices(),
        date=date.fromisoformat,
        sentence=checking.sentence,
        raw=checking.raw,
        problem=problem or found.problem,
    )
    return page, status


@bp.post("/<int:batch_id>/rows")
@needs(Permission.ENROL)
def correct(batch_id: int) -> ResponseReturnValue:
    found = _batch(batch_id)
    actions.correct(found, _typed(), clock.now())
    db.session.commit()
    return redirect(_back(found, "rows"), 303)


def _typed() -> dict[int, dict[str, str]]:
    """Row id -> field -> text, from controls named row-12-country."""
    typed: dict[int, dict[str, str]] = {}
    for key, text in request.form.items():
        row, _dash, field = key.removeprefix("row-").partition("-")
        if key.startswith("row-") and field in LABELS:
            with suppress(ValueError):
                typed.setdefault(whole(row), {})[field] = text.strip()
    return typed


@bp.post("/<int:batch_id>/rows/<int:number>")
@needs(Permission.ENROL)
def decide(batch_id: int, number: int) -> ResponseReturnValue:
    found = _batch(batch_id)
    form = DecisionForm()
    if not form.validate():
        sentence = _("Choose what to do with row %(row)s.", row=number)
        return _review_page(found, sentence, 422)
    actions.decide(found, number, Decision(form.decision.data))
    db.session.commit()
    return redirect(_back(found, "same"), 303)


def _back(found: ImportBatch, place: str) -> str:
    view = request.form.get("show", "look")
    after = request.form.get("after", 0, whole)
    return url_for("imports.batch", batch_id=found.id, show=view, after=after or None, _anchor=place)


@bp.post("/<int:batch_id>/import")
@needs(Permission.ENROL)
def confirm(batch_id: int) -> ResponseReturnValue:
    """A second click finds the work done and shows it. Corrections not yet checked are checked first."""
    found = _batch(batch_id)
    typed = _typed()
    if found.state is ImportState.REVIEW and typed and actions.correct(found, typed, clock.now()):
        db.session.commit()
        flash(_("What you corrected was checked first. Look at it, then import."))
        return redirect(_back(found, "rows"), 303)
    actions.confirm(found)
    return _go_on(found)


def _done_page(found: ImportBatch, problem: Refusal | None = None) -> ResponseReturnValue:
    imported, made = queries.made(found)
    page = render_template(
        "imports/done.html",
        cohort=found.cohort,
        batch=found,
        counts=queries.counts(found),
        imported=imported,
        made=made,
        problem=problem,
        blockers=undoing.blockers(found) if problem else [],
        work=words.WORK,
    )
    return page, 409 if problem else 200


@bp.post("/<int:batch_id>/undo")
@needs(Permission.ENROL)
def undo(batch_id: int) -> ResponseReturnValue:
    found = _batch(batch_id)
    try:
        count = undoing.undo(found, clock.now())
    except undoing.WorkedOn as refusal:
        return _done_page(found, refusal)
    db.session.commit()
    if count:
        flash(ngettext("%(num)d enrolment was taken back.", "%(num)d enrolments were taken back.", count))
    return redirect(url_for("imports.batch", batch_id=found.id), 303)


@bp.post("/<int:batch_id>/give-up")
@needs(Permission.ENROL)
def give_up(batch_id: int) -> ResponseReturnValue:
    found = _batch(batch_id)
    cohort_id = found.cohort_id
    actions.give_up(found)
    db.session.commit()
    flash(_("The file was forgotten. Nothing of it was saved."))
    return redirect(url_for("imports.start", cohort_id=cohort_id), 303)


@bp.get("/<int:batch_id>/left.csv")
@needs(Permission.ENROL)
def left_behind(batch_id: int) -> ResponseReturnValue:
    """The rows that stay behind, as they came, with the reasons: to be mended and sent again."""
    found = _batch(batch_id)
    rows = queries.left_behind(found)
    width = len(found.headings)
    lines = (
        [
            str(row.number),
            *[*row.cells, *[""] * width][:width],
            " ".join(checking.sentence(reason) for reason in row.reasons),
        ]
        for row in rows
    )
    name = _("%(file)s, rows left behind", file=found.file_name.rpartition(".")[0] or found.file_name)
    return csv_response(name, [_("Row"), *found.headings, _("Reasons")], lines)
