"""`trainingapp impact`: lists of frames and of countries, and IATI files, in and out."""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click
import sqlalchemy as sa
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import SQLAlchemyError

from trainingapp import clock
from trainingapp.config import ConfigError
from trainingapp.db import db
from trainingapp.impact import asked
from trainingapp.impact.frames import lists, standings
from trainingapp.impact.iati import exporting, judging
from trainingapp.impact.iati.verdict import Finding, Verdict
from trainingapp.impact.references import actions as references
from trainingapp.impact.scope import Scope
from trainingapp.local.processes import CannotStart
from trainingapp.programmes import frames
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.reports import linked

impact = AppGroup("impact", help="Shared frames: indicators, action lines, values, and groups of countries.")
REFUSED = 2
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


@impact.command("import-iati", with_appcontext=False)
@click.argument("file", type=click.Path())
@click.option("--dry-run", is_flag=True, help="Only judge the file. Needs no database and no setting.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as trainingapp.impact.iati says.")
@click.pass_context
def import_iati(context: click.Context, file: str, dry_run: bool, as_json: bool) -> None:
    """Bring in an IATI 2.03 activity file of others. Exits with 2 when it is refused, and says where."""
    verdict = _judged(file)
    if verdict.is_accepted and not dry_run:
        try:
            with context.ensure_object(ScriptInfo).load_app().app_context(), Path(file).open("rb") as opened:
                references.bring_in(opened, verdict, Path(_printable(file)).name, None, clock.now())
                db.session.commit()
        except SQLAlchemyError as problem:
            said = str(problem).splitlines()[0]
            verdict.add([Finding("The database did not take it. Nothing came in.", detail=said)])
        except (Refusal, ConfigError, CannotStart, OSError) as problem:
            verdict.add([Finding(str(problem))])
    click.echo(json.dumps(verdict.shown, ensure_ascii=True) if as_json else _in_words(verdict))
    context.exit(0 if verdict.is_accepted else REFUSED)


def _judged(file: str) -> Verdict:
    verdict = Verdict()
    try:
        with Path(file).open("rb") as opened:
            return judging.judged(opened, clock.now())
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        verdict.add([Finding(f"{_printable(file)}: {reason.rstrip('.')}.")])
    except Exception as problem:  # noqa: BLE001 - the promise of this command: whatever a file holds, no traceback
        kind = type(problem).__name__
        verdict.add([Finding(f"The file could not be read ({kind}). Please report it.", detail=str(problem))])
    return verdict


def _printable(file: str) -> str:
    return os.fsencode(file).decode("utf-8", "replace")


def _in_words(verdict: Verdict) -> str:
    lines = [f"{'accepted' if verdict.is_accepted else 'refused'}, {verdict.activities} activities"]
    for word, found in (("problem", verdict.problems), ("warning", verdict.warnings)):
        for one in found:
            place = " ".join(part for part in (f"line {one.line}" if one.line else "", one.path) if part)
            lines.append(
                f"{word}: {place}{': ' if place else ''}{one.reason} {f'[{one.detail}]' * bool(one.detail)}"
            )
    return "\n".join([*lines, *([f"and {verdict.left_out} more"] if verdict.left_out else [])])


@impact.command("export-iati")
@click.option("--programme", "slug", help="Its short name in addresses. Not needed while there is only one.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of that day.")
def export_iati(slug: str | None, day: datetime | None) -> None:
    """Write a programme as an IATI 2.03 file to standard output. Exits with 2 when something is missing."""
    try:
        programme = _programme(slug)
        on = min(day.date(), clock.now().date()) if day else None  # of a day to come: as it stands now
        scope = Scope(programme.id, on)
        documents = linked.documents(programme, scope)
        made = exporting.export(programme, scope, asked.USUAL, clock.now(), documents)
    except exporting.NotReady as missing:
        _refuse("\n".join(str(one.text) for one in missing.lacks))
    except SQLAlchemyError as problem:
        said = str(problem).splitlines()[0]
        _refuse(
            f"The database cannot be read ({said}). Set it up first: make run, or trainingapp db upgrade."
        )
    click.echo(made.xml, nl=False)


def _programme(slug: str | None) -> Programme:
    """The one that is named, or the only one there is."""
    query = sa.select(Programme).where(Programme.slug == slug if slug else sa.true())
    found = db.session.scalars(query.order_by(Programme.slug)).all()
    if len(found) != 1:
        known = ", ".join(db.session.scalars(sa.select(Programme.slug).order_by(Programme.slug)))
        _refuse(f"Name the programme with --programme: {known or 'there is none yet'}.")
    return found[0]


def _refuse(text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(REFUSED)
