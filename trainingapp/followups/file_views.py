"""The tables of a schedule, and of who has not answered, as files."""

from flask import request
from flask_babel import gettext as _

from trainingapp import countries, paging
from trainingapp.cohorts import loading as cohorts
from trainingapp.followups import loading, queries
from trainingapp.followups.blueprint import SEE, bp
from trainingapp.followups.outcomes import Outcome
from trainingapp.followups.rescue import missing
from trainingapp.labels import label
from trainingapp.programmes.roles import Permission, needs
from trainingapp.table_views import Table, table_file


@table_file(bp, "/cohorts/<int:cohort_id>/waves", needs(SEE))
def schedule_file(cohort_id: int) -> Table:
    cohort = cohorts.cohort(cohort_id, SEE)
    schedule = queries.schedule_of(cohort.id)
    waves = queries.waves_of(schedule) if schedule else []
    headings = [_("Months after"), _("Questionnaire"), _("State"), _("Opens"), _("Closes")]
    rows = [
        (
            *(wave.offset_months, wave.survey_version.survey.title, label(wave.state), wave.opens_on),
            wave.closes_on,
        )
        for wave in waves
    ]
    name = f"{cohort.theme.year} {cohort.name}, {_('Follow-up schedule')}"
    return Table(name, headings, rows, cohort, cohort.theme.programme_id)


@table_file(bp, "/waves/<int:wave_id>/missing/people", needs(Permission.SEE_PEOPLE))
def missing_file(wave_id: int) -> Table:
    found = loading.wave(wave_id, Permission.SEE_PEOPLE)
    asked, code = request.args.get("country", ""), request.args.get("known", "")
    country = asked if countries.exists(asked) else None
    known = Outcome(code) if code in set(missing.MISSING) else None
    headings = [
        *(_("Name"), _("Country"), _("What is known"), _("Cause"), _("Other ways"), _("Contact attempts")),
        _("Last attempt"),
    ]
    rows = (
        (
            *(line.person.full_name, countries.name_of(line.invitation.enrolment.country)),
            *(label(line.outcome), label(line.task.cause) if line.task else None),
            *(", ".join(map(label, line.ways)), line.attempts),
            line.tried_at.date() if line.tried_at else None,
        )
        for some in paging.stretches(lambda after: missing.page(found, country, known, after, None))
        for line in some
    )
    programme_id = found.schedule.cohort.theme.programme_id
    return Table(f"{_('Who is missing')} {found.opens_on}", headings, rows, found, programme_id)


@table_file(bp, "/waves/<int:wave_id>/missing/countries", needs(SEE))
def missing_countries_file(wave_id: int) -> Table:
    found = loading.wave(wave_id, SEE)
    headings = [_("Country"), _("Asked"), _("Missing"), *map(label, missing.MISSING)]
    rows = [
        (
            *(countries.name_of(code), line.asked, line.missing.total()),
            *(line.missing[one] for one in missing.MISSING),
        )
        for code, line in missing.by_country(found).items()
    ]
    programme_id = found.schedule.cohort.theme.programme_id
    name = f"{_('Who is missing')}, {_('Country')} {found.opens_on}"
    return Table(name, headings, rows, found, programme_id)
