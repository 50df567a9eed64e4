"""Invitations and reminders of a real wave, in any order of events: nobody gets one twice, and whoever
answered, stopped, left or cannot be reached gets nothing that had not passed the fence by then.
"""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import factories
import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone
from factories import NOW
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from machine import SENDERS, Senders, run

from trainingapp.cohorts import actions as cohorts
from trainingapp.cohorts.models import Enrolment
from trainingapp.db import db
from trainingapp.followups import actions as followups
from trainingapp.followups.audience import TOPIC
from trainingapp.followups.models import Invitation, Wave, WaveState
from trainingapp.outbox import actions, addresses
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.lines.replies import Reply, Stage
from trainingapp.outbox.models import EmailState, OutgoingEmail, Suppression
from trainingapp.outbox.sending import claims, ledger
from trainingapp.participants import actions as participants
from trainingapp.participants.models import ContactPoint
from trainingapp.responses import actions as responses
from trainingapp.surveys.models import SurveyVersion

PEOPLE = st.integers(0, 1)
NO_SUCH_USER = Reply(Stage.RCPT, 550, "5.1.1 no such user")
WEEK = timedelta(days=7)


class Invited(Senders):
    @initialize(people=st.just(2))
    def begin(self, people):
        db.session.rollback()
        for table in (OutgoingEmail, Suppression):
            db.session.execute(sa.delete(table))
        db.session.execute(sa.update(Wave).values(state=WaveState.CLOSED))
        cohort = factories.cohort()
        version = db.session.scalar(sa.select(SurveyVersion).limit(1))
        schedule = factories.schedule(cohort, reminder_days=[10, 17])
        factories.wave(schedule, version=version, closes_on=NOW.date() + timedelta(days=900))
        alumni = [factories.alumna(cohort, country="ID") for _ in range(people)]
        self.enrolments = [enrolment.id for enrolment in alumni]
        owned = ContactPoint.participant_id.in_([enrolment.participant_id for enrolment in alumni])
        points = sa.select(ContactPoint.normalised).where(owned).order_by(ContactPoint.participant_id)
        self.addresses = list(db.session.scalars(points))
        db.session.commit()
        self.start(NOW.replace(hour=3))  # ten o'clock where they live
        self.stopped = {}  # person -> the tokens of the leases that were past the point by then
        self.hopeless = set()  # refused for good, or given up: whoever this happens to is not lost
        self.taken = defaultdict(list)  # person -> when
        self.roles = Counter()  # (person, "invite" or "remind:1", …)

    def teardown(self):
        """Every person who stopped nothing was asked once, whatever had happened."""
        if not self.has_begun:
            return
        for _ in range(4):
            self.days_pass(9)
            self.time_passes(4 * 24 * 60)  # past any weekend
            self.is_settled()
            self.all_die_and_the_relay_is_well(most=4)
        self.check_that_all_came_to_an_end()
        self.nobody_gets_it_twice()
        for person in range(len(self.addresses)):
            if person not in self.stopped.keys() | self.hopeless:
                assert self.roles[person, "invite"] == 1, self.roles

    @rule()
    def tick(self):
        """As the worker's follow_up: piece by piece."""
        for _piece in followups.follow_up(self.now):
            db.session.commit()
        db.session.commit()

    @rule(days=st.sampled_from([1, 3, 9]))
    def days_pass(self, days):
        self.time_passes(days * 24 * 60)
        self.tick()

    @rule(person=PEOPLE)
    def answers(self, person):
        invitation = self.invitation(person)
        if invitation and person not in self.stopped:
            responses.send(invitation, responses.Filled(), language="en", now=self.now)
            self.has_stopped(person, "fenced", "replied")

    @rule(person=PEOPLE)
    def unsubscribes(self, person):
        """The link stands in a mail, so one has come."""
        if self.taken[person]:
            self.suppresses(person, TOPIC)
            self.has_stopped(person, "fenced", "replied")

    @rule(person=PEOPLE)
    def bounces(self, person):
        """A mail that was sent comes back."""
        mine = sa.select(OutgoingEmail).where(OutgoingEmail.address == self.addresses[person])
        email = db.session.scalar(mine.where(OutgoingEmail.state == EmailState.SENT).limit(1))
        if email:
            self.suppresses(person, "all")
            KINDS[email.kind].bounced(email)
            self.has_stopped(person, "fenced", "replied")

    @rule(person=PEOPLE)
    def withdraws(self, person):
        if person not in self.stopped:
            enrolment = db.session.get_one(Enrolment, self.enrolments[person])
            cohorts.put_back(enrolment, "a mistake", self.now)
            cohorts.withdraw(enrolment, "left", self.now)
            self.has_stopped(person, "asked", "fenced", "replied")

    @rule(person=PEOPLE)
    def opts_out(self, person):
        owner = db.session.get_one(Enrolment, self.enrolments[person]).participant
        participants.edit(owner, self.now, opted_out=True)
        self.has_stopped(person, "asked", "fenced", "replied")

    @rule(sender=SENDERS)
    def finds_no_such_user(self, sender):
        """The relay knows nobody of that name: said before the dot."""
        held = self.senders[sender]
        if held and held[0] == "asked":
            self.senders[sender] = None
            if ledger.finish(held[1], self.now, NO_SUCH_USER):
                self.has_stopped(self.person_of(held[1].email), "fenced", "replied")

    @rule()
    def is_settled(self):
        """By the relay's log, once no sender can hold the message any more."""
        uncertain = sa.select(OutgoingEmail).where(
            OutgoingEmail.state == EmailState.UNCERTAIN, OutgoingEmail.dot_at < self.now - ledger.GRACE
        )
        for email in db.session.scalars(uncertain).all():
            was_sent = email.id in self.delivered
            actions.settle(email, was_sent=was_sent, why="the log", now=self.now)
        db.session.commit()

    def suppresses(self, person, scope):
        digest = addresses.digest(self.addresses[person])
        actions.suppress(digest, scope, reason="unsubscribed", by="the recipient", now=self.now)

    def has_stopped(self, person, *past_the_point):
        """What their sender holds beyond that point may still arrive."""
        db.session.commit()
        held = [each for each in self.senders.values() if each and each[0] in past_the_point]
        self.stopped.setdefault(person, {lease.token for _, lease, *_ in held})

    def is_taken(self, lease):
        person, role = self.person_of(lease.email), lease.email.dedupe_key.split(":", 2)[2]
        self.roles[person, role] += 1
        self.taken[person].append(self.now)
        assert lease.token in self.stopped.get(person, {lease.token}), "written to after they stopped it"

    def notes_the_reply(self, sender):
        _, lease, _, _ = self.senders[sender]
        super().notes_the_reply(sender)
        if db.session.get_one(OutgoingEmail, lease.email_id).state is EmailState.FAILED:
            self.hopeless.add(self.person_of(lease.email))

    def person_of(self, email):
        return self.addresses.index(email.address)

    def invitation(self, person):
        return db.session.scalar(sa.select(Invitation).filter_by(enrolment_id=self.enrolments[person]))

    @invariant()
    def nobody_gets_the_same_twice_or_two_in_a_week(self):
        if self.has_begun:
            assert all(times == 1 for times in self.roles.values()), self.roles
            for moments in self.taken.values():
                assert all(later - earlier >= WEEK for earlier, later in pairwise(moments)), moments


def begun(kind):
    """Past the moment when the first mails are due, one of them claimed and asked about by sender 0."""
    machine = kind()
    machine.begin(1)
    machine.tick()
    machine.goes_on(0, 2, "taken", was_taken=True)
    return machine


@pytest.fixture(scope="module")
def questionnaire(memory):
    factories.survey_version()
    db.session.commit()


@pytest.mark.timeout(300)
def test_nobody_is_lost_doubled_or_written_to_after_they_stopped_it(questionnaire):
    run(Invited, 40)


@pytest.mark.parametrize("stop", ["answers", "unsubscribes", "bounces"])
def test_between_the_last_question_and_the_fence_there_is_no_gap(questionnaire, stop):
    """She answers while her reminder is on the line: the relay never gets its dot."""
    machine = begun(Invited)
    person = machine.person_of(machine.senders[0][1].email)
    machine.goes_on(0, 3, "taken", was_taken=True)
    machine.days_pass(9)
    machine.days_pass(3)
    machine.goes_on(0, 2, "taken", was_taken=True)
    lease = machine.senders[0][1]
    assert machine.person_of(lease.email) == person
    assert lease.email.kind == "reminder"
    getattr(machine, stop)(person)
    machine.goes_on(0, 3, "taken", was_taken=True)
    assert machine.roles == {(person, "invite"): 1}


def the_way_of_an_answer_on_the_line(machine):
    """She answers while a reminder is on the line."""
    machine.goes_on(0, 3, "taken", was_taken=True)
    machine.days_pass(9)
    machine.days_pass(3)
    machine.goes_on(0, 2, "taken", was_taken=True)
    machine.answers(0)
    machine.goes_on(0, 3, "taken", was_taken=True)


def the_way_of_an_opting_out(machine):
    """No tick comes between: only the claim can know."""
    machine.goes_on(0, 3, "taken", was_taken=True)
    machine.days_pass(9)
    machine.time_passes(3 * 24 * 60)
    machine.opts_out(0)
    machine.goes_on(0, 5, "taken", was_taken=True)


@pytest.mark.parametrize(
    ("way", "place", "name", "fault"),
    [
        (the_way_of_an_opting_out, claims, "unwanted", lambda _emails, _now: {}),
        (the_way_of_an_answer_on_the_line, actions, "cancel", lambda _about, _reason: 0),
    ],
    ids=["a claim that does not ask again", "an answer that cancels nothing"],
)
def test_the_machine_sees_a_planted_fault(questionnaire, monkeypatch, way, place, name, fault):
    way(begun(Invited))
    monkeypatch.setattr(place, name, fault)
    with pytest.raises(AssertionError, match="after they stopped it"):
        way(begun(Invited))


@on_postgresql_alone
def test_a_few_of_the_same_on_postgresql(app):
    factories.survey_version()
    db.session.commit()
    run(Invited, 5, steps=20)
