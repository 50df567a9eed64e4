"""The blueprint that the files of views write to."""

from flask import Blueprint

from trainingapp.programmes.roles import Permission

bp = Blueprint("submissions", __name__, url_prefix="/submissions")

SEE, WRITE = Permission.SEE_PROGRAMME, Permission.WRITE_SUBMISSIONS
