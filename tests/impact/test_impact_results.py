"""Figures that plans add up to: levels of evidence, the same firms once, units apart, and as of a day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from clients import counting
from impact_rows import DAY, HELPED, THEN, fed, frame_indicator, tell

from trainingapp.cohorts import actions as cohorts
from trainingapp.cohorts import editions
from trainingapp.cohorts.models import CohortState, EnrolmentKind, EnrolmentState
from trainingapp.db import db
from trainingapp.impact import contribution, origins, queries, results
from trainingapp.impact.feeds import actions as feeding
from trainingapp.impact.figures import Dimension, PlanFate
from trainingapp.impact.models import Feed
from trainingapp.impact.scope import Scope
from trainingapp.plans import actions as plans
from trainingapp.plans.models import Activity, ActivityState, PlanState
from trainingapp.plans.progress import ladder
from trainingapp.plans.progress.actions import Said
from trainingapp.plans.progress.models import EvidenceLevel, Source
from trainingapp.reports import counts

CLAIMED, EXPLAINED, VERIFIED = EvidenceLevel.CLAIMED, EvidenceLevel.EXPLAINED, EvidenceLevel.VERIFIED


def amount(scope, level=CLAIMED):
    found = results.results(scope, level)
    return found[0].amount if found else None


@pytest.fixture
def cohort(make):
    return make.cohort(starts_on=date(2023, 7, 3), ends_on=date(2023, 7, 14))


@pytest.fixture
def scope(cohort):
    return Scope(cohort.theme.programme_id)


def test_a_figure_never_grows_when_more_evidence_is_asked_for(app, make, cohort, scope):
    to = frame_indicator(make)
    said, counted = fed(make, to, cohort), fed(make, to, cohort)
    tell(*said, 7, note="")
    tell(*counted, 5)
    assert [amount(scope, level).actual for level in EvidenceLevel] == [12, 5, 0, 0, 0]
    assert [amount(scope, level).left_out for level in EvidenceLevel] == [0, 1, 2, 2, 2]
    assert amount(scope, EXPLAINED).target == 80
    assert amount(scope, EXPLAINED).way == 5 / 80


def test_a_baseline_or_target_that_a_plan_does_not_state_is_not_taken_for_zero(app, make, cohort, scope):
    to = frame_indicator(make)
    tell(*fed(make, to, cohort, baseline=10, target=20), 15)
    assert (amount(scope).baseline, amount(scope).change, amount(scope).target) == (10, 5, 20)
    tell(*fed(make, to, cohort, baseline=None, target=20), 300)
    found = amount(scope)
    assert (found.actual, found.baseline, found.change, found.target) == (315, None, None, 40)
    assert found.way == 5 / 10
    tell(*fed(make, to, cohort, baseline=10, target=None), 300)
    assert (amount(scope).target, amount(scope).way) == (None, None)


def test_where_no_plan_counts_yet_there_is_no_baseline(app, make, cohort, scope):
    fed(make, frame_indicator(make), cohort)
    found = amount(scope)
    assert (found.counted, found.baseline, found.change, found.target) == (0, None, None, 40)


def test_the_firms_of_an_owner_and_firms_named_alike_count_once(app, make, cohort, scope):
    to = frame_indicator(make)
    own = {"kind": EnrolmentKind.ENTREPRENEUR, "organisation": "Palpa Dhaka House", "country": "NP"}
    tell(*fed(make, to, cohort, **own), 9)
    tell(*fed(make, to, cohort, **{**own, "organisation": "PALPA dhaka  house"}), 4)
    tell(*fed(make, to, cohort), 3)
    assert amount(scope).actual == 12
    assert results.results(scope, CLAIMED)[0].alike == 1
    rows = results.behind(scope, CLAIMED, to, 10)
    assert [(row.value.value, row.counts, row.is_alike) for row in rows] == [
        (9, True, False),
        (3, True, False),
        (4, False, True),
    ]


def test_of_the_same_firms_the_plan_that_reported_is_told_before_one_that_did_not(app, make, cohort, scope):
    to = frame_indicator(make)
    own = {"kind": EnrolmentKind.ENTREPRENEUR, "organisation": "Palpa Dhaka House", "country": "NP"}
    fed(make, to, cohort, target=100, **own)
    tell(*fed(make, to, cohort, target=30, **own), 7)
    assert amount(scope, VERIFIED).target == 30
    rows = results.behind(scope, VERIFIED, to, 10)
    assert [(row.value is None, row.is_alike) for row in rows] == [(False, False), (True, True)]


def test_units_do_not_mix_unless_somebody_says_why_they_are_the_same(app, make, cohort):
    to = frame_indicator(make)
    user = make.user()
    _plan, weavers = fed(make, to, cohort, unit="weavers", link=False)
    with pytest.raises(feeding.UnitsDiffer):
        feeding.link(weavers, to, user, THEN, contribution=HELPED)
    with pytest.raises(feeding.ContributionMissing):
        feeding.link(weavers, to, user, THEN, contribution="", same_unit="Each is a firm.")
    feed = feeding.link(weavers, to, user, THEN, contribution=HELPED, same_unit="Each is a firm.")
    with pytest.raises(feeding.AlreadyLinked):
        feeding.link(weavers, to, user, THEN, contribution=HELPED, same_unit="Each is a firm.")
    feeding.unlink(feed, THEN)
    assert feeding.link(weavers, to, user, THEN, contribution=HELPED, same_unit="Each is a firm.")
    _plan, producers = fed(make, to, cohort, unit="Producers", link=False)
    assert feeding.fits(producers, to)


def test_money_is_added_up_for_each_currency(app, make, cohort, scope):
    to = frame_indicator(make, code="R4", counted_in=feeding.MONEY)
    tell(*fed(make, to, cohort, unit="USD"), 100)
    tell(*fed(make, to, cohort, unit="NPR"), 50_000)
    tell(*fed(make, to, cohort, unit="usd"), 20)
    found = {one.unit: one.amount.actual for one in results.results(scope, CLAIMED)}
    assert found == {"NPR": 50_000, "USD": 120}
    _plan, loans = fed(make, to, cohort, unit="loans", link=False)
    with pytest.raises(feeding.UnitsDiffer):
        feeding.link(loans, to, make.user(), THEN, contribution=HELPED, same_unit="A loan is money.")


def test_only_approved_plans_feed_a_frame(app, make, cohort):
    to = frame_indicator(make)
    plan, indicator = fed(make, to, cohort, link=False)
    plan.approved_at = None
    with pytest.raises(feeding.NotApproved):
        feeding.link(indicator, to, make.user(), THEN, contribution=HELPED)


def test_a_figure_told_apart_adds_up_to_the_whole_and_its_parts_are_those_that_were_told(
    app, make, cohort, scope
):
    to = frame_indicator(make)
    one, other = fed(make, to, cohort, country="NP"), fed(make, to, cohort, country="BT")
    one[1].disaggregation = "sex"
    tell(*one, 9, parts={"women": Decimal(5), "men": Decimal(3)})
    tell(*other, 4)
    for by in Dimension:
        groups = results.told_apart(scope, CLAIMED, to, by)
        assert results.sum_of(list(groups.values())) == amount(scope)
    found = results.results(scope, CLAIMED)[0]
    assert dict(found.parts) == {"women": 5, "men": 3}
    assert {country: one.actual for country, one in found.by_country.items()} == {"NP": 9, "BT": 4}


def test_the_same_day_gives_the_same_figures_whatever_comes_later(app, make, cohort, scope):
    to = frame_indicator(make)
    visit = make.site_visit(cohort)
    first, second, third = (fed(make, to, cohort, country=code) for code in ("NP", "BT", "LA"))
    first[0].inspired_by_id = visit.id
    activity = db.session.query(Activity).filter_by(plan_id=first[0].id).first()
    with time_machine.travel(THEN, tick=False):
        tell(*first, 9)
        value = tell(*second, 4)
        plans.report(first[0], Source.SELF, THEN, activities=[(activity, Said(ActivityState.DONE, "Done."))])
    db.session.commit()
    then = scope.but(on=DAY)
    before = _figures(then, to)
    assert before["plans"] == {PlanFate.MOVING: 2, PlanFate.SENT: 1}
    assert before["actual"] == [13, 13, 0, 0, 0]

    now = datetime.now(UTC)
    user = make.user()
    tell(*first, 30, when=now)
    tell(*third, 8, when=now)
    ladder.verify(value, user, Source.VISIT, "I saw the register.", now)
    ladder.undo(value, user, "The register is of another village.", now)
    feeding.unlink(db.session.query(Feed).filter_by(indicator_id=second[1].id).one(), now)
    fed(make, to, cohort, when=now, country="MM")
    plans.stop(third[0], "The owner moved.", now)
    cohorts.put_back(first[0].enrolment, "A mistake.", now)
    cohorts.change(first[0].enrolment, cohorts.Verb.WITHDRAW, "The visa was refused.", now)
    db.session.commit()
    assert _figures(then, to) == before
    today = _figures(scope, to)
    assert today["plans"][PlanFate.STOPPED] == 1
    assert today["actual"] != before["actual"]
    assert today["countries"] == {"BT": 1, "LA": 1, "MM": 1}


def _figures(scope, to):
    found = queries.programme(scope)
    plans_then = {}
    for edition in found.editions:
        plans_then |= {fate: count for fate, count in edition.plans.items() if count}
    return {
        "reached": found.reached,
        "countries": found.countries,
        "completion": found.completion,
        "responses": [edition.responses for edition in found.editions],
        "plans": plans_then,
        "actual": [amount(scope, level).actual for level in EvidenceLevel],
        "groups": results.told_apart(scope, CLAIMED, to, Dimension.COUNTRY),
        "rows": [
            (row.feed.id, row.value and row.value.id, row.evidence, row.counts)
            for row in results.behind(scope, CLAIMED, to, 10)
        ],
        "visits": [(one.visit.id, one.plans, one.activities) for one in origins.of_visits(scope, CLAIMED)],
        "contribution": contribution.said(scope).chosen,
    }


@pytest.mark.parametrize("called_off", [CohortState.CANCELLED, CohortState.POSTPONED])
def test_of_an_edition_that_was_called_off_only_who_had_joined_took_part(make, cohort, scope, called_off):
    for state in (*[EnrolmentState.ENROLLED] * 6, EnrolmentState.JOINED):
        make.enrolment(cohort, state=state, enrolled_at=THEN - timedelta(days=400))
    before = DAY
    assert queries.programme(scope.but(on=before)).reached == 7
    editions.move_on(cohort, called_off, "The hall burnt down.", date(2024, 7, 2))
    db.session.flush()
    after = datetime.now(UTC).date()
    for asked in (scope, scope.but(on=after)):
        assert queries.programme(asked).reached == 1
        assert queries.by_country_and_sex(asked)[cohort.id].total() == 1
    assert queries.programme(scope).different_people == 1
    assert counts.people_by(scope.but(on=after), counts.SEX).total() == 1
    assert queries.programme(scope.but(on=before)).reached == 7


def test_a_plan_whose_history_nobody_wrote_down_is_unknown_for_a_past_day(app, make, cohort, scope):
    to = frame_indicator(make)
    plan, _indicator = fed(make, to, cohort)
    plan.state = PlanState.DONE
    db.session.flush()
    assert queries.programme(scope).finished.k == 1
    found = queries.programme(scope.but(on=DAY))
    assert found.undated == 1
    assert found.finished.k == 0
    assert found.different_people is None


def test_today_and_the_end_of_today_agree(app, make, cohort, scope):
    to = frame_indicator(make)
    fed(make, to, cohort)
    tell(*fed(make, to, cohort), 4)
    now, then = _figures(scope, to), _figures(scope.but(on=datetime.now(UTC).date()), to)
    assert {name: now[name] for name in now if name != "plans"} == {
        name: then[name] for name in then if name != "plans"
    }


def test_statements_do_not_grow_with_plans(app, make, cohort, scope):
    to = frame_indicator(make)

    def asked():
        with counting() as statements:
            _figures(scope, to)
            _figures(scope.but(on=DAY), to)
        return len(statements)

    tell(*fed(make, to, cohort), 4)
    few = asked()
    for _ in range(6):
        tell(*fed(make, to, cohort), 4)
    db.session.expire_all()
    assert asked() <= few + 1


def test_the_level_of_a_value_is_that_of_the_day(app, make, cohort, scope):
    to = frame_indicator(make)
    value = tell(*fed(make, to, cohort), 4)
    ladder.verify(value, make.user(), Source.VISIT, "I saw it.", THEN + timedelta(days=60))
    assert amount(scope, VERIFIED).actual == 4
    assert amount(scope.but(on=DAY), VERIFIED).actual == 0
    assert amount(scope.but(on=DAY), EXPLAINED).actual == 4
