"""What she may tell about herself: on the page behind a wave's link, and once a year."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from trainingapp.forms import Form
from trainingapp.participants.forms import CountryField


class MovedForm(Form):
    post = StringField(_l("Your post"), [Length(max=200)])
    organisation = StringField(_l("Where you work"), [Length(max=200)])
    country = CountryField(_l("Country"))
    email = StringField(
        _l("Email address to write to"),
        [Length(max=320)],
        description=_l("Only if it is another one now."),
    )

    @property
    def told(self) -> dict[str, str]:
        names = ("post", "organisation", "country", "email")
        return {name: self._fields[name].data or "" for name in names}
