"""What a person may type."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.feedback.promises.actions import Words
from trainingapp.feedback.promises.models import Promise
from trainingapp.forms import DayField, EditForm
from trainingapp.once import OnceForm
from trainingapp.responses.words import LANGUAGE_NAMES

LONGEST = 4000


class PromiseForm(OnceForm, EditForm):
    """In as many languages as it was written in: fields said_en, did_en and so on."""

    owner = SelectField(_l("Who sees to it"), coerce=int)
    due_on = DayField(_l("Until"), [Optional()])
    shows_quote = BooleanField(_l("Show the comment's own words, without a name"))
    is_shown = BooleanField(_l("Participants of the edition may read this"))

    def offer(self, readers: Sequence[User], owner: User | None = None) -> None:
        """Who owns it now may stay, also when they read no more."""
        names = {user.id: user.name for user in (*readers, *([owner] if owner else []))}
        self.owner.choices = [(0, _("Nobody yet")), *names.items()]

    def fill(self, promise: Promise) -> None:
        for code in LANGUAGE_NAMES:
            self[f"said_{code}"].data = promise.said.get(code, "")
            self[f"did_{code}"].data = promise.did.get(code, "")
        self.owner.data, self.due_on.data = promise.owner_id or 0, promise.due_on
        self.shows_quote.data, self.is_shown.data = promise.shows_quote, promise.shown_at is not None
        self.version.data = promise.version

    @property
    def languages(self) -> list[tuple[str, str, str, Any, Any]]:
        """Code, name, direction and the two fields of each."""
        return [
            (code, name, way, self[f"said_{code}"], self[f"did_{code}"])
            for code, (name, way) in LANGUAGE_NAMES.items()
        ]

    @property
    def words(self) -> Words:
        said, did = (
            {code: text for code in LANGUAGE_NAMES if (text := self[f"{half}_{code}"].data)}
            for half in _HALVES
        )
        return Words(
            said=said,
            did=did,
            owner=db.session.get(User, self.owner.data) if self.owner.data else None,
            due_on=self.due_on.data,
            shows_quote=self.shows_quote.data,
            is_shown=self.is_shown.data,
        )


_HALVES = {"said": _l("You said"), "did": _l("We do")}
for _code in LANGUAGE_NAMES:
    for _half, _label in _HALVES.items():
        setattr(PromiseForm, f"{_half}_{_code}", TextAreaField(_label, [Length(max=LONGEST)]))
