"""What the states of this package are called."""

from flask_babel import lazy_gettext as _l

from trainingapp.archives.maps import Use
from trainingapp.labels import describe

describe(
    Use,
    {
        Use.ANSWER: (_l("An answer"), ""),
        Use.ANSWERED_AT: (_l("When it was answered"), ""),
        Use.RESPONDENT: (_l("Who answered (kept as a digest)"), ""),
        Use.LANGUAGE: (_l("Language of the answer"), ""),
        Use.LEAVE_OUT: (_l("Leave out"), ""),
    },
)
