"""The blueprint that the files of views write to."""

from flask import Blueprint

from trainingapp.programmes.roles import Permission

bp = Blueprint("reports", __name__, url_prefix="/reports")

READ, WRITE = Permission.SEE_PROGRAMME, Permission.WRITE_REPORTS
