import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.surveys import actions, queries
from trainingapp.surveys.models import Question, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.wording import text_in

WAVES = (0, 1, 3, 6, 12, 24)


def test_a_programme_gets_a_questionnaire_for_every_wave_once(make):
    programme = make.programme()
    assert len(actions.ship_questionnaires(programme, NOW)) == len(WAVES)
    assert actions.ship_questionnaires(programme, NOW) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SurveyVersion)) == len(WAVES)
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
        texts = [question.wording, *([question.hint] if question.hint else [])]
        texts += [choice["text"] for choice in question.options.get("choices", [])]
        texts += [question.options[name] for name in ("unit", "low", "high") if name in question.options]
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
