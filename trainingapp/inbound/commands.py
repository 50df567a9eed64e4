"""`trainingapp mail classify`, `read`, `receive` and `lmtp`: what came back."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo

from trainingapp.config import ConfigError
from trainingapp.inbound import classifier, intake, lmtp, reading
from trainingapp.inbound.actions import NotYet
from trainingapp.inbound.inboxes import LARGEST, CannotReach
from trainingapp.inbound.verdicts import Kind
from trainingapp.local.processes import CannotStart
from trainingapp.outbox import queries
from trainingapp.outbox.commands import mail

__all__ = ["mail"]


@mail.command("classify", with_appcontext=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.argument("files", nargs=-1, metavar="FILE…", type=click.Path())
def classify(as_json: bool, files: tuple[str, ...]) -> None:
    """Say of each returned mail what it is. Needs no database and no setting, and never fails on a file.

    Kinds: hard, soft, blocked, full, complaint, auto, none.
    """
    for file in files:
        found = _classified(file)
        if as_json:
            click.echo(json.dumps(found))
        else:
            who = found.get("error") or ", ".join(found["recipients"])
            name = os.fsencode(file).decode("utf-8", "replace")
            click.echo(f"{found['kind']:<10}{found['code'] or '-':<9}{name}  {who}")


def _classified(file: str) -> dict[str, Any]:
    """`delivered` is there only for a success notice: a mail that says one of ours has arrived."""
    found: dict[str, Any] = {"file": file, "kind": Kind.NONE.value, "recipients": [], "code": None}
    try:
        with Path(file).open("rb") as opened:
            verdict = classifier.classify(opened.read(reading.MOST))
    except OSError as problem:
        return {**found, "error": problem.strerror or type(problem).__name__}
    except Exception as problem:  # noqa: BLE001 - the promise of this command: whatever a file holds, the next is read
        return {**found, "error": f"{type(problem).__name__}: {problem}"}
    found |= {"kind": verdict.kind.value, "recipients": list(verdict.recipients), "code": verdict.code}
    return {**found, "delivered": True} if verdict.arrived else found


@mail.command("read")
def read() -> None:
    """Read what lies in MAIL_INBOX now, without a worker."""
    try:
        with intake.opened(current_app.config["SETTINGS"]) as inbox:
            tally = intake.turn(inbox, queries.database_time)
    except (CannotReach, ConfigError) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(
        ", ".join(f"{word}: {number}" for word, number in sorted(tally.items())) or "Nothing lies there."
    )


@mail.command("receive", with_appcontext=False)
@click.option("--to", "delivered_to", default="", help="The address it came to, where the mail server tells.")
@click.pass_context
def receive(context: click.Context, delivered_to: str) -> None:
    """Take one returned mail on standard input, as a mail server's pipe gives it.

    Exits with 75 (EX_TEMPFAIL) when the database is away or the message is just being sent: the mail server
    keeps the mail and tries again.
    """
    raw = sys.stdin.buffer.read(LARGEST)
    try:
        with context.ensure_object(ScriptInfo).load_app().app_context():
            intake.receive(raw, queries.database_time(), delivered_to)
    except (*intake.AWAY, OSError, NotYet, ConfigError, CannotStart) as problem:
        click.echo(f"{type(problem).__name__}: try again later", err=True)
        context.exit(os.EX_TEMPFAIL)


@mail.command("lmtp", with_appcontext=False)
@click.option("--listen", required=True, help="HOST:PORT, or unix:/path of a socket.")
@click.pass_context
def serve_lmtp(context: click.Context, listen: str) -> None:
    """Take returned mail and replies over LMTP, until it is stopped.

    While the database is away each mail is answered with 451: the mail server keeps it and tries again.
    """
    app = context.ensure_object(ScriptInfo).load_app()
    try:
        at = lmtp.place(listen)
        asyncio.run(
            lmtp.serve(at, lambda raw, to: _take(app, raw, to), lambda: click.echo(f"Listening on {listen}"))
        )
    except (lmtp.ListenUnfit, OSError) as problem:
        raise click.ClickException(str(problem)) from None


def _take(app: Flask, raw: bytes, to: str) -> bool:
    try:
        with app.app_context():
            intake.receive(raw, queries.database_time(), to)
    except (*intake.AWAY, OSError, NotYet) as problem:
        app.logger.warning("mail to %s must come again: %s", to, type(problem).__name__)
        return False
    return True
