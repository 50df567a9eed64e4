"""Telling progress and judging it, as browsers without script meet it."""

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from pictures import PDF, picture
from werkzeug.datastructures import MultiDict

from trainingapp import clock
from trainingapp.accounts.models import User
from trainingapp.db import db
from trainingapp.files.kinds import judge
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans import actions, queries
from trainingapp.plans.confirmations import actions as confirmations
from trainingapp.plans.confirmations import queries as confirmation_queries
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress import reading
from trainingapp.plans.progress.actions import Said
from trainingapp.plans.progress.evidence import Shown
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Confirmation,
    Evidence,
    EvidenceKind,
    EvidenceLevel,
    EvidenceStep,
    IndicatorValue,
    ProgressUpdate,
    Source,
    SupervisorCheck,
)
from trainingapp.programmes.models import Role


@pytest.fixture
def plan(make):
    owner = make.user(name="Sita")
    person = make.participant("Sita Marigold", email="sita@example.org", user_id=owner.id)
    made = make.action_plan(
        make.enrolment(of=person, supervisor_name="Head", supervisor_email="head@example.org")
    )
    actions.submit(made, NOW)
    actions.approve(made, NOW)
    db.session.commit()
    return made


@pytest.fixture
def owner(client, plan):
    client.sign_in(db.session.get_one(User, plan.enrolment.participant.user_id))
    return client


@pytest.fixture
def coordinator(app, make, plan):
    client = app.test_client()
    client.sign_in(make.user((plan.enrolment.cohort.theme.programme, Role.COORDINATOR), name="Devi"))
    return client


def tell(plan, said, **more):
    line = queries.activities_of(plan)[0]
    actions.report(plan, Source.SELF, NOW, activities=[(line, said)], **more)
    db.session.commit()
    return db.session.scalars(sa.select(ActivityReport).where(ActivityReport.is_latest)).one()


def upload(data, name):
    return (io.BytesIO(data), name)


def test_a_photo_a_file_and_a_link_come_with_the_line_they_show(owner, plan):
    line, count = queries.activities_of(plan)[0], queries.indicators_of(plan)[0]
    sent = owner.post(
        f"/plans/{plan.id}/progress",
        data={
            f"a-{line.id}": "blocked",
            f"a-{line.id}-percent": "60 %",
            f"a-{line.id}-blocker": "finance",
            f"a-{line.id}-help": "Which bank gave others a loan?",
            f"a-{line.id}-file": [upload(picture(), "desk.png"), upload(PDF, "list.pdf")],
            f"a-{line.id}-link": "example.org/register",
            f"a-{line.id}-caption": "The desk",
            f"i-{count.id}": "17",
        },
        content_type="multipart/form-data",
    )
    assert sent.status_code == 302
    report = db.session.scalars(sa.select(ActivityReport)).one()
    assert (report.percent, report.blocker, report.wants_help) == (60, Blocker.FINANCE, True)
    assert report.evidence == EvidenceLevel.DOCUMENTED
    kinds = db.session.scalars(sa.select(Evidence.kind).order_by(Evidence.id)).all()
    assert kinds == [EvidenceKind.PHOTO, EvidenceKind.FILE, EvidenceKind.LINK]
    assert db.session.scalars(sa.select(IndicatorValue)).one().evidence == EvidenceLevel.CLAIMED
    mine = owner.get("/plans/mine").text
    assert "The desk" in mine
    assert "Money" in mine


@pytest.mark.parametrize(
    ("part", "typed", "words"),
    [
        ("-percent", "150", "0 to 100"),
        ("-percent", "half", "not a number"),
        ("-link", "javascript:alert(1)", "cannot be read as a link"),
        ("-blocker", "laziness", "Choose from"),
        ("-note", "x" * 4001, "Shorten"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_line_and_kept_as_typed(owner, plan, part, typed, words):
    line = queries.activities_of(plan)[0]
    data = {f"a-{line.id}": "blocked", f"a-{line.id}{part}": typed, "text": "Kept"}
    page = owner.post(f"/plans/{plan.id}/progress", data=data)
    assert page.status_code == 422
    assert words in page.text
    assert "Kept" in page.text
    assert db.session.scalar(sa.select(ActivityReport.id)) is None


def test_a_file_that_we_do_not_take_is_refused_at_its_line(owner, plan):
    line = queries.activities_of(plan)[0]
    data = {f"a-{line.id}": "done", f"a-{line.id}-file": upload(b"MZ", "photo.jpg")}
    page = owner.post(f"/plans/{plan.id}/progress", data=data, content_type="multipart/form-data")
    assert page.status_code == 422
    assert "none of them" in page.text
    assert "choose them again" in page.text


def test_the_parts_of_a_count_are_asked_and_may_make_the_whole(owner, plan):
    count = queries.indicators_of(plan)[0]
    count.disaggregation = "sex"
    db.session.commit()
    address, name = f"/plans/{plan.id}/progress", f"i-{count.id}"
    assert f'name="{name}-women"' in owner.get(address).text
    too_many = {name: "5", f"{name}-women": "4", f"{name}-men": "4"}
    assert "more than the whole" in owner.post(address, data=too_many).text
    assert owner.post(address, data={f"{name}-women": "4", f"{name}-men": "3"}).status_code == 302
    value = db.session.scalars(sa.select(IndicatorValue)).one()
    assert (value.value, value.parts) == (7, {"women": "4.00", "men": "3.00"})


def test_a_coordinator_writes_down_what_was_read_in_a_document(coordinator, plan):
    line = queries.activities_of(plan)[0]
    data = {"source": "document", f"a-{line.id}": "done", f"a-{line.id}-file": upload(PDF, "list.pdf")}
    sent = coordinator.post(f"/plans/{plan.id}/record", data=data, content_type="multipart/form-data")
    assert sent.status_code == 302
    update = db.session.scalars(sa.select(ProgressUpdate)).one()
    step = db.session.scalars(sa.select(EvidenceStep)).one()
    assert (update.source, step.how, step.by_id) == (Source.DOCUMENT, Source.DOCUMENT, update.recorded_by_id)


def test_a_coordinator_verifies_a_line_and_takes_it_back(coordinator, plan):
    report = tell(plan, Said(ActivityState.DONE, "Fifteen came."))
    address = f"/plans/{plan.id}/reports/a-{report.id}"
    assert "Fifteen came." in coordinator.get(address).text
    assert coordinator.post(address, data={"how": "visit", "note": ""}).status_code == 422
    assert coordinator.post(address, data={"how": "visit", "note": "Saw the list."}).status_code == 302
    db.session.refresh(report)
    assert report.evidence == EvidenceLevel.VERIFIED
    page = coordinator.get(address).text
    assert "Saw the list." in page
    assert "Devi" in page
    assert coordinator.post(address, data={"undo": "1", "note": "Another village."}).status_code == 302
    db.session.refresh(report)
    assert report.evidence == EvidenceLevel.EXPLAINED
    assert "Another village." in coordinator.get(address).text


@pytest.mark.parametrize("line", ["a-999999", "i-1x", "x-1", "a-", "a-99999999999999999999"])
def test_a_line_that_is_not_there_is_404(coordinator, plan, line):
    assert coordinator.get(f"/plans/{plan.id}/reports/{line}").status_code == 404


def test_her_file_is_for_her_and_for_who_sees_the_plan(app, owner, coordinator, plan, make):
    data = {"text": "x", f"a-{queries.activities_of(plan)[0].id}-file": upload(PDF, "list.pdf")}
    owner.post(f"/plans/{plan.id}/progress", data=data, content_type="multipart/form-data")
    address = f"/plans/evidence/{db.session.scalars(sa.select(Evidence.id)).one()}"
    for reader in (owner, coordinator):
        answer = reader.get(address)
        assert answer.data == PDF
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    stranger = app.test_client()
    stranger.sign_in(make.user())
    assert stranger.get(address).status_code == 404


def test_the_plan_and_the_list_count_from_a_level_up(coordinator, plan):
    tell(plan, Said(ActivityState.DONE))
    here = f"/plans/cohorts/{plan.enrolment.cohort_id}"
    assert "1 of 3 done" in coordinator.get(f"/plans/{plan.id}").text
    assert "0 of 3 done" in coordinator.get(f"/plans/{plan.id}?from=documented").text
    assert "1 of 3 activities done" in coordinator.get(here).text
    assert "0 of 3 activities done" in coordinator.get(f"{here}?from=verified").text
    assert "1 of 3 activities done" in coordinator.get(f"{here}?from=nonsense").text


def test_the_list_is_filtered_by_what_is_in_the_way(coordinator, plan):
    tell(plan, Said(ActivityState.BLOCKED, blocker=Blocker.STAFF, wants_help=True))
    here = f"/plans/cohorts/{plan.enrolment.cohort_id}"
    shown = coordinator.get(f"{here}?blocker=staff").text
    assert "Sita Marigold" in shown
    assert "Wants help" in shown
    assert "Sita Marigold" not in coordinator.get(f"{here}?blocker=policy").text


def test_the_plan_page_asks_as_often_however_much_was_told(coordinator, plan):
    tell(plan, Said(ActivityState.DONE))
    few = coordinator.statements(f"/plans/{plan.id}")
    for _time in range(4):
        lines, count = queries.activities_of(plan), queries.indicators_of(plan)[0]
        told = [(line, Said(ActivityState.BLOCKED, "No", blocker=Blocker.STAFF)) for line in lines]
        data = [(count, actions.counted_in(IndicatorValue(value=3, parts={}, note="")))]
        actions.report(plan, Source.SELF, NOW, activities=told, values=data)
    db.session.commit()
    assert coordinator.statements(f"/plans/{plan.id}") == few


def test_a_draft_shows_its_files_to_nobody_but_who_wrote_it(coordinator, owner, plan):
    update, line = actions.begin_update(plan, Source.SELF, NOW), queries.activities_of(plan)[0]
    actions.show(update, line, Shown(name="a.pdf", judged=judge(PDF)), NOW)
    db.session.commit()
    (kept,) = update.shown
    address = f"/plans/evidence/{kept.id}"
    assert owner.get(address).status_code == 200
    assert coordinator.get(address).status_code == 404
    actions.send_update(update, NOW)
    db.session.commit()
    assert coordinator.get(address).status_code == 200


def test_a_number_that_nobody_offered_takes_nothing_back():
    typed = MultiDict([("take-back", number) for number in ("7", "9" * 30, "9" * 5000, "x", "-1")])
    assert reading.taken_back(typed) == {7}


# The supervisor -------------------------------------------------------------------------------------


def ask(plan):
    check = confirmations.ask(plan, "Head", "head@example.org", clock.now(), None)
    db.session.commit()
    return check


def arrive(client, check):
    hop = client.get(f"/plans/confirm/{confirmation_queries.token(check)}")
    assert hop.status_code == 303
    return hop.location


def test_she_asks_her_supervisor_who_answers_behind_a_link(app, owner, plan):
    report = tell(plan, Said(ActivityState.DONE, "Fifteen came."))
    form = {"name": "Head", "email": "head@example.org"}
    assert f"/plans/{plan.id}/supervisor-check" in owner.get("/plans/mine").text
    assert owner.post(f"/plans/{plan.id}/supervisor-check", data=form).status_code == 302
    mail = db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == "supervisor-check")).one()
    message = KINDS[mail.kind].render(mail)
    link = re.search(r"http://localhost(/plans/confirm/\S+)", message.text)[1]
    visitor = app.test_client()
    place = visitor.get(link).location
    page = visitor.get(place)
    assert "Fifteen came." in page.text
    (field,) = set(re.findall(r'name="(c-\d+)"', page.text))
    assert visitor.post(place, data={field: "yes", "words": "I was there."}).status_code == 303
    assert "Thank you, Head" in visitor.get(place).text
    db.session.refresh(report)
    assert report.evidence == EvidenceLevel.CONFIRMED
    step = db.session.scalars(sa.select(EvidenceStep).order_by(EvidenceStep.id.desc())).first()
    assert (step.how, step.by_name, step.note) == (Source.SUPERVISOR, "Head", "I was there.")
    assert KINDS[mail.kind].unwanted_because(mail) == "answered"
    assert visitor.post(place, data={field: "no"}).status_code == 422


def test_nobody_confirms_her_own_report(owner, plan):
    tell(plan, Said(ActivityState.DONE))
    form = {"name": "Head Weaver", "email": "Sita@Example.org"}
    page = owner.post(f"/plans/{plan.id}/supervisor-check", data=form)
    assert page.status_code == 422
    assert "address of the participant" in page.text
    assert "Head Weaver" in page.text
    assert db.session.scalar(sa.select(sa.func.count(SupervisorCheck.id))) == 0
    check = ask(plan)
    (claim,) = confirmation_queries.claims_in(check)
    place = arrive(owner, check)
    assert owner.post(place, data={f"c-{claim.answer.id}": "yes"}).status_code == 403


@pytest.mark.parametrize("said", ["partly", "no", "unknown"])
def test_what_is_not_confirmed_is_kept_and_climbs_no_step(app, coordinator, plan, said):
    report = tell(plan, Said(ActivityState.DONE))
    visitor, check = app.test_client(), ask(plan)
    place = arrive(visitor, check)
    (claim,) = confirmation_queries.claims_in(check)
    visitor.post(place, data={f"c-{claim.answer.id}": said, "words": "Only ten."})
    db.session.refresh(report)
    assert report.evidence == EvidenceLevel.CLAIMED
    page = coordinator.get(f"/plans/{plan.id}/reports/a-{report.id}").text
    assert "Only ten." in page


def test_an_empty_answer_of_a_supervisor_is_none(app, plan):
    tell(plan, Said(ActivityState.DONE))
    visitor, check = app.test_client(), ask(plan)
    assert visitor.post(arrive(visitor, check), data={"words": " "}).status_code == 422
    db.session.refresh(check)
    assert check.answered_at is None


def test_a_supervisor_is_not_asked_about_nothing_nor_pressed(plan):
    with pytest.raises(confirmations.NothingToConfirm):
        ask(plan)
    tell(plan, Said(ActivityState.DONE))
    ask(plan)
    with pytest.raises(confirmations.AskedAlready):
        ask(plan)


def test_a_link_that_is_old_or_made_up_opens_nothing(app, plan):
    tell(plan, Said(ActivityState.DONE))
    check = ask(plan)
    visitor = app.test_client()
    assert visitor.get("/plans/confirm/nonsense").status_code == 410
    place = arrive(visitor, check)
    assert app.test_client().get(place).status_code == 410
    check.expires_at = clock.now() - timedelta(days=1)
    db.session.commit()
    assert visitor.get(place).status_code == 410


def test_the_page_of_the_supervisor_weighs_little_and_looks_change_nothing(app, plan):
    tell(plan, Said(ActivityState.DONE))
    check = ask(plan)
    visitor = app.test_client()
    place = arrive(visitor, check)
    assert len(visitor.get(place).data) < 14 * 1024
    assert visitor.get(f"{place}?l=id").status_code == 200
    db.session.refresh(check)
    assert check.answered_at is None
    assert db.session.scalar(sa.select(SupervisorCheck.id)) == check.id
    assert set(Confirmation) == {"yes", "partly", "no", "unknown"}
