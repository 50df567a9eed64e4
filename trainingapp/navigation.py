"""The rail and the tabs: which places a person sees."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, current_app, url_for
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp.cohorts.models import HOLDS_A_PLACE, Cohort, Enrolment
from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.paging import ENOUGH, worded
from trainingapp.programmes.models import Programme, Theme
from trainingapp.programmes.roles import Permission, can, holds, on

EDITIONS_SHOWN = 12

Place = tuple[str, str, str, str]  # key, text, icon, address


@dataclass(frozen=True)
class Edition:
    id: int
    year: int
    state: str
    people: str


def places() -> list[Place]:
    """What the rail holds for the signed-in user, in order."""
    every = [
        ("programmes", _("Programmes"), "layers", "programmes.index", Permission.SEE_PROGRAMME),
        ("people", _("People"), "people", "participants.index", Permission.SEE_PEOPLE),
        ("hosts", _("Hosts"), "pin", "visits.hosts", Permission.MANAGE_VISITS),
        ("followups", _("Follow-up"), "repeat", "followups.index", Permission.SEE_FOLLOWUPS),
        ("board", _("Action plans"), "flag", "plans.plan_board", Permission.SEE_PLANS),
        ("cases", _("Requests for help"), "info", "cases.index", Permission.SEE_PLANS),
        ("rescue", _("Contact rescue"), "phone", "followups.rescue_board", Permission.SEE_FOLLOWUPS),
        ("replies", _("Email replies"), "mail", "replies.index", Permission.SEE_FOLLOWUPS),
        ("inbox", _("Review inbox"), "inbox", "feedback.inbox", Permission.READ_FEEDBACK),
        ("surveys", _("Surveys"), "chart", "surveys.index", Permission.SEE_FOLLOWUPS),
        ("impact", _("Impact"), "sprout", "impact.index", Permission.SEE_PROGRAMME),
        ("reports", _("Reports"), "file", "reports.index", Permission.SEE_PROGRAMME),
        ("users", _("Users"), "gear", "accounts.users", Permission.MANAGE_USERS),
        ("returned", _("Returned mail"), "return", "inbound.index", Permission.MANAGE_USERS),
        ("audit", _("Audit trail"), "clock", "accounts.audit_trail", Permission.MANAGE_USERS),
    ]
    return [
        (key, text, symbol, url_for(endpoint))
        for key, text, symbol, endpoint, permission in every
        if endpoint in current_app.view_functions and holds(permission)
    ]


def editions() -> list[Edition]:
    """The latest editions the user may see, newest first, with how many hold a place.

    Every page has them, so that nobody is counted beyond what the rail can say.
    """
    some = (
        sa.select(sa.literal(1))
        .where(Enrolment.cohort_id == Cohort.id, Enrolment.state.in_(HOLDS_A_PLACE))
        .correlate(Cohort)
        .limit(ENOUGH + 1)
        .subquery()
    )
    people = sa.select(sa.func.count()).select_from(some).scalar_subquery()
    query = (
        sa.select(Cohort.id, Theme.year, Cohort.state, people)
        .join(Theme)
        .where(on(Theme.programme_id, Permission.SEE_PROGRAMME))
        .order_by(Cohort.starts_on.desc())
        .limit(EDITIONS_SHOWN)
    )
    return [
        Edition(number, year, label(state), worded(count))
        for number, year, state, count in db.session.execute(query)
    ]


def cohort_tabs(cohort: Cohort) -> list[tuple[str, str, str]]:
    """Key, text and address of each page of an edition that the user may open."""
    programme_id = cohort.theme.programme_id
    every = [
        ("overview", _("Overview"), "cohorts.overview", Permission.SEE_PROGRAMME),
        ("enrolment", _("Enrolment"), "cohorts.enrolments", Permission.SEE_PEOPLE),
        ("visits", _("Site visits"), "visits.of_cohort", Permission.SEE_PEOPLE),
        ("plans", _("Action plans"), "plans.of_cohort", Permission.SEE_PLANS),
        ("followup", _("Follow-up"), "followups.of_cohort", Permission.SEE_FOLLOWUPS),
        ("feedback", _("Feedback"), "feedback.of_cohort", Permission.READ_FEEDBACK),
        ("promises", _("Promises"), "feedback.of_edition", Permission.SETTLE_PROMISES),
        ("reports", _("Reports"), "reports.of_cohort", Permission.SEE_PROGRAMME),
    ]
    return [
        (key, text, url_for(endpoint, cohort_id=cohort.id))
        for key, text, endpoint, permission in every
        if endpoint in current_app.view_functions and can(permission, programme_id)
    ]


def impact_tabs(programme: Programme) -> list[tuple[str, str, str]]:
    """As `cohort_tabs`, of what a programme shows of itself."""
    every = [
        ("figures", _("What changed"), "impact.dashboard", Permission.SEE_IMPACT),
        ("published", _("Published"), "impact.published", Permission.SEE_PROGRAMME),
        ("data", _("Anonymised data"), "datasets.index", Permission.SEE_PROGRAMME),
        ("platforms", _("For other platforms"), "submissions.of_programme", Permission.SEE_PROGRAMME),
        ("iati", _("IATI file"), "impact.iati", Permission.SEE_IMPACT),
    ]
    return [
        (key, text, url_for(endpoint, programme_id=programme.id))
        for key, text, endpoint, permission in every
        if endpoint in current_app.view_functions and can(permission, programme.id)
    ]


def settle(app: Flask) -> None:
    @app.context_processor
    def navigation() -> dict[str, object]:
        tabs: dict[str, object] = {"cohort_tabs": cohort_tabs, "impact_tabs": impact_tabs}
        if not current_user.is_authenticated:
            return {"rail_places": [], "rail_editions": [], "may_search": False, **tabs}
        return {
            "rail_places": places(),
            "rail_editions": editions(),
            "may_search": holds(Permission.SEE_PEOPLE),
            **tabs,
        }
