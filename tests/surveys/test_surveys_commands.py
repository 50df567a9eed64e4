import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.surveys import actions
from trainingapp.surveys.commands import surveys
from trainingapp.surveys.models import Survey, SurveyVersion


def ship(app, *arguments):
    return app.test_cli_runner().invoke(surveys, ["ship", *arguments])


def versions():
    return db.session.scalar(sa.select(sa.func.count()).select_from(SurveyVersion))


def test_a_programme_without_questionnaires_gets_all_of_them_published_once(app, make):
    make.programme()
    db.session.commit()
    result = ship(app)
    assert result.exit_code == 0
    assert "supervisor, version 1: published" in result.output
    assert len(result.output.splitlines()) == versions() == len(actions.shipped()["surveys"])
    assert ship(app).output == "Nothing is missing.\n"


def test_a_questionnaire_it_has_stays_and_its_newer_version_is_a_draft(app, make):
    survey = make.add(Survey(programme_id=make.programme().id, key="month-12", title="One year later"))
    make.question(make.add(SurveyVersion(survey_id=survey.id, number=1, published_at=NOW)), key="use")
    db.session.commit()
    number = survey.id
    assert "month-12, version 2: a draft to read" in ship(app).output
    found = db.session.scalars(sa.select(SurveyVersion).where(SurveyVersion.survey_id == number))
    assert {version.number: version.published_at is not None for version in found} == {1: True, 2: False}
    assert ship(app).output == "Nothing is missing.\n"


def test_of_several_programmes_one_is_named(app, make):
    first, second = make.programme().slug, make.programme().slug
    db.session.commit()
    unclear = ship(app)
    assert unclear.exit_code == 2
    assert first in unclear.output
    assert ship(app, "--programme", second).exit_code == 0
