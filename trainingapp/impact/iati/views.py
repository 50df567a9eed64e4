"""URL to action to page: a programme's IATI details, and its file."""

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.impact import asked
from trainingapp.impact.blueprint import SEE, bp
from trainingapp.impact.iati import details as iati_details
from trainingapp.impact.iati import exporting
from trainingapp.impact.iati.forms import IatiForm
from trainingapp.impact.iati.models import IatiDetails
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, can, needs, require
from trainingapp.refusals import Refusal, Stale
from trainingapp.reports import linked

FILL = Permission.MANAGE_COHORTS
EMPTY_LINES = 2  # for budgets to come


@bp.get("/programmes/<int:programme_id>/iati")
@needs(SEE)
def iati(programme_id: int) -> ResponseReturnValue:
    """What is missing, the file, and the details."""
    programme = _programme(programme_id, SEE)
    return _page(programme, _form(programme, filled=True))


@bp.post("/programmes/<int:programme_id>/iati")
@needs(FILL)
def save_iati(programme_id: int) -> ResponseReturnValue:
    programme = _programme(programme_id, FILL)
    form, details = _form(programme), exporting.details_of(programme)
    if form.validate():
        try:
            if details:
                form.check_fresh(details)
            with db.session.begin_nested():
                iati_details.save(programme, details, *_given(form), clock.now())
            db.session.commit()
            flash(_("Saved."))
            return redirect(url_for("impact.iati", programme_id=programme.id), 303)
        except IntegrityError:
            form.refuse(Stale(_("Somebody saved these details at the same moment. Look at them again.")))
        except Refusal as refusal:
            form.refuse(refusal)
    return _page(programme, form)


@bp.post("/programmes/<int:programme_id>/iati.xml")
@needs(SEE)
def iati_file(programme_id: int) -> ResponseReturnValue:
    """Judged before it is offered. A POST, since taking data out is written into the trail."""
    programme = _programme(programme_id, SEE)
    wanted = asked.read(programme.id, {**request.args, **request.form})
    try:
        documents = linked.documents(programme, wanted.scope)
        made = exporting.export(programme, wanted.scope, wanted.level, clock.now(), documents)
    except exporting.NotReady as missing:
        return _page(programme, _form(programme, filled=True), missing.lacks, 422)
    audit.record(programme, "iati exported", after=str(wanted.scope.on or ""), programme_id=programme.id)
    db.session.commit()
    day = wanted.scope.on or clock.now().date()
    name = f"iati-{programme.slug}-{day.isoformat()}.xml"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made.xml, mimetype="application/xml", headers=disposition)


def _page(
    programme: Programme, form: IatiForm, refused: Any = (), status: int | None = None
) -> ResponseReturnValue:
    page = render_template(
        "impact/iati.html",
        programme=programme,
        form=form,
        lacks=exporting.lacking(programme),
        refused=refused,
        may_fill=can(FILL, programme.id),
        may_edit_programme=can(Permission.MANAGE_PROGRAMMES, programme.id),
        today=clock.now().date(),
    )
    return page, status or form.status


def _form(programme: Programme, *, filled: bool = False) -> IatiForm:
    """As it was posted, or `filled` with what is kept."""
    if not filled:
        return IatiForm()
    details = exporting.details_of(programme) or IatiDetails.usual()
    data: dict[str, Any] = {name: getattr(details, name) for name in FIELDS}
    data["sdgs"] = ", ".join(details.sdgs)
    data["version"] = details.version or ""
    data["partners"] = [
        {"name": name, "ref": known.ref if known else "", "type": known.type if known else ""}
        for name, known in iati_details.partners(programme).items()
    ]
    data["budgets"] = [
        {"year": str(one.year), "amount": f"{one.amount:f}", "is_committed": one.is_committed}
        for one in iati_details.budgets(programme)
    ] + [{}] * EMPTY_LINES
    return IatiForm(formdata=None, data=data)


FIELDS = (
    *("organisation_name", "organisation_ref", *IatiForm.LISTS),
    *("language", "currency", "contact_name", "contact_email", "website"),
)


def _given(form: IatiForm) -> tuple[Any, Any, Any]:
    return _facts(form), _identities(form), _money(form)


def _facts(form: IatiForm) -> dict[str, Any]:
    return {**{name: form[name].data or "" for name in FIELDS}, "sdgs": form.codes}


def _identities(form: IatiForm) -> dict[str, tuple[str, str]]:
    return {
        line.form.name.data: (line.form.ref.data or "", line.form.type.data or "") for line in form.partners
    }


def _money(form: IatiForm) -> dict[int, tuple[Any, bool]]:
    lines = [line.form for line in form.budgets]
    return {
        int(line.year.data): (line.value, bool(line.is_committed.data))
        for line in lines
        if line.year.data and line.value is not None
    }


def _programme(programme_id: int, permission: Permission) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(permission, found.id)
    return found
