"""Lists of accounts and of the trail."""

from datetime import UTC, date, datetime

import pytest
from factories import NOW

from trainingapp import paging
from trainingapp.accounts import queries
from trainingapp.accounts.models import AuditEntry, UserState
from trainingapp.db import db
from trainingapp.programmes.models import Programme, Role


def entry(**facts):
    values = {"at": NOW, "actor": "system", "subject": "users", "verb": "added", **facts}
    db.session.add(AuditEntry(**values))
    db.session.flush()


def pages(ask):
    """All rows, page by page, as someone who presses Next would see them."""
    seen, after = [], None
    while True:
        page = ask(after)
        seen += page.rows
        if page.after is None:
            return seen
        after = page.after


def test_users_come_by_name_page_by_page_each_once(app, make):
    made = [make.user(name=f"Name {number % 7}") for number in range(paging.SIZE * 2 + 3)]
    seen = pages(lambda after: queries.users(after=after))
    assert len(seen) == len(made) == len({user.id for user in seen})
    assert [user.name for user in seen] == sorted(user.name for user in made)


@pytest.mark.parametrize("q", ["sita", "SHARMA", "ta Sh", "sita@sme"])
def test_users_are_found_by_any_part_of_name_or_address(app, make, q):
    sita = make.user(name="Sita Sharma", email="sita@sme.example")
    make.user(name="Karma Wangdi")
    assert queries.users(q).rows == [sita]


def test_a_percent_sign_is_only_a_percent_sign(app, make):
    make.user()
    assert queries.users("%").rows == []
    assert queries.users("_").rows == []


def test_users_are_counted_and_listed_by_state(app, make):
    make.user(password_hash="x")
    make.user()
    make.user(is_enabled=False, password_hash="x")
    assert queries.count_by_state() == dict.fromkeys(UserState, 1)
    for state in UserState:
        assert [user.state for user in queries.users(state=state).rows] == [state]


def test_the_trail_comes_latest_first_page_by_page(app):
    for number in range(paging.SIZE + 5):
        entry(verb=f"verb {number}")
    seen = pages(lambda after: queries.trail(queries.TrailFilter(), after))
    assert [each.verb for each in seen] == [f"verb {number}" for number in reversed(range(paging.SIZE + 5))]


def test_the_trail_is_narrowed_by_subject_person_programme_and_days(app, make):
    devi = make.user(name="Devi Northstar")
    entry(subject="cohorts", subject_id=7, verb="a", actor_id=devi.id, actor=devi.name)
    entry(subject="cohorts", subject_id=8, verb="b", programme_id=3)
    entry(verb="c", actor="personal link", at=datetime(2026, 3, 3, 18, 0, tzinfo=UTC))

    def verbs(**wanted):
        return [each.verb for each in queries.trail(queries.TrailFilter(**wanted)).rows]

    assert verbs(subject="cohorts") == ["b", "a"]
    assert verbs(subject="cohorts", subject_id=7) == ["a"]
    assert verbs(actor="north") == ["a"]
    assert verbs(actor="personal link") == ["c"]
    assert verbs(actor_id=devi.id) == ["a"]
    assert verbs(programme_id=3) == ["b"]
    # 18:00 in UTC on the third is already the fourth in Jakarta.
    assert verbs(since=date(2026, 3, 4), zone="Asia/Jakarta") == ["c"]
    assert verbs(since=date(2026, 3, 4), zone="UTC") == []
    assert verbs(until=date(2026, 3, 2), zone="UTC") == ["b", "a"]


@pytest.mark.parametrize("path", ["/accounts/users", "/accounts/audit-trail", "/accounts/me"])
def test_the_number_of_queries_does_not_grow_with_the_rows(app, client, make, path):
    programme_id = make.programme().id
    client.sign_in(make.user(is_administrator=True))

    def more(times):
        programme = db.session.get(Programme, programme_id)
        for _each in range(times):
            user = make.user((programme, Role.VIEWER))
            entry(actor_id=user.id, actor=user.name)
        db.session.commit()

    more(2)
    few = client.statements(path)
    more(60)
    assert client.statements(path) == few
