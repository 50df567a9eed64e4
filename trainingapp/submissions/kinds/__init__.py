"""The kinds of submission: one class each. A new one is a line here."""

from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.kinds.galaxy import GalaxySolution
from trainingapp.submissions.kinds.unesco import UnescoMeasure

KINDS: dict[str, Kind] = {kind.key: kind for kind in (GalaxySolution(), UnescoMeasure())}
