"""`trainingapp outbox …`: what waits, why, and the few things a person decides."""

import json
import os
import secrets
import socket
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup

from trainingapp import clock
from trainingapp.config import Config
from trainingapp.db import commit_durably, db, reading
from trainingapp.outbox import actions, addresses, histories, queries, relay_log, senders
from trainingapp.outbox.checks import judging
from trainingapp.outbox.checks.domains import Finding, Grade
from trainingapp.outbox.checks.lookup import Lookup, Silent
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.senders import Sender
from trainingapp.outbox.sending import brakes, sender
from trainingapp.refusals import Refusal

TRYING = 20  # seconds for a test letter

group = AppGroup("outbox", help="Mail: what waits, what happened to it.")
mail = AppGroup("mail", help="Mail servers: what they send us, what they think of us.")


@group.command("status")
def status() -> None:
    """Messages by state, the oldest that is due, who sends, and what rests or is held."""
    now = clock.now()
    for state, number in sorted(queries.counts().items()):
        click.echo(f"{state.value:<12}{number:>8}")
    oldest = queries.oldest_due_at(now)
    click.echo(f"oldest due: {f'{oldest:%Y-%m-%d %H:%M:%S} UTC' if oldest else 'nothing is due'}")
    for each in senders.all(_settings()).values():
        click.echo(f"sender {each.name}: {histories.of_sender(each)}")
    for pause in queries.pauses():
        click.echo(brakes.said(pause, now))


@group.command("show")
@click.argument("email_id", type=int)
def show(email_id: int) -> None:
    """Everything about one message, with the server's own words."""
    for line in histories.of_message(_message(email_id)):
        click.echo(line)


@group.command("hold")
@click.option("--reason", required=True, help="Whoever looks next will want to know.")
@click.option("--sender", "name", help="Only of this one.")
def hold(reason: str, name: str | None) -> None:
    """Pull the brake: what is due waits until `resume`. A batch in hand (ten messages) still goes."""
    _known(name)
    brakes.pull(reason, clock.now(), name)
    db.session.commit()
    click.echo(f"Nothing {f'of {name} ' if name else ''}goes out until: trainingapp outbox resume")


@group.command("resume")
@click.option("--sender", "name", help="Only of this one.")
def resume(name: str | None) -> None:
    """Let go of the brake."""
    was_held = brakes.let_go(name)
    db.session.commit()
    click.echo("What is due goes out again." if was_held else "It was not held.")


@group.command("send-once")
@click.option("--seconds", default=60, show_default=True, help="Stop after about so long.")
def send_once(seconds: int) -> None:
    """Send what is due, without a worker."""
    tally = _drain(seconds)
    click.echo(", ".join(f"{word}: {number}" for word, number in sorted(tally.items())) or "Nothing is due.")


def _drain(seconds: int) -> Counter[str]:
    commit_durably(db.engine)
    return sender.drain(f"command@{socket.gethostname()}:{os.getpid()}", seconds, queries.database_time)


def _settings() -> Config:
    settings: Config = current_app.config["SETTINGS"]
    return settings


def _message(email_id: int) -> OutgoingEmail:
    email = db.session.get(OutgoingEmail, email_id)
    if email is None:
        raise click.ClickException(f"There is no message {email_id}.")
    return email


def _known(name: str | None) -> list[Sender]:
    """The sender of that name, or all."""
    known = senders.all(_settings())
    if name is not None and name not in known:
        raise click.ClickException(f"There is no sender {name}; there is {', '.join(known)}.")
    return [known[name]] if name is not None else list(known.values())


@group.command("settle")
@click.argument("email_id", type=int)
@click.option("--sent/--again", required=True, help="It arrived, or it did not and goes out once more.")
def settle(email_id: int, sent: bool) -> None:
    """Decide about a message of which nobody knows whether it was taken."""
    email = _message(email_id)
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


@mail.command("check")
@click.option("--sender", "name", help="Only this one.")
@click.option("--dns", "server", help="Ask this DNS server (ADDRESS or ADDRESS#PORT), not the machine's own.")
@click.option("--to", "address", help="Then send one test letter there, through the ledger.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
def check(name: str | None, server: str | None, address: str | None, as_json: bool) -> None:
    """Whether the relays take our mail, and whether receivers will believe it.

    Connects, signs in and looks at SPF, DKIM, DMARC, MX and reverse DNS; sends nothing but a test letter
    that --to asks for. Exits with 1 when something is wrong.
    """
    chosen = _known(name)
    if address and addresses.on_the_wire(address) is None:
        raise click.ClickException(f"{address} is no mail address.")
    try:
        lookup = Lookup.by(server)
    except (Silent, ValueError) as problem:
        raise click.ClickException(f"The DNS cannot be asked: {problem}.") from None
    is_wrong = False
    for each in chosen:
        for found in judging.of_sender(each, _settings(), lookup, clock.now()):
            is_wrong |= found.grade is Grade.WRONG
            click.echo(json.dumps(asdict(found)) if as_json else _line(found))
    if address:
        is_wrong |= not _try_out(chosen[0], address)
    if is_wrong:
        raise click.exceptions.Exit(1)


def _line(found: Finding) -> str:
    grade = "OK" if found.grade is Grade.OK else found.grade.value
    return f"{found.sender:<10} {found.about:<12} {grade:<8} {found.text}"


def _try_out(chosen: Sender, address: str) -> bool:
    """Whether the relay took it; its history goes to standard error, beside the findings."""
    email = actions.enqueue(
        "test_letter",
        f"test_letter:{secrets.token_hex(8)}",
        address,
        now=queries.database_time(),
        language="en",
        about=f"sender:{chosen.name}",
        facts={"relay": chosen.relay.name},
    )
    email.sender = chosen.name
    db.session.commit()
    _drain(TRYING)
    db.session.refresh(email)
    for line in histories.of_message(email):
        click.echo(line, err=True)
    return email.state is EmailState.SENT
