"""One part of what a tick brings at a time. The worker commits between the pieces; here the test does."""

from datetime import datetime

from trainingapp.followups.waves import looks, ticks


def open_due_waves(now: datetime) -> int:
    return sum(ticks.open_due(now))


def plan_reminders(now: datetime) -> int:
    """And whatever else a look at an invitation finds: a mail that was let go, a reader who moved."""
    return sum(looks.remind_due(now))


def close_due_waves(now: datetime) -> int:
    return sum(ticks.close_due(now))
