"""What donors see: a page open to anybody, a package published, one withdrawn, one still to be looked at."""

from datetime import datetime, timedelta

from trainingapp.accounts.models import User
from trainingapp.datasets import actions
from trainingapp.impact.publication import opening
from trainingapp.programmes.models import Programme


def make(programme: Programme, coordinator: User, now: datetime) -> None:
    first = actions.make(programme, "CC-BY-4.0", 5, coordinator, now - timedelta(days=40))
    actions.publish(first, now - timedelta(days=40))
    actions.withdraw(first, now - timedelta(days=21))
    second = actions.make(programme, "CC-BY-4.0", 5, coordinator, now - timedelta(days=20))
    actions.publish(second, now - timedelta(days=20))
    actions.make(programme, "CC-BY-4.0", 10, coordinator, now - timedelta(hours=3))
    opening.settle(programme, is_open=True, may_be_found=False, now=now - timedelta(days=19))
