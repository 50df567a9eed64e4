"""Plain replies: what is accepted is right, what is not understood is said, and nothing makes it fail."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainingapp.replies import incoming, own_words, parser, scoring, vocabulary
from trainingapp.replies.own_words import Written
from trainingapp.replies.vocabulary import fold

HERE = Path(__file__).parent
PLAN = dict(enumerate(scoring.PLAN, start=1))
SETS = ["labelled.txt", "held_out.txt"]


def examples(name):
    return scoring.read((HERE / name).read_text("utf-8"))


def test_there_are_enough_replies_in_three_languages():
    every = [example for name in SETS for example in examples(name)]
    assert len(every) >= 150
    assert len(examples("held_out.txt")) >= len(every) * 0.3
    for language, least in {"en": 50, "id": 40, "fr": 40, "fa_AF": 5}.items():
        assert sum(example.language == language for example in every) >= least


@pytest.mark.parametrize("name", SETS)
def test_what_is_accepted_is_right(name):
    found = scoring.score(examples(name))
    assert found.precision >= 0.98, [fault[0].title for fault in found.faults]
    assert found.recall >= 0.95


def understood(text, activities=PLAN, ours=""):
    return parser.parse(own_words.of_text(text, ours), activities)


def test_what_is_not_understood_is_kept_in_her_words():
    reading = understood("1 done\nThe laboratory waits for a machine from Surabaya")
    assert [said.state for said in reading.said] == ["done"]
    assert reading.unclear == ("The laboratory waits for a machine from Surabaya",)


def test_a_word_that_takes_back_counts_on_the_next_line_too():
    assert understood("1 done\nbut not the second firm").said == ()


@pytest.mark.parametrize(
    "text", ["1 done, 2 done\nSorry, 1 is not done", "1 is not done yet.\n1 done, 2 done"]
)
def test_what_another_line_takes_back_is_asked(text):
    reading = parser.parse(own_words.of_text(text), PLAN)
    assert [said.number for said in reading.said] == [2]


def test_our_own_letter_is_not_hers_even_without_marks():
    letter = (
        "Or answer by replying, like this: 1 done, 2 40 %, 3 delayed: no staff\n"
        "1. Train two firms in cost records"
    )
    reading = understood(
        "2 done\n\nlike this: 1 done, 2 40 %, 3\ndelayed: no staff\n1. Train two firms in cost records",
        ours=letter,
    )
    assert [(said.number, said.state) for said in reading.said] == [(2, "done")]


def test_an_answer_under_a_quoted_line_belongs_to_it():
    text = "> 2. Open a testing laboratory\nblocked: no machines\n> 9. Something else\ndone"
    reading = understood(text)
    assert [(said.number, said.state, said.blocker) for said in reading.said] == [(2, "blocked", "supplies")]
    assert reading.unclear == ("done",)


def test_a_quoted_line_with_another_text_gives_no_number():
    assert understood("> 2. Another text\ndone").said == ()


# Anything at all ------------------------------------------------------------------------------------

_VOCABULARY = sorted(
    {
        phrase
        for group in ("states", "words", "causes")
        for name in vocabulary.names(group)
        for phrase in vocabulary.phrases(group, name)
    }
)
_PIECES = st.one_of(
    st.sampled_from(_VOCABULARY),
    st.sampled_from(
        [
            "1",
            "2",
            "3",
            "4",
            "9",
            "60 %",
            "100%",
            "12",
            "1-3",
            "۲",
            ":",
            ",",
            ".",
            ";",
            "-",
            "(",
            ")",
            "?",
            "\n",
            ">",
            "> 1. Train two",
            "and",
            "--",
        ]
    ),
    st.text(max_size=12),
)
_MAILS = st.lists(_PIECES, max_size=30).map(" ".join)


@settings(max_examples=600, deadline=None)
@given(st.one_of(_MAILS, st.text(max_size=400)), st.integers(0, 7))
def test_it_never_fails_and_never_invents(text, number):
    lines = own_words.of_text(text)
    reading = parser.parse(lines, dict(list(PLAN.items())[:number]))
    hers = fold("\n".join(line.text for line in lines))
    for said in reading.said:
        assert 1 <= said.number <= number
        assert said.state or said.percent is not None or said.is_same
        if said.state:
            assert re.search(vocabulary.words("states", said.state), hers)
        if said.percent is not None:
            assert str(said.percent) in re.sub(r"(?<!\d)0+(?=\d)", "", hers)
        if said.blocker:
            assert said.state in parser.HAVE_CAUSES
            assert re.search(vocabulary.words("causes", said.blocker), hers)
        if said.is_same:
            assert re.search(vocabulary.words("words", "same"), hers)
        assert all(fold(piece.strip()) in hers for piece in said.note.split("; "))
    assert len({said.number for said in reading.said}) == len(reading.said)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=600), st.text(max_size=60))
def test_folding_keeps_every_place(text, ours):
    assert all(len(fold(line.text)) == len(line.text) for line in own_words.of_text(text, ours))


@pytest.mark.parametrize(
    "markup",
    ["<b>x" * 50_000, "<b>" * 30_000 + "</i>" * 30_000, "<a " * 60_000, "<!--" * 50_000, "<![x[ ]>" * 20_000],
    ids=["opened", "closed", "half a tag", "comments", "sections"],
)
def test_markup_without_end_is_read_once(markup):
    """Each took a reader minutes, for which all other mail waited."""
    assert own_words.of_html(f"1 done<br>{markup}")[0].text == "1 done"


@pytest.mark.parametrize("markup", ["<![foo[x]]>1 done", "<?xml x?>1 done", "<!DOCTYPE html><p>1 done"])
def test_declarations_are_no_words(markup):
    assert [line.text for line in own_words.of_html(markup)] == ["1 done"]


def test_a_sign_that_begins_no_tag_is_hers():
    assert own_words.as_text("2 < 3, and <b>1 done</b>") == "2 < 3, and 1 done"


def test_greetings_without_end_are_no_wish():
    lines = own_words.of_text("dear x " * 28 + "5")
    assert parser.parse(lines, PLAN).wish is None


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 5000 + b"\n\n1 done",
        b"Content-Type: multipart/mixed; boundary=b0\n\n"
        + b"".join(
            b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (depth, depth + 1)
            for depth in range(2000)
        ),
    ],
    ids=["comments", "parts"],
)
def test_what_is_nested_without_end_has_no_sender(raw):
    assert incoming.read(raw, "").sender == ""


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "<p>",
                    "</p>",
                    "<blockquote>",
                    "</blockquote>",
                    "<br>",
                    "<td>",
                    "<style>",
                    "<!--",
                    "&nbsp;",
                    '<div class="gmail_quote">',
                    "</div>",
                    "1 done",
                ]
            ),
            st.text(max_size=20),
        ),
        max_size=30,
    ).map("".join)
)
def test_any_markup_is_read(markup):
    assert all(isinstance(line, Written) for line in own_words.of_html(markup))
