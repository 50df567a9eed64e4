"""Sessions of an edition: written beside its visits, named in plans, and counted by what came of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.impact import origins
from trainingapp.impact.scope import Scope
from trainingapp.plans import actions as plans
from trainingapp.plans import queries
from trainingapp.plans.models import Activity, ActivityState
from trainingapp.plans.progress.actions import Said
from trainingapp.plans.progress.models import EvidenceLevel, Source
from trainingapp.plans.writing import drafts
from trainingapp.programmes.models import Role
from trainingapp.visits import sessions
from trainingapp.visits.session_models import AgendaSession

THEN = datetime(2024, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def cohort(make):
    return make.cohort(starts_on=date(2023, 7, 3), ends_on=date(2023, 7, 14))


@pytest.fixture
def organiser(client, make, cohort):
    user = make.user((cohort.theme.programme, Role.ORGANISER))
    db.session.commit()
    client.sign_in(user)
    return client


def taught(cohort, title="Costing a product", **facts):
    day = cohort.starts_on + timedelta(days=1)
    return sessions.add(cohort, {"title": title, "held_on": day, "speaker": "", **facts})


def test_a_session_is_written_changed_and_taken_off(organiser, cohort):
    cohort_id, page = cohort.id, f"/visits/cohorts/{cohort.id}"
    written = {"title": "Costing a product", "held_on": "2023-07-04", "speaker": "Ibu Sri, Bandung"}
    assert organiser.post(f"{page}/sessions/new", data=written).status_code == 302
    assert "Ibu Sri, Bandung" in organiser.get(page).text
    assert organiser.post(f"{page}/sessions/new", data=written).status_code == 422
    late = organiser.post(f"{page}/sessions/new", data={**written, "held_on": "2023-08-01"})
    assert late.status_code == 422
    assert "Choose a day of the edition." in late.text
    [found] = sessions.of_cohort(cohort_id)
    address = f"/visits/sessions/{found.id}"
    stale = {**written, "title": "Pricing", "version": found.version + 1}
    assert organiser.post(address, data=stale).status_code == 409
    assert organiser.post(address, data={**stale, "version": found.version}).status_code == 302
    assert "Pricing" in organiser.get(page).text
    organiser.post(f"{address}/remove")
    assert sessions.of_cohort(cohort_id) == []


def test_a_plan_names_a_session_of_its_own_edition_which_then_stays(make, cohort):
    mine, other = taught(cohort), taught(make.cohort(starts_on=cohort.starts_on, ends_on=cohort.ends_on))
    plan = make.action_plan(make.enrolment(cohort))
    typed = drafts.typed(plan, queries.lines_of(plan))
    plans.save(plan, {**typed, "session_id": str(other.id)}, make.NOW)
    assert plan.session_id is None
    plans.save(plan, {**typed, "session_id": str(mine.id)}, make.NOW)
    assert plan.session_id == mine.id
    with pytest.raises(sessions.SessionRemembered):
        sessions.remove(mine)
    sessions.remove(other)


def test_what_grew_out_of_a_session_is_counted_as_of_a_day(make, cohort):
    session, unnamed = taught(cohort), taught(cohort, "Closing")
    for is_done in (True, False):
        plan = make.planned(make.enrolment(cohort), "Ask three banks", submitted_at=THEN, approved_at=THEN)
        plan.session_id = session.id
        activity = db.session.scalars(sa.select(Activity).where(Activity.plan_id == plan.id)).one()
        said = Said(ActivityState.DONE if is_done else ActivityState.ON_TRACK, "Counted.")
        plans.report(plan, Source.SELF, THEN, activities=[(activity, said)])
    scope = Scope(cohort.theme.programme_id)
    [found] = origins.of_sessions(scope, EvidenceLevel.CLAIMED)
    assert (found.session, found.plans, found.activities.k, found.activities.n) == (session, 2, 1, 2)
    assert origins.of_sessions(scope.but(on=THEN.date() - timedelta(days=1)), EvidenceLevel.CLAIMED) == []
    assert origins.of_sessions(scope, EvidenceLevel.VERIFIED)[0].activities.k == 0
    assert unnamed.id not in {one.session.id for one in origins.of_sessions(scope, EvidenceLevel.CLAIMED)}


def test_the_dashboard_shows_visits_and_sessions(client, make, cohort):
    session = taught(cohort)
    plan = make.planned(make.enrolment(cohort), "Ask three banks", submitted_at=THEN, approved_at=THEN)
    plan.session_id, programme = session.id, cohort.theme.programme
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    page = client.get(f"/impact/programmes/{programme.id}/visits").text
    assert "Costing a product" in page
    assert "No activity names a visit" in page


def test_titles_are_one_a_day(make, cohort):
    taught(cohort)
    with pytest.raises(sessions.SessionKnown):
        taught(cohort)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AgendaSession)) == 1
