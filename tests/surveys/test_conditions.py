"""Which questions are asked, what follows from answers, and what stands against one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.surveys import quoting
from trainingapp.surveys.conditions import Rules, is_required, objection, offered, tree
from trainingapp.surveys.expressions import parse
from trainingapp.surveys.models import Question, SurveySection
from trainingapp.surveys.question_types import QUESTION_TYPES, AnswerValue, Asked

TOWNS = [
    {"value": "bogor", "text": {"en": "Bogor"}, "facts": {"country": "ID"}},
    {"value": "kandy", "text": {"en": "Kandy"}, "facts": {"country": "LK"}},
]
YES, NO = [AnswerValue(choice="yes")], [AnswerValue(choice="no")]


def ask(number: int, key: str, kind: str = "number", **facts) -> Question:
    empty = dict.fromkeys(("relevant", "required_if", "constraint", "calculation", "choice_filter"), "")
    maps = {"wording": {"en": f"About {key}"}, "hint": {}, "options": {}, "constraint_text": {}}
    return Question(id=number, key=key, kind=kind, **{**empty, **maps, **facts})


def number(value: float) -> list[AnswerValue]:
    return [AnswerValue(number=value)]


def test_an_answer_that_became_irrelevant_counts_as_none_for_what_hangs_on_it():
    rules = Rules(
        [
            ask(1, "trained", "yes_no"),
            ask(2, "firms", relevant="${trained} = 'yes'"),
            ask(3, "growing", relevant="${firms} > 0"),
            ask(4, "why_none", "text", relevant="${firms} = ''"),
        ]
    )
    given = {2: number(8), 3: number(5), 4: [AnswerValue(text="x")]}
    assert rules.settle({1: YES, **given}).irrelevant == {4}
    assert rules.settle({1: NO, **given}).irrelevant == {2, 3}
    assert rules.settle({}).irrelevant == {2, 3}


def test_a_condition_may_wait_for_a_later_question():
    rules = Rules([ask(1, "early", relevant="${late} = 'yes'"), ask(2, "late", "yes_no")])
    assert rules.settle({2: YES}).irrelevant == set()
    assert rules.settle({2: NO}).irrelevant == {1}


def test_a_section_that_is_not_asked_takes_its_questions_and_inner_sections_along():
    outer = SurveySection(id=1, key="outer", parent_id=None, relevant="${trained} = 'yes'", title={})
    inner = SurveySection(id=2, key="inner", parent_id=1, relevant="", title={})
    rules = Rules([ask(1, "trained", "yes_no"), ask(2, "firms", section_id=2)], [outer, inner])
    assert [section.key for section in rules.around(rules.questions[1])] == ["outer", "inner"]
    assert rules.settle({1: NO}).irrelevant == {2}
    assert rules.settle({1: YES}).irrelevant == set()


def test_what_is_worked_out_may_feed_what_is_worked_out():
    rules = Rules(
        [
            ask(1, "share", "computed", calculation="round(100 * ${half} div 10, 0)"),
            ask(2, "half", "computed", calculation="${firms} div 2"),
            ask(3, "firms"),
        ]
    )
    assert rules.settle({3: number(8)}).worked_out[1] == number(40)
    assert rules.settle({}).worked_out[1] == []


def test_what_hangs_on_an_answer_that_only_the_server_knows_is_left_to_it():
    rules = Rules(
        [
            ask(1, "country", "country"),
            ask(2, "trained", "yes_no"),
            ask(3, "island", "text", relevant="${country} = 'ID'"),
            ask(4, "name", "computed", calculation="concat(${island}, '!')"),
            ask(5, "firms", relevant="${trained} = 'yes'"),
        ]
    )
    assert rules.unseen == {"country", "island", "name"}
    left = [parse("${name} = ''"), parse("${country} = 'ID' or ${trained} = 'yes'")]
    followed = parse("${firms} > 2")
    assert rules.seen([*left, followed]) == [followed]


def test_conditions_that_chase_each_other_come_to_an_end():
    chasing = Rules([ask(1, "one", relevant="${two} = ''"), ask(2, "two", relevant="${one} != ''")])
    assert chasing.settle({1: number(1), 2: number(2)}).irrelevant <= {1, 2}


def test_nobody_is_stopped_by_a_condition_that_cannot_be_read():
    rules = Rules([ask(1, "one", relevant="${two} ="), ask(2, "two", constraint=") (")])
    settled = rules.settle({2: number(3)})
    assert settled.irrelevant == set()
    assert objection(rules.questions[1], number(3), settled.values, Asked("en")) is None


def test_a_constraint_says_its_own_sentence_in_her_language(app):
    question = ask(1, "k", constraint=". <= ${all}", constraint_text={"en": "Too many.", "fr": "C’est trop."})
    with app.test_request_context():
        assert objection(question, number(9), {"all": 8.0}, Asked("fr")) == "C’est trop."
        assert objection(question, number(8), {"all": 8.0}, Asked("fr")) is None
        assert objection(question, [], {"all": 8.0}, Asked("fr")) is None
        question.constraint_text = {}
        assert "does not fit" in objection(question, number(9), {"all": 8.0}, Asked("en"))


def test_only_choices_that_a_filter_lets_through_are_taken(app):
    question = ask(1, "town", "one_of", options={"choices": TOWNS}, choice_filter="country = ${land}")
    options = QUESTION_TYPES["one_of"].options(question, Asked("en"))
    assert [option.value for option in offered(question, options, {"land": "LK"})] == ["kandy"]
    with app.test_request_context():
        refused = objection(question, [AnswerValue(choice="bogor")], {"land": "LK"}, Asked("en"))
        assert refused.endswith(".")
    assert objection(question, [AnswerValue(choice="kandy")], {"land": "LK"}, Asked("en")) is None


def test_an_answer_is_required_always_or_when_its_condition_holds():
    question = ask(1, "k", required_if="${trained} = 'yes'", is_required=False)
    assert is_required(question, {"trained": "yes"})
    assert not is_required(question, {"trained": "no"})
    assert is_required(ask(1, "k", is_required=True), {})


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("${trained} = 'yes'", "Only if you answer “Yes” to “About trained”."),
        ("${town} = 'kandy'", "Only if you answer “Kandy” to “About town”."),
        ("${firms} > 3", "Whether this is asked depends on your answer to “About firms”."),
        ("today() > '2020-01-01'", ""),
    ],
)
def test_a_condition_is_said_in_words(app, condition, words):
    town = ask(4, "town", "one_of", options={"choices": TOWNS})
    rules = Rules([ask(1, "trained", "yes_no"), ask(2, "firms"), ask(3, "k", relevant=condition), town])
    with app.test_request_context():
        assert rules.in_words(list(rules.conditions(rules.questions[2])), "en") == words


def test_the_browser_gets_all_conditions_as_one_tree():
    section = SurveySection(id=1, key="s", parent_id=None, relevant="${a} = 1", title={})
    rules = Rules([ask(1, "k", section_id=1, relevant="${b} = 2")], [section])
    assert tree(list(rules.conditions(rules.questions[0]))) == [
        "and",
        ["=", ["$", "a"], 1.0],
        ["=", ["$", "b"], 2.0],
    ]
    assert tree([]) is None


def test_a_text_quotes_an_answer_and_cannot_smuggle_a_tag():
    questions = [ask(1, "firms"), ask(2, "k", wording={"en": "Of these ${firms} firms & ${ nobody }?"})]
    said = quoting.spoken_answers(questions, {1: number(8)}, "en")
    text = questions[1].wording["en"]
    assert quoting.keys(questions) == {"firms", "nobody"}
    assert quoting.quoted(text, said) == "Of these 8 firms & …?"
    shown = quoting.marked_up(text, {"firms": "<script>"})
    assert '<span data-quotes="firms">&lt;script&gt;</span>' in shown
    assert "firms &amp; " in shown


@given(st.text(max_size=80))
def test_whatever_a_text_holds_it_is_shown(text):
    assert isinstance(quoting.quoted(text, {}), str)
    assert isinstance(str(quoting.marked_up(text, {})), str)
