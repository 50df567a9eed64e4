"""`trainingapp participants import`: what would happen to each row of a file, or the import itself."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_babel import force_locale

from trainingapp import clock, countries
from trainingapp.cohorts.models import Cohort, EnrolmentKind
from trainingapp.db import db
from trainingapp.imports import actions, checking, fields, queries, work
from trainingapp.imports.checking import Checked, Line
from trainingapp.imports.models import ImportBatch, ImportRow, ImportState, Verdict
from trainingapp.refusals import Refusal
from trainingapp.spreadsheets import reading

_UNREADABLE = 2


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--cohort", "name", required=True, help="Name of the edition.")
@click.option("--programme", "slug", help="Its programme, where two programmes have an edition of that name.")
@click.option("--country", "country", default="", help="Country of rows that name none.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row: row, verdict, reasons.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@with_appcontext
def import_file(
    file: Path, name: str, slug: str | None, country: str, dry_run: bool, as_json: bool, yes: bool
) -> None:
    """Enrol the people of a spreadsheet (.csv, .xlsx, .xls, .ods) in an edition.

    Columns are matched by their headings. New and known people are enrolled; rows that may be someone
    we know, and wrong ones, are printed and stay behind: import the file on the screen to decide about
    them. Without --yes you are asked once before anything is written. Exit status 2: the file cannot be
    read, or the edition is not there; 1: nothing was written.
    """
    with force_locale("en"):
        code = countries.find(country) or ""
        if country and not code:
            _stop(f"We do not know a country called {country!r}.")
        cohort = _cohort(name, slug)
        content = _content(file)
        if dry_run:
            _print(_dry_run(cohort, content, code), as_json)
            return
        _import(cohort, file.name, content, code, as_json=as_json, yes=yes)


def _stop(sentence: str, status: int = _UNREADABLE) -> None:
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(status)


def _cohort(name: str, slug: str | None) -> Cohort:
    found = queries.by_name(name, slug)
    if not found:
        _stop(f"There is no edition called {name!r}{f' in {slug}' if slug else ''}.")
    if len(found) > 1:
        programmes = ", ".join(sorted({cohort.theme.programme.slug for cohort in found}))
        _stop(f"{len(found)} editions are called {name!r}. Say which with --programme: {programmes}.")
    return found[0]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        _stop(f"{file} cannot be read: {problem.strerror}.")
        raise


def _dry_run(cohort: Cohort, content: bytes, country: str) -> list[Checked]:
    try:
        sheets = reading.read(content)
    except reading.Unreadable as refusal:
        _stop(str(refusal))
        raise
    sheet = actions.best_sheet(sheets)
    index = fields.heading_row(sheet.rows)
    headings, rows = actions.heading_and_rows(sheet, index)
    mapping = fields.guess(headings, rows, queries.remembered(cohort.theme.programme_id))
    assumed = {"kind": EnrolmentKind.OFFICIAL.value, "mode": cohort.mode.value, "country": country}
    lacking = checking.missing(mapping, assumed)
    if lacking:
        click.echo(actions.lacking_columns(lacking, headings), err=True)
    lines = [Line(number, cells, {}) for number, cells in enumerate(rows, index + 2) if any(cells)]
    if not lines:
        click.echo("There is no row below the headings.", err=True)
    assumed["day_first"] = checking.day_first(lines, mapping)  # type: ignore[assignment]
    return checking.check(cohort.id, lines, headings, mapping, assumed=assumed, today=clock.now().date())


def _import(
    cohort: Cohort, file_name: str, content: bytes, country: str, *, as_json: bool, yes: bool
) -> None:
    batch = actions.upload(cohort, file_name, content, None, clock.now())
    actions.read(batch)
    if batch.state is ImportState.REFUSED:
        db.session.commit()
        _stop(batch.problem or "")
    try:
        actions.match_columns(batch, batch.mapping, {"country": country, "dates": ""})
        actions.check(batch, clock.now())
    except Refusal as refusal:
        db.session.rollback()
        _stop(str(refusal), 1)
    _print(_as_checked(batch), as_json)
    counts = queries.counts(batch)
    question = f"Enrol {counts.ready} people in {cohort.name}? {counts.behind} rows stay behind."
    if counts.ready and (yes or click.confirm(question, err=True)):
        actions.confirm(batch)
        work.proceed(batch, clock.now())
    if batch.state is not ImportState.IMPORTED:
        db.session.rollback()
        _stop(batch.problem or "Nothing was written.", 1)
    db.session.commit()
    click.echo(f"Enrolled {counts.ready}; {counts.behind} rows stay behind.", err=True)


def _as_checked(batch: ImportBatch) -> Iterable[Checked]:
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    for row in db.session.scalars(query):
        yield Checked(row.number, row.values, row.reasons, row.verdict, row.participant_id)


def _print(rows: Iterable[Checked], as_json: bool) -> None:
    """Rows with nothing in them that we read are not rows of the list, and are not printed."""
    totals: dict[Verdict, int] = dict.fromkeys(Verdict, 0)
    for row in rows:
        if row.verdict is None:
            continue
        totals[row.verdict] += 1
        reasons = [checking.sentence(reason) for reason in row.reasons]
        line: dict[str, Any] = {"row": row.number, "verdict": row.verdict.value, "reasons": reasons}
        if as_json:
            click.echo(json.dumps(line, ensure_ascii=False))
        elif reasons or row.verdict in {Verdict.MAYBE, Verdict.WRONG}:
            click.echo(f"{row.number}: {row.verdict.value}. {' '.join(reasons)}")
    if not as_json:
        click.echo(", ".join(f"{count} {verdict.value}" for verdict, count in totals.items()))
