"""Seats: who may have one, and how many there are."""

import threading
from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import Enrolment, EnrolmentState, Mode
from trainingapp.db import db
from trainingapp.visits import actions, queries
from trainingapp.visits.models import SiteVisit, VisitGroup, VisitPlace


def people(make, cohort, number):
    return [make.enrolment(cohort) for _ in range(number)]


def facts(visit, **changed):
    names = ("visit_on", "starts_at", "ends_at", "capacity", "leaves_from", "leaves_at", "questions")
    return {name: getattr(visit, name) for name in names} | changed


def test_seats_are_given_until_the_visit_is_full(make):
    visit = make.site_visit(capacity=2)
    first, second, third = people(make, visit.cohort, 3)
    actions.seat(visit, [first, second], None)
    assert queries.seats_taken(visit) == 2
    with pytest.raises(actions.VisitFull):
        actions.seat(visit, [third], None)


def test_moving_somebody_to_a_group_takes_no_second_seat(make):
    visit = make.site_visit(capacity=1)
    (only,) = people(make, visit.cohort, 1)
    actions.seat(visit, [only], None)
    group = actions.save_group(visit, None, "A", "Rina", 1)
    actions.seat(visit, [only], group)
    assert queries.seats_taken(visit) == 1
    assert [(g.name, n) for g, n in queries.groups_of(visit)] == [("A", 1)]


def test_a_full_group_takes_nobody_else(make):
    visit = make.site_visit()
    first, second = people(make, visit.cohort, 2)
    group = actions.save_group(visit, None, "A", "", 1)
    actions.seat(visit, [first], group)
    with pytest.raises(actions.GroupFull):
        actions.seat(visit, [second], group)


def test_a_group_cannot_shrink_below_its_people(make):
    visit = make.site_visit()
    group = actions.save_group(visit, None, "A", "", None)
    actions.seat(visit, people(make, visit.cohort, 2), group)
    with pytest.raises(actions.GroupFull):
        actions.save_group(visit, group, "A", "", 1)


def test_two_groups_of_a_visit_do_not_share_a_name(make):
    visit = make.site_visit()
    actions.save_group(visit, None, "A", "", None)
    with pytest.raises(actions.GroupKnown):
        actions.save_group(visit, None, "A", "", None)


def test_the_hosts_limit_counts_every_visit_at_the_same_time(make):
    host = make.host(visitor_limit=3)
    cohort = make.cohort(make.theme(host.programme))
    one, other = make.site_visit(cohort, host), make.site_visit(cohort, host, starts_at=time(10, 0))
    later = make.site_visit(cohort, host, starts_at=time(11, 30), ends_at=time(13, 0))
    actions.seat(one, people(make, cohort, 2), None)
    actions.seat(later, people(make, cohort, 3), None)
    with pytest.raises(actions.HostFull):
        actions.seat(other, people(make, cohort, 2), None)


def test_someone_online_gets_no_seat(make):
    visit = make.site_visit()
    online = make.enrolment(visit.cohort, mode=Mode.ONLINE)
    with pytest.raises(actions.NotComing):
        actions.seat(visit, [online], None)


@pytest.mark.parametrize("state", [EnrolmentState.WITHDRAWN, EnrolmentState.NO_SHOW])
def test_someone_who_withdrew_frees_the_seat(make, state):
    visit = make.site_visit(capacity=1)
    gone, comes = people(make, visit.cohort, 2)
    actions.seat(visit, [gone], None)
    gone.state = state
    db.session.flush()
    actions.seat(visit, [comes], None)
    assert queries.people_counts(visit) == {"on": 1, "off": 0, "leaving": 1, "online": 0}
    with pytest.raises(actions.NotComing):
        actions.seat(visit, [gone], None)


def test_a_person_on_two_visits_at_once_is_named(make):
    cohort = make.cohort()
    jakarta = make.site_visit(cohort)  # 09:00 to 11:30 WIB
    bali = make.host(cohort.theme.programme, place="Ubud", time_zone="Asia/Makassar")
    at_once = make.site_visit(cohort, bali, starts_at=time(12, 0), ends_at=time(13, 0))  # 11:00 WIB
    after = make.site_visit(cohort, bali, starts_at=time(12, 30), ends_at=time(13, 0))  # 11:30 WIB
    (person,) = people(make, cohort, 1)
    assert actions.seat(jakarta, [person], None) == []
    assert actions.seat(after, [person], None) == []
    assert actions.seat(at_once, [person], None) == [person.participant.full_name]


def test_a_cancelled_visit_seats_nobody_and_can_be_reinstated(make):
    visit = make.site_visit()
    actions.cancel(visit, "The road is flooded")
    with pytest.raises(actions.VisitCancelled):
        actions.seat(visit, people(make, visit.cohort, 1), None)
    actions.reinstate(visit)
    assert visit.cancelled_because is None


def test_a_visit_lies_near_the_edition(make):
    visit = make.site_visit()
    actions.change(visit, visit.host, facts(visit, visit_on=visit.cohort.ends_on + timedelta(days=7)))
    with pytest.raises(actions.OutsideEdition):
        actions.change(visit, visit.host, facts(visit, visit_on=visit.cohort.ends_on + timedelta(days=8)))
    with pytest.raises(actions.EndsBeforeItStarts):
        actions.change(visit, visit.host, facts(visit, ends_at=visit.starts_at))


def test_seats_cannot_be_fewer_than_the_people_on_them(make):
    visit = make.site_visit()
    actions.seat(visit, people(make, visit.cohort, 3), None)
    with pytest.raises(actions.VisitFull):
        actions.change(visit, visit.host, facts(visit, capacity=2))


def test_removing_a_group_keeps_the_seats(make):
    visit = make.site_visit()
    group = actions.save_group(visit, None, "A", "", None)
    actions.seat(visit, people(make, visit.cohort, 2), group)
    actions.remove_group(visit, group)
    db.session.flush()
    db.session.expire_all()
    assert db.session.scalars(sa.select(VisitPlace.group_id)).all() == [None, None]


def test_a_host_is_listed_once_a_place(make):
    host = make.host(name="Batik Sekar", place="Solo")
    same = {
        "programme_id": host.programme_id,
        "name": "Batik Sekar",
        "place": "Solo",
        "time_zone": "Asia/Jakarta",
    }
    with pytest.raises(actions.HostKnown):
        actions.save_host(None, same, make.NOW)
    assert actions.save_host(None, same | {"place": "Yogyakarta"}, make.NOW).id


def test_every_change_is_in_the_trail(make):
    visit = make.site_visit()
    enrolled = people(make, visit.cohort, 1)
    actions.seat(visit, enrolled, None)
    actions.unseat(visit, enrolled)
    actions.cancel(visit, "Flood")
    db.session.flush()
    verbs = db.session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs == ["seated", "unseated", "cancelled"]


def test_two_clicks_at_once_cannot_give_the_last_seat_twice(app, make):
    visit = make.site_visit(capacity=1)
    numbers = [enrolment.id for enrolment in people(make, visit.cohort, 2)]
    visit_id = visit.id
    db.session.commit()
    ready, outcomes = threading.Barrier(2), []

    def click(enrolment_id):
        with app.app_context():
            ready.wait()
            found = db.session.get(SiteVisit, visit_id)
            enrolment = db.session.get(Enrolment, enrolment_id)
            try:
                actions.seat(found, [enrolment], None)
                db.session.commit()
                outcomes.append("seated")
            except actions.VisitFull:
                db.session.rollback()
                outcomes.append("full")

    clicks = [threading.Thread(target=click, args=(number,)) for number in numbers]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert sorted(outcomes) == ["full", "seated"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(VisitPlace)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(VisitGroup)) == 0
