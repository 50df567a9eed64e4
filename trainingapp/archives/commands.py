"""`trainingapp surveys import-answers`: answers that were gathered elsewhere."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from trainingapp import clock
from trainingapp.archives import actions, guessing, maps, queries, tables
from trainingapp.archives.actions import Prepared
from trainingapp.archives.maps import Map
from trainingapp.archives.tables import Table
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.programmes.models import Programme, Theme
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import reading

REFUSED = 2
SHOWN = 20  # problems in words; --json has them all


class Stop(Exception):
    """Its text says why nothing came in."""


@click.command("import-answers")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--survey", "key", required=True, help="Key of the questionnaire; it is made if it is not there."
)
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="What each column is: a JSON file.")
@click.option(
    "--guess", is_flag=True, help="Write a first map, to MAP.json or to the screen; import nothing."
)
@click.option("--programme", "slug", help="Where there are several.")
@click.option("--edition", help="Name of the edition that the answers are of.")
@click.option("--source", help="What the answers come from, as results will name it.")
@click.option("--dry-run", is_flag=True, help="Say what would come in; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def import_answers(
    file: Path,
    key: str,
    map_file: Path | None,
    guess: bool,
    slug: str | None,
    edition: str | None,
    source: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring answers from a spreadsheet (.csv, .xlsx, .xls, .ods) of Google Forms, Microsoft Forms or others.

    First --guess, then correct the map, then import. All of the file comes in, or nothing: exit status 2
    says that a cell has no place, with its row and column. The same file does not come in twice.
    """
    with force_locale("en"):
        try:
            data = _content(file)
            sheets = reading.read(data, wide=True)
            if guess:
                _guess(sheets, _asked_so_far(slug), key, file.name, map_file, source)
                return
            programme = _programme(slug)
            a_map = _map(map_file, key, source)
            table = tables.find(sheets, a_map.sheet, a_map.heading_row)
            prepared = actions.prepare(programme, table, a_map, clock.now())
            said = _said(file, table, a_map, prepared, dry_run=dry_run)
            if said["accepted"] and not dry_run:
                cohort = _edition(programme, edition)
                actions.bring_in(
                    prepared, a_map, data=data, file_name=file.name, now=clock.now(), cohort=cohort
                )
                db.session.commit()
            db.session.rollback()
        except (Refusal, Stop) as refusal:
            db.session.rollback()
            _stop(file, str(refusal), as_json=as_json)
        except SQLAlchemyError as problem:
            db.session.rollback()
            _stop(file, f"The database does not answer: {problem.args[0]}.", as_json=as_json)
        except Exception as problem:  # noqa: BLE001 - whatever a file holds, it is refused in words
            db.session.rollback()
            reason = f"It could not be read ({type(problem).__name__}). Please report this file."
            _stop(file, reason, as_json=as_json)
        _print(said, as_json=as_json)
        if not said["accepted"]:
            raise click.exceptions.Exit(REFUSED)


def _stop(file: Path, sentence: str, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"file": str(file), "accepted": False, "reason": sentence}))
    else:
        click.echo(sentence, err=True)
    raise click.exceptions.Exit(REFUSED)


def _programme(slug: str | None) -> Programme:
    every = {one.slug: one for one in db.session.scalars(sa.select(Programme).order_by(Programme.slug))}
    if slug in every:
        return every[slug]
    if slug is None and len(every) == 1:
        return next(iter(every.values()))
    raise Stop(f"Say which programme with --programme: {', '.join(every) or 'there is none yet'}.")


def _edition(programme: Programme, name: str | None) -> Cohort | None:
    if name is None:
        return None
    query = sa.select(Cohort).join(Theme).where(Theme.programme_id == programme.id, Cohort.name == name)
    found = db.session.scalars(query).all()
    if len(found) != 1:
        raise Stop(f"{programme.slug} has {len(found) or 'no'} edition called {name!r}.")
    return found[0]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise Stop(f"{file} cannot be read: {problem.strerror}.") from problem


def _map(file: Path | None, key: str, source: str | None) -> Map:
    if file is None:
        raise Stop("Say what the columns are with --map MAP.json. --guess writes a first one.")
    try:
        raw = json.loads(_content(file))
    except (ValueError, RecursionError) as odd:
        raise Stop(f"{file} is not JSON: {odd}.") from odd
    if isinstance(raw, dict):
        raw["survey"] = key
        raw |= {"source": source} if source else {}
    return maps.read(raw)


def _asked_so_far(slug: str | None) -> Programme | None:
    """Whose questions a column may be. Where nothing is set up yet, a map is guessed from the file alone."""
    try:
        is_empty = slug is None and db.session.scalar(sa.select(Programme.id).limit(1)) is None
    except SQLAlchemyError:
        db.session.rollback()
        return None
    return None if is_empty else _programme(slug)


def _guess(
    sheets: list[reading.Sheet],
    programme: Programme | None,
    key: str,
    file_name: str,
    map_file: Path | None,
    source: str | None,
) -> None:
    has_survey = programme is not None and queries.survey(programme.id, key) is not None
    known = queries.known(programme.id, key) if programme else []
    a_map = guessing.guess(tables.find(sheets), key, known, has_survey=has_survey, source=source or file_name)
    text = json.dumps(maps.write(a_map), ensure_ascii=False, indent=2)
    if map_file is None:
        click.echo(text)
        return
    if map_file.exists() and map_file.stat().st_size:
        raise Stop(f"{map_file} is there already; a map that somebody corrected is not written over.")
    try:
        map_file.write_text(text + "\n", encoding="utf-8")
    except OSError as problem:
        raise Stop(f"{map_file} cannot be written: {problem.strerror}.") from problem
    answers = sum(column.use is maps.Use.ANSWER for column in a_map.columns)
    click.echo(f"{map_file}: {answers} of {len(a_map.columns)} columns are answers.", err=True)
    for line in a_map.check:
        click.echo(f"  Look at {line}", err=True)


def _said(file: Path, table: Table, a_map: Map, prepared: Prepared, *, dry_run: bool) -> dict[str, Any]:
    found = prepared.reading
    answered = {
        key: sum(key in row.answers for row in found.rows)
        for key in prepared.questions
        if any(key in row.answers for row in found.rows)
    }
    return {
        "file": str(file),
        "accepted": bool(found.rows) and not found.problems,
        "dry_run": dry_run,
        "survey": a_map.survey,
        "source": a_map.source or file.name,
        "is_new_survey": prepared.is_new_survey,
        "sheet": table.sheet,
        "rows": len(table.rows),
        "responses": len(found.rows),
        "empty_rows": found.empty_rows,
        "answers": answered,
        "cells": dict(found.cells),
        "left_out": dict(found.left_out),
        "problems": [{"sheet": table.sheet, **asdict(problem)} for problem in found.problems],
    }


def _print(said: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(said))
        return
    verb = "would come in" if said["dry_run"] else "came in"
    if said["accepted"]:
        click.echo(f"{said['responses']} answers {verb} under {said['survey']}, from {said['source']}.")
    for key, count in said["answers"].items():
        click.echo(f"  {key}: {count}")
    for heading, count in said["left_out"].items():
        click.echo(f"  Left out: {heading}, {count} cells")
    if said["empty_rows"]:
        click.echo(f"  Rows without an answer: {', '.join(map(str, said['empty_rows'][:SHOWN]))}")
    for problem in said["problems"][:SHOWN]:
        where = f"row {problem['row']}, {problem['column']}"
        click.echo(f"  {where}: {problem['text']!r}. {problem['reason']}", err=True)
    if len(said["problems"]) > SHOWN:
        click.echo(f"  and {len(said['problems']) - SHOWN} more.", err=True)
    if not said["accepted"]:
        click.echo("Nothing was brought in.", err=True)
