"""A plan's life: written, sent, reviewed, worked on, ended."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans import actions, pages, queries
from trainingapp.plans.models import ActivityState, PlanState, PlanVersion
from trainingapp.plans.progress import actions as progress
from trainingapp.plans.progress import pages as progress_pages
from trainingapp.plans.progress.models import Source
from trainingapp.plans.versions import content
from trainingapp.plans.writing import drafts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def plan(make):
    return make.action_plan()


def approved(plan, now=NOW):
    actions.submit(plan, now)
    actions.approve(plan, now)
    return plan


def as_typed(plan):
    return drafts.typed(plan, queries.lines_of(plan))


def mails():
    return db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id)).all()


def test_a_plan_begins_once_with_empty_lines(make):
    enrolment = make.enrolment()
    first = actions.begin(enrolment, NOW)
    assert actions.begin(enrolment, NOW) is first
    assert len(queries.activities_of(first)) == 3
    assert queries.plan_of(enrolment.id) is first


def test_who_withdrew_begins_no_plan(make):
    with pytest.raises(actions.NoPlace):
        actions.begin(make.enrolment(state=EnrolmentState.WITHDRAWN), NOW)


def test_saving_what_is_shown_changes_nothing(plan):
    before = as_typed(plan)
    rows = [activity.id for activity in queries.activities_of(plan)]
    actions.save(plan, before, NOW)
    assert as_typed(plan) == before
    assert [activity.id for activity in queries.activities_of(plan)] == rows


def test_what_cannot_be_understood_is_kept_as_typed(plan):
    typed = as_typed(plan)
    typed["activities"][0] |= {"due_on": "31/02", "cost": "about 5", "currency": "XYZ"}
    actions.save(plan, typed, NOW)
    assert as_typed(plan)["activities"][0]["due_on"] == "31/02"
    assert as_typed(plan)["activities"][0]["cost"] == "about 5"
    assert queries.activities_of(plan)[0].due_on is None
    typed["activities"][0]["due_on"] = "28 Feb 2027"
    actions.save(plan, typed, NOW)
    assert "due_on" not in str(plan.unread)


def _values(field, texts, pointers):
    """What a browser may send; a pointer names a line or a card of hers."""
    return st.sampled_from(["", *pointers[field]]) if field in pointers else texts


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_that_is_typed_is_lost(app, make, data):
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=300).map(str.strip)
    plan = make.action_plan()
    blank = as_typed(plan) | {of: [dict(drafts.BLANK[of])] * 2 for of in ("objectives", "risks")}
    actions.save(plan, blank, NOW)
    typed = as_typed(plan)
    pointers = {"objective_id": [line["id"] for line in typed["objectives"]], "note_card_id": []}
    for of, fields in drafts.LINES.items():
        for line in typed[of]:
            line |= {field: data.draw(_values(field, texts, pointers), label=field) for field in fields}
    free = [field for field in drafts.PLAN if field != "inspired_by_id"]
    typed |= {field: data.draw(texts, label=field) for field in free}
    typed = drafts.tidied(typed)
    actions.save(plan, typed, NOW)
    db.session.expire_all()
    assert as_typed(plan) == typed
    db.session.rollback()


def test_lines_move_and_keep_who_they_are(plan):
    typed = as_typed(plan)
    names = [line["what"] for line in typed["activities"]]
    actions.save(plan, drafts.rearranged(typed, "down", "activities-0"), NOW)
    assert [a.what for a in queries.activities_of(plan)] == [names[1], names[0], names[2]]
    actions.save(plan, drafts.rearranged(as_typed(plan), "remove", "activities-2"), NOW)
    assert [a.what for a in queries.activities_of(plan)] == [names[1], names[0]]


def test_a_line_with_a_report_is_struck_and_not_deleted(plan):
    update = actions.begin_update(plan, Source.SELF, NOW)
    first = queries.activities_of(plan)[0]
    actions.report_activity(update, first, ActivityState.ON_TRACK, "")
    actions.save(plan, drafts.rearranged(as_typed(plan), "remove", "activities-0"), NOW)
    assert first.removed_at == NOW
    assert first not in queries.activities_of(plan)


def test_a_complete_plan_is_sent_with_a_snapshot(plan):
    version = actions.submit(plan, NOW)
    assert plan.state == PlanState.SUBMITTED
    assert version.content["activities"][0]["cost"] == "4500.00"
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.verb, entry.before, entry.after) == ("submitted", "draft", "submitted")


@pytest.mark.parametrize(
    "missing",
    [
        {"title": ""},
        {"problem_kind": ""},
        {"goal": ""},
        {"activities": {"who": ""}},
        {"activities": {"first_step": ""}},
        {"activities": {"due_on": "31/02/2026"}},
        {"activities": {"due_on": "1 Jan 2026"}},
        {"activities": {"currency": ""}},
        {"indicators": {"target": ""}},
    ],
)
def test_an_incomplete_plan_is_not_sent(plan, missing):
    typed = as_typed(plan)
    for key, value in missing.items():
        if isinstance(value, dict):
            typed[key][0] |= value
        else:
            typed[key] = value
    actions.save(plan, typed, NOW)
    with pytest.raises(actions.NotReady):
        actions.submit(plan, NOW)
    assert plan.state == PlanState.DRAFT


def test_two_activities_are_too_few_and_empty_lines_do_not_count(plan):
    typed = drafts.rearranged(as_typed(plan), "remove", "activities-0")
    actions.save(plan, drafts.rearranged(typed, "add", "activities"), NOW)
    with pytest.raises(actions.NotReady):
        actions.submit(plan, NOW)


def test_what_was_sent_is_sent_once_and_no_longer_edited(plan):
    actions.submit(plan, NOW)
    with pytest.raises(actions.NotEditable):
        actions.submit(plan, NOW)
    with pytest.raises(actions.NotEditable):
        actions.save(plan, as_typed(plan), NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PlanVersion)) == 1


def test_a_plan_sent_back_comes_again_with_its_comments_answered(make, plan):
    coordinator = make.user(name="Devi Northstar")
    actions.submit(plan, NOW)
    actions.comment(plan, coordinator, "Who pays?", NOW, f"activities-{queries.activities_of(plan)[0].id}")
    assert not mails(), "remarks of a review go out with its decision"
    actions.send_back(plan, coordinator, "A number, please.", NOW)
    assert plan.state == PlanState.RETURNED
    assert [mail.kind for mail in mails()] == ["plan-returned"]
    typed = as_typed(plan) | {"goal": "By December 50 weavers keep cost records."}
    actions.save(plan, typed, LATER)
    with pytest.raises(actions.NotReady):
        actions.submit(plan, LATER)
    for comment in queries.unanswered(plan):
        actions.settle(plan, comment.id, LATER)
    actions.submit(plan, LATER)
    versions = queries.versions_of(plan)
    documents = [pages.document_of(version) for version in versions]
    assert [change.field for change in content.diff(*documents)] == ["goal"]


def test_a_plan_is_not_sent_back_without_a_word(make, plan):
    actions.submit(plan, NOW)
    with pytest.raises(actions.NothingToChange):
        actions.send_back(plan, make.user(), "", NOW)


def test_only_one_of_two_reviews_counts(make, plan):
    approved(plan)
    with pytest.raises(actions.NotForReview):
        actions.approve(plan, NOW)
    with pytest.raises(actions.NotForReview):
        actions.send_back(plan, make.user(), "Too late", NOW)
    assert [mail.kind for mail in mails()] == ["plan-approved"]


def test_each_mail_reads_well_in_text_and_html(make):
    person = make.participant("Sita <b>Marigold</b>", email="sita@example.org")
    plan = make.action_plan(make.enrolment(of=person))
    coordinator = make.user(name="Devi Northstar")
    actions.submit(plan, NOW)
    actions.send_back(plan, coordinator, "Many <i>weavers</i>\nis hard to check.", NOW)
    actions.comment(plan, coordinator, "Ring me.", NOW)
    for mail in mails():
        message = KINDS[mail.kind].render(mail)
        assert "Devi Northstar" in message.text
        assert f"http://localhost{mail.facts['path']}" in message.text
        assert f"http://localhost{mail.facts['path']}" in message.html
        assert "<b>Marigold</b>" not in message.html
        assert "<i>weavers</i>" not in message.html
        assert "Sita <b>Marigold</b>" in message.text
        assert KINDS[mail.kind].unwanted_because(mail) is None
    plan.enrolment.state = EnrolmentState.WITHDRAWN
    assert KINDS["plan-returned"].unwanted_because(mails()[0]) == "withdrawn"


def test_who_opted_out_gets_no_mail(make):
    person = make.participant(email="sita@example.org", opted_out_at=NOW)
    approved(make.action_plan(make.enrolment(of=person)))
    assert not mails()


def test_a_report_changes_until_it_is_sent_and_then_never(plan):
    approved(plan)
    first = queries.activities_of(plan)[0]
    update = actions.begin_update(plan, Source.SELF, NOW)
    actions.report_activity(update, first, ActivityState.BLOCKED, "No money")
    actions.report_activity(update, first, ActivityState.DELAYED, "Money came")
    actions.report_indicator(update, queries.indicators_of(plan)[0], Decimal(17))
    assert first.state == ActivityState.NOT_STARTED
    actions.send_update(update, LATER)
    assert first.state == ActivityState.DELAYED
    assert plan.state == PlanState.IN_PROGRESS
    with pytest.raises(progress.AlreadySent):
        actions.send_update(update, LATER)
    with pytest.raises(progress.AlreadySent):
        actions.report_activity(update, first, ActivityState.DONE, "")
    (told,) = queries.told(plan)
    said = [(report.state, report.note) for report, _activity in told.activities]
    assert said == [(ActivityState.DELAYED, "Money came")]
    shown = progress_pages.put_together(plan, [], queries.indicators_of(plan), queries.told(plan), NOW.date())
    (way,) = shown.ways
    assert way.percent == 42.5


def test_the_latest_report_sent_is_what_an_activity_shows(plan):
    approved(plan)
    first = queries.activities_of(plan)[0]
    early, late = (actions.begin_update(plan, Source.SELF, NOW) for _ in range(2))
    actions.report_activity(late, first, ActivityState.DONE, "")
    actions.report_activity(early, first, ActivityState.ON_TRACK, "")
    actions.send_update(late, NOW)
    actions.send_update(early, LATER)
    assert first.state == ActivityState.ON_TRACK


def test_a_line_of_another_plan_is_not_reported_on(make, plan):
    update = actions.begin_update(plan, Source.SELF, NOW)
    other = queries.activities_of(make.action_plan())[0]
    with pytest.raises(progress.NotInThisPlan):
        actions.report_activity(update, other, ActivityState.DONE, "")


def test_a_plan_is_done_when_every_activity_is_over_and_she_says_so(plan):
    approved(plan)
    with pytest.raises(actions.StillOpen):
        actions.finish(plan, NOW)
    update = actions.begin_update(plan, Source.SELF, NOW)
    ends = (ActivityState.DONE, ActivityState.DROPPED, ActivityState.HANDED_OVER)
    for activity, state in zip(queries.activities_of(plan), ends, strict=True):
        actions.report_activity(update, activity, state, "")
    actions.send_update(update, NOW)
    actions.finish(plan, LATER)
    assert plan.state == PlanState.DONE
    with pytest.raises(actions.AlreadyEnded):
        actions.stop(plan, "Too late", LATER)


def test_a_plan_stops_with_a_reason(plan):
    approved(plan)
    actions.stop(plan, "The minister changed", NOW)
    assert plan.state == PlanState.STOPPED
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.why == "The minister changed"


def at_once(app, verb, plan_id, refused):
    """What became of the same verb in two sessions that begin together: how often it was done."""
    start = threading.Barrier(2)

    def click(_number):
        with app.app_context():
            plan = queries.plan(plan_id)
            db.session.commit()
            start.wait(10)
            try:
                verb(plan)
                db.session.commit()
            except refused:
                db.session.rollback()
                return 0
            finally:
                db.session.remove()
            return 1

    with ThreadPoolExecutor(2) as clicks:
        return sum(clicks.map(click, range(2)))


def test_of_two_clicks_at_once_one_sends_and_one_approves(app, plan):
    plan_id = plan.id
    db.session.commit()
    assert at_once(app, lambda plan: actions.submit(plan, NOW), plan_id, actions.NotEditable) == 1
    assert at_once(app, lambda plan: actions.approve(plan, NOW), plan_id, actions.NotForReview) == 1
    assert len(queries.versions_of(queries.plan(plan_id))) == 1
    assert len(mails()) == 1


def test_nothing_is_reported_on_a_plan_that_was_never_sent(plan):
    with pytest.raises(progress.NothingToReportOn):
        actions.report(plan, Source.SELF, NOW, text="Hello", activities=[], values=[])
