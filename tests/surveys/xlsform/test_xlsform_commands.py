"""`trainingapp surveys import` and `export`: one object, one exit code, never a traceback."""

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.cli import ScriptInfo
from workbooks import form

from trainingapp.db import db
from trainingapp.surveys.commands import surveys
from trainingapp.surveys.models import SurveyVersion
from trainingapp.surveys.xlsform import reading

GOOD = form(("integer", "age", "How old?"), settings={"form_title": "Work", "form_id": "work"})


def run(app, *words):
    info = ScriptInfo(create_app=lambda: app)
    return CliRunner().invoke(surveys, [str(word) for word in words], obj=info)


def no_app():
    raise AssertionError("a dry run needs no database and no setting")


def test_a_dry_run_needs_neither_database_nor_setting(tmp_path):
    file = tmp_path / "work.xlsx"
    file.write_bytes(GOOD)
    words = ["import", str(file), "--dry-run", "--json"]
    answer = CliRunner().invoke(surveys, words, obj=ScriptInfo(create_app=no_app))
    said = json.loads(answer.stdout)
    assert (answer.exit_code, said["accepted"], said["title"], said["kinds"]) == (
        0,
        True,
        "Work",
        {"number": 1},
    )


@pytest.mark.parametrize("data", [b"", b"PK", b"nothing of the kind", None])
def test_what_is_no_form_exits_with_two_and_says_why(app, tmp_path, data):
    file = tmp_path / "x.xlsx"
    if data is not None:
        file.write_bytes(data)
    answer = run(app, "import", file, "--dry-run", "--json")
    assert answer.exit_code == 2
    assert json.loads(answer.stdout)["refused"][0]["reason"]
    assert run(app, "import", tmp_path, "--json").exit_code == 2


def test_a_form_comes_in_as_a_draft_and_goes_out_again(app, make, tmp_path):
    make.programme()
    file, out = tmp_path / "work.xlsx", tmp_path / "out.xlsx"
    file.write_bytes(GOOD)
    db.session.commit()
    answer = run(app, "import", file)
    assert answer.exit_code == 0, answer.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SurveyVersion)) == 1
    assert run(app, "export", "work", out).exit_code == 0
    found, report = reading.read(out.read_bytes(), "out.xlsx")
    assert report.is_accepted
    assert found.questions == reading.read(GOOD, "work.xlsx")[0].questions
    assert run(app, "export", "none", out).exit_code == 2


def test_without_a_programme_nothing_comes_in(app, tmp_path):
    file = tmp_path / "work.xlsx"
    file.write_bytes(GOOD)
    answer = run(app, "import", file, "--json")
    assert answer.exit_code == 2
    assert "--programme" in json.loads(answer.stdout)["refused"][0]["reason"]
