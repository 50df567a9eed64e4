"""What a coordinator would overlook before arming a schedule, read from its rehearsal."""

from collections.abc import Iterator
from dataclasses import dataclass

from babel import Locale
from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from trainingapp.followups.models import LeftOutReason, Schedule
from trainingapp.followups.schedules.rehearsal import Play, Played


@dataclass(frozen=True)
class Heed:
    text: str
    more: str
    href: str = ""
    action: str = ""


def of(schedule: Schedule, play: Play) -> list[Heed]:
    return [*_unreachable(schedule, play), *(heed for played in play.waves for heed in _of_wave(played))]


def _unreachable(schedule: Schedule, play: Play) -> Iterator[Heed]:
    number = max((played.left_out[LeftOutReason.NO_ADDRESS] for played in play.waves), default=0)
    if number:
        text = ngettext("%(num)d person has no address", "%(num)d people have no address", number)
        more = _("They get a link that a person can pass on, and no email.")
        people = url_for("cohorts.enrolments", cohort_id=schedule.cohort_id, reach="none")
        yield Heed(text, more, people, _("Find them"))


def _of_wave(played: Played) -> Iterator[Heed]:
    wave, invited = played.wave, played.invited
    edit, months = url_for("followups.edit_wave", wave_id=wave.id), wave.offset_months
    name = ngettext("%(num)d month", "%(num)d months", months) if months else _("Day 0")
    change = _("Change")
    if played.no_time and not invited:
        more = _("Its closing day leaves no time. It will be held until you move it.")
        yield Heed(_("%(wave)s: nobody would get it", wave=name), more, edit, change)
        return
    if played.no_time:
        text = _("%(wave)s: no time is left for %(n)s of them", wave=name, n=played.no_time)
        yield Heed(text, _("Their first good hour comes after the closing day."), edit, change)
    if 2 * played.rest > invited:
        text = _("%(wave)s falls on a rest day for %(n)s of %(all)s", wave=name, n=played.rest, all=invited)
        yield Heed(text, _("They get it on their next working day."), edit, change)
    if played.pushed:
        text = _("%(wave)s comes later for %(n)s of %(all)s", wave=name, n=played.pushed, all=invited)
        yield Heed(
            text, _("Another mail reaches them in the week before. Move one of the two."), edit, change
        )
    for number, days in enumerate(wave.schedule.reminder_days, start=1):
        missed = invited - played.reminders[number]
        if missed > 0:
            text = _("%(wave)s: %(n)s miss the reminder after %(days)s days", wave=name, n=missed, days=days)
            yield Heed(text, _("It would come after the closing day."), edit, change)
    for code, number in played.untranslated.most_common():
        text = _("%(wave)s: the questionnaire is not in %(language)s", wave=name, language=_language(code))
        more = ngettext("%(num)d person reads it in another.", "%(num)d people read it in another.", number)
        survey = url_for("surveys.version", version_id=wave.survey_version_id)
        yield Heed(text, more, survey, _("Translate it"))


def _language(code: str) -> str:
    locale = Locale.parse(code.replace("-", "_"))
    return locale.get_display_name(get_locale()) or code
