"""The picker of shared goals: the frames that hold for an edition, what was chosen, what is looked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from trainingapp.plans.versions.content import Document
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import FrameKind, ReferenceFrame

FIELDS = {FrameKind.SDG: "sdg_targets", FrameKind.GOALS: "frame_goals"}


@dataclass(frozen=True)
class Choice:
    field: str
    code: str
    text: str
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    heading: str
    choices: list[Choice]

    @property
    def chosen(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True)
class Picker:
    frames: list[tuple[ReferenceFrame, list[Group]]]
    others: list[Choice]  # chosen earlier; no frame of this edition offers them any more


def picker(day: date, document: Document, find: str) -> Picker:
    """`find` leaves out what does not hold these words; what was chosen always stays."""
    chosen = {field: document[field].split() for field in FIELDS.values()}
    shown: list[tuple[ReferenceFrame, list[Group]]] = []
    known: set[str] = set()
    for kind, field in FIELDS.items():
        for offer in frames.offered(kind, day):
            every = [
                Group(
                    heading,
                    [
                        Choice(field, code, item.text, code in chosen[field])
                        for item in items
                        for code in [frames.code_of(offer.frame, item)]
                    ],
                )
                for heading, items in offer.groups
            ]
            known |= {choice.code for group in every for choice in group.choices}
            shown.append((offer.frame, [left for group in every if (left := _left(group, find)).choices]))
    return Picker(shown, _others(chosen, known))


def _left(group: Group, find: str) -> Group:
    words = find.casefold().split()
    fits = [
        choice
        for choice in group.choices
        if choice.is_chosen
        or all(word in f"{choice.code} {choice.text} {group.heading}".casefold() for word in words)
    ]
    return Group(group.heading, fits)


def _others(chosen: dict[str, list[str]], known: Collection[str]) -> list[Choice]:
    left = [(field, code) for field, codes in chosen.items() for code in codes if code not in known]
    texts = frames.texts() if left else {}
    return [Choice(field, code, texts.get(code, ""), is_chosen=True) for field, code in left]
