"""The coordinator's board: who needs a person, counted exactly, however many plans there are."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from clients import counting
from factories import NOW
from flask_login import login_user
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.plans import actions
from trainingapp.plans.board import queries as board
from trainingapp.plans.board import standing
from trainingapp.plans.board.models import PlanStanding
from trainingapp.plans.board.queries import Filters, Group
from trainingapp.plans.models import ActionPlan, Activity, ActivityState, PlanState
from trainingapp.plans.progress.actions import Said
from trainingapp.plans.progress.models import ActivityReport, EvidenceLevel, ProgressUpdate, Source
from trainingapp.programmes.models import Role

DAY = timedelta(days=1)
S = ActivityState


@pytest.fixture
def programme(make):
    return make.programme()


@pytest.fixture
def reader(app, make, programme):
    """A coordinator of the programme, signed in."""
    user = make.user((programme, Role.COORDINATOR), name="Devi Northstar")
    db.session.commit()
    client = app.test_client()
    client.sign_in(user)
    return client


@pytest.fixture
def plan(make, programme):
    def made(days_ago=10, country="NP", cohort=None, due=(), **facts):
        cohort = cohort or make.cohort(make.theme(programme))
        enrolment = make.alumna(cohort, country=country)
        since = NOW - days_ago * DAY
        values = {"state": PlanState.APPROVED, "submitted_at": since, "approved_at": since, **facts}
        row = make.add(ActionPlan(enrolment_id=enrolment.id, title="Fair prices", saved_at=since, **values))
        for position, day in enumerate(due or [date(2026, 6, 30)], start=1):
            make.activity(row, position=position, due_on=day)
        return row

    return made


def report(plan, state, at, **more):
    activities = sa.select(Activity).where(Activity.plan_id == plan.id).order_by(Activity.position)
    said = [(activity, Said(state, **more)) for activity in db.session.scalars(activities)]
    return actions.report(plan, Source.SELF, at, text="", activities=said, values=[])


def rows(client, **args):
    page = client.get("/plans/board", query_string=args)
    assert page.status_code == 200
    return page.text


def kept():
    return [
        tuple(row)
        for row in db.session.execute(sa.select(PlanStanding.__table__).order_by(PlanStanding.plan_id))
    ]


def standing_of(plan):
    return db.session.get_one(PlanStanding, plan.id)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["report", "draft", "due", "strike", "add", "verify", "undo", "delete"]),
        st.integers(0, 2),
        st.sampled_from(list(ActivityState)),
        st.integers(1, 400),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_columns_of_a_plan_say_what_its_rows_say(make, plan, steps):
    row = plan(due=[date(2026, 3, 20), date(2026, 5, 1), date(2026, 7, 1)])
    for what, which, state, days in steps:
        lines = db.session.scalars(sa.select(Activity).where(Activity.plan_id == row.id)).all()
        line = lines[which % len(lines)]
        at = NOW + days * DAY
        if what == "report":
            actions.report(row, Source.SELF, at, text="", activities=[(line, Said(state))], values=[])
        elif what == "draft":
            actions.report_activity(actions.begin_update(row, Source.SELF, at), line, state, "")
        elif what == "due":
            line.due_on = at.date()
        elif what == "strike":
            line.removed_at = at
        elif what == "add":
            make.activity(row, position=9)
        elif what == "delete" and len(lines) > 1:
            db.session.delete(line)
        else:
            latest = sa.select(ActivityReport).where(
                ActivityReport.activity_id == line.id, ActivityReport.is_latest
            )
            found = db.session.scalar(latest)
            if found:
                found.evidence = EvidenceLevel.VERIFIED if what == "verify" else EvidenceLevel.CLAIMED
        db.session.commit()
    before = kept()
    standing.recount()
    db.session.commit()
    assert kept() == before
    lines = [
        a
        for a in db.session.scalars(sa.select(Activity).where(Activity.plan_id == row.id))
        if not a.removed_at
    ]
    going = [a for a in lines if a.state not in {S.DONE, S.DROPPED, S.HANDED_OVER}]
    heard = sa.select(sa.func.max(ProgressUpdate.reported_at)).where(ProgressUpdate.plan_id == row.id)
    is_begun = any(a.state is not S.NOT_STARTED for a in lines)
    stands = standing_of(row)
    assert stands.due_on == min((a.due_on for a in going if a.due_on), default=None)
    assert (stands.lines, stands.lines_done) == (len(lines), sum(a.state is S.DONE for a in lines))
    assert stands.heard_at == (db.session.scalar(heard) or row.submitted_at)
    assert stands.silent_since == (stands.heard_at if going else None)
    assert stands.unbegun_since == (row.approved_at if going and not is_begun else None)


def test_each_plan_stands_where_it_needs_a_person(app, plan, reader, programme):
    silent = plan(days_ago=120)
    report(silent, S.ON_TRACK, NOW - 100 * DAY)
    late = plan(due=[NOW.date() - DAY])
    report(late, S.DELAYED, NOW - DAY)
    unbegun = plan(days_ago=31)
    stuck = plan()
    report(stuck, S.BLOCKED, NOW)
    done = plan(due=[NOW.date() - DAY])
    report(done, S.DONE, NOW)
    plan(state=PlanState.DRAFT, submitted_at=None, approved_at=None)
    plan(days_ago=400, state=PlanState.STOPPED)
    asks = plan()
    standing_of(asks).open_cases = 1
    db.session.commit()
    expected = {
        Group.STALLED: [silent],
        Group.OVERDUE: [late],
        Group.NO_FIRST_STEP: [unbegun],
        Group.BLOCKED: [stuck],
        Group.HELP: [asks],
        Group.UNVERIFIED: [done],
    }
    with app.test_request_context():
        login_user(db.session.scalars(sa.select(User)).first())
        counts = board.counts(Filters(NOW))
        for group, plans in expected.items():
            assert [one.plan for one in board.page(board.plans(Filters(NOW, group)), group).rows] == plans
            assert counts.groups[group] == 1
        assert counts.groups[Group.ALL] == 7


def test_the_address_holds_every_filter(plan, reader, make, programme):
    there = make.cohort(make.theme(programme))
    plan(days_ago=200, country="NP", cohort=there)
    other = plan(days_ago=200, country="LA")
    other.enrolment.participant.full_name = "Vongphet"
    db.session.commit()
    assert "Vongphet" in rows(reader)
    assert "Vongphet" not in rows(reader, country="NP")
    assert "Vongphet" not in rows(reader, cohort=there.id)
    assert "Vongphet" in rows(reader, owner=0)
    assert "Vongphet" not in rows(reader, group="help")
    assert "group=all" in rows(reader, country="LA", days=180)
    assert "days=180" in rows(reader, country="LA", days=180)


def test_plans_are_given_to_somebody_and_taken_back(plan, reader, make, programme):
    mine = plan(days_ago=200)
    elsewhere = plan(days_ago=200, cohort=make.cohort())
    db.session.commit()
    reader.post("/plans/board/assign?days=60", data={"id": [mine.id, elsewhere.id], "owner": "me"})
    assert (standing_of(mine).owner.name, standing_of(elsewhere).owner) == ("Devi Northstar", None)
    assert "Devi Northstar" in rows(reader, owner=standing_of(mine).owner_id)
    reader.post("/plans/board/assign", data={"id": mine.id, "owner": ""})
    assert standing_of(mine).owner is None


def test_the_board_can_be_taken_out_as_it_is_filtered(plan, reader):
    plan(days_ago=200, country="NP")
    plan(days_ago=200, country="LA")
    db.session.commit()
    file = reader.post("/plans/board/plans.csv?country=LA")
    assert file.text.count("\n") == 2
    assert "LA" in file.text


def test_more_plans_cost_no_more_questions_and_pages_follow_each_other(plan, reader, make, programme):
    cohort = make.cohort(make.theme(programme))
    asked = []
    for number in (3, 57):
        for days in range(number):
            plan(days_ago=100 + days, cohort=cohort)
        db.session.commit()
        with counting() as statements:
            text = rows(reader)
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert "after=" in text
    with_all = board_order(reader)
    assert len(with_all) == len(set(with_all)) == 60


def board_order(client):
    """The plans' addresses, page after page."""
    found, address = [], "/plans/board"
    while address:
        text = client.get(address).text
        found += re.findall(r'href="(/plans/\d+)"', text)
        after = re.search(r'href="([^"]*after=[^"]*)"', text)
        address = unescape(after.group(1)) if after else None
    return found


def test_nobody_sees_plans_of_another_programme(plan, reader, make):
    other = plan(days_ago=200, cohort=make.cohort())
    db.session.commit()
    assert f"/plans/{other.id}" not in rows(reader)
    assert reader.get(f"/plans/board?cohort={other.enrolment.cohort_id}").status_code == 404


def test_what_she_writes_into_a_plan_that_was_sent_back_is_not_on_the_board(reader, plan):
    her = plan(state=PlanState.RETURNED)
    db.session.commit()
    for is_shown in (False, True):
        assert ("Fair prices" in reader.get("/plans/board?group=all").text) is is_shown
        assert ("Fair prices" in reader.post("/plans/board/plans.csv?group=all").text) is is_shown
        her.state = PlanState.SUBMITTED
        db.session.commit()
