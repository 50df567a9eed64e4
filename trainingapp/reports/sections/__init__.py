"""One class a kind of section, in one registry; which report has which, and in which order, says kinds.py."""

from trainingapp.reports.sections import (  # noqa: F401 - each registers its own
    achieved,
    answers,
    edition,
    method,
    said,
    years,
)
from trainingapp.reports.sections.contract import SECTIONS, About, Section, Told

__all__ = ["SECTIONS", "About", "Section", "Told"]
