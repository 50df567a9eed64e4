"""A long list in pages, forwards and backwards."""

import base64
import json

import pytest
import sqlalchemy as sa

from trainingapp import paging
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.participants.models import Participant

KEYS = (Participant.sort_name, Participant.id)
EVERYONE = sa.select(Participant)


def names(page):
    return [row.full_name for row in page.rows]


@pytest.mark.parametrize("descending", [False, True])
def test_pages_forwards_and_back_show_everyone_once_in_order(make, descending):
    for number in range(120):
        make.participant(f"Person {number % 7}", sort_name=f"person {number % 7}")
    everyone = db.session.scalars(
        EVERYONE.order_by(*(key.desc() if descending else key for key in KEYS))
    ).all()
    first = paging.page(EVERYONE, KEYS, descending=descending)
    second = paging.page(EVERYONE, KEYS, descending=descending, after=first.after)
    third = paging.page(EVERYONE, KEYS, descending=descending, after=second.after)
    assert [*first.rows, *second.rows, *third.rows] == list(everyone)
    assert first.before is None
    assert third.after is None
    back = paging.page(EVERYONE, KEYS, descending=descending, before=third.before)
    assert back.rows == second.rows
    start = paging.page(EVERYONE, KEYS, descending=descending, before=back.before)
    assert start.rows == first.rows
    assert start.before is None


def test_a_moment_survives_the_cursor(make):
    cohort = make.cohort()
    for _ in range(60):
        make.enrolment(cohort)
    keys = (Enrolment.changed_at, Enrolment.id)
    first = paging.page(sa.select(Enrolment), keys)
    assert len(paging.page(sa.select(Enrolment), keys, after=first.after).rows) == 10


@pytest.mark.parametrize("moment", ["2020-01-01", "0001-01-01T00:00:00+14:00", 5, "yesterday"])
def test_an_odd_moment_in_a_cursor_breaks_nothing(make, moment):
    make.enrolment(make.cohort())
    keys = (Enrolment.changed_at, Enrolment.id)
    paging.page(sa.select(Enrolment), keys, after=cursor([moment, 1]))


def cursor(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "odd",
    [
        "!",
        "é",
        "abc",
        cursor([1]),
        cursor({}),
        cursor(["a", "b"]),
        cursor(["a\0", 1]),
        cursor(["a", 2**70]),
        cursor([None, None]),
        cursor(["a", float("inf")]),
        cursor(["a", -1]),
        cursor(["\ud800", 1]),
        cursor([1, 1]),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
    ],
)
def test_an_odd_cursor_is_the_start(make, odd):
    make.participant("Sita")
    assert names(paging.page(EVERYONE, KEYS, after=odd)) == ["Sita"]


def test_a_count_stops_where_nobody_needs_it(app, make, monkeypatch):
    monkeypatch.setattr(paging, "ENOUGH", 3)
    for _ in range(5):
        make.participant()
    assert paging.bounded_count(EVERYONE) == 4
    with app.test_request_context():
        assert paging.worded(4) == "3+"
        assert paging.worded(3) == "3"
