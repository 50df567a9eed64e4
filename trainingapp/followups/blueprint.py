"""The blueprint that the files of views write to."""

from flask import Blueprint

from trainingapp.programmes.roles import Permission

bp = Blueprint("followups", __name__, url_prefix="/followups")

SEE, RUN = Permission.SEE_FOLLOWUPS, Permission.RUN_FOLLOWUPS
