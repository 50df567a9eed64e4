import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.followups import queries as waves
from trainingapp.surveys import actions, queries
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.models import Audience, Question, Survey, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.versions import checks
from trainingapp.surveys.wording import text_in

WAVES = (0, 1, 3, 6, 12, 24)
FOR_OTHERS = {"supervisor": (2, 4), "host": (2, 5)}  # least and most questions


def test_a_programme_gets_a_questionnaire_for_every_wave_once(make):
    programme = make.programme()
    every = len(WAVES) + len(FOR_OTHERS)
    assert len(actions.ship_questionnaires(programme, NOW)) == every
    assert actions.ship_questionnaires(programme, NOW) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SurveyVersion)) == every
    for months in WAVES:
        version = queries.latest_for(programme.id, months)
        questions = queries.questions_of(version)
        assert version.asks_progress == (months > 0)
        assert 5 <= len(questions) <= 8
        assert queries.minutes(questions, 5) <= 3


def test_another_programme_has_its_own(make):
    first, second = make.programme(), make.programme()
    actions.ship_questionnaires(first, NOW)
    assert queries.latest_for(second.id, 6) is None


def test_every_shipped_text_is_there_in_every_language_and_every_kind_is_known(make):
    actions.ship_questionnaires(make.programme(), NOW)
    for question in db.session.scalars(sa.select(Question)):
        assert question.kind in QUESTION_TYPES
        texts = [text for text in (question.wording, question.hint, question.constraint_text) if text]
        texts += [one["text"] for name in bank.LISTS for one in question.options.get(name, [])]
        texts += [text for text in question.options.values() if isinstance(text, dict)]
        for text in texts:
            assert set(text) == set(actions.LANGUAGES), (question.key, text)
            assert len(set(text.values())) >= 3, (question.key, text)


def test_a_key_means_the_same_in_every_wave(make):
    actions.ship_questionnaires(make.programme(), NOW)
    meanings: dict[str, set[str]] = {}
    for question in db.session.scalars(sa.select(Question)):
        meanings.setdefault(question.key, set()).add(f"{question.kind} {question.wording['en']}")
    assert all(len(meaning) == 1 for meaning in meanings.values())


def test_a_missing_text_is_shown_in_english():
    assert text_in({"en": "Money", "fr": ""}, "fr") == "Money"
    assert text_in({"fr": "L’argent"}, "id") == "L’argent"
    assert text_in({}, "en") == ""
    assert text_in({"en": "", "fr": "L’argent"}, "id") == "L’argent"


def test_a_text_of_the_same_language_in_another_country_is_shown():
    assert text_in({"en": "Money", "fr_FR": "L’argent"}, "fr") == "L’argent"
    assert text_in({"en": "Money", "fa": "پول"}, "fa_AF") == "پول"
    assert text_in({"es": "Dinero", "en_US": "Money"}, "id") == "Money"


def test_supervisors_and_hosts_have_short_ones_that_no_wave_offers_alumni(make):
    programme = make.programme()
    for version in actions.ship_questionnaires(programme, NOW):
        if version.survey.key in FOR_OTHERS:
            least, most = FOR_OTHERS[version.survey.key]
            assert least <= len(queries.questions_of(version)) <= most
            assert version.survey.audience is not Audience.ALUMNI
    offered = {version.survey.key for version in waves.published_versions(programme.id)}
    assert offered == {f"month-{months}" for months in WAVES}


def test_every_shipped_questionnaire_could_be_published_in_the_builder(make):
    for version in actions.ship_questionnaires(make.programme(), NOW):
        assert checks.problems(queries.questions_of(version), []) == []


def test_what_is_newer_in_the_box_comes_as_a_draft_once_and_leaves_published_ones_alone(make):
    programme = make.programme()
    survey = make.add(Survey(programme_id=programme.id, key="month-6", title="Half a year later"))
    first = make.add(SurveyVersion(survey_id=survey.id, number=1, published_at=NOW))
    make.question(first, key="use", kind="text")
    assert "After 6 months" in actions.newer(programme.id)
    made = actions.bring_newer(programme)
    assert len(made) == len(WAVES) + len(FOR_OTHERS)
    sixth = next(version for version in made if version.survey_id == survey.id)
    assert (sixth.number, sixth.published_at) == (2, None)
    assert [question.kind for question in queries.questions_of(first)] == ["text"]
    assert queries.latest_for(programme.id, 6) == first
    assert actions.bring_newer(programme) == []
    assert actions.newer(programme.id) == []
