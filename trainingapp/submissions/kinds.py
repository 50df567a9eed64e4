"""The kinds of submission: one class each. A new one is a line here."""

from trainingapp.submissions.galaxy import GalaxySolution
from trainingapp.submissions.kind import Kind
from trainingapp.submissions.unesco import UnescoMeasure

KINDS: dict[str, Kind] = {kind.key: kind for kind in (GalaxySolution(), UnescoMeasure())}
