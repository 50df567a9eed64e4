"""Whose a returned mail is, and what follows."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from factories import NOW
from samples import absence, complaint, letter, notice, receipt, report, return_path

from trainingapp.db import db
from trainingapp.inbound import actions, queries
from trainingapp.inbound.models import BounceEvent, MatchedBy
from trainingapp.inbound.verdicts import Kind
from trainingapp.outbox import queries as outbox
from trainingapp.outbox.models import EmailState, Suppression


def is_stopped(email):
    return outbox.is_suppressed(email.address_hmac, "anything")


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_dead_address_stops_all_mail_to_it_at_once(send, take, told):
    email = send()
    waiting = send(key="told:next", state=EmailState.QUEUED)
    event = take(report(to=return_path(email)))
    assert (event.kind, event.email, event.matched_by) == (Kind.HARD, email, MatchedBy.RETURN_PATH)
    assert email.state is EmailState.BOUNCED
    assert email.last_enhanced_code == "5.1.1"
    assert "No such user here" in email.last_text
    assert waiting.state is EmailState.CANCELLED
    assert is_stopped(email)
    assert told.told == [f"bounced sita@example.org: {email.last_text}"]


@pytest.mark.parametrize(
    "where",
    [
        lambda path: report(to=path),
        lambda path: report(to=path.lower()),
        lambda path: b"Delivered-To: " + path.encode() + b"\n" + report(),
        lambda path: report(return_path=path),
    ],
    ids=["To", "lower case", "Delivered-To", "of the message itself"],
)
def test_the_signed_return_path_is_found(send, take, where):
    email = send()
    assert take(where(return_path(email))).email == email


def test_the_mail_server_may_say_where_it_came(send, take):
    email = send()
    assert take(report(), delivered_to=return_path(email)).matched_by is MatchedBy.RETURN_PATH


def test_the_message_id_of_what_came_back_is_as_good(send, take):
    email = send()
    event = take(report(message_id=email.message_id))
    assert (event.email, event.matched_by) == (email, MatchedBy.MESSAGE_ID)
    assert is_stopped(email)


def test_the_same_mail_twice_changes_nothing(send, take, told):
    email = send()
    first = take(report(to=return_path(email)))
    email.state = EmailState.SENT
    assert take(report(to=return_path(email)), days=1) == first
    assert email.state is EmailState.SENT
    assert (count(BounceEvent), len(told.told)) == (1, 1)


@pytest.mark.parametrize(
    "forged",
    [
        lambda _email: report(),
        lambda email: report(to=f"bounces+{email.id}.{'a' * 16}@lanjut.example"),
        lambda email: report(to=re.sub(r"\+\d+", f"+{email.id + 1}", return_path(email))),
        lambda _email: report(message_id=f"<{'a' * 32}@localhost>"),
        lambda _email: notice("<sita@example.org>: user unknown"),
        lambda _email: complaint(),
    ],
    ids=[
        "an address alone",
        "a made-up signature",
        "another number",
        "a made-up id",
        "in words",
        "a complaint",
    ],
)
def test_a_forged_bounce_stops_nobody_and_waits_for_a_person(send, take, told, forged):
    email = send()
    event = take(forged(email))
    assert (event.email, event.matched_by) == (email, MatchedBy.ADDRESS)  # only a guess
    assert email.state is EmailState.SENT
    assert not is_stopped(email)
    assert told.told == []
    assert queries.events(None, only_unmatched=True, after=None, before=None).rows == [event]


@pytest.mark.parametrize(
    ("sender", "kind"),
    [("hari@example.org", Kind.NONE), ("Mail Administrator <hari@example.org>", Kind.HARD)],
)
def test_a_person_who_writes_to_the_return_path_is_no_server(send, take, sender, kind):
    email = send()
    raw = letter(
        "The message could not be delivered to sita@example.org, she does not exist.",
        From=sender,
        To=return_path(email),
        Subject="Delivery failure",
        **{"Return-Path": "<hari@example.org>"},
    )
    assert take(raw).kind is kind
    assert email.state is EmailState.SENT


def soft(email, number):
    return report("4.4.7", f"smtp; 421 timed out, number {number}", to=return_path(email))


def test_what_may_pass_stops_mail_only_after_six_days_of_it(send, take, told):
    email = send()
    for day in range(5):
        take(soft(email, day), days=day)
        take(soft(email, f"{day} again"), days=day)  # of each day only one counts
    assert email.state is EmailState.BOUNCED
    assert actions.score(email.address_hmac, NOW + timedelta(days=5)) == 2.5
    assert not is_stopped(email)
    take(soft(email, 6), days=6)
    assert is_stopped(email)
    assert len(told.told) == 1


def test_hard_ones_without_a_clear_word_count_one_a_day(send, take):
    email = send()
    for day in range(3):
        assert not is_stopped(email)
        take(report("5.0.0", f"smtp; 550 number {day}", to=return_path(email)), days=day)
    assert is_stopped(email)


def test_what_is_older_than_thirty_days_is_forgotten(send, take):
    email = send()
    for day in (0, 1, 40):
        take(report("5.0.0", f"smtp; 550 number {day}", to=return_path(email)), days=day)
    assert actions.score(email.address_hmac, NOW + timedelta(days=40)) == 1
    assert not is_stopped(email)


def test_a_full_mailbox_counts_as_one_that_may_pass(send, take):
    email = send()
    assert take(report("5.2.2", "smtp; 552 full", to=return_path(email))).weight == 0.5
    assert email.state is EmailState.BOUNCED


def test_being_refused_as_spam_burns_nobody(send, take):
    email = send()
    for day in range(4):
        raw = report("5.7.1", f"smtp; 550 5.7.1 spam, number {day}", to=return_path(email))
        assert take(raw, days=day).weight == 0
    assert email.state is EmailState.BOUNCED
    assert "spam" in email.last_text
    assert not is_stopped(email)


def test_a_delay_is_no_bounce(send, take):
    email = send()
    event = take(report("4.4.1", "smtp; 421 later", action="delayed", to=return_path(email)))
    assert (event.kind, event.is_delay, event.weight) == (Kind.SOFT, True, 0)
    assert email.state is EmailState.SENT


def test_a_complaint_stops_all_mail_and_tells_the_kind(send, take, told):
    email = send()
    take(complaint(to=return_path(email)))
    assert email.state is EmailState.COMPLAINED
    assert is_stopped(email)
    assert told.told == ["complained sita@example.org"]


def test_an_absence_is_noted_and_changes_nothing(send, take):
    email = send()
    event = take(absence(message_id=email.message_id))
    assert (event.kind, event.matched_by) == (Kind.AUTO, MatchedBy.MESSAGE_ID)
    assert "until 3 May" in event.words
    assert queries.of_email(email.id) == [event]
    assert email.state is EmailState.SENT
    assert queries.count_unmatched() == 0


EVIDENCE = {
    "a success notice": (report("2.0.0", "", action="delivered"), EmailState.SENT),
    "a delay": (report("4.4.1", "smtp; 421 later", action="delayed"), EmailState.SENT),
    "a receipt": (receipt(), EmailState.SENT),
    "a bounce": (report(), EmailState.BOUNCED),
    "a full mailbox": (report("5.2.2", "smtp; 552 full"), EmailState.BOUNCED),
    "a complaint": (complaint(), EmailState.COMPLAINED),
    "an absence": (absence(), EmailState.UNCERTAIN),
}


@pytest.mark.parametrize(("raw", "state"), EVIDENCE.values(), ids=EVIDENCE)
def test_what_a_server_says_settles_an_uncertain_message(send, take, raw, state):
    email = send(state=EmailState.UNCERTAIN)
    take(raw, delivered_to=return_path(email))
    assert email.state is state
    assert (email.sent_at is None) == (state is EmailState.UNCERTAIN)


@pytest.mark.parametrize("state", [EmailState.LEASED, EmailState.DOT])
def test_while_a_sender_holds_the_message_it_must_come_again(send, take, state):
    email = send(state=state)
    with pytest.raises(actions.NotYet):
        take(report(to=return_path(email)))
    db.session.rollback()
    assert count(BounceEvent) == 0
    assert email.state is state


def test_what_a_kind_does_wrong_does_not_undo_what_the_server_said(send, take, told):
    email = send()
    told.breaks = True
    take(report(to=return_path(email)))
    assert email.state is EmailState.BOUNCED
    assert is_stopped(email)


def test_an_operator_assigns_an_unmatched_one(send, take, told):
    email = send("sita@example.org")
    event = take(report(address="box77@example.org"))
    assert (event.email, event.matched_by) == (None, MatchedBy.NOTHING)
    assert actions.assign(event, "Sita@example.org", NOW) == email
    assert (event.matched_by, email.state) == (MatchedBy.HAND, EmailState.BOUNCED)
    assert is_stopped(email)
    with pytest.raises(actions.AlreadyMatched):
        actions.assign(event, "sita@example.org", NOW)


def test_nothing_is_assigned_to_an_address_we_never_wrote_to(send, take):
    event = take(report(address="box77@example.org"))
    with pytest.raises(actions.NoSuchMail):
        actions.assign(event, "nobody@example.org", NOW)


def test_what_it_said_is_forgotten_after_ninety_days(send, take):
    email = send()
    old, young = take(report(to=return_path(email))), take(report(message_id="<x@y.example>"), days=80)
    assert actions.forget(NOW + timedelta(days=91)) == 1
    db.session.expire_all()
    assert (old.head, old.words, old.recipients, old.sender) == ("", "", [], "")
    assert (old.kind, old.email) == (Kind.HARD, email)
    assert "MAILER-DAEMON" in young.head
    assert actions.forget(NOW + timedelta(days=91)) == 0


def test_odd_text_is_stored_by_both_databases(take):
    event = take(
        notice(
            "<sita@example.org>: user unknown \0 \udce4".encode("utf-8", "surrogateescape").decode("latin-1")
        )
    )
    assert event.kind is Kind.HARD
    assert count(Suppression) == 0
