"""What a person may type about hosts and visits."""

from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    FloatField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from trainingapp.forms import DayField, EditForm, Form
from trainingapp.once import OnceForm
from trainingapp.visits.notes import LONGEST

_AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_needed = InputRequired(_l("This is needed."))
_time = {"format": ["%H:%M", "%H:%M:%S"]}


def zones() -> dict[str, list[tuple[str, str]]]:
    """For a select: Indonesia's three first, then the world by area."""
    first = [
        ("Asia/Jakarta", _("Western Indonesia, WIB")),
        ("Asia/Makassar", _("Central Indonesia, WITA")),
        ("Asia/Jayapura", _("Eastern Indonesia, WIT")),
    ]
    grouped: dict[str, list[tuple[str, str]]] = {_("Indonesia"): first}
    for zone in sorted(available_timezones()):
        area, _slash, city = zone.partition("/")
        if area in _AREAS and zone not in dict(first):
            grouped.setdefault(area, []).append((zone, city.replace("_", " ")))
    return grouped


class HostForm(EditForm):
    programme_id = SelectField(_l("Programme"), coerce=int)
    name = StringField(_l("Name"), validators=[_needed, Length(max=200)])
    cluster = StringField(
        _l("Cluster"), description=_l("Such as footwear or batik"), validators=[Length(max=120)]
    )
    products = StringField(_l("Products"), validators=[Length(max=300)])
    shows = TextAreaField(_l("What visitors see there"), render_kw={"rows": 4})
    place = StringField(
        _l("Place"), description=_l("Town and district"), validators=[_needed, Length(max=120)]
    )
    latitude = FloatField(
        _l("Latitude"),
        description=_l("Degrees, south is negative: -6.9222"),
        validators=[Optional(), NumberRange(-90, 90, _l("Between -90 and 90."))],
    )
    longitude = FloatField(
        _l("Longitude"),
        description=_l("Degrees, such as 107.6069"),
        validators=[Optional(), NumberRange(-180, 180, _l("Between -180 and 180."))],
    )
    time_zone = SelectField(_l("Time zone"), default="Asia/Jakarta")
    languages = StringField(_l("Languages spoken there"), validators=[Length(max=120)])
    visitor_limit = IntegerField(
        _l("Visitors at a time"),
        description=_l("Leave empty when there is no limit"),
        validators=[Optional(), NumberRange(1, 1000, _l("Between 1 and 1000."))],
    )
    contact_name = StringField(_l("Contact"), validators=[Length(max=200)])
    contact_phone = StringField(_l("Telephone"), validators=[Length(max=60)])
    contact_email = EmailField(_l("Email"), validators=[Length(max=320)])
    safety = TextAreaField(
        _l("Safety"), description=_l("Shoes, machines, heat, stairs"), render_kw={"rows": 3}
    )
    allows_photos = BooleanField(_l("Visitors may take photographs"))

    def __init__(self, programmes: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.programme_id.choices = programmes
        self.time_zone.choices = zones()

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.data.items() if name not in {"version", "csrf_token"}}


class VisitForm(EditForm):
    host_id = SelectField(_l("Host"), coerce=int)
    visit_on = DayField(_l("Day"), validators=[InputRequired(_l("Write a day that exists."))])
    starts_at = TimeField(_l("From"), validators=[_needed], **_time)
    ends_at = TimeField(_l("Until"), validators=[_needed], **_time)
    capacity = IntegerField(
        _l("Seats"), validators=[_needed, NumberRange(1, 1000, _l("Between 1 and 1000."))]
    )
    leaves_from = StringField(_l("Leaves from"), validators=[Length(max=200)])
    leaves_at = TimeField(
        _l("Leaves at"), description=_l("In the host's time"), validators=[Optional()], **_time
    )
    transport = TextAreaField(
        _l("Transport"), description=_l("Buses, drivers, how long it takes"), render_kw={"rows": 3}
    )
    interpreter = StringField(_l("Interpreter"), validators=[Length(max=200)])
    dress = StringField(_l("What to wear"), validators=[Length(max=300)])
    question_lines = TextAreaField(
        _l("Questions to ask there"), description=_l("One a line"), render_kw={"rows": 4}
    )
    notes = TextAreaField(_l("Notes for the team"), render_kw={"rows": 3})

    def __init__(self, hosts: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(**more)
        self.host_id.choices = hosts

    @property
    def facts(self) -> dict[str, Any]:
        apart = {"version", "csrf_token", "host_id", "question_lines"}
        lines = (self.question_lines.data or "").splitlines()
        questions = [line.strip() for line in lines if line.strip()]
        return {name: value for name, value in self.data.items() if name not in apart} | {
            "questions": questions
        }


class CancelForm(Form):
    why = StringField(
        _l("Why is it cancelled?"),
        description=_l("Participants may ask. The visit stays in the list, struck through."),
        validators=[_needed, Length(max=500)],
    )


class GroupForm(Form):
    name = StringField(_l("Name"), validators=[_needed, Length(max=60)])
    guide = StringField(_l("Guide"), validators=[Length(max=200)])
    capacity = IntegerField(
        _l("At most"), validators=[Optional(), NumberRange(1, 1000, _l("Between 1 and 1000."))]
    )


class NoteForm(OnceForm):
    text = TextAreaField(
        _l("What can I use at home?"),
        description=_l("One idea a note. You can make several."),
        validators=[Length(max=LONGEST)],
    )
    photo = FileField(
        _l("A photo"), description=_l("A machine, a sign, a sheet. Ask people before you take their picture.")
    )
    wants_contact = BooleanField(_l("I would like to stay in touch with this host"))


class SessionForm(EditForm):
    title = StringField(_l("Title"), [_needed, Length(max=200)])
    held_on = DayField(_l("Day"), [_needed])
    speaker = StringField(
        _l("Speaker"),
        [Length(max=200)],
        description=_l("Who teaches, and from where. Leave it empty if nobody is known yet."),
    )

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "title": self.title.data,
            "held_on": self.held_on.data,
            "speaker": self.speaker.data or "",
        }
