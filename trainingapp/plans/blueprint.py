"""The blueprint that both files of views write to."""

from flask import Blueprint

bp = Blueprint("plans", __name__, url_prefix="/plans")
