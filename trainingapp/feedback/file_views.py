"""The tables of feedback as files. Figures of few people stay hidden in them as on the pages."""

from collections.abc import Sequence

from flask import abort, request
from flask_babel import get_locale
from flask_babel import gettext as _

from trainingapp.archives.models import Archive
from trainingapp.cohorts import loading
from trainingapp.db import db
from trainingapp.feedback.blueprint import bp
from trainingapp.feedback.promises import queries as promises
from trainingapp.feedback.results import chart_rows, charts, queries, response_rates
from trainingapp.feedback.results.chart_kinds import Chart
from trainingapp.feedback.themes import queries as themes
from trainingapp.feedback.words import when_asked
from trainingapp.feedback.years import comparing
from trainingapp.feedback.years import queries as over_years
from trainingapp.feedback.years.comparing import By
from trainingapp.followups import calendar, outcomes
from trainingapp.followups import loading as waves
from trainingapp.followups.models import Schedule
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.statistics import wilson
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity, Question
from trainingapp.surveys.wording import text_in
from trainingapp.table_views import Table, table_file
from trainingapp.voices import loading as voices

READ = Permission.READ_FEEDBACK


def _language() -> str:
    return str(get_locale() or "en")


@table_file(bp, "/cohorts/<int:cohort_id>/waves", needs(READ))
def waves_file(cohort_id: int) -> Table:
    cohort = loading.cohort(cohort_id, READ)
    headings = [_("Wave"), _("Opened"), _("Asked"), _("Answered"), _("Likely from"), _("to"), _("Comments")]
    rows = [
        (
            *(when_asked(line.wave), line.wave.opens_on, line.asked, line.answered),
            *(wilson(line.answered, line.asked) if line.asked else (None, None)),
            line.comments,
        )
        for line in queries.waves_of(cohort, charts.KINDS_OF_WORDS)
    ]
    name = f"{cohort.theme.year} {cohort.name}, {_('Feedback')}"
    return Table(name, headings, rows, cohort, cohort.theme.programme_id)


@table_file(bp, "/waves/<int:wave_id>/figures", needs(READ))
def figures_file(wave_id: int) -> Table:
    """As the page is told apart: `by` a dimension in which groups may be told."""
    found = waves.wave(wave_id, READ)
    by = request.args.get("by")
    if by and (by not in queries.DIMENSIONS or found.survey_version.anonymity is Anonymity.ANONYMOUS):
        abort(404)
    asked = surveys.questions_of(found.survey_version)
    drawn = _drawn(found, asked)
    groups = charts.Groups.of(found, asked) if by and drawn else None
    if groups and by in groups.dimensions:
        drawn = groups.tell(drawn, by)
    name = f"{_('Results')} {found.opens_on}"
    return Table(name, _headings(), list(chart_rows.of(drawn, by)), found, _programme_of(found.schedule))


@table_file(bp, "/waves/<int:wave_id>/outcomes", needs(READ))
def outcomes_file(wave_id: int) -> Table:
    found = waves.wave(wave_id, READ)
    codes = outcomes.counts(found)
    headings = [_("Code"), _("Outcome"), _("Stands for"), _("People"), _("of")]
    rows: list[tuple[str | float | None, ...]] = [
        (code.value, label(code), response_rates.letter(code), people, sum(codes.values()))
        for code, people in codes.items()
    ]
    rows += [(rate.name, rate.formula, None, rate.part, rate.whole) for rate in response_rates.rates(codes)]
    name = f"{_('Outcomes and response rates')} {found.opens_on}"
    return Table(name, headings, rows, found, _programme_of(found.schedule))


@table_file(bp, "/voices/<int:round_id>/figures", needs(READ))
def voices_figures_file(round_id: int) -> Table:
    found = voices.round_of(round_id, READ)
    drawn = _drawn(found, surveys.questions_of(found.survey_version))
    name = f"{_('Results')} {found.audience} {found.opens_on}"
    return Table(name, _headings(), list(chart_rows.of(drawn, None)), found, _programme_of(found.schedule))


@table_file(bp, "/archives/<int:archive_id>/figures", needs(READ))
def archive_figures_file(archive_id: int) -> Table:
    found = db.session.get(Archive, archive_id) or abort(404)
    programme_id = found.survey_version.survey.programme_id
    require(READ, programme_id)
    drawn = _drawn(found, surveys.questions_of(found.survey_version))
    name = f"{_('Results')} {found.survey_version.survey.key}"
    return Table(name, _headings(), list(chart_rows.of(drawn, None)), found, programme_id)


@table_file(bp, "/programmes/<int:programme_id>/years", needs(READ))
def keys_file(programme_id: int) -> Table:
    programme = _programme(programme_id)
    headings = [_("Question"), _("Key"), _("Kind"), _("Versions")]
    rows = [
        (text_in(one.wording, _language()), one.key, one.kind, one.times)
        for one in over_years.keys(programme)
    ]
    return Table(_("Over the years"), headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/years/<key>", needs(READ))
def years_file(programme_id: int, key: str) -> Table:
    """Every answer of every time it was asked, with its likely range."""
    programme = _programme(programme_id)
    months = request.args.get("months", type=whole)
    offset = months if months in calendar.OFFSETS else None
    every = over_years.askings(programme, key, offset, request.args.get("item", ""))
    by = By(request.args["by"]) if request.args.get("by") in set(By) else By.ASKING
    headings = [
        *(_("Year"), _("Edition"), _("Source"), _("Asked"), _("Times"), _("Words changed"), _("People")),
        *(_("Answer"), _("Said so"), _("Likely from"), _("to"), _("Mean")),
    ]
    rows = [row for pool in comparing.pools(every, by) for row in _pooled(pool)]
    return Table(f"{_('Over the years')} {key}", headings, rows, programme, programme.id)


def _pooled(pool: comparing.Pool) -> list[tuple[object, ...]]:
    first, cohort = pool.first, pool.first.cohort
    about = (
        *(cohort.theme.year if cohort else None, cohort.name if cohort else None, first.source or None),
        *(first.on, len(pool.askings), _("Yes") if pool.has_changed or first.changed_from else _("No")),
    )
    if pool.is_hidden:
        return [(*about, *(None,) * 6)]
    if pool.numbers:
        range_ = pool.mean
        likely = (range_.low, range_.high, range_.mean) if range_ else (None, None, None)
        return [(*about, pool.people, None, None, *likely)]
    return [(*about, pool.people, value, *pool.share(value), None) for value in sorted(pool.chosen)]


@table_file(bp, "/cohorts/<int:cohort_id>/themes", needs(READ))
def themes_file(cohort_id: int) -> Table:
    cohort = loading.cohort(cohort_id, READ)
    proposal = themes.latest(cohort)
    headings = [_("Theme"), _("State"), _("Comments")]
    rows = [
        (one.theme.name, label(one.theme.state), one.count)
        for one in (themes.of(proposal) if proposal else [])
    ]
    name = f"{cohort.theme.year} {cohort.name}, {_('Themes')}"
    return Table(name, headings, rows, cohort, cohort.theme.programme_id)


@table_file(bp, "/cohorts/<int:cohort_id>/promises", needs(Permission.SETTLE_PROMISES))
def promises_file(cohort_id: int) -> Table:
    cohort = loading.cohort(cohort_id, Permission.SETTLE_PROMISES)
    headings = [
        *(_("Edition"), _("You said"), _("We did"), _("State"), _("Why"), _("With"), _("Due on")),
        _("Shown to participants"),
    ]
    rows = [
        (
            *(one.cohort.name, text_in(one.said, _language()), text_in(one.did, _language())),
            *(label(one.state), one.reason, one.owner.name if one.owner else None, one.due_on),
            one.shown_at.date() if one.shown_at else None,
        )
        for one in (*promises.of_cohort(cohort), *promises.carried_over(cohort))
    ]
    name = f"{cohort.theme.year} {cohort.name}, {_('Promises')}"
    return Table(name, headings, rows, cohort, cohort.theme.programme_id)


def _drawn(of: queries.Gathered, asked: Sequence[Question]) -> list[Chart]:
    """Nothing while the answers may not be read."""
    is_released = queries.is_released(of, queries.answered(of))
    return charts.of_gathered(of, asked, _language()) if is_released else []


def _programme_of(schedule: Schedule) -> int:
    return schedule.cohort.theme.programme_id


def _programme(programme_id: int) -> Programme:
    found = db.session.get(Programme, programme_id) or abort(404)
    require(READ, found.id)
    return found


def _headings() -> list[str]:
    return [
        *(_("Key"), _("Question"), _("Group"), _("Row"), _("Answer"), _("People"), _("of"), _("Mean")),
    ]
