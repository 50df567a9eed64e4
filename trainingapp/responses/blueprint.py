"""The blueprint that the files of views write to."""

from flask import Blueprint

bp = Blueprint("responses", __name__)
