"""The blueprint that all files of views write to."""

from flask import Blueprint

bp = Blueprint("plans", __name__, url_prefix="/plans")
