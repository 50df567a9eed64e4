"""URL to action to page: what was published is corrected by a new version, or withdrawn."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock
from trainingapp.db import db
from trainingapp.programmes.roles import needs
from trainingapp.refusals import Refusal
from trainingapp.reports import actions, loading
from trainingapp.reports.blueprint import WRITE, bp
from trainingapp.reports.forms import CorrectionForm, WithdrawalForm


@bp.route("/<int:report_id>/correct", methods=["GET", "POST"])
@needs(WRITE)
def correct(report_id: int) -> ResponseReturnValue:
    found = loading.own(report_id)
    form = CorrectionForm()
    if form.validate_on_submit():
        try:
            made = actions.correct(found, form.what.data or "", current_user, clock.now())
            db.session.commit()
            return redirect(url_for("reports.edit", report_id=made.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("reports/correct.html", report=found, form=form), form.status


@bp.route("/<int:report_id>/withdraw", methods=["GET", "POST"])
@needs(WRITE)
def withdraw(report_id: int) -> ResponseReturnValue:
    found = loading.own(report_id)
    form = WithdrawalForm()
    if form.validate_on_submit():
        try:
            actions.withdraw(found, form.why.data or "", clock.now())
            db.session.commit()
            flash(_("Withdrawn. Its address says so, and why."))
            return redirect(url_for("reports.report", report_id=found.id))
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("reports/withdraw.html", report=found, form=form), form.status
