"""From the command line: a spreadsheet of old answers, a map, and what comes in."""

import csv
import io
import json
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone
from factories import NOW

from trainingapp.accounts.models import User
from trainingapp.archives import actions
from trainingapp.archives.commands import import_answers
from trainingapp.archives.models import Archive, ArchiveDraft, ArchivedResponse
from trainingapp.db import db
from trainingapp.responses.models import Answer, Response
from trainingapp.surveys import actions as surveys
from trainingapp.surveys import queries as survey_queries
from trainingapp.surveys.models import Question, Survey

# As form services write them: a line a row.
# ruff: noqa: E501
GOOGLE = [
    ["Timestamp", "Email Address", "How useful is it for your own work?", "What stopped you? (tick all)",
     "Rate the parts [Lectures]", "Rate the parts [Visits]", "Anything else?"],
    ["2019/07/13 2:22:10 PM GMT+7", "sita@example.org", "5", "Money, No time", "Good", "Very good", "More visits, please"],
    ["2019/07/13 2:25:00 PM GMT+7", "Bob@Example.org", "4", "Money", "Poor", "Good", ""],
    ["2019/07/14 8:00:00 AM GMT+7", "thiri@example.org", "3", "No time, Rules (law, tax)", "Good", "Excellent", "Terima kasih"],
    ["2019/07/15 8:00:00 AM GMT+7", "sita@example.org", "NA", "Money, Rules (law, tax)", "", "Good", ""],
]  # fmt: skip

MICROSOFT = [
    ["ID", "Start time", "Completion time", "Email", "Name", "Language", "Is it useful for your work?", "What would help?"],
    ["1", "2020-08-03 09:10", "2020-08-03 09:15", "anonymous", "", "English (United States)", "Strongly agree", "Money;Advice;"],
    ["2", "2020-08-03 10:10", "2020-08-03 10:15", "anonymous", "", "Bahasa Indonesia", "Setuju", "Money;"],
    ["3", "2020-08-04 09:10", "2020-08-04 09:15", "anonymous", "", "English (United States)", "Neutral", "Advice;Something of mine;"],
]  # fmt: skip


def written(folder, rows, name="answers.csv"):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = folder / name
    file.write_text(text.getvalue(), encoding="utf-8")
    return str(file)


@pytest.fixture
def run(app):
    def invoke(*args):
        found = app.test_cli_runner().invoke(import_answers, [str(one) for one in args])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return invoke


@on_postgresql_alone  # SQLite has one lock for all
def test_two_presses_bring_a_file_in_once(app, make, tmp_path):
    user, programme = make.user(), make.programme()
    lines = "Timestamp,useful\n2019-07-13,yes\n2019-07-14,no\n2019-07-15,yes\n"
    draft = actions.begin(
        programme,
        lines.encode(),
        file_name="old.csv",
        survey="old",
        source="Paper",
        cohort=None,
        by=user,
        now=NOW,
    )
    db.session.commit()
    number, user_id, ready, outcomes = draft.id, user.id, Barrier(2), []

    def press():
        with app.app_context():
            mine, by = db.session.get_one(ArchiveDraft, number), db.session.get_one(User, user_id)
            ready.wait()
            try:
                actions.finish(mine, by, NOW)
                db.session.commit()
                outcomes.append("in")
            except actions.AlreadyHere:
                db.session.rollback()
                outcomes.append("there")

    presses = [Thread(target=press) for _press in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(outcomes) == ["in", "there"]
    assert db.session.query(Archive).count() == 1


@pytest.fixture
def guessed(run, tmp_path):
    """The map of a file, guessed and perhaps corrected."""

    def guess(file, key, **changed):
        place = tmp_path / f"{key}.json"
        assert run(file, "--survey", key, "--guess", "--map", place).exit_code == 0
        found = {**json.loads(place.read_text()), **changed}
        place.write_text(json.dumps(found))
        return place, found

    return guess


def test_a_map_is_guessed_before_anything_is_set_up(run, tmp_path):
    found = run(written(tmp_path, GOOGLE), "--survey", "end-2019", "--guess")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["survey"] == "end-2019"
    nowhere = tmp_path / "no-folder" / "map.json"
    found = run(written(tmp_path, GOOGLE), "--survey", "end-2019", "--guess", "--map", nowhere)
    assert (found.exit_code, "cannot be written" in found.stderr) == (2, True)


def answers_to(key):
    query = (
        sa.select(Answer.item, Answer.choice, Answer.number, Answer.text)
        .join(Question, Question.id == Answer.question_id)
        .join(ArchivedResponse, ArchivedResponse.response_id == Answer.response_id)
        .where(Question.key == key)
        .order_by(ArchivedResponse.row, Answer.id)
    )
    return [tuple(row) for row in db.session.execute(query)]


def test_a_google_sheet_comes_in_with_a_guessed_map(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, found = guessed(file, "end-2019")
    kinds = {key: asked["kind"] for key, asked in found["questions"].items()}
    assert kinds == {
        "how_useful_is_it_for_your_own_work": "scale",
        "what_stopped_you_tick_all": "many_of",
        "rate_the_parts": "matrix",
        "anything_else": "text",
    }
    result = run(file, "--survey", "end-2019", "--map", place, "--json")
    said = json.loads(result.output)
    assert result.exit_code == 0, said
    assert said["responses"] == 4
    assert answers_to("what_stopped_you_tick_all")[:3] == [
        ("", "money", None, None),
        ("", "no_time", None, None),
        ("", "money", None, None),
    ]
    assert ("", "rules_law_tax", None, None) in answers_to("what_stopped_you_tick_all")
    assert answers_to("rate_the_parts")[:2] == [("lectures", "4", 4.0, None), ("visits", "5", 5.0, None)]
    assert [row[2] for row in answers_to("how_useful_is_it_for_your_own_work")] == [5.0, 4.0, 3.0]
    first = db.session.scalars(sa.select(Response).order_by(Response.sent_at)).first()
    assert first.sent_at.isoformat() == "2019-07-13T07:22:10+00:00"
    assert first.wave_id is None


def test_no_name_or_address_is_kept_and_one_person_is_still_one(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, _map = guessed(file, "end-2019")
    run(file, "--survey", "end-2019", "--map", place)
    whose = db.session.scalars(sa.select(ArchivedResponse.respondent).order_by(ArchivedResponse.row)).all()
    assert whose[0] == whose[3]
    assert len(set(whose)) == 3
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert "sita@" not in str(tuple(row)).casefold()


def test_microsoft_forms_languages_become_one(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, MICROSOFT)
    place, found = guessed(file, "after-2020")
    uses = {column["heading"]: column["use"] for column in found["columns"]}
    assert uses["Completion time"] == "answered_at"
    assert uses["Start time"] == uses["Email"] == uses["Name"] == "leave out"
    assert run(file, "--survey", "after-2020", "--map", place).exit_code == 0
    assert [row[2] for row in answers_to("is_it_useful_for_your_work")] == [5.0, 4.0, 3.0]
    assert db.session.scalars(sa.select(Response.language).order_by(Response.id)).all() == ["en", "id", "en"]


def test_a_column_worded_like_a_question_of_ours_gets_its_key(run, guessed, make, tmp_path):
    programme = make.programme()
    surveys.ship_questionnaires(programme, NOW)
    db.session.commit()
    ours = survey_queries.questions_of(survey_queries.latest_for(programme.id, 0))
    relevance = next(question for question in ours if question.key == "relevance")
    rows = [["Timestamp", relevance.wording["id"]], ["2018-07-30", "2"], ["2018-07-30", "5"]]
    file = written(tmp_path, rows)
    place, found = guessed(file, "end-2018")
    assert found["columns"][1]["key"] == "relevance"
    assert run(file, "--survey", "end-2018", "--map", place).exit_code == 0
    assert [row[2] for row in answers_to("relevance")] == [2.0, 5.0]


def test_a_scale_of_words_or_other_points_is_put_on_ours(guessed, make, tmp_path):
    programme = make.programme()
    surveys.ship_questionnaires(programme, NOW)
    db.session.commit()
    key = "How useful is it for your own work?"
    words = written(tmp_path, [[key], ["Very useful"], ["Not at all useful"], ["useful"]], "words.csv")
    _place, found = guessed(words, "month-0")
    assert found["columns"][0]["choices"] == {"Very useful": "5", "Not at all useful": "1", "useful": "4"}
    ten = written(tmp_path, [[key], ["1"], ["10"], ["6"]], "ten.csv")
    place = tmp_path / "ten.json"
    (tmp_path / "month-0.json").unlink()
    _place, found = guessed(ten, "month-0")
    assert found["columns"][0]["choices"] == {"1": "1", "10": "5", "6": "3"}
    assert any("1 to 10 were put on our 1 to 5" in line for line in found["check"]), place


def test_what_the_map_does_not_say_stops_the_whole_file_with_its_place(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, found = guessed(file, "end-2019")
    found["columns"][3]["choices"].pop("Money")
    found["questions"]["what_stopped_you_tick_all"]["options"].pop("other", None)
    place.write_text(json.dumps(found))
    result = run(file, "--survey", "end-2019", "--map", place, "--json")
    said = json.loads(result.output)
    assert result.exit_code == 2
    assert [problem["row"] for problem in said["problems"]] == [2, 3, 5]
    assert said["problems"][0]["column"] == "What stopped you? (tick all)"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Survey)) == 0


def test_the_same_file_comes_in_once(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, _map = guessed(file, "end-2019")
    assert run(file, "--survey", "end-2019", "--map", place).exit_code == 0
    again = run(file, "--survey", "end-2019", "--map", place)
    assert again.exit_code == 2
    assert "already in this survey" in again.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Archive)) == 1


def test_a_dry_run_writes_nothing(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, _map = guessed(file, "end-2019")
    said = json.loads(run(file, "--survey", "end-2019", "--map", place, "--dry-run", "--json").output)
    assert said["accepted"]
    assert said["responses"] == 4
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Survey)) == 0


def test_a_question_of_an_old_file_never_becomes_what_a_wave_asks(run, guessed, make, tmp_path):
    programme = make.programme()
    surveys.ship_questionnaires(programme, NOW)
    before = survey_queries.latest_for(programme.id, 6)
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, found = guessed(file, "a-new-one")
    place.write_text(json.dumps({**found, "survey": "month-6"}))
    assert run(file, "--survey", "month-6", "--map", place).exit_code == 0
    assert survey_queries.latest_for(programme.id, 6).id == before.id


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda _raw: [], "the map is not what it should be"),
        (lambda raw: {**raw, "colums": []}, "is nothing we know"),
        (lambda raw: {**raw, "columns": [{"heading": "x", "use": "answer"}]}, "has no key"),
        (lambda raw: {**raw, "columns": [{"heading": "x", "use": "guess"}]}, "“use” is one of"),
        (
            lambda raw: {**raw, "columns": [{"heading": "x", "use": "answer", "key": "relevance"}]},
            "no column x",
        ),
        (lambda raw: {**raw, "columns": []}, "leaves every column out"),
        (lambda raw: {**raw, "collected_on": "13/7/2019"}, "a day like 2019-07-13"),
        (lambda raw: {**raw, "questions": {"relevance": {"kind": "poem"}}}, "“kind” is one of"),
        (lambda raw: {**raw, "questions": {}}, "does not say what it asks"),
    ],
)
def test_a_map_that_is_none_is_refused_in_one_sentence(run, guessed, make, tmp_path, spoil, sentence):
    make.programme()
    db.session.commit()
    file = written(tmp_path, [["Timestamp", "relevance"], ["2019-07-13", "5"], ["2019-07-13", "4"]])
    place, found = guessed(file, "end")
    place.write_text(json.dumps(spoil(found)))
    result = run(file, "--survey", "end", "--map", place)
    assert result.exit_code == 2
    assert sentence in result.output


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"\x00\xff" * 50, b"only a title"]
)
def test_any_file_is_read_or_refused(run, make, tmp_path, content):
    make.programme()
    db.session.commit()
    file = tmp_path / "odd.xlsx"
    file.write_bytes(content)
    result = run(file, "--survey", "end", "--guess")
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert run(tmp_path / "nothing.csv", "--survey", "end", "--guess").exit_code == 2


def test_a_page_refuses_what_would_keep_it_waiting_and_says_where_it_goes(make):
    rows = "Timestamp,Rate\n" + "2021-03-01,4\n" * (actions.MOST_ROWS + 1)
    said = {"file_name": "long.csv", "survey": "old", "source": "", "cohort": None, "by": None, "now": NOW}
    with pytest.raises(actions.TooLong, match="import-answers"):
        actions.begin(make.programme(), rows.encode(), **said)


def test_a_long_name_of_where_answers_come_from_is_cut(run, guessed, make, tmp_path):
    make.programme()
    db.session.commit()
    file = written(tmp_path, GOOGLE)
    place, _map = guessed(file, "end-2019", title="T" * 300)
    assert run(file, "--survey", "end-2019", "--map", place, "--source", "S" * 300).exit_code == 0
    assert db.session.scalars(sa.select(Archive.source)).one() == "S" * 200
