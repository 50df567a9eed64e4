"""The `trainingapp` command. Each package adds its own group."""

import os
import sys

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext

from trainingapp import config, create_app, demo
from trainingapp.archives.commands import import_answers
from trainingapp.impact.commands import impact
from trainingapp.inbound.commands import mail
from trainingapp.local import processes
from trainingapp.replies.commands import group as replies
from trainingapp.surveys.commands import surveys


def _app() -> Flask:
    """As the environment says; without DATABASE_URL and SECRET_KEY on what `make run` keeps in var/."""
    if os.environ.get("DATABASE_URL") or os.environ.get("SECRET_KEY"):
        return create_app()
    var = config.folder(os.environ)
    processes.prepare(var)
    click.echo(f"DATABASE_URL and SECRET_KEY are not set: this is the try-out in {var}.", err=True)
    return create_app(
        config.load({**os.environ, "DEMO": "1", "SECRET_KEY": processes.secret(os.environ, var)})
    )


@click.group(
    cls=FlaskGroup, create_app=_app, add_default_commands=False, help="Lanjut from the command line."
)
def commands() -> None:
    pass


@commands.command("demo")
@with_appcontext
def load_demo() -> None:
    """Load ten years of one invented programme into an empty database, and print the sign-ins once."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("The demo is for trying out on one machine only. Set DEMO=1 to load it.")
    flask_migrate.upgrade()
    if demo.is_loaded():
        raise click.ClickException(
            "The database is not empty, so nothing was loaded. `make clean` forgets it."
        )
    for made in demo.load():
        click.echo(f"{made.role:<14} {made.email:<32} {made.password}")


# Here and not at a blueprint: some of these answer without any setting.
commands.add_command(mail)
commands.add_command(replies)
surveys.add_command(import_answers)
commands.add_command(surveys)
commands.add_command(impact)


def main() -> None:
    try:
        commands()
    except (config.ConfigError, processes.CannotStart) as problem:
        sys.exit(str(problem))
