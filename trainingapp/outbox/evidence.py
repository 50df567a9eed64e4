"""What became of an uncertain message, from places that show it."""

from datetime import datetime

import sqlalchemy as sa

from trainingapp.config import Config
from trainingapp.db import db
from trainingapp.outbox import actions, senders
from trainingapp.outbox.lines.maildir import Folder
from trainingapp.outbox.models import EmailState, OutgoingEmail

MOST = 1000  # messages in one go


def from_folders(settings: Config, now: datetime) -> int:
    """A message that lies in the folder of a dry run arrived there; returns how many were settled."""
    folders = [each.relay for each in senders.all(settings).values() if isinstance(each.relay, Folder)]
    if not folders:
        return 0
    uncertain = sa.select(OutgoingEmail).where(OutgoingEmail.state == EmailState.UNCERTAIN)
    found = [
        email
        for email in db.session.scalars(uncertain.order_by(OutgoingEmail.id).limit(MOST))
        if any(folder.holds(email.message_id) for folder in folders)
    ]
    for email in found:
        actions.settle(email, was_sent=True, why="found in the folder of the dry run", now=now)
    return len(found)
