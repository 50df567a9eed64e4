"""The tables of dashboards and frames as files."""

from typing import Any

from flask import abort, request
from flask_babel import get_locale
from flask_babel import gettext as _

from trainingapp import countries, paging
from trainingapp.db import db
from trainingapp.impact import asked, contribution, exports, figures, origins, queries, results
from trainingapp.impact.blueprint import SEE, bp
from trainingapp.impact.feeds import queries as feeds
from trainingapp.impact.frames import queries as frame_queries
from trainingapp.impact.frames.models import FrameIndicator, MonitoringRound
from trainingapp.impact.iati.codes import code_list
from trainingapp.impact.references import queries as reference_queries
from trainingapp.impact.references.models import ReferenceActivity
from trainingapp.labels import label
from trainingapp.plans.models import Indicator
from trainingapp.programmes.frame_models import ReferenceFrame
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import Permission, needs, require
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.question_types import Asked as AskedWith
from trainingapp.table_views import Table, table_file


@table_file(bp, "/programmes/<int:programme_id>/editions", needs(SEE))
def editions_file(programme_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    return Table(
        _("Edition by edition"), *exports.editions(queries.programme(wanted.scope)), programme, programme.id
    )


@table_file(bp, "/programmes/<int:programme_id>/results", needs(SEE))
def results_file(programme_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    found = results.results(wanted.scope, wanted.level)
    return Table(_("Indicators, added up"), *exports.results(found), programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/countries", needs(SEE))
def countries_file(programme_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    people = queries.programme(wanted.scope).countries
    rows = [(code, countries.name_of(code), count) for code, count in people.items()]
    headings = [_("Code"), _("Country"), _("People")]
    return Table(_("Where people came from"), headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/themes", needs(SEE))
def themes_file(programme_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    headings = [_("Year"), _("Theme"), _("People"), _("Plans finished"), _("Plans sent")]
    rows = [
        (one.year, one.title, one.reached, one.finished.k, one.finished.n)
        for one in queries.programme(wanted.scope).themes
    ]
    return Table(_("Theme by theme"), headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/contribution", needs(SEE))
def contribution_file(programme_id: int) -> Table:
    """Empty while fewer than five people answered."""
    programme, wanted = _asked(programme_id)
    said, language = contribution.said(wanted.scope), str(get_locale() or "en")
    question = said.question if said.may_show else None
    options = QUESTION_TYPES[question.kind].options(question, AskedWith(language)) if question else []
    rows = [(one.value, one.text, said.chosen.get(one.value, 0), said.people) for one in options]
    headings = [_("Value"), _("Answer"), _("People"), _("of")]
    return Table(_("How much of it comes from the programme"), headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/visits", needs(SEE))
def visits_file(programme_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    headings = [_("Host or session"), _("Cluster"), _("Place"), _("Day"), _("Plans"), _("Finished")]
    rows: list[tuple[Any, ...]] = [
        (
            *(one.host.name, one.host.cluster, one.host.place, one.visit.visit_on, one.plans),
            *(one.activities.k, one.activities.n),
        )
        for one in origins.of_visits(wanted.scope, wanted.level)
    ]
    rows += [
        (
            *(one.session.title, None, None, one.session.held_on, one.plans),
            *(one.activities.k, one.activities.n),
        )
        for one in origins.of_sessions(wanted.scope, wanted.level)
    ]
    headings.append(_("Activities"))
    return Table(_("Visits and sessions that led to something"), headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/results/<int:frame_indicator_id>/groups", needs(SEE))
def groups_file(programme_id: int, frame_indicator_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    indicator = db.session.get(FrameIndicator, frame_indicator_id) or abort(404)
    given = request.args.get("by", "")
    by = figures.Dimension(given) if given in set(figures.Dimension) else figures.Dimension.COUNTRY
    names = queries.names(queries.programme(wanted.scope), by)
    headings = [label(by), _("Unit"), _("Plans"), _("Counted"), _("Actual"), _("Change")]
    rows = [
        (
            countries.name_of(group) if by is figures.Dimension.COUNTRY else names.get(group, group),
            *(currency or indicator.counted_in, amount.plans, amount.counted, amount.actual, amount.change),
        )
        for (currency, group), amount in results.told_apart(wanted.scope, wanted.level, indicator, by).items()
    ]
    return Table(f"{indicator.code} {_('Told apart')}", headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/results/<int:frame_indicator_id>/plans", needs(SEE))
def behind_file(programme_id: int, frame_indicator_id: int) -> Table:
    programme, wanted = _asked(programme_id)
    require(Permission.SEE_PEOPLE, programme.id)
    indicator = db.session.get(FrameIndicator, frame_indicator_id) or abort(404)
    headings = [
        *(_("Name"), _("Country"), _("Year"), _("What the plan counts"), _("Unit"), _("Baseline")),
        *(_("Target"), _("Value"), _("Reported"), _("Evidence"), _("Counted"), _("How the plan helped")),
    ]
    rows = [
        (
            *(row.enrolment.participant.full_name, countries.name_of(row.enrolment.country)),
            *(row.enrolment.cohort.theme.year, row.feed.indicator.name, row.feed.indicator.unit),
            *(row.feed.indicator.baseline, row.feed.indicator.target),
            *(row.value.value if row.value else None, row.reported_at.date() if row.reported_at else None),
            *(label(row.evidence), _("Yes") if row.counts else _("No"), row.feed.contribution),
        )
        for row in results.behind(wanted.scope, wanted.level, indicator, MOST)
    ]
    return Table(f"{indicator.code} {_('Plans behind the figure')}", headings, rows, programme, programme.id)


@table_file(bp, "/programmes/<int:programme_id>/unlinked", needs(SEE))
def unlinked_file(programme_id: int) -> Table:
    programme, _wanted = _asked(programme_id)
    headings = [_("What the plan counts"), _("Unit"), _("Plan"), _("Name"), _("Country"), _("Year")]
    query = feeds.unlinked(programme.id)
    rows = (
        (
            *(one.name, one.unit, plan.title, plan.enrolment.participant.full_name),
            *(countries.name_of(plan.enrolment.country), plan.enrolment.cohort.theme.year),
        )
        for some in paging.stretches(lambda after: paging.page(query, (Indicator.id,), after=after))
        for plans in [feeds.plans_of(some)]
        for one in some
        for plan in [plans[one.plan_id]]
    )
    return Table(_("Plans to link"), headings, rows, programme, programme.id)


@table_file(bp, "/frames", needs(SEE))
def frames_file() -> Table:
    headings = [_("Frame"), _("From"), _("To"), _("Indicators"), _("Action lines"), _("Rounds"), _("Source")]
    rows = [
        (
            *(one.frame.name, one.frame.valid_from, one.frame.valid_until, one.indicators, one.lines),
            *(one.rounds, one.frame.source),
        )
        for one in frame_queries.every()
    ]
    return Table(_("Frames"), headings, rows)


@table_file(bp, "/frames/<int:frame_id>/lines", needs(SEE))
def frame_file(frame_id: int) -> Table:
    found = db.session.get(ReferenceFrame, frame_id) or abort(404)
    headings = [
        *(_("Goal"), _("Code"), _("What it says"), _("Unit"), _("Plans add"), _("Led by"), _("with")),
        *(_("State"), _("Source")),
    ]
    rows = [row for group in frame_queries.of_frame(found) for row in _measured(group)]
    return Table(found.name, headings, rows, found)


def _measured(group: frame_queries.Group) -> list[tuple[str | None, ...]]:
    goal = f"{group.item.code} {group.item.text}" if group.item else None
    return [
        *(
            (goal, one.code, one.name, one.unit, one.counted_in, None, None, None, one.source)
            for one in group.indicators
        ),
        *(
            (goal, one.code, one.text, None, None, one.champion, one.partners, one.status, None)
            for one in group.lines
        ),
    ]


@table_file(bp, "/rounds/<int:monitoring_id>/values", needs(SEE))
def values_file(monitoring_id: int) -> Table:
    found = db.session.get(MonitoringRound, monitoring_id) or abort(404)
    wanted = asked.read(0, request.args)
    headings = [
        *(_("Code"), _("Indicator"), _("Country"), _("Value"), _("Unit"), _("Year"), _("Gap")),
        *(_("A small firm is"), _("Source"), _("What does not compare")),
    ]
    rows = [
        (
            *(one.indicator.code, one.indicator.name, countries.name_of(value.country), value.value),
            *(one.indicator.unit, value.year, _("Yes") if value.is_gap else _("No")),
            *(value.definition, value.source, value.comparability),
        )
        for one in frame_queries.answers(found, wanted.scope.until)
        for value in one.values
    ]
    return Table(f"{found.frame.name} {found.name}", headings, rows, found)


@table_file(bp, "/references", needs(SEE))
def references_file() -> Table:
    headings = [_("Activity"), _("Identifier"), _("Publisher"), _("Status"), _("Version"), _("Indicators")]
    query, statuses = (
        reference_queries.activities(request.args.get("q", "").strip()[:100]),
        code_list("ActivityStatus").names,
    )
    keys = (ReferenceActivity.publisher, ReferenceActivity.title, ReferenceActivity.id)
    rows = (
        (
            *(one.title, one.identifier, one.publisher or one.publisher_ref),
            *(statuses.get(one.status, one.status), one.version, one.indicators),
        )
        for some in paging.stretches(lambda after: paging.page(query, keys, after=after))
        for one in some
    )
    return Table(_("What others report"), headings, rows)


MOST = 100_000  # rows behind a figure


def _asked(programme_id: int) -> tuple[Programme, asked.Asked]:
    programme = db.session.get(Programme, programme_id) or abort(404)
    require(SEE, programme.id)
    return programme, asked.read(programme.id, request.args)
