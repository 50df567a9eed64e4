"""Tables as files: whoever may see a table may take it as CSV and XLSX, with the same filters, and the trail
says who did.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from trainingapp import clock
from trainingapp.accounts import audit
from trainingapp.accounts.models import User
from trainingapp.db import Base, db
from trainingapp.spreadsheets import download


@dataclass(frozen=True)
class Table:
    """Rows that are made one by one are read, and sent, when the request has ended."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]  # of spreadsheets.writing.Cell
    of: Base | None = None  # what the trail says it was taken of; none: the reader's own view of everything
    programme_id: int | None = None


def table_file(
    bp: Blueprint, rule: str, mark: Callable[..., Any]
) -> Callable[[Callable[..., Table]], Callable[..., ResponseReturnValue]]:
    """Makes of a function that returns a Table the address of its files. `mark` says who may ask for them."""

    def register(table_of: Callable[..., Table]) -> Callable[..., ResponseReturnValue]:
        @mark
        @wraps(table_of)
        def send(ending: str, **parts: Any) -> ResponseReturnValue:
            table = table_of(**parts)
            file = download(ending, f"{table.name} {clock.now():%Y-%m-%d}", table.headings, table.rows)
            reader = db.session.get_one(User, current_user.id)
            after = f"{table.name}, {ending}"
            audit.record(table.of or reader, "table taken", after=after, programme_id=table.programme_id)
            db.session.flush()
            db.session.expunge_all()  # rows are read later, and ask what was loaded: whose, and who may
            db.session.commit()
            return file

        bp.post(f"{rule}.<any(csv, xlsx):ending>", endpoint=table_of.__name__)(send)
        return send

    return register
