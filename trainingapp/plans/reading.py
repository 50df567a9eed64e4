"""The values of a document as a person reads them: what a number or a code stands for."""

from collections.abc import Sequence
from typing import Any

from trainingapp.plans import words
from trainingapp.plans.content import Document
from trainingapp.programmes import frames
from trainingapp.visits.models import NoteCard, SiteVisit


class Reading:
    def __init__(self, visits: Sequence[SiteVisit], cards: Sequence[NoteCard], *documents: Document) -> None:
        self.visits = {str(visit.id): visit for visit in visits}
        self.cards = {str(card.id): card for card in cards}
        self.objectives = {str(line["id"]): line["text"] for one in documents for line in one["objectives"]}
        self.goals = frames.texts()

    def __call__(self, field: str, value: Any) -> str:
        if value is None or value in ("", []):
            return ""
        if field == "inspired_by_id":
            visit = self.visits.get(str(value))
            return visit.host.name if visit else ""
        if field == "note_card_id":
            card = self.cards.get(str(value))
            return card.visit.host.name if card else ""
        if field == "objective_id":
            return self.objectives.get(str(value), "")
        if field in {"sdg_targets", "frame_goals"}:
            return "\n".join(self.goal(code) for code in self.codes(value))
        return words.value(field, value)

    def goal(self, code: str) -> str:
        """9.3 Small firms reach finance …; the code alone where no frame explains it."""
        return f"{code.rpartition(':')[2]} {self.goals.get(code, '')}".strip()

    @staticmethod
    def codes(value: Any) -> list[str]:
        """From a document's list, or the editor's text."""
        return value.split() if isinstance(value, str) else list(value)
