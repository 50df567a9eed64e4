"""`trainingapp programmes load-frames`."""

from pathlib import Path

import click

from trainingapp import clock
from trainingapp.db import db
from trainingapp.programmes import frames
from trainingapp.refusals import Refusal


@click.command("load-frames")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=frames.SHIPPED)
def load_frames(file: Path) -> None:
    """Load reference frames (SDG targets, ASEAN goals …) from FILE, or those that came with the product."""
    try:
        loaded = frames.load(file.read_text(encoding="utf-8"), clock.now())
    except (Refusal, UnicodeDecodeError) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    db.session.commit()
    for frame in loaded:
        until = frame.valid_until or "no end"
        click.echo(f"{frame.key}\t{frame.valid_from} to {until}\t{frame.name}")
