"""URL to action to page: old answers, from the file over its map into the results."""

import json

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from wtforms import SelectChoice

from trainingapp import clock
from trainingapp.archives import actions, forms, maps, queries, words  # noqa: F401 - words describes our states
from trainingapp.archives.answers import Reading
from trainingapp.archives.models import Archive, ArchiveDraft
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.programmes.models import Programme, Theme
from trainingapp.programmes.roles import Permission, holds, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.surveys.models import Survey
from trainingapp.table_views import Table, table_file

bp = Blueprint("archives", __name__, url_prefix="/archives")
RUN = Permission.RUN_FOLLOWUPS
SHOWN = 100  # problems on one page


@bp.get("/")
@needs(Permission.SEE_FOLLOWUPS)
def index() -> ResponseReturnValue:
    return render_template(
        "archives/index.html",
        archives=queries.archives(on(Survey.programme_id, Permission.SEE_FOLLOWUPS)),
        drafts=queries.drafts(on(ArchiveDraft.programme_id, RUN)),
        may_run=holds(RUN),
        may_read=holds(Permission.READ_FEEDBACK),
    )


@table_file(bp, "/list", needs(Permission.SEE_FOLLOWUPS))
def archives_file() -> Table:
    headings = [
        *(_("Source"), _("Questionnaire"), _("Version"), _("Edition"), _("From"), _("To"), _("Answers")),
        _("Taken back on"),
    ]
    rows = [
        (
            *(one.source, one.survey_version.survey.title, one.survey_version.number),
            *(one.cohort.name if one.cohort else None, one.collected_from, one.collected_to, count),
            one.taken_back_at.date() if one.taken_back_at else None,
        )
        for one, count in queries.archives(on(Survey.programme_id, Permission.SEE_FOLLOWUPS))
    ]
    return Table(_("Old answers"), headings, rows)


@bp.route("/new", methods=["GET", "POST"])
@needs(RUN)
def new() -> ResponseReturnValue:
    form = _with_choices(forms.FileForm())
    if form.validate_on_submit():
        programme = db.session.get_one(Programme, form.programme.data)
        try:
            cohort = _edition(form, programme)
            draft = actions.begin(
                programme,
                form.file.data.read(),
                file_name=form.file.data.filename or "",
                survey=form.survey.data,
                source=form.source.data,
                cohort=cohort,
                by=current_user,
                now=clock.now(),
            )
            db.session.commit()
            return redirect(url_for(".draft", draft_id=draft.id), 303)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    surveys = db.session.scalars(sa.select(Survey).where(on(Survey.programme_id, RUN)).order_by(Survey.key))
    return render_template("archives/new.html", form=form, surveys=surveys.all()), form.status


@bp.get("/drafts/<int:draft_id>")
@needs(RUN)
def draft(draft_id: int) -> ResponseReturnValue:
    return _draft_page(_draft(draft_id))


@bp.post("/drafts/<int:draft_id>")
@needs(RUN)
def save(draft_id: int) -> ResponseReturnValue:
    """Saves the map as chosen; then tries it, or brings the answers in."""
    found = _draft(draft_id)
    found.mapping = maps.write(forms.mapped(maps.read(found.mapping), request.form))
    db.session.commit()
    try:
        if request.form.get("do") == "bring":
            archive = actions.finish(found, current_user, clock.now())
            db.session.commit()
            flash(_("The answers are in."), "ok")
            return redirect(url_for("feedback.archive", archive_id=archive.id), 303)
        return _draft_page(found, actions.try_out(found, clock.now()))
    except actions.AlreadyHere as refusal:
        db.session.rollback()
        if db.session.get(ArchiveDraft, draft_id) is None:
            flash(str(refusal), "warn")
            return redirect(url_for(".index"), 303)
        return _draft_page(found, None, str(refusal), 422)
    except actions.NotAllReadable as refusal:
        db.session.rollback()
        return _draft_page(found, actions.try_out(found, clock.now()), str(refusal), 422)
    except Refusal as refusal:
        db.session.rollback()
        return _draft_page(found, None, str(refusal), 422)


@bp.post("/drafts/<int:draft_id>/map")
@needs(RUN)
def upload_map(draft_id: int) -> ResponseReturnValue:
    """A map that was corrected in an editor."""
    found, form = _draft(draft_id), forms.MapFileForm()
    if not form.validate():
        return _draft_page(found, None, form.problems[0][1], 422)
    try:
        found.mapping = maps.write(maps.read(json.loads(form.file.data.read())))
    except Refusal as refusal:
        return _draft_page(found, None, str(refusal), 422)
    except (ValueError, RecursionError):
        return _draft_page(found, None, _("This file is not JSON."), 422)
    db.session.commit()
    return redirect(url_for(".draft", draft_id=found.id), 303)


@bp.get("/drafts/<int:draft_id>/map.json")
@needs(RUN)
def download_map(draft_id: int) -> ResponseReturnValue:
    text = json.dumps(_draft(draft_id).mapping, ensure_ascii=False, indent=2)
    said = {"Content-Disposition": 'attachment; filename="map.json"'}
    return Response(text, mimetype="application/json", headers=said)


@bp.post("/drafts/<int:draft_id>/give-up")
@needs(RUN)
def give_up(draft_id: int) -> ResponseReturnValue:
    found = _draft(draft_id)
    db.session.delete(found)
    db.session.commit()
    flash(_("The file was forgotten. Nothing of it came in."))
    return redirect(url_for(".index"), 303)


@bp.post("/<int:archive_id>/take-back")
@needs(RUN)
def take_back(archive_id: int) -> ResponseReturnValue:
    archive = db.session.get(Archive, archive_id) or abort(404)
    require(RUN, archive.survey_version.survey.programme_id)
    count = actions.take_back(archive, clock.now())
    db.session.commit()
    flash(ngettext("%(num)d answer was taken back.", "%(num)d answers were taken back.", count))
    return redirect(url_for(".index"), 303)


def _draft(draft_id: int) -> ArchiveDraft:
    found = db.session.get(ArchiveDraft, draft_id) or abort(404)
    require(RUN, found.programme_id)
    return found


def _edition(form: forms.FileForm, programme: Programme) -> Cohort | None:
    found = db.session.get(Cohort, int(form.edition.data)) if form.edition.data else None
    if found and found.theme.programme_id != programme.id:
        raise Refusal(_("This edition belongs to another programme."), "edition")
    return found


def _with_choices(form: forms.FileForm) -> forms.FileForm:
    programmes = db.session.scalars(
        sa.select(Programme).where(on(Programme.id, RUN)).order_by(Programme.name)
    )
    form.programme.choices = [SelectChoice(one.id, one.short_name) for one in programmes]
    editions = db.session.execute(
        sa.select(Cohort.id, Theme.year, Cohort.name)
        .join(Theme)
        .where(on(Theme.programme_id, RUN))
        .order_by(Cohort.starts_on.desc())
    )
    form.edition.choices = [
        SelectChoice("", _("Of none, or of several")),
        *(SelectChoice(str(number), f"{year} · {name}") for number, year, name in editions),
    ]
    return form


def _draft_page(
    found: ArchiveDraft, tried: Reading | None = None, problem: str = "", status: int = 200
) -> ResponseReturnValue:
    a_map = maps.read(found.mapping)
    known = queries.known(found.programme_id, a_map.survey)
    has_survey = any(one.is_here for one in known)
    keys = {one.key: one.wordings[0] for one in known if one.is_here or not has_survey}
    keys |= {key: next(iter(asked.wording.values()), key) for key, asked in a_map.questions.items()}
    offered = {
        column.key: queries.values_of(known, column.key, a_map.questions.get(column.key))
        for column in a_map.columns
        if column.key
    }
    page = render_template(
        "archives/draft.html",
        draft=found,
        map=a_map,
        uses=[use for use in maps.Use if use is not maps.Use.ANSWER],
        keys=keys,
        offered=offered,
        tried=tried,
        problem=problem,
        most=SHOWN,
        form=forms.MapFileForm(formdata=None),
        undecided=forms.UNDECIDED,
    )
    return page, status
