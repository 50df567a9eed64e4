"""Finding people, and reaching them."""

import pytest
import sqlalchemy as sa
from factories import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainingapp.db import db
from trainingapp.participants import actions, queries
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, NameWord, Participant
from trainingapp.refusals import Refusal


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context():
        yield


def person(name, email=None, country="NP", **facts):
    made = actions.add(name, country, NOW, **facts)
    if email:
        actions.add_contact(made, ContactKind.EMAIL, email)
    db.session.flush()
    return made


def found(text, limit=50):
    return [each.full_name for each in queries.search(text, limit)]


def test_the_beginnings_of_any_words_find_a_person_in_any_order():
    person("Sita Kumari Marigold")
    person("Sita Devi Rosewood")
    assert found("sit") == ["Sita Devi Rosewood", "Sita Kumari Marigold"]
    assert found("MARI sita") == ["Sita Kumari Marigold"]
    assert found("ita") == []


@pytest.mark.parametrize("text", ["सीता", "sita", "Síta", "copper"])
def test_any_script_and_the_passport_find_a_person(text):
    person("Sita Marigold", local_name="सीता सयपत्री", passport_name="COPPERLEAF SITA")
    assert found(text) == ["Sita Marigold"]


def test_a_mononym_and_a_name_without_latin_letters_are_found():
    person("Suharto")
    person("နိုင်")
    assert found("suh") == ["Suharto"]
    assert found("နိုင်") == ["နိုင်"]


def test_the_beginning_of_an_address_finds_its_owner():
    person("Sita Marigold", "sita.m@example.org")
    person("Someone Else", "sita.x@example.org")
    assert found("sita.m@ex") == ["Sita Marigold"]
    assert found("SITA.M@example.org") == ["Sita Marigold"]
    assert found("sita.") == ["Sita Marigold", "Someone Else"]


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_typed_is_answered(text):
    queries.search(text, 5)
    queries.alike([text], text)


def test_who_is_not_allowed_is_not_found():
    seen, hidden = person("Sita One"), person("Sita Two")
    only = queries.search("sita", 9, lambda column: column != hidden.id)
    assert only == [seen]


def plan_of(query) -> str:
    engine = db.engine.dialect.name
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    if engine == "postgresql":
        db.session.execute(sa.text("ANALYZE name_words, participants, contact_points"))
        rows = db.session.execute(sa.text(f"EXPLAIN {compiled}".replace(":", r"\:")))
        return "\n".join(row[0] for row in rows)
    rows = db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}".replace(":", r"\:")))
    return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize("text", ["bicabo", "bicabo dax", "person77@ex"])
def test_a_search_reads_an_index_and_never_everyone(text):
    syllables = ["ba", "co", "di", "fu", "ge", "bica", "bo", "dax", "ri", "lu"]
    count = 3000
    names = [
        (syllables[n % 10] + syllables[n // 10 % 10] + syllables[n // 100 % 10], f"word{n}")
        for n in range(count)
    ]
    people = [
        {"id": n + 1, "full_name": " ".join(names[n]), "sort_name": " ".join(names[n])} for n in range(count)
    ]
    db.session.execute(
        sa.insert(Participant).values(country="NP", created_at=NOW, version=1, language="en", sex="unstated"),
        people,
    )
    db.session.execute(
        sa.insert(NameWord),
        [{"word": w, "participant_id": n + 1} for n in range(count) for w in set(names[n])],
    )
    mail = [{"participant_id": n + 1, "normalised": f"person{n}@example.org"} for n in range(count)]
    db.session.execute(
        sa.insert(ContactPoint).values(kind="email", state="working", position=1, value="x"),
        mail,
    )
    plan = plan_of(queries.directory(queries.everyone, text).order_by(*PAGED_BY).limit(51))
    for table in ("name_words", "contact_points", "participants"):
        assert f"SCAN {table}" not in plan
        assert f"Seq Scan on {table}" not in plan


PAGED_BY = (Participant.sort_name, Participant.id)


@pytest.mark.parametrize(
    ("names", "email"),
    [
        (["Someone Different"], "sita@example.org"),
        (["SITA MARIGOLD"], ""),
        (["Marigold, Sita"], ""),
        (["Sita Marygold"], ""),
        (["S. Marigold", None, "Sita K. Marigold"], ""),
    ],
)
def test_someone_who_may_be_known_is_recognised(names, email):
    known = person("Sita Marigold", "sita@example.org", passport_name="Sita Kumari Marigold")
    person("Bishal Copperleaf")
    assert queries.alike(names, email) == [known]


def test_two_people_of_one_family_name_are_not_confused():
    person("Sita Marigold")
    assert queries.alike(["Bishal Marigold"]) == []


@pytest.mark.parametrize("why", ["opted_out_at", "deceased_on", "erased_at"])
def test_nobody_is_written_to_who_must_not_be(why):
    someone = person("Sita", "sita@example.org")
    assert queries.writable_address(someone).value == "sita@example.org"
    setattr(someone, why, NOW.date() if why == "deceased_on" else NOW)
    assert queries.writable_address(someone) is None


def test_the_first_working_address_is_written_to():
    someone = person("Sita", "one@example.org")
    second = actions.add_contact(someone, ContactKind.EMAIL, "two@example.org")
    first = queries.writable_address(someone)
    assert first.value == "one@example.org"
    actions.edit_contact(first, first.value, ContactState.BOUNCED)
    assert queries.writable_address(someone) == second
    assert queries.emails([someone]) == {someone.id: second}
    actions.edit_contact(second, second.value, ContactState.UNREACHABLE)
    assert queries.writable_address(someone) is None
    assert queries.emails([someone]) == {someone.id: first}


def test_the_zone_is_ones_own_else_the_capitals():
    assert queries.zone(person("Sita", country="NP")) == "Asia/Kathmandu"
    assert queries.zone(person("Sita", country="NP", time_zone="Asia/Jakarta")) == "Asia/Jakarta"


def test_an_address_put_first_is_written_to():
    someone = person("Sita", "one@example.org")
    two = actions.add_contact(someone, ContactKind.EMAIL, "two@example.org")
    three = actions.add_contact(someone, ContactKind.EMAIL, "three@example.org")
    actions.prefer(three)
    assert [point.value for point in queries.contacts(someone)] == [
        "three@example.org",
        "one@example.org",
        "two@example.org",
    ]
    actions.prefer(two)
    assert queries.writable_address(someone) == two


def test_an_address_is_one_persons():
    person("Sita", "sita@example.org")
    other = person("Bishal")
    with pytest.raises(actions.AddressTaken):
        actions.add_contact(other, ContactKind.EMAIL, "SITA@example.org ")
    point = actions.add_contact(other, ContactKind.EMAIL, "bishal@example.org")
    with pytest.raises(actions.AddressTaken):
        actions.edit_contact(point, "sita@example.org", ContactState.WORKING)


def test_an_address_that_a_person_has_already_is_not_said_to_be_someone_elses():
    sita = person("Sita", "sita@example.org")
    with pytest.raises(actions.AddressTaken, match="among this person's addresses"):
        actions.add_contact(sita, ContactKind.EMAIL, "SITA@example.org")
    other = actions.add_contact(sita, ContactKind.EMAIL, "s@example.org")
    with pytest.raises(actions.AddressTaken, match="among this person's addresses"):
        actions.edit_contact(other, "sita@example.org", ContactState.WORKING)


@pytest.mark.parametrize("letter", ["\u4e2d", "\ud55c", "A"])
def test_the_longest_name_in_any_script_is_kept_whole(letter):
    someone = person(letter * 199)
    actions.edit(someone, NOW, opted_out=False, full_name=letter * 200)
    assert db.session.scalar(sa.select(Participant.full_name)) == letter * 200


def test_a_changed_name_is_found_by_its_new_words():
    someone = person("Sita Marigold")
    actions.edit(someone, NOW, opted_out=False, full_name="Sita Rosewood")
    assert found("rosew") == ["Sita Rosewood"]
    assert found("marig") == []
    assert someone.sort_name == "sita rosewood"


def test_opting_out_keeps_its_first_day_and_can_be_taken_back():
    someone = person("Sita")
    actions.edit(someone, NOW, opted_out=True)
    actions.edit(someone, NOW.replace(year=2030), opted_out=True)
    assert someone.opted_out_at == NOW
    actions.edit(someone, NOW, opted_out=False)
    assert someone.opted_out_at is None


def test_only_who_can_be_written_to_is_invited():
    with pytest.raises(actions.NothingToWriteTo):
        actions.invite(person("Sita"), NOW)


@pytest.mark.parametrize("text", ["no", "a@", "@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused_at_its_field(text):
    with pytest.raises(Refusal) as refused:
        actions.add_contact(person("Sita"), ContactKind.EMAIL, text)
    assert refused.value.field == "email"
