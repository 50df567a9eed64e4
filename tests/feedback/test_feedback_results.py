"""What the results page counts, and what it keeps to itself."""

import io
import threading

import feedback_rows as rows
import openpyxl
import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone

from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.db import db
from trainingapp.feedback.results import charts, exports, queries
from trainingapp.followups.models import Wave, WaveState
from trainingapp.programmes.models import Role
from trainingapp.responses.models import ResponseState
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity, Question
from trainingapp.surveys.question_types import QUESTION_TYPES


def drawn(wave, by=None):
    asked = surveys.questions_of(wave.survey_version)
    found = charts.of_gathered(wave, asked, "en")
    if by:
        found = charts.Groups.of(wave, asked).tell(found, by)
    return {chart.question.key: chart for chart in found}


def answer(make, wave, asked, number, country="NP", kind=EnrolmentKind.OFFICIAL, **answers):
    for _ in range(number):
        enrolment = make.enrolment(wave.schedule.cohort, country=country, kind=kind)
        rows.response(wave, asked, enrolment=enrolment, **answers)


def test_every_kind_of_question_has_a_chart_and_a_template(app):
    for kind in QUESTION_TYPES:
        drawn = charts.kind_of(Question(kind=kind))
        assert drawn.kind in {kind, "yes_no"}, "a consent is a yes or no"
    for kind in (kind for kind, drawn in charts.CHARTS.items() if drawn.is_drawn):
        app.jinja_env.get_template(f"feedback/charts/_{kind}.html")


def test_answers_are_counted_by_choice_with_those_nobody_chose(make):
    wave, asked = rows.wave()
    answer(make, wave, asked, 4, useful=5, started="yes", obstacles=["money", "staff"], firms=3)
    answer(make, wave, asked, 2, useful=2, started="no", obstacles=["money"], firms=40)
    found = drawn(wave)
    assert found["useful"].counts == [0, 2, 0, 0, 4]
    assert (found["useful"].mean, found["useful"].high, found["useful"].high_from) == (4.0, 4, "4")
    assert (found["useful"].labels, found["useful"].ends) == (list("12345"), ("not at all", "fully"))
    assert found["started"].counts == [4, 2]
    assert (found["obstacles"].people, found["obstacles"].counts) == (6, [6, 4, 0])
    assert (found["firms"].median, found["firms"].total) == (3, 92)
    assert sum(found["firms"].counts) == 6


def test_only_sent_answers_count(make):
    wave, asked = rows.wave()
    answer(make, wave, asked, 5, useful=5)
    rows.response(wave, asked, ResponseState.DRAFT, useful=1)
    assert queries.answered(wave) == 5
    assert drawn(wave)["useful"].counts == [0, 0, 0, 0, 5]


def test_a_question_that_fewer_than_five_answered_is_hidden(make):
    wave, asked = rows.wave()
    answer(make, wave, asked, 5, useful=5)
    answer(make, wave, asked, 4, started="yes", firms=2)
    found = drawn(wave)
    assert not found["useful"].is_hidden
    assert found["started"].is_hidden
    assert found["firms"].is_hidden
    assert found["firms"].lines == []


def mixed(make, wave, asked, number, *place, **kinds):
    """Half of them say 5, the others 2."""
    answer(make, wave, asked, number // 2, *place, useful=5, **kinds)
    answer(make, wave, asked, number - number // 2, *place, useful=2, **kinds)


def test_small_countries_are_told_together_with_the_next_smallest(make):
    wave, asked = rows.wave()
    mixed(make, wave, asked, 3, "FJ")
    mixed(make, wave, asked, 6, "LA")
    mixed(make, wave, asked, 9, "NP")
    groups = {row.group: (row.people, row.counts) for row in drawn(wave, "country")["useful"].groups}
    assert groups == {("NP",): (9, [4]), ("FJ", "LA"): (9, [4])}


def test_a_question_that_all_of_a_group_answered_alike_is_not_told_by_group(make):
    wave, asked = rows.wave()
    answer(make, wave, asked, 6, "LA", useful=3, started="yes")
    answer(make, wave, asked, 9, "NP", useful=2, started="yes")
    answer(make, wave, asked, 1, "NP", useful=5, started="yes")
    found = drawn(wave, "country")
    assert found["useful"].is_held_back
    assert found["useful"].groups == []
    assert [row.counts for row in found["started"].groups] == [[10], [6]]  # everybody said so


def test_a_group_that_nearly_fills_another_is_not_told(make):
    """Officials less Nepal would be three people."""
    wave, asked = rows.wave()
    mixed(make, wave, asked, 6, "NP", EnrolmentKind.OFFICIAL)
    mixed(make, wave, asked, 3, "LA", EnrolmentKind.OFFICIAL)
    mixed(make, wave, asked, 7, "LA", EnrolmentKind.ACADEMIA)
    groups = charts.Groups.of(wave, surveys.questions_of(wave.survey_version))
    assert groups.dimensions == ["kind"]


def read_by_a_coordinator(client, make, wave):
    """The address of the wave's results, for someone who may see them."""
    address = f"/feedback/waves/{wave.id}"
    client.sign_in(make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR)))
    return address


def test_the_page_says_k_of_n_with_its_range_and_draws_every_kind(client, make):
    wave, asked = rows.wave()
    everything = {"useful": 4, "fitted": 5, "recommend": 9, "started": "yes", "obstacles": ["money"]}
    answer(make, wave, asked, 11, **everything, first="staff", firms=12, change="More time", role="Buyer")
    for _ in range(10):
        rows.invitation(wave, make.enrolment(wave.schedule.cohort))
    address = read_by_a_coordinator(client, make, wave)
    page = client.get(address).text
    assert "52%, likely range 32% to 72%" in page
    assert page.count("<h1>") == 1
    for key in asked:
        assert f"About {key}" in page
    assert "1: 0, 2: 0, 3: 0, 4: 0, 5: 11" in page
    assert "1 not at all to 5 fully" in page
    assert "More time" not in page


@pytest.mark.parametrize("by", ["country", "sex", "kind"])
def test_the_page_breaks_down_and_says_what_it_hides(client, make, by):
    wave, asked = rows.wave(keys=("useful", "started"))
    mixed(make, wave, asked, 7, "LA", EnrolmentKind.ACADEMIA, started="no")
    mixed(make, wave, asked, 6, "LA", started="yes")
    mixed(make, wave, asked, 9, "NP", started="yes")
    address = read_by_a_coordinator(client, make, wave)
    page = client.get(f"{address}?by={by}")
    assert page.status_code == 200
    told = {"kind": "Academia", "country": "Nepal"}
    assert ("Not told by this group" in page.text) == (by == "sex")
    assert by == "sex" or told[by] in page.text
    assert ("Not told by group" in page.text) == (by != "sex")  # all of academia said no


def test_fewer_than_five_answers_stay_hidden(client, make):
    wave, asked = rows.wave()
    answer(make, wave, asked, 4, useful=5)
    address = read_by_a_coordinator(client, make, wave)
    page = client.get(address).text
    assert "Fewer than five people answered" in page
    assert "About useful" not in page


def test_anonymous_answers_wait_for_the_close_and_have_no_groups(client, make):
    wave, asked = rows.wave(anonymity=Anonymity.ANONYMOUS)
    answer(make, wave, asked, 12, useful=5)
    address = read_by_a_coordinator(client, make, wave)
    assert "when the wave has closed" in client.get(address).text
    assert client.get(f"{address}?by=country").status_code == 404
    db.session.execute(sa.update(Wave).values(state=WaveState.CLOSED))
    db.session.commit()
    assert "About useful" in client.get(address).text


def test_the_editions_page_lists_its_waves(client, make):
    wave, asked = rows.wave()
    later, _questions = rows.wave(wave.schedule.cohort, offset_months=12)
    answer(make, wave, asked, 5, useful=5, change="Good")
    edition, waves = wave.schedule.cohort_id, (wave.id, later.id)
    read_by_a_coordinator(client, make, wave)
    page = client.get(f"/feedback/cohorts/{edition}").text
    assert "5 of 5" in page
    assert f"/feedback/waves/{waves[1]}" in page
    assert f"wave={waves[0]}" in page


@pytest.mark.parametrize("path", ["waves/{wave}", "waves/{wave}?by=kind", "cohorts/{cohort}"])
def test_no_page_asks_more_of_the_database_for_more_answers(client, make, path):
    wave, asked = rows.wave()
    given = {
        "useful": 4,
        "recommend": 9,
        "started": "yes",
        "obstacles": ["money"],
        "firms": 12,
        "change": "x",
    }
    answer(make, wave, asked, 10, **given)
    wave_id, address = wave.id, "/feedback/" + path.format(wave=wave.id, cohort=wave.schedule.cohort_id)
    read_by_a_coordinator(client, make, wave)
    client.get(address)
    few = client.statements(address)
    answer(make, db.session.get(Wave, wave_id), rows.asked_in(wave_id), 50, **given)
    db.session.commit()
    many = client.statements(address)
    assert many == few


@pytest.mark.parametrize("path", ["waves/{wave}", "cohorts/{cohort}"])
@pytest.mark.parametrize(("role", "status"), [(None, 404), (Role.ORGANISER, 403)])
def test_results_need_the_right_and_other_programmes_do_not_exist(client, make, path, role, status):
    wave, _asked = rows.wave()
    address = "/feedback/" + path.format(wave=wave.id, cohort=wave.schedule.cohort_id)
    here = [(wave.schedule.cohort.theme.programme, role)] if role else []
    client.sign_in(make.user((make.programme(), Role.COORDINATOR), *here))
    assert client.get(address).status_code == status


def test_a_file_of_a_confidential_wave_has_no_names(client, make):
    wave, asked = rows.wave(keys=("useful", "obstacles", "firms", "change"))
    answer(make, wave, asked, 5, useful=4, obstacles=["money"], firms=2, change="=SUM(A1)")
    address = read_by_a_coordinator(client, make, wave)
    lines = client.post(f"{address}/answers.csv").text.lstrip("\ufeff").splitlines()
    assert lines[0].split(",") == [
        "useful", "obstacles.money", "obstacles.staff", "obstacles.other", "firms", "change",
    ]  # fmt: skip
    assert len(lines) == 6
    assert lines[1] == "4,1,,,2,'=SUM(A1)"


@on_postgresql_alone
def test_an_answer_that_comes_while_the_file_is_written_breaks_nothing(app, make):
    wave, asked = rows.wave(keys=("useful", "firms"))
    answer(make, wave, asked, 5, useful=4, firms=2)
    db.session.commit()
    wave_id, queries_begun = wave.id, []

    def another_answers():
        with app.app_context():
            found = db.session.get_one(Wave, wave_id)
            answer(make, found, rows.asked_in(wave_id), 1, useful=1, firms=7)
            db.session.commit()

    def before_the_second(_connection, _cursor, statement, *_more):
        if "LEFT OUTER JOIN answers" in statement:
            queries_begun.append(statement)
            if len(queries_begun) == 2:
                arriving = threading.Thread(target=another_answers)
                arriving.start()
                arriving.join()

    _headings, lines = exports.answers(wave, surveys.questions_of(wave.survey_version))
    sa.event.listen(db.engine, "before_cursor_execute", before_the_second)
    try:
        found = list(lines)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", before_the_second)
    assert len(queries_begun) == 2
    assert sorted(useful for useful, _firms in found if useful) == [4] * 5
    assert sorted(firms for _useful, firms in found) == [2] * 5 + [7]


@pytest.mark.parametrize("anonymity", [Anonymity.CONFIDENTIAL, Anonymity.ANONYMOUS])
def test_no_row_of_a_file_without_names_is_a_person(client, make, anonymity):
    wave, asked = rows.wave(None, anonymity, ("useful", "firms", "first"), state=WaveState.CLOSED)
    for number in range(40):
        few = {"first": "money"} if number < 4 else {}
        answer(make, wave, asked, 1, useful=1 + number % 5, firms=number, **few)
    address = read_by_a_coordinator(client, make, wave)
    headings, *lines = client.post(f"{address}/answers.csv").text.lstrip("\ufeff").splitlines()
    assert headings == "useful,firms"  # four people said what came first
    found = [tuple(map(int, line.split(","))) for line in lines]
    assert sorted(firms for _useful, firms in found) == list(range(40))
    assert [1 + firms % 5 for _useful, firms in found] != [useful for useful, _firms in found]


def test_fewer_than_five_confidential_answers_are_not_given_out(client, make):
    """The ledger says who has answered, so a file of one row would say what she wrote."""
    wave, asked = rows.wave(keys=("useful",))
    answer(make, wave, asked, 4, useful=4)
    address = read_by_a_coordinator(client, make, wave)
    assert "answers.csv" not in client.get(address).text
    assert client.post(f"{address}/answers.csv").status_code == 409


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_of_a_named_wave_names_people(client, make, kind):
    wave, asked = rows.wave(anonymity=Anonymity.NAMED, keys=("useful",))
    enrolment = make.enrolment(wave.schedule.cohort, make.participant("Bishal Copperleaf"))
    rows.response(wave, asked, enrolment=enrolment, useful=4)
    address = read_by_a_coordinator(client, make, wave)
    file = client.post(f"{address}/answers.{kind}").data
    if kind == "csv":
        assert b"Bishal Copperleaf" in file
    else:
        cells = openpyxl.load_workbook(io.BytesIO(file)).active.values
        assert [row[0] for row in cells] == ["name", "Bishal Copperleaf"]


def test_anonymous_answers_cannot_be_taken_out_early(client, make):
    wave, asked = rows.wave(anonymity=Anonymity.ANONYMOUS, keys=("useful",))
    answer(make, wave, asked, 6, useful=4)
    address = read_by_a_coordinator(client, make, wave)
    assert client.post(f"{address}/answers.csv").status_code == 409
