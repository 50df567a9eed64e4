"""The blueprint that the files of views write to."""

from flask import Blueprint

from trainingapp.programmes.roles import Permission

bp = Blueprint("surveys", __name__, url_prefix="/surveys")

SEE, RUN = Permission.SEE_FOLLOWUPS, Permission.RUN_FOLLOWUPS
LANGUAGE_NAMES = {"en": "English", "id": "Bahasa Indonesia", "fr": "Français", "fa_AF": "دری"}


def language_name(tag: str) -> str:
    return LANGUAGE_NAMES.get(tag, tag)
