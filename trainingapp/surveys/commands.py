"""`trainingapp surveys ship`, and `import` and `export`: questionnaires as XLSForms."""

import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask.cli import AppGroup, ScriptInfo
from sqlalchemy.exc import SQLAlchemyError

from trainingapp import clock
from trainingapp.config import ConfigError
from trainingapp.db import db
from trainingapp.local.processes import CannotStart
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.surveys import actions as box
from trainingapp.surveys import queries
from trainingapp.surveys.models import Question, Survey, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.xlsform import actions, reading, writing
from trainingapp.surveys.xlsform.contents import Form, Remark, Report

surveys = AppGroup("surveys", help="Questionnaires, in and out.")
REFUSED = 2
LARGEST = 20 * 1024 * 1024


@surveys.command("import", with_appcontext=False)
@click.argument("file", type=click.Path())
@click.option("--programme", "slug", help="Its short name in addresses. Not needed while there is only one.")
@click.option(
    "--key", help="Of the questionnaire; otherwise the form's own id. A known key gets a new version."
)
@click.option(
    "--dry-run", is_flag=True, help="Only say what would come in. Needs no database and no setting."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def import_form(
    context: click.Context, file: str, slug: str | None, key: str | None, dry_run: bool, as_json: bool
) -> None:
    """Bring an XLSForm in as a draft questionnaire. Exits with 2 when it is refused, and says where."""
    form, report = _read(file)
    if form and report.is_accepted and not dry_run:
        try:
            with context.ensure_object(ScriptInfo).load_app().app_context():
                version = actions.import_form(
                    _programme(slug), form, key or actions.key_of(form), clock.now()
                )
                db.session.commit()
                click.echo(f"Draft of version {version.number}: {version.survey.key}", err=True)
        except (Refusal, SQLAlchemyError, ConfigError, CannotStart, OSError) as problem:
            report.refused.append(Remark(None, None, None, file, str(problem)))
    said = summary(file, form, report)
    click.echo(json.dumps(said, ensure_ascii=True) if as_json else _in_words(said))
    context.exit(0 if report.is_accepted else REFUSED)


def _read(file: str) -> tuple[Form | None, Report]:
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        return None, Report(refused=[Remark(None, None, None, _printable(file), f"{reason}.")])
    if len(data) > LARGEST:
        reason = f"The file is larger than {LARGEST // 2**20} MB."
        return None, Report(refused=[Remark(None, None, None, _printable(file), reason)])
    try:
        return reading.read(data, _printable(file))
    except Exception as problem:  # noqa: BLE001 - the promise of this command: whatever a file holds, no traceback
        reason = f"It could not be read ({type(problem).__name__}). Please report this form."
        return None, Report(refused=[Remark(None, None, None, _printable(file), reason)])


def _printable(file: str) -> str:
    return os.fsencode(file).decode("utf-8", "replace")


def summary(file: str, form: Form | None, report: Report) -> dict[str, Any]:
    questions = form.questions if form else []
    kinds = Counter(item.kind for item in questions)
    asked = sum(QUESTION_TYPES[item.kind].takes_answer for item in questions)
    return {
        "file": _printable(file),
        "accepted": report.is_accepted,
        "title": form and form.title,
        "id": form and form.key,
        "version": form and form.version,
        "languages": form.languages if form else [],
        "questions": asked,
        "kinds": dict(sorted(kinds.items())),
        "minutes": queries.minutes(Question(kind=item.kind) for item in questions) if form else 0,
        "left_behind": [asdict(remark) for remark in report.left_behind],
        "refused": [asdict(remark) for remark in report.refused],
        "warnings": report.warnings,
    }


def _in_words(said: dict[str, Any]) -> str:
    lines = [f"{said['file']}: {'accepted' if said['accepted'] else 'refused'}"]
    if said["title"]:
        kinds = ", ".join(f"{kind} {count}" for kind, count in said["kinds"].items())
        lines.append(f"{said['title']} · {said['questions']} questions · {said['minutes']} min · {kinds}")
    for word in ("refused", "left_behind"):
        for one in said[word]:
            place = " ".join(str(one[part]) for part in ("sheet", "row", "column") if one[part] is not None)
            lines.append(f"{word.replace('_', ' ')}: {place}: {one['reason']} [{one['what'][:60]}]")
    return "\n".join([*lines, *(f"warning: {text}" for text in said["warnings"])])


def _programme(slug: str | None) -> Programme:
    found = db.session.scalars(
        sa.select(Programme).where(Programme.slug == slug if slug else sa.true())
    ).all()
    if len(found) == 1:
        return found[0]
    known = ", ".join(db.session.scalars(sa.select(Programme.slug).order_by(Programme.slug)))
    raise Refusal(f"Name the programme with --programme: {known or 'there is none yet'}.")


@surveys.command("ship")
@click.option("--programme", "slug", help="Its short name in addresses. Not needed while there is only one.")
def ship(slug: str | None) -> None:
    """Publish what a programme lacks of the questionnaires in the box.

    Of one that it has, a newer version comes as a draft. What was published stays as it is.
    """
    try:
        programme = _programme(slug)
        published = box.ship_questionnaires(programme, clock.now())
        drafts = box.bring_newer(programme)
        db.session.commit()
    except Refusal as problem:
        _fail(str(problem))
    for version in [*published, *drafts]:
        state = "published" if version.published_at else "a draft to read"
        click.echo(f"{version.survey.key}, version {version.number}: {state}")
    if not published and not drafts:
        click.echo("Nothing is missing.")


@surveys.command("export")
@click.argument("key")
@click.argument("file", type=click.Path())
@click.option("--version", "number", type=int, help="The latest when left out.")
@click.option("--programme", "slug", help="Its short name in addresses. Not needed while there is only one.")
def export(key: str, file: str, number: int | None, slug: str | None) -> None:
    """Write a questionnaire as an XLSForm, for ODK, KoboToolbox and their kin, or to bring it in again."""
    try:
        programme = _programme(slug)
    except Refusal as problem:
        _fail(str(problem))
    version = db.session.scalar(
        sa.select(SurveyVersion)
        .join(SurveyVersion.survey)
        .where(
            Survey.programme_id == programme.id,
            Survey.key == key,
            SurveyVersion.number == number if number else sa.true(),
        )
        .order_by(SurveyVersion.number.desc())
        .limit(1)
    )
    if version is None:
        _fail(f"The programme has no questionnaire {key!r}{f' of version {number}' if number else ''}.")
    try:
        Path(file).write_bytes(writing.workbook(actions.form_of(version)))
    except OSError as problem:
        _fail(f"{file}: {problem.strerror}.")


def _fail(text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(REFUSED)
