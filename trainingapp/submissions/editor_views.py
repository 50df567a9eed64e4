"""URL to action to page: writing an entry."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from trainingapp import clock
from trainingapp.db import db, lock
from trainingapp.forms import EditForm
from trainingapp.once import Twice
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import needs, require
from trainingapp.refusals import Refusal
from trainingapp.submissions import actions, languages, lists, page, reading
from trainingapp.submissions.actions import Typed
from trainingapp.submissions.blueprint import WRITE, bp
from trainingapp.submissions.checks.findings import Weight
from trainingapp.submissions.fields import SPARE_ROWS, Prose, told, words
from trainingapp.submissions.forms import BeginForm, PasteForm
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.models import Submission
from trainingapp.web import STAFF_LANGUAGES


@bp.route("/programmes/<int:programme_id>/new", methods=["GET", "POST"])
@needs(WRITE)
def begin(programme_id: int) -> ResponseReturnValue:
    """From what we hold."""
    programme, form = _programme(programme_id), BeginForm()
    _offer(form)
    if form.validate_on_submit():
        try:
            made = actions.begin(
                programme,
                KINDS[form.kind.data],
                form.language.data,
                form.as_of.data,
                current_user,
                clock.now(),
                form.form_id.data or "",
            )
            db.session.commit()
            return redirect(url_for("submissions.edit", submission_id=made.id))
        except Twice:
            return redirect(url_for("submissions.of_programme", programme_id=programme.id))
    return render_template("submissions/begin.html", form=form, programme=programme, kinds=KINDS), form.status


@bp.route("/programmes/<int:programme_id>/paste", methods=["GET", "POST"])
@needs(WRITE)
def paste(programme_id: int) -> ResponseReturnValue:
    """From an entry that is published already."""
    programme, form = _programme(programme_id), PasteForm()
    _offer(form)
    if form.validate_on_submit():
        kind = KINDS[form.kind.data]
        try:
            now, form_id = clock.now(), form.form_id.data or ""
            lists.ship(now)
            entry = reading.read(kind, form.text.data or "", lists.on(now.date()))
            made = actions.bring_in(programme, kind, form.language.data, entry, current_user, now, form_id)
            db.session.commit()
            flash(_came_in(kind, entry))
            return redirect(url_for("submissions.edit", submission_id=made.id))
        except Twice:
            return redirect(url_for("submissions.of_programme", programme_id=programme.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("submissions/paste.html", form=form, programme=programme, kinds=KINDS), form.status


@bp.route("/<int:submission_id>/edit", methods=["GET", "POST"])
@needs(WRITE)
def edit(submission_id: int) -> ResponseReturnValue:
    found = submission_for(submission_id)
    form, typed = EditForm(data={"version": found.version}), None
    if form.validate_on_submit():
        lock(found)
        typed = _typed(KINDS[found.kind])
        try:
            form.check_fresh(found)
            actions.save(found, typed, current_user, clock.now())
            then = _then(found)
            db.session.commit()
            return redirect(then)
        except actions.Frozen:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
    actions.check_open(found)
    entry = page.entry_of(found, clock.now().date(), typed)
    every = page.shown(found, entry, typed)
    return render_template(
        "submissions/edit.html",
        submission=found,
        kind=KINDS[found.kind],
        form=form,
        fields=every,
        weights=[(one, sum(f.weight is one for shown in every for f in shown.findings)) for one in Weight],
        languages=languages.choices(),
        language_names=dict(languages.choices()),
        column_options=lambda column, chosen: page.offered(column.options, entry.lists, [chosen]),
        spare=SPARE_ROWS,
        words=words,
        told=told,
        keeps=typed.keeps_unplaced if typed else True,
    ), form.status


def _then(found: Submission) -> str:
    """Where the pressed button leads; one of them fills in what we hold first."""
    pressed = request.form.get("then")
    if pressed == "propose":
        filled = actions.propose(found, current_user, clock.now())
        flash(
            ngettext("%(num)d field was filled in.", "%(num)d fields were filled in.", len(filled))
            if filled
            else _("We hold nothing more for the empty fields.")
        )
    elif pressed == "look":
        return url_for("submissions.submission", submission_id=found.id)
    else:
        flash(_("Saved."))
    return url_for("submissions.edit", submission_id=found.id)


def _typed(kind: Kind) -> Typed:
    given = request.form
    spoken = {one.key: given.get(f"language-{one.key}", "") for one in kind.fields if isinstance(one, Prose)}
    return Typed(
        {one.key: one.typed(given) for one in kind.fields},
        {key: code for key, code in spoken.items() if code in languages.KNOWN},
        {one.key for one in kind.fields} & set(given.getlist("taken")),
        "drop_unplaced" not in given,
    )


def _came_in(kind: Kind, entry: reading.Read) -> str:
    missing = len(reading.missing(kind, entry.texts))
    return ngettext(
        "%(have)d fields came in, and %(num)d is empty. Nothing was changed in them.",
        "%(have)d fields came in, and %(num)d are empty. Nothing was changed in them.",
        missing,
        have=len(kind.fields) - missing,
    )


def _offer(form: BeginForm | PasteForm) -> None:
    form.kind.choices = [(kind.key, kind.name) for kind in KINDS.values()]
    form.language.choices = [(code, languages.name(code)) for code in STAFF_LANGUAGES]


def submission_for(submission_id: int) -> Submission:
    """For who writes. Aborts with 404 or 403."""
    found = db.session.get(Submission, submission_id) or abort(404)
    require(WRITE, found.programme_id)
    return found


def _programme(programme_id: int) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(WRITE, found.id)
    return found
