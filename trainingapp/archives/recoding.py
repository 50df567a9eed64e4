"""A column's texts as values of a question that we have; what nobody can tell is left to decide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask_babel import gettext as _

from trainingapp.archives import matching, shapes
from trainingapp.archives.maps import Column
from trainingapp.archives.matching import Known
from trainingapp.surveys.question_types import OTHER

Look = Callable[[str], None]  # told what somebody should look at


def texts(known: Known, cells: Sequence[str]) -> list[str]:
    """Each once; those of a cell apart where one person may choose several."""
    mark = _mark(known, cells)
    return sorted({part for cell in cells for part in matching.chosen(cell, mark, known.choices)})


def _mark(known: Known, cells: Sequence[str]) -> str:
    if not known.takes_several:
        return ""
    return matching.separator(cells, known.choices) or shapes.separator(cells)


def as_known(known: Known, column: Column, cells: Sequence[str], look: Look) -> Column:
    """Its choices are null where somebody has to decide."""
    if not known.choices:
        return column
    said = texts(known, cells)
    choices = {text: matching.value_of(text, known.choices) for text in said}
    if known.points:
        choices = _on_our_points(choices, known.points, column.heading, look)
    if known.asked.options.get(OTHER):  # then what we do not know are her own words
        choices = {text: value for text, value in choices.items() if value is not None}
    undecided = " | ".join([text for text, value in choices.items() if value is None][:5])
    if undecided:
        look(_("%(heading)s: say what these are: %(texts)s", heading=column.heading, texts=undecided))
    return replace(column, split=_mark(known, cells), choices=choices)


def _on_our_points(
    choices: Mapping[str, str | None], ours: tuple[int, int], heading: str, look: Look
) -> dict[str, str | None]:
    on_ours = " to ".join(map(str, ours))
    found = matching.rescaled(list(choices), ours) if None in choices.values() else None
    if found:
        look(
            _(
                "%(heading)s: its points %(theirs)s were put on our %(ours)s; look at each.",
                heading=heading,
                theirs=" to ".join(map(str, found.theirs)),
                ours=on_ours,
            )
        )
        return found.choices
    seen = shapes.numbers(choices)
    if seen and max(seen) <= shapes.USUAL_TOP[1] < ours[1]:
        look(
            _(
                "%(heading)s: the points seen are %(theirs)s, ours are %(ours)s, and they come in as they "
                "are. If theirs had fewer, say under “choices” what each is.",
                heading=heading,
                theirs=f"{min(seen):g} to {max(seen):g}",
                ours=on_ours,
            )
        )
    return dict(choices)
