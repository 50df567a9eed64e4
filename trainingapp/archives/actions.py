"""Verbs: bring old answers in, whole or not at all; take them back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from trainingapp import tokens
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.archives import answers, guessing, maps, queries, tables, versions
from trainingapp.archives.answers import Answered, Reading
from trainingapp.archives.maps import Map, MapUnfit
from trainingapp.archives.models import Archive, ArchiveDraft, ArchivedResponse
from trainingapp.archives.tables import Table
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db, lock
from trainingapp.plans.progress.models import Source
from trainingapp.programmes.models import Programme
from trainingapp.refusals import Refusal
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.spreadsheets import reading
from trainingapp.surveys.models import Question, Survey, SurveyVersion

NOON = time(12, tzinfo=UTC)  # of a day without an hour
MOST_ROWS = 5_000  # that a page takes: some seconds of work
STRETCH = 500  # responses written at a time


class NotAllReadable(Refusal):
    """Something in the file has no place in the map; nothing came in."""


class TooLong(Refusal):
    """A page would wait for minutes."""


class AlreadyHere(Refusal):
    """The answers of this file are in this survey."""


class NotHere(Refusal):
    """They were taken back already."""


@dataclass(frozen=True)
class Prepared:
    """What would come in. The version and its questions are new rows where the survey lacks them."""

    version: SurveyVersion
    questions: Mapping[str, Question]
    reading: Reading
    is_new_survey: bool
    is_new_version: bool


def begin(
    programme: Programme,
    data: bytes,
    *,
    file_name: str,
    survey: str,
    source: str,
    cohort: Cohort | None,
    by: User,
    now: datetime,
) -> ArchiveDraft:
    """Keeps the file with a first map. Raises Unreadable, NoTable, TooLong."""
    table = tables.find(reading.read(data, wide=True))
    if len(table.rows) > MOST_ROWS:
        raise TooLong(
            _(
                "This file has %(count)s rows of answers, and this page takes up to %(most)s. Bring it in "
                "from the command line: trainingapp surveys import-answers.",
                count=len(table.rows),
                most=MOST_ROWS,
            ),
            "file",
        )
    has_survey = queries.survey(programme.id, survey) is not None
    a_map = guessing.guess(
        table, survey, queries.known(programme.id, survey), has_survey=has_survey, source=source or file_name
    )
    draft = ArchiveDraft(
        programme_id=programme.id,
        cohort_id=cohort.id if cohort else None,
        file_name=file_name[:255],
        content=data,
        mapping=maps.write(a_map),
        made_at=now,
        made_by_id=by.id,
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def try_out(draft: ArchiveDraft, now: datetime) -> Reading:
    """What would come in, with nothing written. Raises MapUnfit."""
    with db.session.begin_nested() as trial:
        found = _prepared(draft, now).reading
        trial.rollback()
    return found


def finish(draft: ArchiveDraft, by: User, now: datetime) -> Archive:
    """Raises MapUnfit, NotAllReadable, AlreadyHere."""
    try:
        lock(draft)
    except InvalidRequestError as gone:  # another press was quicker
        raise AlreadyHere(_("This file is in already, or somebody gave it up.")) from gone
    archive = bring_in(
        _prepared(draft, now),
        maps.read(draft.mapping),
        data=draft.content,
        file_name=draft.file_name,
        now=now,
        cohort=draft.cohort,
        by=by,
    )
    db.session.delete(draft)
    return archive


def _prepared(draft: ArchiveDraft, now: datetime) -> Prepared:
    a_map = maps.read(draft.mapping)
    table = tables.find(reading.read(draft.content, wide=True), a_map.sheet, a_map.heading_row)
    return prepare(draft.programme, table, a_map, now)


def prepare(programme: Programme, table: Table, a_map: Map, now: datetime) -> Prepared:
    """Reads every row. Makes the questionnaire where there is none: roll back what is not wanted.
    Raises MapUnfit.
    """
    survey = queries.survey(programme.id, a_map.survey)
    is_new = survey is None
    if survey is None:
        survey = Survey(
            programme_id=programme.id, key=a_map.survey, title=(a_map.title or a_map.survey)[:200]
        )
        db.session.add(survey)
        db.session.flush()
    version = queries.version_of(survey)
    there = versions.questions(version)
    wanted = {column.key for column in a_map.columns if column.use is maps.Use.ANSWER}
    if not wanted:
        raise MapUnfit(_("The map leaves every column out."))
    lacking = wanted - set(there)
    for key in sorted(lacking - set(a_map.questions)):
        raise MapUnfit(
            _(
                "%(survey)s has no question %(key)s, and the map does not say what it asks.",
                survey=a_map.survey,
                key=key,
            )
        )
    if version is None or lacking:
        version, there = versions.asked_elsewhere(survey, version, there, wanted, a_map, now)
    return Prepared(version, there, answers.read(table, a_map, there), is_new, bool(is_new or lacking))


def bring_in(
    prepared: Prepared,
    a_map: Map,
    *,
    data: bytes,
    file_name: str,
    now: datetime,
    cohort: Cohort | None = None,
    by: User | None = None,
) -> Archive:
    """Raises NotAllReadable, AlreadyHere."""
    found, version = prepared.reading, prepared.version
    if found.problems or not found.rows:
        raise NotAllReadable(
            _("Nothing was brought in: the file has cells that the map does not account for.")
            if found.problems
            else _("No row of this file answers anything.")
        )
    digest = hashlib.sha256(data).hexdigest()
    days = sorted(day for row in found.rows if (day := _answered_on(row, a_map)))
    archive = Archive(
        survey_version_id=version.id,
        cohort_id=cohort.id if cohort else None,
        source=(a_map.source or file_name)[:200],
        file_name=file_name[:255],
        file_hash=digest,
        mapping=maps.write(a_map),
        collected_from=days[0] if days else None,
        collected_to=days[-1] if days else None,
        rows=len(found.rows) + len(found.empty_rows),
        brought_in_at=now,
        brought_in_by_id=by.id if by else None,
        present=f"{version.survey_id}:{digest}",
    )
    try:
        with db.session.begin_nested():
            db.session.add(archive)
    except IntegrityError as twice:
        raise AlreadyHere(_("The answers of this file are already in this survey.")) from twice
    _write(archive, prepared, a_map, now)
    audit.record(
        archive,
        "brought in",
        after=archive.source,
        programme_id=version.survey.programme_id,
        facts={"responses": len(found.rows), "survey": version.survey.key},
    )
    return archive


def take_back(archive: Archive, now: datetime) -> int:
    """Deletes what came in with this file, and says how many. The archive's own row stays. Raises NotHere."""
    lock(archive)
    if archive.taken_back_at:
        raise NotHere(_("These answers were taken back already."))
    ids = list(db.session.scalars(queries.responses_of(archive)))
    for at in range(0, len(ids), STRETCH):
        some = ids[at : at + STRETCH]
        for kind, column in ((Answer, Answer.response_id), (ArchivedResponse, ArchivedResponse.response_id)):
            db.session.execute(sa.delete(kind).where(column.in_(some)))
        db.session.execute(sa.delete(Response).where(Response.id.in_(some)))
    archive.taken_back_at, archive.present = now, None
    programme_id = archive.survey_version.survey.programme_id
    audit.record(archive, "taken back", before=archive.source, programme_id=programme_id)
    return len(ids)


def _answered_on(row: Answered, a_map: Map) -> date | None:
    if row.answered_at:
        return row.answered_at.date()
    return date.fromisoformat(a_map.collected_on) if a_map.collected_on else None


def _write(archive: Archive, prepared: Prepared, a_map: Map, now: datetime) -> None:
    rows = prepared.reading.rows
    for at in range(0, len(rows), STRETCH):
        some = rows[at : at + STRETCH]
        ids = db.session.scalars(
            sa.insert(Response).returning(Response.id, sort_by_parameter_order=True),
            [_response(row, a_map, now) for row in some],
        ).all()
        db.session.execute(
            sa.insert(ArchivedResponse),
            [
                {
                    "response_id": number,
                    "archive_id": archive.id,
                    "row": row.row,
                    "respondent": _digest(archive, row.respondent),
                }
                for number, row in zip(ids, some, strict=True)
            ],
        )
        values = _answers(ids, some, prepared.questions)
        if values:
            db.session.execute(sa.insert(Answer), values)


def _response(row: Answered, a_map: Map, now: datetime) -> dict[str, Any]:
    day = _answered_on(row, a_map)
    return {
        "state": ResponseState.SENT,
        "source": Source.FILE,
        "language": (row.language or a_map.language)[:16],
        "saved_at": now,
        "sent_at": row.answered_at or (datetime.combine(day, NOON) if day else None),
    }


def _answers(
    ids: Sequence[int], rows: Sequence[Answered], questions: Mapping[str, Question]
) -> list[dict[str, Any]]:
    return [
        {
            "response_id": number,
            "question_id": questions[key].id,
            "choice": value.choice,
            "number": value.number,
            "text": value.text,
            "item": value.item,
        }
        for number, row in zip(ids, rows, strict=True)
        for key, values in row.answers.items()
        for value in values
    ]


def _digest(archive: Archive, respondent: str) -> str | None:
    """The same person in two files of one programme has the same; nobody can read who it is."""
    programme_id = archive.survey_version.survey.programme_id
    return tokens.fingerprint(tokens.issue("respondent", programme_id, respondent)) if respondent else None
