"""`trainingapp outbox …`: what waits, why, and the few things a person decides."""

import os
import socket
from datetime import UTC, datetime
from typing import TextIO

import click
from flask.cli import AppGroup

from trainingapp import clock
from trainingapp.db import commit_durably, db, reading
from trainingapp.outbox import actions, addresses, queries, relay_log, sender
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.refusals import Refusal

group = AppGroup("outbox", help="Mail: what waits, what happened to it.")
mail = AppGroup("mail", help="Mail servers: what they send us, what they think of us.")


@group.command("status")
def status() -> None:
    """Messages by state, the oldest that is due, and whether the relay rests."""
    now = clock.now()
    for state, number in sorted(queries.counts().items()):
        click.echo(f"{state.value:<12}{number:>8}")
    oldest = queries.oldest_due_at(now)
    click.echo(f"oldest due: {f'{oldest:%Y-%m-%d %H:%M:%S} UTC' if oldest else 'nothing is due'}")
    for pause in queries.pauses():
        word = "rests" if pause.until > now else "is tried again; it rested"
        click.echo(f"relay {pause.relay} {word} until {pause.until:%Y-%m-%d %H:%M:%S} UTC: {pause.text}")


@group.command("send-once")
@click.option("--seconds", default=60, show_default=True, help="Stop after about so long.")
def send_once(seconds: int) -> None:
    """Send what is due, without a worker."""
    commit_durably(db.engine)
    worker = f"command@{socket.gethostname()}:{os.getpid()}"
    tally = sender.drain(worker, seconds, queries.database_time)
    click.echo(", ".join(f"{word}: {number}" for word, number in sorted(tally.items())) or "Nothing is due.")


@group.command("settle")
@click.argument("email_id", type=int)
@click.option("--sent/--again", required=True, help="It arrived, or it did not and goes out once more.")
def settle(email_id: int, sent: bool) -> None:
    """Decide about a message of which nobody knows whether it was taken."""
    email = db.session.get(OutgoingEmail, email_id)
    if email is None:
        raise click.ClickException(f"There is no message {email_id}.")
    try:
        actions.settle(email, was_sent=sent, why="decided by hand", now=clock.now())
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None
    db.session.commit()
    click.echo("Noted as sent." if sent else "Goes out once more.")


@group.command("settle-from-log")
@click.argument("log", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--whole-from", type=click.DateTime(), help="UTC: nothing is missing from here …")
@click.option("--whole-until", type=click.DateTime(), help="UTC: … to here.")
def settle_from_log(log: TextIO, whole_from: datetime | None, whole_until: datetime | None) -> None:
    """Settle what is uncertain by the relay's LOG, or any list of Message-IDs that it took (- reads one).

    What stands there was sent. What does not goes out once more, if it came to the relay in a time for
    which you say that the log is whole.
    """
    if (whole_from is None) != (whole_until is None):
        raise click.UsageError("Give both --whole-from and --whole-until, or neither.")
    whole = None
    if whole_from and whole_until:
        whole = relay_log.Stretch(whole_from.replace(tzinfo=UTC), whole_until.replace(tzinfo=UTC))
    with reading():  # a long log must not keep anyone from sending
        names = relay_log.uncertain()
        db.session.rollback()
    settled = relay_log.settle(names, relay_log.accepted(log, names), whole, clock.now())
    db.session.commit()
    click.echo(f"{settled.sent} were sent, {settled.again} go out once more, {settled.left} stay uncertain.")


@group.command("release")
def release() -> None:
    """Put messages that could not be written back in the queue, after the cause was mended."""
    number = actions.release(clock.now())
    db.session.commit()
    click.echo(f"{number} messages wait again.")


@group.command("write-again")
@click.argument("address")
def write_again(address: str) -> None:
    """Lift every stop on an address, because its owner asked for it."""
    number = actions.write_again(addresses.digest(address))
    db.session.commit()
    click.echo("We may write to it again." if number else "Nothing stopped mail to this address.")
