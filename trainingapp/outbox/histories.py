"""What an operator reads at night: a sender in one line, a message with everything that happened to it."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.outbox.models import DeliveryAttempt, OutgoingEmail
from trainingapp.outbox.senders import Sender


def of_sender(sender: Sender) -> str:
    rate = f"{sender.per_second:g} a second" if sender.per_second else "as fast as the relay takes it"
    facts = [
        f"{sender.mail_from} through {sender.relay.name}",
        rate,
        f"{sender.per_domain_second:g} a second to one domain" if sender.per_domain_second else "",
        f"carries {', '.join(sorted(sender.topics))}" if sender.topics else "",
        f"signs as {', '.join(key.name for key in sender.dkim)}" if sender.dkim else "does not sign",
        "DRY RUN: nobody gets anything" if sender.is_dry_run else "",
    ]
    return "; ".join(fact for fact in facts if fact)


def of_message(email: OutgoingEmail) -> Iterator[str]:
    yield f"message {email.id}: {email.kind} about {email.about}, to {email.address} in {email.language}"
    yield f"  as {email.sender}, topic {email.topic}, Message-ID {email.message_id}"
    yield f"  {email.state.value}: {_words(email.last_code, email.last_text)}"
    yield f"  queued {_at(email.created_at)}, due {_at(email.next_attempt_at)}"
    yield f"  not after {_at(email.not_after)}"
    attempts = sa.select(DeliveryAttempt).where(DeliveryAttempt.email_id == email.id)
    for tried in db.session.scalars(attempts.order_by(DeliveryAttempt.number)):
        yield f"  try {tried.number} {_at(tried.began_at)} by {tried.worker}"
        yield f"    reached {tried.phase}, last dot {_at(tried.dot_at)}, ended {_at(tried.ended_at)}"
        yield f"    {tried.outcome or 'under way'}: {_words(tried.code, tried.reply)}"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "-"


def _words(code: int | None, text: str | None) -> str:
    return " ".join(str(part) for part in (code, text) if part) or "-"
