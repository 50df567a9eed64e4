"""The blueprint that the files of views write to."""

from flask import Blueprint

bp = Blueprint("cases", __name__, url_prefix="/cases")
