"""`trainingapp impact`: lists of frames and of countries, from files."""

from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from trainingapp import clock
from trainingapp.db import db
from trainingapp.impact import lists, standings
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.refusals import Refusal

impact = AppGroup("impact", help="Shared frames: indicators, action lines, values, and groups of countries.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@impact.command("ship")
def ship() -> None:
    """Load what came with the product and is not there yet: frames, their indicators, groups of countries."""
    frames.ship(clock.now())
    standings.ship()
    many = lists.ship(clock.now())
    db.session.commit()
    click.echo(f"{many} frames got their indicators.")


@impact.command("load-list")
@click.argument("frame")
@click.argument("file", type=_FILE)
def load_list(frame: str, file: Path) -> None:
    """Load indicators, action lines or values of FRAME (its key, like sap-smed) from a CSV or XLSX file."""
    found = db.session.scalar(sa.select(ReferenceFrame).where(ReferenceFrame.key == frame))
    if found is None:
        raise click.ClickException(f"There is no frame with the key {frame}.")
    try:
        loaded = lists.load(found, file.read_bytes(), None, clock.now())
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(
        f"{loaded.kind}: {loaded.added} new, {loaded.changed} known, {loaded.left_out} no longer offered"
    )


@impact.command("load-standings")
@click.argument("file", type=_FILE, default=standings.SHIPPED)
def load_standings(file: Path) -> None:
    """Load which countries are least developed, or members of the Colombo Plan, and until when."""
    try:
        many = standings.load(file.read_text(encoding="utf-8"))
    except (Refusal, UnicodeDecodeError) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    click.echo(f"{many} standings")
