"""What a person decides about a package."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from trainingapp.datasets.describing import LICENCES
from trainingapp.datasets.ladders import TRAITS
from trainingapp.datasets.words import TOLD
from trainingapp.forms import Form
from trainingapp.statistics import SMALLEST_GROUP


class MakeForm(Form):
    matters = SelectField(
        _l("What matters most"),
        description=_l("It is told as finely as possible, and everything else more coarsely for it."),
    )
    licence = SelectField(
        _l("Licence"),
        description=_l("What others may do with the data. It cannot be changed afterwards."),
    )
    k = SelectField(
        _l("Smallest group"),
        coerce=int,
        description=_l("Nobody is told with fewer people alike. More people: coarser, and safer."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        traits = [(trait.name, TOLD[trait.name]) for trait in TRAITS]
        self.matters.choices = [("", _("As much as possible of everything")), *traits]
        self.licence.choices = [(name, title) for name, (title, _address) in LICENCES.items()]
        self.k.choices = [(number, str(number)) for number in (SMALLEST_GROUP, 10, 20)]

    @property
    def finest(self) -> int | None:
        """The place in TRAITS of what matters most."""
        return next((place for place, one in enumerate(TRAITS) if one.name == self.matters.data), None)
