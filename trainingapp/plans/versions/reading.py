"""The values of a document as a person reads them: what a number or a code stands for."""

from collections.abc import Sequence
from typing import Any

from trainingapp.plans import words
from trainingapp.plans.queries import Inspirations
from trainingapp.plans.versions.content import Document
from trainingapp.programmes import frames
from trainingapp.visits.models import NoteCard


class Reading:
    """Where two documents tell of the same objective, the first that is named says its words."""

    def __init__(self, known: Inspirations, cards: Sequence[NoteCard], *documents: Document) -> None:
        self.visits = {str(visit.id): visit for visit in known.visits}
        self.sessions = {str(one.id): one for one in known.sessions}
        self.cards = {str(card.id): card for card in cards}
        self.objectives = {
            str(line["id"]): line["text"] for one in reversed(documents) for line in one["objectives"]
        }
        self.goals = frames.texts()
        self._named = {
            "inspired_by_id": {number: visit.host.name for number, visit in self.visits.items()},
            "session_id": {number: one.title for number, one in self.sessions.items()},
            "note_card_id": {number: card.visit.host.name for number, card in self.cards.items()},
            "objective_id": self.objectives,
        }

    def __call__(self, field: str, value: Any) -> str:
        if value is None or value in ("", []):
            return ""
        if field in self._named:
            return self._named[field].get(str(value), "")
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
