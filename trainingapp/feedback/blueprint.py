"""The blueprint that the files of views write to."""

from flask import Blueprint

bp = Blueprint("feedback", __name__, url_prefix="/feedback")
