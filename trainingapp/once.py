"""A form that counts once: the second press of its button, or a page sent again, makes no second row."""

import re
import secrets
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from wtforms import HiddenField

from trainingapp.db import Base, db
from trainingapp.forms import Form
from trainingapp.refusals import Refusal

LENGTH = 22  # characters of an id
_OURS = re.compile(rf"[\w-]{{{LENGTH}}}")


class Twice(Refusal):
    """What this form said was kept already. The view goes on as if it had just been."""


class OnceForm(Form):
    """Carries an id of its own, which the row it makes keeps in a unique column `form_id`."""

    form_id = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _OURS.fullmatch(self.form_id.data or ""):
            self.form_id.data = new_id()


def new_id() -> str:
    """For a form of one button, which the template writes by itself."""
    return secrets.token_urlsafe(16)


def keep(row: Base) -> None:
    """Adds it, unless a row with its `form_id` is there. Raises Twice."""
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError as twice:
        raise Twice(_("This was recorded already.")) from twice
