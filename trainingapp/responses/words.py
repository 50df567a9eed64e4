"""What an activity's states are called on a telephone: shorter than on a coordinator's screen."""

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from trainingapp.followups.invitations.first_question import TAPS
from trainingapp.labels import choices, label
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress.models import Blocker
from trainingapp.plans.progress.words import PARTS

# One tap each are TAPS, which a mail offers too; these stand behind "More".
MORE_TAPS: dict[ActivityState, LazyString] = {
    ActivityState.DELAYED: _l("Going on, but late"),
    ActivityState.HANDED_OVER: _l("Handed over to someone else"),
    ActivityState.DROPPED: _l("Dropped: I will not do it"),
}
EVERY_TAP = {**TAPS, **MORE_TAPS}


def said_words(state: str, percent: str = "", blocker: str = "", note: str = "") -> str:
    """What was told about one activity, as one line: Stuck · 60 % · Money · no budget."""
    parts = [
        str(EVERY_TAP[ActivityState(state)]) if state else "",
        f"{percent} %" if percent else "",
        label(Blocker(blocker)) if blocker else "",
        note,
    ]
    return " · ".join(filter(None, parts))


def taps() -> dict[str, Any]:
    """Translated once: each activity on the page shows them all."""
    first = {state: str(text) for state, text in TAPS.items()}
    more = {state: str(text) for state, text in MORE_TAPS.items()}
    return {
        "taps": first,
        "more_taps": more,
        "every_tap": {**first, **more},
        "blockers": choices(Blocker),
        "parts": {key: str(text) for key, text in PARTS.items()},
    }


# What each language calls itself; the last says which way it is written.
LANGUAGE_NAMES = {
    "en": ("English", "ltr"),
    "id": ("Bahasa Indonesia", "ltr"),
    "fr": ("Français", "ltr"),
    "fa_AF": ("دری", "rtl"),
}
