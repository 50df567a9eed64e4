"""The blueprint that both files of views write to; its commands stand at the top: `trainingapp users`."""

from flask import Blueprint

bp = Blueprint("accounts", __name__, url_prefix="/accounts", cli_group=None)
