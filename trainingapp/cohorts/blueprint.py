"""The blueprint that both files of views write to."""

from flask import Blueprint

bp = Blueprint("cohorts", __name__, url_prefix="/cohorts")
