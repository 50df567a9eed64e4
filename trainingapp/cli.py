"""The `trainingapp` command. Each package adds its own group."""

import sys

import click
from flask.cli import FlaskGroup

from trainingapp import create_app
from trainingapp.config import ConfigError


@click.group(
    cls=FlaskGroup, create_app=create_app, add_default_commands=False, help="Lanjut from the command line."
)
def commands() -> None:
    pass


def main() -> None:
    try:
        commands()
    except ConfigError as problem:
        sys.exit(str(problem))
