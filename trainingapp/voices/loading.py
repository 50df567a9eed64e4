"""The beginning of every view about a round or a voice: what its address names, loaded and checked."""

from flask import abort

from trainingapp.programmes.roles import Permission, require
from trainingapp.voices import queries
from trainingapp.voices.models import Voice, VoiceRound


def round_of(round_id: int, permission: Permission) -> VoiceRound:
    """Each aborts with 404 or 403."""
    found = queries.round_of(round_id) or abort(404)
    require(permission, found.schedule.cohort.theme.programme_id)
    return found


def voice(voice_id: int, permission: Permission) -> Voice:
    found = queries.voice(voice_id) or abort(404)
    require(permission, found.round.schedule.cohort.theme.programme_id)
    return found
