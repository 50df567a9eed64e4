"""The blueprint that the views write to."""

from flask import Blueprint

bp = Blueprint("datasets", __name__, url_prefix="/datasets")
