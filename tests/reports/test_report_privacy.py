"""What a report may be published with: nothing of fewer than five people, nor of answers still to come."""

from datetime import timedelta

from report_rows import CHOICES, DAY, NOW, THEN, asked, begun, consent, edition, enrolments, over_years

from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.impact.feeds import actions as impact
from trainingapp.impact.frames.models import FrameIndicator
from trainingapp.plans.models import ActivityState, Indicator, PlanState
from trainingapp.plans.progress import actions as progress
from trainingapp.plans.progress.models import Source
from trainingapp.programmes.frame_models import FrameKind, ReferenceFrame
from trainingapp.reports import composing, queries
from trainingapp.reports.sections import edition as people
from trainingapp.responses.models import Answer, Response


def told(report, key):
    return next(one for one in composing.parts(report) if one.place.key == key).told


def asked_for_contribution(make, wave, answers):
    """So many of those who answered the wave said how much came from the programme."""
    question = make.question(
        wave.survey_version,
        key="contribution",
        kind="one_of",
        position=8,
        wording={"en": "How much came of it?"},
        options=CHOICES,
    )
    responses = db.session.query(Response).filter_by(wave_id=wave.id).order_by(Response.id.desc())
    for response in responses.limit(answers):
        make.add(Answer(response_id=response.id, question_id=question.id, choice="staff"))


def test_how_much_came_from_the_programme_waits_until_the_wave_has_closed(make, writer, programme):
    cohort = edition(programme)
    wave, _questions = asked(cohort, closes_on=DAY)
    asked_for_contribution(make, wave, 8)
    assert "How much came of it?" not in str(told(begun(cohort, writer), "impact").pieces)
    wave.closes_on = DAY - timedelta(days=1)
    assert "How much came of it?" in str(told(begun(cohort, writer), "impact").pieces)


def test_how_much_came_from_the_programme_counts_no_wave_of_few(make, writer, programme):
    """Beside a report of the day before it would be that one person's answer."""
    cohort = edition(programme)
    for months, answers in ((0, 6), (6, 1)):
        wave, _questions = asked(cohort, months=months, answers=8)
        asked_for_contribution(make, wave, answers)
    shown = str(told(begun(cohort, writer), "impact").pieces)
    assert "of 6" in shown
    assert "of 7" not in shown


def tables(report, key):
    return {one["caption"]: one["rows"] for one in told(report, key).pieces if one["kind"] == "table"}


def plans_for(make, cohorts):
    """One plan of each, that feeds the same indicator."""
    frame = ReferenceFrame(
        key="ours",
        kind=FrameKind.RESULTS,
        name="Results",
        valid_from=THEN.date(),
        source="Ours",
        loaded_at=THEN,
    )
    to = FrameIndicator(
        frame_id=make.add(frame).id, code="R1", name="Firms", counted_in="firms", also_called=[], position=1
    )
    make.add(to)
    for cohort in cohorts:
        plan = make.action_plan(
            enrolments(cohort)[0],
            state=PlanState.APPROVED,
            submitted_at=THEN,
            approved_at=THEN,
            saved_at=THEN,
        )
        indicator = db.session.query(Indicator).filter_by(plan_id=plan.id).one()
        indicator.unit = "firms"
        impact.link(indicator, to, make.user(), THEN, contribution="She trained the first group.")


def test_an_edition_of_few_stands_in_no_table_of_years_nor_in_a_sum(make, programme, writer):
    """Together says the same in every table: what one has more than another would be the small edition."""
    cohort, small = edition(programme), edition(programme, year=2018, people=3, name="Small one")
    for each in (cohort, small):
        asked(each, answers=3)
    plans_for(make, [cohort, small])
    report = over_years(programme, writer)
    shown = tables(report, "people")
    together = {caption: rows[-1][1]["text"] for caption, rows in shown.items()}
    assert together == {"Countries": "12", "Women and men": "12", "What people do": "12"}
    (plans,) = (row[1]["text"] for rows in tables(report, "impact").values() for row in rows)
    assert plans == "1"
    assert "Small one" not in str(composing.document(report))


def report_on(make, enrolment, activities):
    plan = make.action_plan(
        enrolment, state=PlanState.APPROVED, submitted_at=THEN, approved_at=THEN, saved_at=THEN
    )
    for place in range(activities):
        done = make.activity(plan, position=place + 4)
        update = progress.begin_update(plan, Source.SELF, THEN)
        progress.report_activity(update, done, ActivityState.DONE, "")
        progress.send_update(update, THEN)


def test_how_well_it_is_shown_is_told_of_five_people_not_of_five_activities(make, programme, writer):
    cohort = edition(programme)
    everyone = enrolments(cohort)
    report_on(make, everyone[0], 6)
    for one in everyone[1:4]:
        report_on(make, one, 1)
    make.action_plan(everyone[4], state=PlanState.APPROVED, submitted_at=THEN, approved_at=THEN)
    report = begun(cohort, writer)
    assert "How well it is shown" not in str(told(report, "plans").pieces)
    report_on(make, everyone[5], 1)
    assert "How well it is shown" in str(told(report, "plans").pieces)


def test_what_people_agreed_to_is_no_trend(make, programme, writer):
    for year in (2018, 2019):
        wave, _questions = asked(edition(programme, year=year))
        agreed = consent(wave.survey_version)
        for response in db.session.query(Response).filter_by(wave_id=wave.id):
            make.add(Answer(response_id=response.id, question_id=agreed.id, choice="yes"))
    shown = str(told(over_years(programme, writer), "trends").pieces)
    assert "About useful" in shown
    assert "About agreed" not in shown


def test_no_sentence_is_offered_of_waves_that_fewer_than_five_were_asked_in(programme, writer):
    cohort = edition(programme)
    for months in (0, 6):
        asked(cohort, months=months, answers=4)
    report = begun(cohort, writer)
    assert [*told(report, "said").sentences, *told(report, "changed").sentences] == []


def test_countries_that_find_no_row_are_counted_in_one_of_the_others(make, programme, writer, monkeypatch):
    monkeypatch.setattr(people, "MOST_COUNTRIES", 1)
    cohort = edition(programme)
    for country in ("BT", "LA"):
        for _one in range(3 if country == "BT" else 6):
            make.enrolment(
                cohort, make.participant(country=country), country=country, state=EnrolmentState.COMPLETED
            )
    rows = tables(begun(cohort, writer), "people")["Countries"]
    assert [(row[0]["text"], row[1]["text"]) for row in rows] == [
        ("Bhutan", "8"),
        ("2 others", "13"),
        ("Together", "21"),
    ]


def test_reports_of_an_edition_are_found_however_many_the_programme_has(programme, writer, monkeypatch):
    monkeypatch.setattr(queries, "LISTED", 2)
    cohort, other = edition(programme), edition(programme, year=2020)
    report = begun(cohort, writer)
    for _one in range(2):
        begun(other, writer, now=NOW + timedelta(hours=1))
    assert [one.id for one in queries.of_cohort(cohort, drafts=True)] == [report.id]


def test_one_country_is_no_countries(programme, writer):
    cohort = edition(programme, people=7)
    assert told(begun(cohort, writer), "short").sentences == [
        "7 people from 1 country took part, and 7 completed the course."
    ]
    (sentence,) = told(over_years(programme, writer), "years_short").sentences
    assert sentence == "1 edition (2019) brought together 7 people from 1 country."


def test_the_method_says_what_reports_beside_each_other_may_tell(programme, writer):
    privacy = {
        row[0]["text"]: row[1]["text"]
        for row in tables(begun(edition(programme), writer), "method")["How to read the figures"]
    }["Privacy"]
    assert "beside each other" in privacy
    assert "never of answers" in privacy
