"""URL to action to page."""

from flask import Blueprint

bp = Blueprint("feedback", __name__, url_prefix="/feedback")
