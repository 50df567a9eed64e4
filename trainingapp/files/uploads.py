"""Files on their way in, with a form.

A form that is shown again cannot hold the chosen file; it carries a ticket for what was kept instead.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage, MultiDict

from trainingapp import tokens
from trainingapp.accounts.models import User
from trainingapp.files import actions
from trainingapp.files.models import StoredFile

MOST = 5  # of one field


def ticket(stored_id: int) -> str:
    """For a hidden field: it cannot be made up, so nobody names a file of somebody else."""
    return f"{stored_id}.{tokens.issue('file', stored_id)}"


def take(
    form: MultiDict[str, str],
    posted: MultiDict[str, FileStorage],
    fields: Iterable[str],
    now: datetime,
    by: User | None = None,
) -> dict[str, str]:
    """Keeps the chosen files; afterwards each field holds the numbers of its files, and nothing else.

    Returns field -> sentence, for what was refused.
    """
    refused: dict[str, str] = {}
    for field in fields:
        numbers = [number for text in form.getlist(field) if (number := _number(text))]
        try:
            numbers += [str(stored.id) for stored in keep(posted.getlist(field), now, by)]
        except actions.FileRefused as refusal:
            refused[field] = str(refusal)
        chosen = [one for one in posted.getlist(field) if one.filename]
        if field not in refused and (len(numbers) > MOST or len(chosen) > MOST):
            refused[field] = _(
                "At most %(most)d files fit here. The first %(most)d are kept, the others are not.",
                most=MOST,
            )
        form.setlist(field, numbers[:MOST])
    return refused


def keep(chosen: Iterable[FileStorage], now: datetime, by: User | None = None) -> list[StoredFile]:
    """Those of a file field that hold something. Raises FileRefused."""
    named = [one for one in chosen if one.filename]
    return [actions.keep(one.read(), one.filename or "", now, by) for one in named[:MOST]]


def _number(text: str) -> str | None:
    number, _dot, seal = text.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):  # noqa: PLR2004 - a database's integer
        return None
    return number if hmac.compare_digest(tokens.issue("file", int(number)).encode(), seal.encode()) else None
