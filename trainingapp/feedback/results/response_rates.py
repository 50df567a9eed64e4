"""Rates by the book: AAPOR, Standard Definitions (10th edition, 2023), for surveys of named persons. Pure.

I complete, P partial, R refused or broken off, NC no contact, O other; U unknown, whether the person could
answer at all. Everyone asked took part in the edition, so e, the share of U who could answer, is taken from
those of whom we know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trainingapp.followups.outcomes import Outcome

SOURCE = "AAPOR Standard Definitions, 10th edition, 2023"


class Came(StrEnum):
    """What came of asking, in four words."""

    ANSWERED = "answered"
    SILENT = "silent"  # asked, and no answer so far
    UNREACHED = "unreached"
    DECLINED = "declined"


_CAME = {
    Outcome.COMPLETE: Came.ANSWERED,
    Outcome.REFUSED: Came.DECLINED,
    Outcome.GONE: Came.UNREACHED,
    Outcome.RETURNED: Came.UNREACHED,
    Outcome.NO_ADDRESS: Came.UNREACHED,
    Outcome.NOT_ELIGIBLE: Came.UNREACHED,
}


def came(counts: Mapping[Outcome, int]) -> dict[Came, int]:
    found = dict.fromkeys(Came, 0)
    for one, people in counts.items():
        found[_CAME.get(one, Came.SILENT)] += people
    return found


@dataclass(frozen=True)
class Rate:
    name: str  # as the source calls it
    formula: str
    part: int
    whole: float  # not always of whole people: e is a share

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


def rates(counts: Mapping[Outcome, int]) -> list[Rate]:
    """RR1 to RR6, then contact, cooperation and refusal."""
    sums = {
        letter: sum(people for one, people in counts.items() if one in of) for letter, of in _LETTERS.items()
    }
    i, p, r, nc, u, out = (sums[letter] for letter in ("I", "P", "R", "NC", "U", "NE"))
    known = i + p + r + nc
    e = known / (known + out) if known else 1.0
    everyone, likely = known + u, known + e * u
    return [
        Rate("RR1", "I / (I + P + R + NC + O + U)", i, everyone),
        Rate("RR2", "(I + P) / (I + P + R + NC + O + U)", i + p, everyone),
        Rate("RR3", "I / (I + P + R + NC + O + e U)", i, likely),
        Rate("RR4", "(I + P) / (I + P + R + NC + O + e U)", i + p, likely),
        Rate("RR5", "I / (I + P + R + NC + O)", i, known),
        Rate("RR6", "(I + P) / (I + P + R + NC + O)", i + p, known),
        Rate("CON1", "(I + P + R + O) / (I + P + R + NC + O + U)", i + p + r, everyone),
        Rate("COOP1", "I / (I + P + R + O)", i, i + p + r),
        Rate("REF1", "R / (I + P + R + NC + O + U)", r, everyone),
    ]


_LETTERS = {  # the first figures of a code say it; no code of ours is O
    "I": {Outcome.COMPLETE},
    "P": {Outcome.PARTIAL},
    "R": {Outcome.REFUSED, Outcome.OPENED},
    "NC": {Outcome.SILENT, Outcome.GONE},
    "U": {Outcome.RETURNED, Outcome.NO_ADDRESS, Outcome.UNCERTAIN, Outcome.NOT_YET},
    "NE": {Outcome.NOT_ELIGIBLE},
}


def letter(of: Outcome) -> str:
    return next(name for name, codes in _LETTERS.items() if of in codes)
