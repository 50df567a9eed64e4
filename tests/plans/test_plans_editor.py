"""Writing a plan step by step or on one page: one draft, nothing lost, notes become lines."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from test_plans_views import Row, fields

from trainingapp import clock
from trainingapp.db import db
from trainingapp.plans import actions, queries
from trainingapp.plans.models import Objective, PlanState, Risk
from trainingapp.plans.writing import drafts, readiness
from trainingapp.plans.writing import forms as plan_form
from trainingapp.programmes import frames
from trainingapp.programmes.models import Role
from trainingapp.visits import notes

IDEA = "The price list hangs on the wall."


@pytest.fixture
def owner(make):
    return Row(make.user(name="Sita Marigold"))


@pytest.fixture
def plan(make, owner):
    made = make.action_plan(make.enrolment(of=make.participant("Sita Marigold", user_id=owner.id)))
    db.session.add_all([Objective(plan_id=made.id, position=n) for n in (1, 2)])
    db.session.add(Risk(plan_id=made.id, position=1))
    frames.ship(make.NOW)
    db.session.commit()
    return Row(made)


def read(client, plan, step=""):
    return fields(client.get(f"/plans/{plan.id}/edit?step={step}"))


def post(client, plan, step="", **said):
    return client.post(f"/plans/{plan.id}/edit", data={**read(client, plan, step), **said})


def typed(plan):
    return drafts.typed(plan.now, queries.lines_of(plan.now))


def test_a_plan_begins_with_lines_to_write_on(make):
    plan = actions.begin(make.enrolment(), make.NOW)
    assert {of: len(lines) for of, lines in queries.lines_of(plan).items()} == actions.LINES_TO_BEGIN_WITH


@pytest.mark.parametrize("step", plan_form.STEPS)
def test_each_step_shows_its_own_fields_and_leaves_the_rest_alone(client, plan, owner, step):
    client.sign_in(owner)
    before = typed(plan)
    shown = read(client, plan, step)
    here = {field for name in plan_form.STEPS[step] for field in shown if field.startswith(name)}
    assert {field.partition("-")[0] for field in shown} <= {
        *plan_form.STEPS[step], "csrf_token", "version", "step", "find"
    }  # fmt: skip
    assert here or step in {"send", "frames"}
    post(client, plan, step, do="save")
    assert typed(plan) == before


def test_what_is_typed_at_a_step_is_kept_by_every_button_and_shown_on_one_page(client, plan, owner):
    client.sign_in(owner)
    answer = post(client, plan, "goal", goal="Fifty weavers.", go="risks", **{"objectives-0-text": "A desk"})
    assert answer.location == f"/plans/{plan.id}/edit?step=risks"
    post(client, plan, "risks", go="", **{"risks-0-risk": "Late money"})
    page = read(client, plan)
    assert (page["goal"], page["objectives-0-text"], page["risks-0-risk"]) == (
        "Fifty weavers.",
        "A desk",
        "Late money",
    )


def test_the_two_ways_through_the_plan_conflict_like_any_two_tabs(client, plan, owner):
    client.sign_in(owner)
    old = read(client, plan, "goal")
    post(client, plan, goal="From the whole page")
    page = client.post(f"/plans/{plan.id}/edit", data={**old, "goal": "From the step", "do": "save"})
    assert page.status_code == 409
    assert plan.goal == "From the whole page"
    assert "What you do" not in page.text.split("Two versions of your plan")[1].split("</table>")[0]


def test_an_activity_serves_an_objective_and_lets_go_when_it_is_removed(client, plan, owner):
    client.sign_in(owner)
    post(client, plan, "goal", do="save", **{"objectives-0-text": "A desk"})
    aim = queries.lines_of(plan.now)["objectives"][0].id
    post(client, plan, "activities", do="save", **{"activities-1-objective_id": str(aim)})
    assert queries.activities_of(plan.now)[1].objective_id == aim
    post(client, plan, "goal", remove="objectives-0")
    db.session.expire_all()
    assert queries.activities_of(plan.now)[1].objective_id is None


def test_an_objective_of_another_plan_is_not_taken(client, make, plan, owner):
    other = make.action_plan()
    aim = make.add(Objective(plan_id=other.id, position=1, text="Not hers"))
    db.session.commit()
    number = aim.id
    client.sign_in(owner)
    post(client, plan, "activities", do="save", **{"activities-0-objective_id": str(number)})
    assert queries.activities_of(plan.now)[0].objective_id is None


def test_one_tap_makes_a_note_a_line_that_remembers_its_visit(client, make, plan, owner):
    enrolment = plan.now.enrolment
    visit = make.site_visit(
        enrolment.cohort, make.host(enrolment.cohort.theme.programme, name="Batik Wening")
    )
    card = notes.write(visit, enrolment, IDEA, make.NOW)
    db.session.commit()
    number = card.id
    client.sign_in(owner)
    post(client, plan, "activities", card=str(number), **{"activities-0-what": "Half typed"})
    lines = queries.activities_of(plan.now)
    assert lines[0].what == "Half typed"
    assert (lines[-1].what, lines[-1].note_card_id) == (IDEA, number)
    page = client.get(f"/plans/{plan.id}/edit?step=activities").text
    assert "Grew out of your note at Batik Wening" in page
    assert "In your plan" in page


def test_a_note_of_somebody_else_makes_no_line(client, make, plan, owner):
    other = make.enrolment(plan.now.enrolment.cohort)
    card = notes.write(make.site_visit(other.cohort), other, IDEA, make.NOW)
    db.session.commit()
    number = card.id
    client.sign_in(owner)
    post(client, plan, "activities", card=str(number), **{"activities-0-note_card_id": str(number)})
    assert [line.note_card_id for line in queries.activities_of(plan.now)] == [None, None, None]


def test_goals_are_ticked_found_and_kept(client, plan, owner):
    client.sign_in(owner)
    path, version = f"/plans/{plan.id}/edit", read(client, plan, "frames")["version"]
    chosen = {
        "step": "frames",
        "version": version,
        "sdg_targets": ["9.3", "8.3"],
        "do": "find",
        "find": "waste",
    }
    answer = client.post(path, data=chosen)
    assert plan.sdg_targets == ["9.3", "8.3"]
    page = client.get(answer.location).text
    assert 'value="12.5"' in page
    assert 'value="9.3" checked' in page, "what was chosen stays, whatever is looked for"
    assert 'value="4.4"' not in page
    version = read(client, plan, "frames")["version"]
    client.post(path, data={"step": "frames", "version": version, "do": "save"})  # no box is ticked
    assert plan.sdg_targets == []


def test_a_goal_that_is_no_longer_offered_stays_with_the_plan(client, plan, owner):
    plan.now.frame_goals = ["ipoa:C", "gone:1"]
    db.session.commit()
    client.sign_in(owner)
    page = client.get(f"/plans/{plan.id}/edit?step=frames").text
    assert "Chosen earlier" in page
    assert 'value="ipoa:C" checked><span><b>C</b> Trade' in page
    assert 'value="gone:1" checked' in page


def test_an_answer_to_a_comment_stands_at_the_line_and_settles_it(client, make, plan, owner):
    actions.submit(plan.now, make.NOW)
    place = f"activities-{queries.activities_of(plan.now)[0].id}"
    actions.comment(plan.now, make.user(name="Devi"), "Who pays?", make.NOW, place)
    actions.send_back(plan.now, make.user(name="Devi"), "", make.NOW)
    db.session.commit()
    client.sign_in(owner)
    post(client, plan, "activities", do="save", **{f"reply-{place}": "My off"})
    assert read(client, plan, "activities")[f"reply-{place}"] == "My off", "half an answer is kept too"
    assert len(queries.comments_of(plan.now)) == 1
    post(client, plan, "activities", reply=place, **{f"reply-{place}": "My office."})
    asked, answer = queries.comments_of(plan.now)
    assert (answer.text, answer.place, asked.settled_at is not None) == ("My office.", place, True)
    assert read(client, plan, "activities")[f"reply-{place}"] == ""


def test_what_would_be_better_stops_nobody(make, plan):
    found = readiness.checks(typed(plan), [], make.NOW.date())
    assert readiness.is_ready(found)
    assert [check for check in found if not check.must and not check.done]
    assert {check.step for check in found} <= set(plan_form.STEPS)
    actions.submit(plan.now, make.NOW)
    assert plan.state == PlanState.SUBMITTED


@pytest.mark.parametrize(("days_late", "is_done"), [(0, True), (30, True), (31, False)])
def test_the_first_activity_begins_within_a_month(plan, days_late, is_done):
    begin_by = actions.begin_by(plan.now, clock.now())
    document = typed(plan)
    for line in document["activities"]:
        line["starts_on"] = ""
    document["activities"][1]["starts_on"] = (begin_by + timedelta(days=days_late - 30)).isoformat()
    checks = readiness.checks(document, [], begin_by)
    said = [check.done for check in checks if "within a month" in check.text or "first month" in check.text]
    assert said == [is_done]


def test_queries_do_not_grow_with_lines(client, make, plan, owner, statements):
    """Her pages, and the one that a reviewer reads."""
    actions.submit(plan.now, make.NOW)
    reviewer = Row(make.user((plan.now.enrolment.cohort.theme.programme, Role.COORDINATOR)))
    db.session.commit()
    asked = {owner: ["/plans/mine", f"/plans/{plan.id}/versions"], reviewer: [f"/plans/{plan.id}"]}
    before = _asked(client, asked, statements)
    for position in range(4, 22):
        make.activity(plan.now, position=position)
        both = Objective(plan_id=plan.id, position=position), Risk(plan_id=plan.id, position=position)
        db.session.add_all(both)
    db.session.commit()
    assert _asked(client, asked, statements) == before
    plan.now.state = PlanState.RETURNED
    db.session.commit()
    editor = {owner: [f"/plans/{plan.id}/edit", f"/plans/{plan.id}/edit?step=activities"]}
    before = _asked(client, editor, statements)
    for position in range(24, 30):
        make.activity(plan.now, position=position)
    db.session.commit()
    assert _asked(client, editor, statements) == before


def _asked(client, pages, statements):
    """How many statements each page takes."""
    found = {}
    for user, paths in pages.items():
        client.sign_in(user)
        for path in paths:
            client.get(path)
            statements.clear()
            assert client.get(path).status_code == 200
            found[path] = len(statements)
    return found


@pytest.fixture
def statements(app):
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)


def test_a_plan_of_before_reads_compares_and_is_written_on(client, make, plan, owner):
    """Its version was kept when a plan had no objectives, risks, goals or payers."""
    version = actions.submit(plan.now, make.NOW)
    known = {"id", "what", "who", "first_step", "starts_on", "due_on", "cost", "currency"}
    known |= {"name", "unit", "baseline", "target"}
    kept = {field: version.content[field] for field in ("title", "problem_kind", "problem", "goal")}
    version.content = {**kept, "inspired_by_id": None} | {
        of: [{field: line[field] for field in known & set(line)} for line in version.content[of]]
        for of in ("activities", "indicators")
    }
    reviewer = Row(make.user((plan.now.enrolment.cohort.theme.programme, Role.COORDINATOR)))
    actions.send_back(plan.now, db.session.get(type(reviewer.now), reviewer.id), "More, please.", make.NOW)
    db.session.commit()
    client.sign_in(reviewer)
    assert "Cost records for weavers" in client.get(f"/plans/{plan.id}").text
    client.sign_in(owner)
    page = client.get(f"/plans/{plan.id}/versions")
    assert "What you are writing now" in page.text
    assert "These two say the same" in page.text
    post(client, plan, "goal", do="save", goal="By December 50 weavers keep cost records.")
    page = client.get(f"/plans/{plan.id}/versions?from=1&to=now").text
    assert "By December <del>40</del> weavers" in page
    assert "By December <ins>50</ins> weavers" in page


def test_only_who_may_read_a_plan_compares_its_versions(client, make, plan, owner):
    actions.submit(plan.now, make.NOW)
    elsewhere = Row(make.user((make.programme(), Role.COORDINATOR)))
    db.session.commit()
    client.sign_in(elsewhere)
    assert client.get(f"/plans/{plan.id}/versions").status_code == 404
    client.sign_in(owner)
    assert "One version so far" in client.get(f"/plans/{plan.id}/versions").text
