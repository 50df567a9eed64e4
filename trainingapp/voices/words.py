"""What the states and kinds of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.labels import describe
from trainingapp.voices.kinds import NotAsked, kind_of
from trainingapp.voices.models import RoundState, VoiceRound, VoiceState


def round_title(of: VoiceRound) -> str:
    return kind_of(of).title(of)


describe(
    RoundState,
    {
        RoundState.PLANNED: (_l("Planned"), "todo"),
        RoundState.OPEN: (_l("Open"), "info"),
        RoundState.CLOSED: (_l("Closed"), ""),
        RoundState.CANCELLED: (_l("Cancelled"), "off"),
    },
)
describe(
    VoiceState,
    {
        VoiceState.PLANNED: (_l("Not sent yet"), "todo"),
        VoiceState.SENT: (_l("Waits for an answer"), ""),
        VoiceState.ANSWERED: (_l("Answered"), "ok"),
        VoiceState.NOT_DELIVERED: (_l("Not delivered"), "bad"),
        VoiceState.DECLINED: (_l("Does not want to be asked"), "off"),
        VoiceState.REFUSED: (_l("The alumna said no"), "off"),
        VoiceState.CLOSED: (_l("No answer"), ""),
    },
)
describe(
    NotAsked,
    {
        NotAsked.NO_ADDRESS: (_l("No email address that works"), "bad"),
        NotAsked.STOPPED: (_l("Does not want to be asked"), "off"),
        NotAsked.ALUMNA_SAID_NO: (_l("The alumna said no"), "off"),
        NotAsked.ALUMNA_OPTED_OUT: (_l("The alumna wants no more messages"), "off"),
        NotAsked.CANNOT_TELL: (_l("The alumna cannot be told: no address of hers works"), "warn"),
    },
)
