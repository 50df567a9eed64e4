"""URL to action to page."""

from flask import Blueprint

bp = Blueprint("programmes", __name__, url_prefix="/programmes")
