"""A solution that contradicts itself as published ones do, one only proposed, and a measure handed in."""

from datetime import date, datetime, timedelta
from pathlib import Path

from trainingapp.accounts.models import User
from trainingapp.programmes.models import Programme
from trainingapp.submissions import actions, lists, reading
from trainingapp.submissions.actions import Typed
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.models import Submission

# Goes wrong as published entries do: countries, counts, goals and status do not agree. Invented.
PUBLISHED = Path(__file__).with_name("published_solution.txt")
MEASURE = {
    "party": "Indonesia",
    "usd": "185,000",
    "partners": [
        {"name": "Ministry of Industry, Indonesia", "type": "public"},
        {"name": "Colombo Plan Secretariat", "type": "public"},
        {"name": "Association of batik makers (invented)", "type": "civil"},
    ],
    "evaluated": "yes",
    "evaluated_by": "An outside reviewer of the ministry (invented)",
    "conclusions": "Visits to workshops led to more finished plans than lectures. Follow-up came too late.",
    "youth": "no",
    "preferential": "yes",
    "goals": ["3"],
    "areas": ["3.2"],
    "domains": ["design", "visual-arts"],
    "cycle": "2021 to 2024",
}


def make(programme: Programme, coordinator: User, now: datetime) -> None:
    lists.ship(now)
    galaxy, measure = KINDS["galaxy"], KINDS["unesco-2005"]
    published = reading.read(galaxy, PUBLISHED.read_text(encoding="utf-8"), lists.on(now.date()))
    actions.bring_in(programme, galaxy, "en", published, coordinator, now, "demo-published")
    as_of = date(2024, 12, 31)
    handed_in = _begun(programme, measure.key, as_of, coordinator, now - timedelta(days=40))
    typed = Typed({**handed_in.texts, **MEASURE}, handed_in.languages, set(handed_in.proposed))
    actions.save(handed_in, typed, coordinator, now)
    then = now - timedelta(days=30)
    actions.hand_in(handed_in, then.date(), "https://measures.example/policies/smi", coordinator, then)
    _begun(programme, galaxy.key, None, coordinator, now)
    actions.discard(_begun(programme, measure.key, None, coordinator, now), coordinator, now)


def _begun(programme: Programme, key: str, as_of: date | None, by: User, now: datetime) -> Submission:
    form_id = f"demo-{key}-{as_of}-{now.isoformat()}"[:40]
    return actions.begin(programme, KINDS[key], "en", as_of, by, now, form_id)
