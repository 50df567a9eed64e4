"""Questionnaires as XLSForms: looked at first, then imported; and downloaded."""

import io
from collections import Counter

import sqlalchemy as sa
from flask import abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from itsdangerous import BadData, URLSafeSerializer
from wtforms import HiddenField, SelectChoice, SelectField

from trainingapp import clock
from trainingapp.db import db
from trainingapp.forms import Form as PageForm
from trainingapp.numbers import whole
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets.writing import XLSX
from trainingapp.surveys import queries
from trainingapp.surveys.blueprint import LANGUAGE_NAMES, bp
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.xlsform import actions, reading, writing
from trainingapp.surveys.xlsform.contents import Form

LARGEST_IN_PAGE = 400_000  # a field of a page holds half a million bytes


class UploadForm(PageForm):
    programme = SelectField(_l("Programme"), coerce=int)
    file = FileField(
        _l("XLSForm"),
        description=_l(".xlsx, .xls, .ods or .csv, up to 20 MB, as ODK and KoboToolbox use them."),
        validators=[FileRequired(_l("Choose the file with the form."))],
    )


class DraftForm(PageForm):
    """What was read travels through the page, signed: nothing is stored before she said yes."""

    programme = HiddenField()
    read = HiddenField()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="xlsform")


@bp.route("/import", methods=["GET", "POST"])
@needs(Permission.RUN_FOLLOWUPS)
def import_form() -> ResponseReturnValue:
    """Reads a form and says what would come in. Changes nothing."""
    form = UploadForm()
    mine = sa.select(Programme).where(on(Programme.id, Permission.RUN_FOLLOWUPS)).order_by(Programme.name)
    form.programme.choices = [SelectChoice(one.id, one.name) for one in db.session.scalars(mine)]
    if not form.validate_on_submit():
        return render_template("surveys/import.html", form=form), form.status
    found, report = reading.read(form.file.data.read(), form.file.data.filename or "")
    signed = _signed(found) if found and report.is_accepted else ""
    page = render_template(
        "surveys/import_seen.html",
        form=DraftForm(formdata=None, programme=form.programme.data, read=signed),
        programme=db.session.get_one(Programme, form.programme.data),
        file_name=form.file.data.filename,
        found=found,
        report=report,
        kinds=_kinds(found),
        minutes=queries.minutes(Question(kind=item.kind) for item in found.questions) if found else 0,
        language_names=LANGUAGE_NAMES,
    )
    return page, 200 if report.is_accepted else 422


def _signed(found: Form) -> str:
    """Empty when it is too large to travel through a page; the command line takes it then."""
    signed = _signer().dumps(found.as_json())
    text = signed if isinstance(signed, str) else signed.decode()
    return text if len(text) < LARGEST_IN_PAGE else ""


def _kinds(found: Form | None) -> list[tuple[str, int]]:
    counted = Counter(item.kind for item in found.questions) if found else Counter()
    return [(str(QUESTION_TYPES[kind].title), count) for kind, count in counted.most_common()]


@bp.post("/import/draft")
@needs(Permission.RUN_FOLLOWUPS)
def import_draft() -> ResponseReturnValue:
    form = DraftForm()
    programme = db.session.get(Programme, request.form.get("programme", 0, type=whole))
    if programme is None:
        return _lost()
    require(Permission.RUN_FOLLOWUPS, programme.id)
    try:
        found = Form.from_json(_signer().loads(form.read.data or ""))
        version = actions.import_form(programme, found, actions.key_of(found), clock.now())
    except BadData:
        return _lost()
    except Refusal as refusal:
        flash(str(refusal))
        return redirect(url_for("surveys.import_form"), 303)
    db.session.commit()
    flash(_("Imported as a draft. Look at it before you publish it."))
    return redirect(url_for("surveys.build", version_id=version.id), 303)


def _lost() -> ResponseReturnValue:
    flash(_("The form got lost on its way. Choose the file again."))
    return redirect(url_for("surveys.import_form"), 303)


@bp.get("/versions/<int:version_id>/xlsform")
@needs(Permission.SEE_FOLLOWUPS)
def xlsform(version_id: int) -> ResponseReturnValue:
    version = queries.version_with_survey(version_id) or abort(404)
    require(Permission.SEE_FOLLOWUPS, version.survey.programme_id)
    data = writing.workbook(actions.form_of(version))
    name = f"{version.survey.key}-{version.number}.xlsx"
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
