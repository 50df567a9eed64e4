"""Goals that repeat themselves, and areas without their goal. Codes are text: 17.10 is not 17.1."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from trainingapp.submissions.checks.findings import Entry, Finding, Weight
from trainingapp.submissions.lists import goal_of


@dataclass(frozen=True)
class PrimaryOnce:
    """A primary goal is no secondary one; nor is a target of it, since platforms ask for goals."""

    primary: str
    secondary: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        first = entry.text(self.primary)
        if first and first in entry.many(self.secondary):
            text = _("The primary goal %(code)s is repeated among the secondary ones.", code=first)
            yield Finding(self.secondary, Weight.WRONG, text)
        near = [
            code
            for code in entry.many(self.secondary)
            if first and code != first and goal_of(code) == goal_of(first)
        ]
        if near:
            text = _(
                "Of the same goal as the primary one, %(code)s: %(codes)s.", code=first, codes=", ".join(near)
            )
            yield Finding(self.secondary, Weight.LOOK, text)


@dataclass(frozen=True)
class AreasFit:
    """An area of monitoring belongs to its goal, and a goal has an area."""

    goals: str
    areas: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        goals, areas = set(entry.many(self.goals)), entry.many(self.areas)
        alone = [code for code in areas if goal_of(code) not in goals]
        if alone and goals:
            text = _("The goals of these areas are not chosen: %(codes)s.", codes=", ".join(alone))
            yield Finding(self.areas, Weight.WRONG, text)
        bare = sorted(goals - {goal_of(code) for code in areas})
        if bare and areas:
            text = _("No area of these goals is chosen: %(codes)s.", codes=", ".join(bare))
            yield Finding(self.goals, Weight.LOOK, text)
