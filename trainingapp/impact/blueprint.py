"""The blueprint that the files of views write to."""

from flask import Blueprint

from trainingapp.programmes.roles import Permission

bp = Blueprint("impact", __name__, url_prefix="/impact")

SEE, FEED = Permission.SEE_IMPACT, Permission.FEED_IMPACT
