"""URL to action to page: forms for those whom no line reaches, as workbooks and on paper, out and back in."""

import io
import zipfile
from dataclasses import asdict
from typing import Any

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.followups import loading
from trainingapp.followups.models import Invitation, Wave
from trainingapp.programmes.roles import Permission, can, needs
from trainingapp.refusals import Refusal
from trainingapp.responses import filled_forms, paper, queries, sheets
from trainingapp.responses.blueprint import bp
from trainingapp.responses.filled_forms import Looked
from trainingapp.responses.paper import Paper
from trainingapp.responses.sheets import Form
from trainingapp.responses.words import LANGUAGE_NAMES, taps
from trainingapp.spreadsheets.writing import XLSX, as_download
from trainingapp.surveys.models import Anonymity

RUN = Permission.RUN_FOLLOWUPS
MOST_FILES = 200
AN_HOUR = 3600  # seconds in which what was looked at may be recorded


def _wave(wave_id: int) -> Wave:
    """Anonymous questions are never asked with a name on the form."""
    wave = loading.wave(wave_id, RUN)
    if wave.survey_version.anonymity is Anonymity.ANONYMOUS:
        abort(404)
    return wave


def _invitation(invitation_id: int) -> Invitation:
    invitation = loading.invitation(invitation_id, RUN)
    if queries.is_anonymous(invitation):
        abort(404)
    return invitation


# Out ------------------------------------------------------------------------------------------------


@bp.get("/responses/forms/wave/<int:wave_id>")
@needs(RUN)
def forms(wave_id: int) -> ResponseReturnValue:
    return _page(_wave(wave_id))


def _page(wave: Wave, **facts: Any) -> str:
    return render_template(
        "responses/forms.html",
        wave=wave,
        cohort=wave.schedule.cohort,
        missing=len(paper.missing(wave)),
        most=paper.MOST,
        **facts,
    )


@bp.post("/responses/forms/<int:invitation_id>.xlsx")
@needs(RUN)
def workbook(invitation_id: int) -> ResponseReturnValue:
    invitation = _invitation(invitation_id)
    data = sheets.write(invitation, queries.sheet(invitation))
    file = as_download(Response(data, mimetype=XLSX), _name(invitation), "xlsx")
    _note_taken(invitation, invitation.wave, 1)
    db.session.commit()
    return file


def _note_taken(of: Invitation | Wave, wave: Wave, people: int) -> None:
    programme_id = wave.schedule.cohort.theme.programme_id
    audit.record(of, "forms taken", after=f"{people}, xlsx", programme_id=programme_id)


def _name(invitation: Invitation) -> str:
    return f"{invitation.enrolment.participant.full_name}, {invitation.wave.offset_months} ({invitation.id})"


@bp.post("/responses/forms/wave/<int:wave_id>.zip")
@needs(RUN)
def workbooks(wave_id: int) -> ResponseReturnValue:
    """One a person who has not answered."""
    wave, file = _wave(wave_id), io.BytesIO()
    missing = paper.missing(wave)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for invitation in missing:
            name = "".join(letter if letter.isalnum() else " " for letter in _name(invitation))
            archive.writestr(
                f"{' '.join(name.split())}.xlsx", sheets.write(invitation, queries.sheet(invitation))
            )
    data = as_download(
        Response(file.getvalue(), mimetype="application/zip"), wave.schedule.cohort.name, "zip"
    )
    _note_taken(wave, wave, len(missing))
    db.session.commit()
    return data


# On paper they are pages to look at, of people whom the reader sees elsewhere too: what a browser prints
# nobody can note.


@bp.get("/responses/paper/<int:invitation_id>")
@needs(RUN)
def on_paper(invitation_id: int) -> ResponseReturnValue:
    invitation = _invitation(invitation_id)
    return _papers([paper.paper(invitation)], invitation.wave)


@bp.get("/responses/paper/wave/<int:wave_id>")
@needs(RUN)
def all_on_paper(wave_id: int) -> ResponseReturnValue:
    wave = _wave(wave_id)
    return _papers(list(paper.papers(wave)), wave)


def _papers(papers: list[Paper], wave: Wave) -> str:
    """Each in its reader's own language."""
    bodies = []
    for one in papers:
        with force_locale(one.invitation.language.replace("-", "_")):
            bodies.append(
                render_template("responses/_paper.html", paper=one, languages=LANGUAGE_NAMES, **taps())
            )
    return render_template("responses/paper.html", bodies=bodies, wave=wave)


@bp.get("/responses/paper")
@needs(RUN)
def by_code() -> ResponseReturnValue:
    """From the code on a paper to the page where its answers are typed in."""
    code = request.args.get("code", "")[:40]
    number = paper.number_of(code) if code else None
    invitation = db.session.get(Invitation, number) if number else None
    if invitation and can(RUN, invitation.wave.schedule.cohort.theme.programme_id):
        return redirect(url_for(".record", invitation_id=invitation.id, how="paper"))
    return render_template("responses/by_code.html", code=code), 404 if code else 200


# Back -----------------------------------------------------------------------------------------------


@bp.post("/responses/forms/wave/<int:wave_id>")
@needs(RUN)
def look_at_forms(wave_id: int) -> ResponseReturnValue:
    """Shows what was read, and records nothing yet."""
    wave, now = _wave(wave_id), clock.now()
    files = [file for file in request.files.getlist("file") if file.filename][:MOST_FILES]
    if not files:
        return _page(wave, problem=_("Choose the files that came back.")), 422
    looked = [filled_forms.look(file.filename or "", file.read(), wave.id, now) for file in files]
    fit = _first_of_each(looked)
    kept = _serializer().dumps([[one.name, asdict(one.form)] for one in fit if one.form])
    return _page(wave, looked=looked, fit=len(fit), kept=kept)


def _first_of_each(looked: list[Looked]) -> list[Looked]:
    """Two files of one person: the first is taken, and the other says so."""
    fit: dict[int, Looked] = {}
    for one in looked:
        if not one.problem and one.form:
            first = fit.setdefault(one.form.invitation_id, one)
            if first is not one:
                one.problem = _("Another of these files is of the same person: %(name)s", name=first.name)
    return list(fit.values())


@bp.post("/responses/forms/wave/<int:wave_id>/record")
@needs(RUN)
def record_forms(wave_id: int) -> ResponseReturnValue:
    wave = _wave(wave_id)
    try:
        kept = _serializer().loads(request.form.get("kept", ""), max_age=AN_HOUR)
        number = filled_forms.record(
            [(name, Form(**facts)) for name, facts in kept], wave.id, current_user, clock.now()
        )
        db.session.commit()
    except BadSignature:
        return _page(wave, problem=_("That was too long ago. Choose the files once more.")), 422
    except Refusal as refusal:
        db.session.rollback()
        return _page(_wave(wave_id), problem=str(refusal)), 409
    flash(_("Recorded from files, with your name beside the answers: %(number)s", number=number), "ok")
    return redirect(url_for("followups.wave", wave_id=wave.id), 303)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="filled forms")
