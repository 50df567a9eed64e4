"""What a claim reads and asks: little, by index, and about a whole batch at once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.outbox import bulk, queries
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.outbox.sending import ledger, rates

ASLEEP = 4000


@pytest.fixture
def told(app):
    """Every statement that reaches the database, with its parameters."""
    statements = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        statements.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    return statements


@pytest.fixture
def asleep(app, enqueue):
    """Thousands of messages that sleep, thousands that went, and a few that are due."""
    row = {"language": "en", "about": "x:1", "facts": {}, "not_after": None}
    for name, send_at in (("asleep", NOW + timedelta(days=9)), ("went", NOW - timedelta(days=9))):
        rows = [
            {**row, "dedupe_key": f"{name}{n}", "address": f"{name}{n}@d{n % 50}.example", "send_at": send_at}
            for n in range(ASLEEP)
        ]
        bulk.enqueue_many("probe", rows, NOW)
    went = sa.update(OutgoingEmail).where(OutgoingEmail.dedupe_key.like("went%"))
    db.session.execute(went.values(state=EmailState.SENT))
    for number in range(5):
        enqueue(f"due{number}@example.org", send_at=NOW - timedelta(minutes=number))
    rates.open_buckets("default", [f"d{number}.example" for number in range(50)], NOW - timedelta(hours=1))
    db.session.commit()
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()


def plans(told, word):
    """How the database would run each recorded statement that holds this word."""
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
    connection = db.session.connection()
    asked = [(statement, parameters) for statement, parameters in told if word in statement]
    assert asked
    for statement, parameters in asked:
        yield "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, parameters))


@pytest.mark.parametrize(
    ("ask", "word"),
    [
        (lambda: len(ledger.claim("w", 10, NOW)), "outgoing_emails.next_attempt_at"),
        (lambda: queries.due(NOW, at_most=101), "UNION ALL"),
        (lambda: queries.oldest_due_at(NOW) and 5, "UNION ALL"),
        (lambda: sum(ledger.sweep(NOW)) + 5, "UPDATE outgoing_emails"),
    ],
    ids=["claim", "due", "the oldest", "sweep"],
)
def test_what_is_due_is_found_by_an_index_among_thousands_that_sleep(asleep, told, ask, word):
    assert ask() == 5
    for plan in plans(told, word):
        assert "ix_outgoing_emails_claim" in plan, plan
        for slow in ("Seq Scan on outgoing", "SCAN outgoing_emails", "Sort Key: outgoing", "TEMP B-TREE"):
            assert slow not in plan, plan


def test_a_larger_batch_costs_no_more_statements(app, enqueue, told):
    counts = []
    for size in (2, 10):
        for number in range(size):
            enqueue(f"p{number}@example.org", dedupe_key=f"{size}:{number}")
        db.session.commit()
        told.clear()
        assert len(ledger.claim("w", 10, NOW)) == size
        counts.append(len(told))
        db.session.commit()
    assert counts[0] == counts[1]


def test_a_kind_that_fails_for_one_is_asked_about_each(app, enqueue, probe, monkeypatch):
    def ask(self, email):
        if email.address.startswith("broken"):
            raise KeyError("gone")
        return "declined" if email.address.startswith("no") else None

    monkeypatch.setattr(probe, "unwanted_because", ask)
    rows = [enqueue(f"{name}@example.org") for name in ("fine", "broken", "no", "good")]
    leases = ledger.claim("w", 10, NOW)
    assert [lease.email.address for lease in leases] == ["fine@example.org", "good@example.org"]
    states = [row.state for row in rows]
    assert states == [EmailState.LEASED, EmailState.SET_ASIDE, EmailState.SKIPPED, EmailState.LEASED]
