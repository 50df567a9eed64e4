"""The pages of a plan: its owner's, its reviewer's, its edition's."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

from trainingapp.db import db
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans import actions, queries
from trainingapp.plans.models import ActivityState, Objective, PlanComment, PlanState, PlanVersion
from trainingapp.plans.progress.models import ProgressUpdate, Source
from trainingapp.programmes.models import Role


class Row:
    """A row by its number, read afresh each time: a request ends the session that a row belongs to."""

    def __init__(self, row):
        self.kind, self.id = type(row), row.id

    @property
    def now(self):
        return db.session.get(self.kind, self.id)

    def __getattr__(self, name):
        return getattr(self.now, name)


@pytest.fixture
def owner(make):
    return Row(make.user(name="Sita Marigold"))


@pytest.fixture
def plan(make, owner):
    person = make.participant("Sita Marigold", email="sita@example.org", user_id=owner.id)
    made = make.action_plan(make.enrolment(of=person))
    db.session.commit()
    return Row(made)


def staff(make, plan, role=Role.COORDINATOR):
    return Row(make.user((plan.enrolment.cohort.theme.programme, role), name="Devi Northstar"))


def submitted(make, plan):
    actions.submit(plan.now, make.NOW)
    db.session.commit()


class Editor(HTMLParser):
    """The successful controls of the page's forms, buttons left out."""

    def __init__(self):
        super().__init__()
        self.values = {}
        self.inside = None

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        is_ticked = facts.get("type") != "checkbox" or "checked" in facts
        if tag == "input" and is_ticked and facts.get("type") not in {"submit", "radio"}:
            self.values[facts["name"]] = facts.get("value") or ""
        elif tag in {"textarea", "select"}:
            self.inside = facts["name"]
            self.values[self.inside] = ""
        elif tag == "option" and "selected" in facts:
            self.values[self.inside] = facts["value"]

    def handle_endtag(self, tag):
        if tag in {"textarea", "select"}:
            self.inside = None

    def handle_data(self, data):
        if self.inside and self.lasttag == "textarea":
            self.values[self.inside] += data.removeprefix("\r\n") if not self.values[self.inside] else data


def fields(page):
    """What a browser would send back from the editor."""
    document = Editor()
    document.feed(page.text)
    return document.values


def typed(client, plan, **changes):
    page = client.get(f"/plans/{plan.id}/edit")
    assert page.status_code == 200
    return {**fields(page), **changes}


def test_someone_without_an_edition_is_told_why_the_page_is_empty(client, make):
    client.sign_in(make.user())
    page = client.get("/plans/mine")
    assert page.status_code == 200
    assert "not enrolled" in page.text


def test_she_begins_a_plan_with_one_button(client, make, owner):
    enrolment = Row(make.enrolment(of=make.participant(user_id=owner.id)))
    db.session.commit()
    client.sign_in(owner)
    assert "Begin your plan" in client.get("/plans/mine").text
    answer = client.post(f"/plans/begin/{enrolment.id}")
    assert answer.status_code == 302
    assert client.get(answer.location).status_code == 200
    client.post(f"/plans/begin/{enrolment.id}")
    assert queries.plan_of(enrolment.id) is not None


def test_every_button_keeps_what_was_typed(client, plan, owner):
    client.sign_in(owner)
    sent = typed(
        client, plan, **{"activities-0-due_on": "31/02/2026", "goal": "Half a goa", "add": "activities"}
    )
    answer = client.post(f"/plans/{plan.id}/edit", data=sent)
    assert answer.status_code == 302
    page = client.get(answer.location)
    again = fields(page)
    assert again["activities-0-due_on"] == "31/02/2026"
    assert "there is no such day in the calendar" in page.text
    assert again["goal"] == "Half a goa"
    assert "activities-3-what" in again


def test_lines_move_without_javascript(client, plan, owner):
    client.sign_in(owner)
    before = typed(client, plan)
    client.post(f"/plans/{plan.id}/edit", data={**before, "down": "activities-0"})
    after = typed(client, plan)
    assert after["activities-0-what"] == before["activities-1-what"]
    assert after["activities-1-what"] == before["activities-0-what"]


def test_an_automatic_save_answers_with_the_time_and_the_list(client, plan, owner):
    client.sign_in(owner)
    sent = typed(client, plan, title="", do="autosave")
    answer = client.post(f"/plans/{plan.id}/edit", data=sent)
    assert answer.status_code == 200
    assert answer.json["saved"].startswith("Saved ")
    assert "Give the plan a title" in answer.json["checklist"]
    assert int(answer.json["version"]) == plan.version


def test_a_stale_tab_shows_both_versions_and_loses_neither(client, plan, owner):
    client.sign_in(owner)
    first, second = (
        typed(client, plan, goal="Goal of the first tab"),
        typed(client, plan, goal="Goal of the second"),
    )
    client.post(f"/plans/{plan.id}/edit", data=first)
    page = client.post(f"/plans/{plan.id}/edit", data={**second, "activities-1-what": "", "do": "save"})
    assert page.status_code == 409
    assert "Goal of the <del>first tab</del>" in page.text
    assert "Goal of the <ins>second</ins>" in page.text
    assert plan.goal == "Goal of the first tab"
    client.post(f"/plans/{plan.id}/edit", data={**fields(page), "do": "close"})
    assert plan.goal == "Goal of the second"
    answer = client.post(f"/plans/{plan.id}/edit", data={**first, "do": "autosave"})
    assert answer.status_code == 409
    assert answer.json["problem"]


def test_a_plan_that_is_not_ready_is_saved_and_not_sent(client, plan, owner):
    client.sign_in(owner)
    sent = typed(client, plan, **{"activities-2-who": "", "title": "A new title", "do": "send"})
    page = client.post(f"/plans/{plan.id}/edit", data=sent)
    assert page.status_code == 422
    assert "Activity 3 has nobody who does it" in page.text
    assert (plan.title, plan.state) == ("A new title", PlanState.DRAFT)


def test_two_clicks_send_one_plan(client, plan, owner):
    client.sign_in(owner)
    sent = typed(client, plan, do="send")
    for _click in range(2):
        answer = client.post(f"/plans/{plan.id}/edit", data=sent)
        assert answer.status_code == 302
        assert answer.location == "/plans/mine"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PlanVersion)) == 1
    page = client.post(f"/plans/{plan.id}/edit", data={**sent, "goal": "Something else"})
    assert page.status_code == 409
    assert "Something else" in page.text


def test_odd_input_is_no_error(client, plan, owner):
    client.sign_in(owner)
    odd = {
        "activities-0-who": "x" * 300,
        "title": "a\0b" * 100,
        "inspired_by_id": "99999999999",
        "problem_kind": "nonsense",
        "activities-0-currency": "<b>",
        "activities-0-id": "1; drop",
        "indicators-0-target": "1" * 40,
        "up": "elephants-9",
        "settle": "x",
    }
    answer = client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, **odd))
    assert answer.status_code == 302
    assert client.get(answer.location).status_code == 200


def test_only_a_visit_of_her_own_edition_inspires(client, make, plan, owner):
    ours, theirs = Row(make.site_visit(plan.enrolment.cohort)), Row(make.site_visit())
    db.session.commit()
    client.sign_in(owner)
    client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, inspired_by_id=str(theirs.id)))
    assert plan.inspired_by_id is None
    client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, inspired_by_id=str(ours.id)))
    assert plan.inspired_by_id == ours.id


@pytest.mark.parametrize("path", ["edit", "progress"])
def test_someone_elses_plan_does_not_exist(client, make, plan, path):
    client.sign_in(make.user())
    assert client.get(f"/plans/{plan.id}/{path}").status_code == 404


@pytest.mark.parametrize("verb", ["edit", "comments", "finish", "stop", "progress"])
def test_nobody_acts_on_someone_elses_plan(client, make, plan, verb):
    client.sign_in(make.user())
    assert client.post(f"/plans/{plan.id}/{verb}", data={"text": "x", "why": "x"}).status_code == 404
    other = make.programme()
    client.sign_in(make.user((other, Role.COORDINATOR)))
    for path in ("return", "approve", "record"):
        assert client.post(f"/plans/{plan.id}/{path}").status_code == 404
    assert client.get(f"/plans/{plan.id}").status_code == 404


def test_an_organiser_reads_and_a_coordinator_decides(client, make, plan):
    submitted(make, plan)
    client.sign_in(staff(make, plan, Role.ORGANISER))
    page = client.get(f"/plans/{plan.id}")
    assert page.status_code == 200
    assert "Approve plan" not in page.text
    assert client.post(f"/plans/{plan.id}/approve").status_code == 403


def test_a_draft_stays_with_its_owner(client, make, plan):
    client.sign_in(staff(make, plan))
    page = client.get(f"/plans/{plan.id}")
    assert page.status_code == 200
    assert plan.goal not in page.text
    assert "Not sent yet" in page.text
    assert client.get(f"/plans/{plan.id}/record").status_code == 409


def test_a_coordinator_comments_on_a_line_and_sends_the_plan_back(client, make, plan, owner):
    submitted(make, plan)
    first = Row(queries.activities_of(plan.now)[0])
    client.sign_in(staff(make, plan))
    client.post(f"/plans/{plan.id}/comments", data={"text": "Who pays?", "about": f"activities-{first.id}"})
    assert db.session.scalars(sa.select(PlanComment)).one().activity_id == first.id
    assert client.post(f"/plans/{plan.id}/return", data={"changes": ""}).status_code == 302
    assert client.post(f"/plans/{plan.id}/return", data={"changes": "again"}).status_code == 409
    assert db.session.scalars(sa.select(OutgoingEmail)).one().kind == "plan-returned"
    client.sign_in(owner)
    page = client.get(f"/plans/{plan.id}/edit")
    assert "Who pays?" in page.text
    comment = db.session.scalars(sa.select(PlanComment)).one()
    client.post(f"/plans/{plan.id}/edit", data={**fields(page), "settle": str(comment.id)})
    client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, goal="Fifty weavers", do="send"))
    assert plan.state == PlanState.SUBMITTED
    client.sign_in(staff(make, plan))
    assert "Fifty weavers" in client.get(f"/plans/{plan.id}").text


def test_sending_back_without_a_word_keeps_the_page(client, make, plan):
    submitted(make, plan)
    client.sign_in(staff(make, plan))
    page = client.post(f"/plans/{plan.id}/return", data={"changes": " "})
    assert page.status_code == 422
    assert "Say what should be changed" in page.text


def test_she_answers_a_comment(client, make, plan, owner):
    submitted(make, plan)
    client.sign_in(owner)
    client.post(f"/plans/{plan.id}/comments", data={"text": "Butwal is fine too."})
    assert "Butwal is fine too." in client.get("/plans/mine").text
    assert not db.session.scalars(sa.select(OutgoingEmail)).all(), "no mail to herself"
    assert client.post(f"/plans/{plan.id}/comments", data={"text": "x" * 10_001}).status_code == 409


def test_one_tap_reports_an_activity(client, make, plan, owner):
    submitted(make, plan)
    actions.approve(plan.now, make.NOW)
    db.session.commit()
    first = Row(queries.activities_of(plan.now)[0])
    count = Row(queries.indicators_of(plan.now)[0])
    client.sign_in(owner)
    assert client.post(f"/plans/{plan.id}/progress", data={}).status_code == 422
    wrong = client.post(f"/plans/{plan.id}/progress", data={f"i-{count.id}": "many", "text": "Kept"})
    assert wrong.status_code == 422
    assert "Kept" in wrong.text
    data = {f"a-{first.id}": "done", f"i-{count.id}": "1,017"}
    assert client.post(f"/plans/{plan.id}/progress", data=data).status_code == 302
    assert plan.state == PlanState.IN_PROGRESS
    assert queries.activities_of(plan.now)[0].state == ActivityState.DONE
    assert "1,017" in client.get("/plans/mine").text


def test_a_coordinator_writes_down_what_was_said_by_telephone(client, make, plan):
    submitted(make, plan)
    coordinator = staff(make, plan)
    client.sign_in(coordinator)
    assert client.get(f"/plans/{plan.id}/record").status_code == 200
    data = {"source": "phone", "text": "The bank said no."}
    assert client.post(f"/plans/{plan.id}/record", data=data).status_code == 302
    (told,) = queries.told(plan.now)
    assert (told.update.source, told.update.recorded_by_id) == (Source.PHONE, coordinator.id)
    assert "written down by Devi Northstar" in client.get(f"/plans/{plan.id}").text
    assert client.post(f"/plans/{plan.id}/record", data={"source": "self", "text": "x"}).status_code == 422


def test_a_plan_stops_from_her_own_page(client, make, plan, owner):
    submitted(make, plan)
    client.sign_in(owner)
    assert client.post(f"/plans/{plan.id}/finish").status_code == 409
    assert client.post(f"/plans/{plan.id}/stop", data={"why": "Another post"}).status_code == 302
    assert "Another post" in client.get("/plans/mine").text


def people(make, cohort, count):
    for number in range(count):
        enrolment = make.enrolment(cohort.now)
        if number % 3:
            plan = make.action_plan(enrolment)
            actions.submit(plan, make.NOW + timedelta(minutes=number))
    db.session.commit()


def test_the_list_asks_as_often_for_sixty_as_for_two(client, make):
    few, many = Row(make.cohort()), Row(make.cohort())
    people(make, few, 2)
    people(make, many, 60)
    client.sign_in(make.user(is_administrator=True))
    assert client.statements(f"/plans/cohorts/{few.id}") == client.statements(f"/plans/cohorts/{many.id}")


def test_the_list_goes_through_everybody_once_quietest_first(client, make):
    cohort = Row(make.cohort())
    people(make, cohort, 120)
    seen, after = [], None
    while True:
        page = queries.of_cohort(cohort.id, after=after)
        seen += page.rows
        after = page.after
        if after is None:
            break
    assert len({row.enrolment.id for row in seen}) == len(seen) == 120
    heard = [row.heard_at.timestamp() if row.heard_at else 0 for row in seen]
    assert heard == sorted(heard)
    client.sign_in(make.user(is_administrator=True))
    assert client.get(f"/plans/cohorts/{cohort.id}?after=1.x&state=elephant").status_code == 200
    page = client.get(f"/plans/cohorts/{cohort.id}?state=none")
    assert "Never" in page.text
    assert "Waits for review</span></td>" not in page.text


def test_an_edition_of_another_programme_is_not_listed(client, make):
    cohort = Row(make.cohort())
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    assert client.get(f"/plans/cohorts/{cohort.id}").status_code == 404


def test_an_ended_plan_comes_last(make):
    cohort = make.cohort()
    quiet = make.action_plan(make.enrolment(cohort), state=PlanState.STOPPED)
    make.action_plan(make.enrolment(cohort), state=PlanState.APPROVED, submitted_at=make.NOW)
    assert [row.plan.state for row in queries.of_cohort(cohort.id).rows][-1] == quiet.state


def test_a_double_click_sends_one_comment_and_one_report(client, make, plan, owner):
    submitted(make, plan)
    client.sign_in(staff(make, plan).now)
    for _press in range(2):
        client.post(f"/plans/{plan.id}/comments", data={"text": "Who pays?", "form_id": "c" * 22})
        report = {"source": Source.PHONE, "text": "The boiler came.", "form_id": "r" * 22}
        assert client.post(f"/plans/{plan.id}/record", data=report).status_code == 302
    for table in (PlanComment, ProgressUpdate):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 1


def test_an_activity_stands_under_its_objective_as_it_was_sent_last(client, make, plan):
    aim = make.add(Objective(plan_id=plan.id, position=1, text="A desk for costs"))
    queries.activities_of(plan.now)[0].objective_id = aim.id
    submitted(make, plan)
    actions.send_back(plan.now, staff(make, plan).now, "Say where.", make.NOW)
    for comment in queries.unanswered(plan.now):
        actions.settle(plan.now, comment.id, make.NOW)
    aim.text = "A desk in each village"
    submitted(make, plan)
    client.sign_in(staff(make, plan))
    assert "For: A desk in each village" in client.get(f"/plans/{plan.id}").text


@pytest.mark.parametrize("after", [f"{'9' * 20}.1.1", f"0.1.{'9' * 20}", "0.1", "0.x.1", f"0.{'9' * 5000}.1"])
def test_a_made_up_place_in_the_list_is_its_beginning(client, make, plan, after):
    client.sign_in(staff(make, plan))
    page = client.get(f"/plans/cohorts/{plan.enrolment.cohort_id}?after={after}")
    assert page.status_code == 200
    assert "Sita Marigold" in page.text


@pytest.mark.parametrize("way", ["settle", "reply"])
def test_what_was_said_of_a_line_that_she_took_out_can_still_be_answered(client, app, make, plan, owner, way):
    extra = make.activity(plan.now, position=4)
    submitted(make, plan)
    place, devi = f"activities-{extra.id}", staff(make, plan)
    asked = actions.comment(plan.now, devi.now, "Leave this one out.", make.NOW, place)
    actions.send_back(plan.now, devi.now, "", make.NOW)
    db.session.commit()
    number = asked.id
    client.sign_in(owner)
    client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, remove="activities-3"))
    assert f'id="comment-{number}"' in client.get(f"/plans/{plan.id}/edit?step=problem").text
    said = {"settle": str(number)} if way == "settle" else {"reply": "", "reply-": "It is out."}
    client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, **said))
    client.post(f"/plans/{plan.id}/edit", data=typed(client, plan, do="send"))
    assert plan.state == PlanState.SUBMITTED
    reviewer = app.test_client()
    reviewer.sign_in(devi)
    assert f'id="comment-{number}"' in reviewer.get(f"/plans/{plan.id}").text
