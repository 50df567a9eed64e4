"""What the relay really took, held against what the ledger says."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from tests.chaos.story import is_good
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups.models import Invitation
from trainingapp.outbox.models import DeliveryAttempt, EmailState, OutgoingEmail
from trainingapp.participants.models import ContactPoint

UNFINISHED = {EmailState.QUEUED, EmailState.LEASED, EmailState.DOT, EmailState.HELD}
NOT_WANTED = {EmailState.SKIPPED, EmailState.CANCELLED}


class Log:
    """The relay's log, read on from where it was left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.times: Counter[str] = Counter()  # Message-ID -> how often it was taken
        self.place = 0

    @property
    def total(self) -> int:
        return self.times.total()

    def news(self) -> list[tuple[str, str]]:
        """Message-ID, and "late" where the sender still waits to hear of it."""
        if not self.path.exists():
            return []
        with self.path.open() as log:
            log.seek(self.place)
            whole = [line for line in log.readlines() if line.endswith("\n")]
        self.place += sum(map(len, whole))
        new = [(line.split()[3], line.split()[1]) for line in whole]
        self.times.update(name for name, _word in new)
        return new


@dataclass
class Verdict:
    invitations: int = 0
    reminders: int = 0
    uncertain: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # whatever else may not be

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.twice or self.broken)

    def problems(self, at_most: int = 10) -> list[str]:
        said = [f"lost: {each}" for each in self.lost] + [f"twice: {each}" for each in self.twice]
        return [*said, *self.broken][:at_most]


def judge(log: Log, reminders: int, done: dict[str, float], *, is_settled: bool) -> Verdict:
    """`done`: who stopped being written to, and since when. Settled: nothing may wait or be uncertain."""
    log.news()
    verdict = Verdict(twice=[name for name, times in log.times.items() if times > 1])
    verdict.invitations = db.session.scalar(sa.select(sa.func.count()).select_from(Invitation)) or 0
    written: dict[str, set[str]] = {}  # address -> invite, remind:1, …
    unsure: set[str] = set()
    known = set()
    for email in db.session.scalars(sa.select(OutgoingEmail)):
        known.add(email.message_id)
        role = email.dedupe_key.split(":", 2)[2]
        written.setdefault(email.address, set()).add(role)
        was_taken = log.times[email.message_id] > 0
        verdict.reminders += was_taken and email.kind == "reminder"
        if email.state is EmailState.UNCERTAIN:
            verdict.uncertain += 1
            unsure.add(email.address)
        verdict.broken += _contradictions(email, was_taken=was_taken, is_settled=is_settled)
        if not was_taken and _is_lost(email, stopped=email.address in done):
            verdict.lost.append(f"{email.dedupe_key} is {email.state}: {email.last_text}")
    verdict.broken += [f"{name} was never in the outbox" for name in log.times.keys() - known]
    verdict.broken += _written_to_after(done)
    roles = {"invite", *(f"remind:{number + 1}" for number in range(reminders))}
    for address in _addresses():
        if is_good(address) and address not in done:
            missing = roles - written.get(address, set())
            excused = is_settled or address in unsure  # who is settled late is reminded less
            verdict.lost += [f"{address} was never sent {role}" for role in missing if role == "invite"]
            verdict.lost += [f"{address} was never sent {role}" for role in missing if not excused]
    return verdict


def _is_lost(email: OutgoingEmail, *, stopped: bool) -> bool:
    """Neither taken, nor on its way, nor uncertain, nor rightly let go."""
    if email.state in UNFINISHED or email.state is EmailState.UNCERTAIN:
        return False
    if email.state is EmailState.SENT:
        return True
    return is_good(email.address) and not (stopped and email.state in NOT_WANTED)


def _contradictions(email: OutgoingEmail, *, was_taken: bool, is_settled: bool) -> list[str]:
    said = f"{email.dedupe_key} is {email.state}"
    if is_settled and (email.state in UNFINISHED or email.state is EmailState.UNCERTAIN):
        return [f"{said} at the end"]
    if was_taken and email.state not in {EmailState.SENT, EmailState.UNCERTAIN}:
        return [f"{said}, but the relay took it"]
    return []


def _written_to_after(done: dict[str, float]) -> list[str]:
    """Whose message was claimed after they had answered or stopped, and passed the fence all the same."""
    tries = sa.select(OutgoingEmail.address, OutgoingEmail.dedupe_key, DeliveryAttempt.began_at).join(
        DeliveryAttempt, DeliveryAttempt.email_id == OutgoingEmail.id
    )
    return [
        f"{key} was sent to {address} after they stopped it"
        for address, key, began_at in db.session.execute(tries.where(DeliveryAttempt.dot_at.is_not(None)))
        if began_at.timestamp() > done.get(address, float("inf"))
    ]


def _addresses() -> list[str]:
    query = sa.select(ContactPoint.normalised).join(
        Enrolment, Enrolment.participant_id == ContactPoint.participant_id
    )
    return list(db.session.scalars(query))
