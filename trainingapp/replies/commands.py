"""`trainingapp replies read FILE` and `score FILE`: what the reader of replies makes of a text."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click
from flask.cli import AppGroup

from trainingapp.replies import own_words, parser, scoring

group = AppGroup("replies", help="What plain replies to our mails are understood as.")
PRECISE = 0.98


@group.command("score", with_appcontext=False)
@click.option("--faults", is_flag=True, help="Also name each reply that was not understood as labelled.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def score(file: Path, faults: bool) -> None:
    """Measure on labelled replies, such as tests/replies/held_out.txt. Exits with 1 below 98 % precision."""
    try:
        found = scoring.score(scoring.read(file.read_text("utf-8")))
    except (scoring.LabelUnreadable, UnicodeDecodeError) as problem:
        raise click.ClickException(f"{file}: {problem}") from None
    click.echo(
        f"{found.examples} replies: {found.accepted} facts accepted, {found.wrong} of them wrong "
        f"(precision {found.precision:.3f}), of {found.labelled} that they say (recall {found.recall:.3f}); "
        f"{found.whole} replies understood whole"
    )
    for example, invented, missed in found.faults if faults else []:
        lists = f"invented {sorted(invented, key=str)}, missed {sorted(missed, key=str)}"
        click.echo(f"  {example.language} {example.title}: {lists}")
    if found.precision < PRECISE:
        raise SystemExit(1)


@group.command("read", with_appcontext=False)
@click.option("--steps", default=7, show_default=True, help="How many steps her letter listed.")
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
def read(file: IO[str], steps: int) -> None:
    """Say what a reply (plain text; - for standard input) would be understood as, as JSON."""
    reading = parser.parse(own_words.of_text(file.read()), dict.fromkeys(range(1, steps + 1), ""))
    click.echo(json.dumps(asdict(reading), ensure_ascii=False))
