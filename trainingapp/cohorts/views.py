"""URL to action to page."""

from flask import Blueprint

import trainingapp.cohorts.words  # noqa: F401 - describes this package's states

bp = Blueprint("cohorts", __name__, url_prefix="/cohorts")
