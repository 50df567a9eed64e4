"""URL to action to page."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from trainingapp.programmes.roles import Permission, needs

bp = Blueprint("participants", __name__, url_prefix="/participants")


@bp.get("/search")
@needs(Permission.SEE_PEOPLE)
def search() -> ResponseReturnValue:
    return ""
