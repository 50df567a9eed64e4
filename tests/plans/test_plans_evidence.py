"""What is shown with a report, the ladder it climbs, and what counts from a level up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pictures import PDF, from_a_phone, picture

from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.files.kinds import judge
from trainingapp.files.models import FileContent, StoredFile
from trainingapp.plans import actions, queries
from trainingapp.plans.confirmations import actions as confirmations
from trainingapp.plans.confirmations import queries as confirmation_queries
from trainingapp.plans.models import ActivityState
from trainingapp.plans.progress import actions as progress
from trainingapp.plans.progress import counting, evidence, ladder
from trainingapp.plans.progress import queries as progress_queries
from trainingapp.plans.progress.actions import Counted, Said
from trainingapp.plans.progress.evidence import Shown
from trainingapp.plans.progress.models import (
    ActivityReport,
    Blocker,
    Confirmation,
    Evidence,
    EvidenceLevel,
    EvidenceStep,
    IndicatorValue,
    Source,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DONE = Said(ActivityState.DONE)


@pytest.fixture
def plan(make):
    made = make.action_plan()
    actions.submit(made, NOW)
    actions.approve(made, NOW)
    return made


def first(plan):
    return queries.activities_of(plan)[0]


def told(plan, said=DONE, shown=(), now=NOW, **more):
    """A report on the first activity; its row."""
    line = first(plan)
    pieces = [(line, one) for one in shown]
    update = actions.report(plan, Source.SELF, now, activities=[(line, said)], shown=pieces, **more)
    return db.session.scalars(sa.select(ActivityReport).where(ActivityReport.update_id == update.id)).one()


def levels(line):
    return [(step.level, step.is_undo) for step in ladder.steps_of(line)]


@pytest.mark.parametrize(
    ("said", "shown", "level"),
    [
        (DONE, [], EvidenceLevel.CLAIMED),
        (Said(ActivityState.DONE, "Fifteen came."), [], EvidenceLevel.EXPLAINED),
        (Said(ActivityState.BLOCKED, help_text="Who sells dye?"), [], EvidenceLevel.EXPLAINED),
        (DONE, [Shown(url="https://example.org/register")], EvidenceLevel.DOCUMENTED),
        (DONE, [Shown(name="a.jpg", judged=judge(picture()))], EvidenceLevel.DOCUMENTED),
        (
            Said(ActivityState.DONE, "See the list."),
            [Shown(name="a.pdf", judged=judge(PDF))],
            EvidenceLevel.DOCUMENTED,
        ),
    ],
    ids=range(6),
)
def test_a_report_begins_on_the_step_that_it_shows_by_itself(plan, said, shown, level):
    assert told(plan, said, shown).evidence == level


def test_a_supervisor_confirms_and_a_coordinator_verifies_each_as_a_step_with_who_when_and_how(make, plan):
    report, coordinator = told(plan), make.user(name="Devi")
    assert ladder.confirm(report, "Head of division", "Yes, I saw it.", NOW)
    ladder.verify(report, coordinator, Source.VISIT, "Saw the desk.", NOW + timedelta(days=1))
    (confirmed, verified) = ladder.steps_of(report)
    assert (confirmed.how, confirmed.by_name, confirmed.note) == (
        Source.SUPERVISOR,
        "Head of division",
        "Yes, I saw it.",
    )
    assert (verified.how, verified.by_id, verified.taken_at) == (
        Source.VISIT,
        coordinator.id,
        NOW + timedelta(days=1),
    )
    assert report.evidence == EvidenceLevel.VERIFIED
    assert not ladder.confirm(report, "Another", "", NOW)
    entries = sa.select(AuditEntry.verb).where(AuditEntry.subject == "activity_reports")
    assert db.session.scalars(entries.order_by(AuditEntry.id)).all() == ["confirmed", "verified"]


@pytest.mark.parametrize(
    ("how_", "note"), [(Source.VISIT, ""), (Source.SELF, "I say so"), (Source.SUPERVISOR, "x")]
)
def test_nothing_is_verified_without_a_way_and_a_word(make, plan, how_, note):
    with pytest.raises(ladder.StepNotOpen):
        ladder.verify(told(plan), make.user(), how_, note, NOW)


def test_a_step_is_taken_back_by_a_further_row(make, plan):
    report, coordinator = told(plan, Said(ActivityState.DONE, "Done.")), make.user()
    ladder.verify(report, coordinator, Source.PHONE, "She read it out.", NOW)
    ladder.undo(report, coordinator, "Wrong village.", NOW)
    assert report.evidence == EvidenceLevel.EXPLAINED
    ladder.verify(report, coordinator, Source.VISIT, "Right village.", NOW)
    assert report.evidence == EvidenceLevel.VERIFIED
    assert levels(report) == [
        (EvidenceLevel.EXPLAINED, False),
        (EvidenceLevel.VERIFIED, False),
        (EvidenceLevel.EXPLAINED, True),
        (EvidenceLevel.VERIFIED, False),
    ]
    ladder.undo(report, coordinator, "Again.", NOW)
    with pytest.raises(ladder.StepNotOpen):
        ladder.undo(report, coordinator, "Her words stay.", NOW)


def test_a_later_report_counts_instead_and_what_is_over_stays_as_well_shown(make, plan):
    verified = told(plan)
    ladder.verify(verified, make.user(), Source.VISIT, "Seen.", NOW)
    again = told(plan)
    assert again.evidence == EvidenceLevel.VERIFIED
    assert [step.note for step in ladder.steps_of(again)] == ["Seen."]
    assert (verified.is_latest, again.is_latest) == (False, True)
    reopened = told(plan, Said(ActivityState.ON_TRACK))
    assert reopened.evidence == EvidenceLevel.CLAIMED
    assert told(plan).evidence == EvidenceLevel.CLAIMED


@pytest.mark.parametrize(
    ("between", "level"), [(ActivityState.DONE, "confirmed"), (ActivityState.ON_TRACK, "claimed")]
)
def test_what_she_said_again_while_the_supervisor_was_asked_is_confirmed_too(plan, between, level):
    earlier = told(plan)
    check = confirmations.ask(plan, "Head", "head@example.org", NOW, None)
    (claim,) = confirmation_queries.claims_in(check)
    told(plan, Said(between), now=NOW + timedelta(days=1))
    latest = told(plan, now=NOW + timedelta(days=2))
    confirmations.answer(check, {claim.answer.id: Confirmation.YES}, "I saw it.", NOW + timedelta(days=3))
    assert (earlier.evidence, latest.evidence) == ("confirmed", level)


def test_what_does_not_fit_a_state_is_left_out(plan):
    done = told(plan, Said(ActivityState.DONE, percent=60, blocker=Blocker.FINANCE))
    assert (done.percent, done.blocker) == (None, None)
    stuck = told(
        plan, Said(ActivityState.BLOCKED, percent=60, blocker=Blocker.FINANCE, help_text="A letter.")
    )
    assert (stuck.percent, stuck.blocker, stuck.wants_help) == (60, Blocker.FINANCE, True)
    with pytest.raises(progress.NoSuchShare):
        told(plan, Said(ActivityState.ON_TRACK, percent=101))


def test_a_photo_that_is_kept_has_no_exif(plan):
    told(plan, shown=[Shown(name="a.jpg", judged=judge(from_a_phone()))])
    kept = db.session.scalars(sa.select(FileContent)).one()
    assert b"Exif" not in kept.data


def test_the_same_photo_is_kept_once_on_a_line_and_seven_are_too_many(plan):
    update = actions.begin_update(plan, Source.SELF, NOW)
    same = Shown(name="a.jpg", judged=judge(picture()))
    for _time in range(2):
        actions.show(update, first(plan), same, NOW)
    assert db.session.scalar(sa.select(sa.func.count(Evidence.id))) == 1
    for number in range(evidence.MOST - 1):
        actions.show(update, first(plan), Shown(url=f"https://example.org/{number}"), NOW)
    with pytest.raises(evidence.TooMuch):
        actions.show(update, first(plan), Shown(url="https://example.org/x"), NOW)


def test_what_a_draft_shows_can_be_taken_back_and_what_was_sent_cannot(plan):
    update = actions.begin_update(plan, Source.SELF, NOW)
    actions.show(update, first(plan), Shown(name="a.pdf", judged=judge(PDF)), NOW)
    shown = db.session.scalars(sa.select(Evidence)).one()
    evidence.take_back(update, shown.id)
    assert db.session.scalar(sa.select(sa.func.count(StoredFile.id))) == 0
    actions.show(update, first(plan), Shown(name="a.pdf", judged=judge(PDF)), NOW)
    actions.send_update(update, NOW)
    evidence.take_back(update, db.session.scalars(sa.select(Evidence.id)).one())
    assert db.session.scalar(sa.select(sa.func.count(Evidence.id))) == 1


def test_erasure_reaches_her_files_and_leaves_the_figures(plan):
    report = told(plan, shown=[Shown(name="a.pdf", judged=judge(PDF), caption="My house")])
    evidence.forget(plan)
    assert db.session.scalar(sa.select(sa.func.count(FileContent.sha256))) == 0
    left = db.session.scalars(sa.select(Evidence)).one()
    assert (left.file_id, left.caption) == (None, "")
    assert report.evidence == EvidenceLevel.DOCUMENTED


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("", ""),
        (" example.org/register ", "https://example.org/register"),
        ("http://example.org", "http://example.org"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://", None),
        ("https://ex ample.org", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
    ],
)
def test_a_link_is_one_that_a_browser_opens(app, text, link):
    if link is None:
        with app.test_request_context(), pytest.raises(evidence.NotALink):
            evidence.read_link(text)
    else:
        assert evidence.read_link(text) == link


def test_the_parts_of_a_count_stand_beside_it(plan):
    indicator = queries.indicators_of(plan)[0]
    indicator.disaggregation = "sex"
    db.session.flush()
    db.session.refresh(indicator)
    counted = Counted(
        Decimal(17), {"women": Decimal(11), "men": Decimal(6), "cats": Decimal(1)}, "From my register"
    )
    actions.report(plan, Source.SELF, NOW, values=[(indicator, counted)])
    value = db.session.scalars(sa.select(IndicatorValue)).one()
    assert value.parts == {"women": "11", "men": "6"}
    assert value.evidence == EvidenceLevel.EXPLAINED


STEP = st.tuples(
    st.integers(0, 2),
    st.sampled_from(list(ActivityState)),
    st.sampled_from(["", "words"]),
    st.sampled_from([None, 0, 30, 100]),
    st.sampled_from(["", "confirm", "verify", "undo"]),
    st.integers(0, 60),
)


@how(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=8))
def test_history_never_shrinks_and_counting_never_grows_with_the_level(app, steps):
    import factories

    plan, coordinator = factories.action_plan(), factories.user()
    actions.submit(plan, NOW)
    actions.approve(plan, NOW)
    lines, indicator = queries.activities_of(plan), queries.indicators_of(plan)[0]
    history = ([], [])
    for number, state, note, percent, judged, value in steps:
        counted = [(indicator, Counted(Decimal(value)))]
        said = [(lines[number], Said(state, note, percent))]
        actions.report(plan, Source.SELF, NOW, activities=said, values=counted)
        latest = progress_queries.latest_reports([plan.id])[lines[number].id]
        _judge(latest, judged, coordinator)
        now_told = _history()
        assert all(new[: len(old)] == old for old, new in zip(history, now_told, strict=True))
        history = now_told
        assert latest.evidence == (ladder.standing(ladder.steps_of(latest)) or [_Claim])[-1].level
    counts = [counting.of_plans([plan.id], level)[plan.id] for level in EvidenceLevel]
    whole = [counting.of_cohort(plan.enrolment.cohort_id, level) for level in EvidenceLevel]
    assert counts == whole
    for weaker, stronger in pairwise(counts):
        assert stronger.done <= weaker.done <= weaker.activities
        assert stronger.reached <= weaker.reached <= weaker.measured <= weaker.indicators
        assert stronger.measured <= weaker.measured
        assert (stronger.percent or 0) <= (weaker.percent or 0) <= 100
    db.session.rollback()


class _Claim:
    level = EvidenceLevel.CLAIMED


def _judge(report, judged, coordinator):
    try:
        if judged == "confirm":
            ladder.confirm(report, "Head", "", NOW)
        elif judged == "verify":
            ladder.verify(report, coordinator, Source.VISIT, "Seen.", NOW)
        elif judged == "undo":
            ladder.undo(report, coordinator, "Not so.", NOW)
    except ladder.StepNotOpen:
        pass


def _history():
    """Everything that was ever said, and every step, without what follows from it."""
    columns = (
        ActivityReport.id,
        ActivityReport.state,
        ActivityReport.note,
        ActivityReport.percent,
        ActivityReport.blocker,
    )
    said = db.session.execute(sa.select(*columns).order_by(ActivityReport.id))
    steps = db.session.execute(sa.select(EvidenceStep.id, EvidenceStep.level).order_by(EvidenceStep.id))
    return [tuple(row) for row in said], [tuple(row) for row in steps]
