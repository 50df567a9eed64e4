"""Who of an edition is found by what is typed, and that no list is read for it."""

import pytest
import sqlalchemy as sa
from clients import counting
from factories import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_enrolling import FACTS, at_once

from trainingapp import paging
from trainingapp.cohorts import actions, queries, search
from trainingapp.cohorts.models import Cohort, Enrolment, EnrolmentState, EnrolmentWord
from trainingapp.cohorts.queries import SORTS, Filters
from trainingapp.db import db
from trainingapp.participants import actions as people
from trainingapp.participants.models import Participant


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context():
        yield


@pytest.fixture
def cohort(make):
    return make.cohort(capacity=5000)


@pytest.fixture(params=["few", "many"])
def either_way(request, monkeypatch):
    """Led by the rarest word, and down the list."""
    if request.param == "many":
        monkeypatch.setattr(search, "MANY", 0)


def enrolled(cohort, name, country="NP", names=None, **facts):
    person = people.add(name, country, NOW, **(names or {}))
    return actions.enrol(cohort, person, country=country, **{**FACTS, **facts})


def found(cohort, text, **filters):
    query = queries.enrolments(cohort, Filters(text=text, **filters))
    rows = paging.page(query, SORTS["name"]).rows
    assert len(rows) == paging.bounded_count(query)
    return [row.participant.full_name for row in rows]


def words_of(enrolment):
    return set(
        db.session.scalars(sa.select(EnrolmentWord.word).where(EnrolmentWord.enrolment_id == enrolment.id))
    )


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mari", ["Sita Marigold"]),
        ("MARIGOLD, sita", ["Sita Marigold"]),
        ("सीता", ["Sita Marigold"]),
        ("cottage", ["Dorji Lantern", "Sita Marigold"]),
        ("cottage board", ["Sita Marigold"]),
        ("sita officer", ["Sita Marigold"]),
        ("officer", ["Dorji Lantern", "Sita Marigold"]),
        ("dorji board", []),
        ("gold", []),  # the middle of a word
        ("Bhutan", ["Dorji Lantern"]),
        ("Nepal", ["Nepal Tamang", "Sita Marigold"]),
        ("工业", ["Li Wei"]),
        ("gongye", ["Li Wei"]),
        ("--", []),
        ("nobody", []),
    ],
)
def test_the_beginnings_of_words_find_names_organisations_posts_and_countries(make, cohort, text, names):
    enrolled(
        cohort, "Sita Marigold", names={"local_name": "सीता"}, organisation="Cottage Board", post="Officer"
    )
    enrolled(cohort, "Dorji Lantern", "BT", organisation="Dept. of Cottage Industry", post="Chief officer")
    enrolled(cohort, "Nepal Tamang", "IN")
    enrolled(cohort, "Li Wei", "CN", organisation="工业部")
    enrolled(make.cohort(), "Sita Elsewhere", organisation="Cottage Board", post="Officer")
    assert found(cohort, text) == names


@pytest.mark.usefixtures("either_way")
def test_a_search_goes_together_with_the_other_filters(cohort):
    enrolled(cohort, "Sita Marigold", post="Officer")
    enrolled(cohort, "Dorji Lantern", "BT", post="Officer", state=EnrolmentState.WITHDRAWN)
    assert found(cohort, "officer", countries=("BT",)) == ["Dorji Lantern"]
    assert found(cohort, "officer", states=(EnrolmentState.ENROLLED,)) == ["Sita Marigold"]
    assert found(cohort, "officer", unreachable=True, countries=("IN",)) == []


@given(text=st.text(max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_typed_is_answered(cohort, text):
    found(cohort, text.replace("\0", ""))


def test_what_is_corrected_is_found_by_its_new_words_alone(cohort):
    row = enrolled(cohort, "Sita Marigold", organisation="Cottage Board", post="Officer")
    assert words_of(row) == {"sita", "marigold", "cottage", "board", "officer"}
    actions.edit_enrolment(row, NOW, organisation="Ministry", post="Officer")
    assert words_of(row) == {"sita", "marigold", "ministry", "officer"}
    person = row.participant
    people.edit(person, NOW, opted_out=False, full_name="Sita Lantern", passport_name="LANTERN SITA KUMARI")
    actions.follow_name(person)
    assert words_of(row) == {"sita", "lantern", "kumari", "ministry", "officer"}
    assert row.sort_name == "sita lantern"


def test_the_words_go_with_the_enrolment(cohort):
    row = enrolled(cohort, "Sita Marigold")
    db.session.execute(sa.delete(Enrolment).where(Enrolment.id == row.id))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EnrolmentWord)) == 0


def test_two_corrections_at_once_leave_the_words_of_both(app, cohort):
    row = enrolled(cohort, "Sita Marigold", post="Officer")
    enrolment_id, person_id = row.id, row.participant_id
    db.session.commit()

    def rename():
        person = db.session.get_one(Participant, person_id)
        people.edit(person, NOW, opted_out=False, passport_name="SITA KUMARI")
        actions.follow_name(person)

    def promote():
        actions.edit_enrolment(db.session.get_one(Enrolment, enrolment_id), NOW, post="Director")

    assert at_once(app, [rename, promote]) == [None, None]
    db.session.expire_all()
    assert words_of(row) == {"sita", "marigold", "kumari", "director"}


def crowd(cohort, count=3000):
    """Everyone is of one office; each name is one of a thousand, and one of three."""
    first = sa.select(sa.func.coalesce(sa.func.max(Participant.id), 0))
    start = db.session.scalar(first) + 1
    numbers = range(start, start + count)
    facts = {"country": "NP", "sort_name": "x", "created_at": NOW, "version": 1}
    db.session.execute(
        sa.insert(Participant),
        [{**facts, "id": number, "full_name": f"name{number:05} of{number % 3}"} for number in numbers],
    )
    facts = {"cohort_id": cohort.id, "country": "NP", "kind": "official", "mode": "online", "version": 1}
    facts |= {"enrolled_at": NOW, "changed_at": NOW, "organisation": "Department of Industry"}
    rows = [
        {**facts, "id": number, "participant_id": number, "sort_name": f"name{number:05}"}
        for number in numbers
    ]
    db.session.execute(sa.insert(Enrolment), rows)
    for at in range(start, start + count, 500):
        actions.index(Enrolment.id.between(at, at + 499))
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ANALYZE enrolments, enrolment_words, participants"))


def plan_of(query):
    compiled = str(query.compile(db.engine, compile_kwargs={"literal_binds": True})).replace(":", r"\:")
    if db.engine.dialect.name == "postgresql":
        return "\n".join(row[0] for row in db.session.execute(sa.text(f"EXPLAIN {compiled}")))
    return "\n".join(row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}")))


WORDS, LIST = "ix_enrolment_words_cohort_id_word_enrolment_id", "ix_enrolments_cohort_id_sort_name_id"


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("name00100", WORDS),
        ("name00100 industry", WORDS),
        ("industry name00100 of1", WORDS),
        ("industry", LIST),
    ],
)
def test_a_search_is_led_by_an_index_whatever_it_finds(monkeypatch, cohort, text, leads):
    monkeypatch.setattr(search, "MANY", 300)
    crowd(cohort)
    query = queries.enrolments(cohort, Filters(text=text))
    page = query.order_by(*SORTS["name"]).limit(51)
    for plan in map(plan_of, (page, query.with_only_columns(sa.func.count()).options())):
        assert "Seq Scan" not in plan or leads is LIST
        assert "SCAN" not in plan
    assert leads in plan_of(page)
    assert (WORDS in plan_of(page)) is (leads is WORDS)


def test_a_search_asks_as_much_of_a_long_list_as_of_a_short_one(make, cohort):
    def asked():
        db.session.expunge_all()
        with counting() as statements:
            found(db.session.get_one(Cohort, number), "name industry")
        return len(statements)

    number = cohort.id
    enrolled(cohort, "name00000", organisation="Industry")
    few = asked()
    crowd(cohort, 40)
    assert asked() == few


def test_the_numbers_above_the_list_stop_where_nobody_needs_them(monkeypatch, make, cohort):
    for state in (EnrolmentState.COMPLETED,) * 4 + (EnrolmentState.WITHDRAWN,):
        make.enrolment(cohort, state=state)
    exact = {EnrolmentState.COMPLETED: 4, EnrolmentState.WITHDRAWN: 1}
    assert queries.state_counts(cohort) == exact
    assert queries.bounded_state_counts(cohort) == dict.fromkeys(EnrolmentState, 0) | exact
    monkeypatch.setattr(queries, "MANY", 2)
    assert queries.bounded_state_counts(cohort)[EnrolmentState.COMPLETED] == 3
    assert paging.worded(3, queries.MANY) == "2+"
