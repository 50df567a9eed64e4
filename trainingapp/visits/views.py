"""URL to action to page."""

from flask import Blueprint

bp = Blueprint("visits", __name__, url_prefix="/visits")
