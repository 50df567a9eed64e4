"""A reply becomes something she confirms behind her link, and never an answer by itself."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups import actions as followups
from trainingapp.followups.models import InvitationState, WaveState
from trainingapp.outbox import queries as outbox
from trainingapp.outbox import senders
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.letters import composing
from trainingapp.participants.models import ContactKind, ContactPoint
from trainingapp.plans.models import Activity, ActivityState
from trainingapp.plans.progress.models import ActivityReport, ProgressUpdate, Source
from trainingapp.programmes.models import Role
from trainingapp.replies import actions
from trainingapp.replies.models import EmailReply, Outcome
from trainingapp.responses.models import Answer, Proposal, Response, ResponseState
from trainingapp.surveys.models import Anonymity

RECORDS = (Response, Answer, ProgressUpdate, ActivityReport)


def count(*tables):
    return [db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]


def test_the_letter_numbers_the_steps_and_says_how_to_reply(asked):
    letter = KINDS["invitation"].render(asked.email)
    for body in (letter.text, letter.html):
        assert "reply to this email" in body
    assert "\n2. Open a testing laboratory" in letter.text
    assert '<li value="2"' in letter.html
    assert asked.reply_to.startswith(f"answers+{asked.email.id}.")


def test_without_an_address_for_replies_nobody_is_asked_to(asked):
    sender = senders.of(asked.app.config["SETTINGS"], "default")
    asked.app.config["SETTINGS"] = type(asked.app.config["SETTINGS"])(
        **{**asked.app.config["SETTINGS"].__dict__, "mail_answers": ""}
    )
    letter = KINDS["invitation"].render(asked.email)
    assert "reply to this email" not in letter.text
    assert composing.reply_to(asked.email, letter, sender) == sender.reply_to


def test_what_is_understood_waits_and_nothing_is_recorded(asked):
    reply = asked.replies("1 done, 2 60 %, 3 blocked: budget")
    assert reply.outcome is Outcome.WAITS
    assert count(*RECORDS) == [0, 0, 0, 0]
    first, second, third = (f"a-{activity.id}" for activity in asked.activities)
    fields = db.session.scalar(sa.select(Proposal)).fields
    assert fields[first] == "done"
    assert (fields[second], fields[f"{second}-percent"]) == ("", "60")
    assert (fields[third], fields[f"{third}-blocker"], fields[f"{third}-note"]) == (
        "blocked",
        "finance",
        "budget",
    )
    assert asked.invitation.state is InvitationState.STARTED
    letter = asked.answer()
    assert "Open a testing laboratory" in letter.text
    assert f"/r/{asked.token}/told" in letter.text
    assert letter.answers == "<her-mail@example.org>"


def test_she_confirms_it_behind_her_link(asked, client):
    asked.replies("1 done, 3 blocked: budget")
    page = client.get(f"/r/{asked.token}/told", follow_redirects=True)
    assert "From your email" in page.text
    first, third = asked.activities[0].id, asked.activities[2].id
    assert f'name="a-{first}" value="done" checked' in page.text
    told = page.text.split('name="proposal" value="')[1].split('"')[0]
    sent = client.post(
        page.request.path,
        data={
            f"a-{first}": "done",
            f"a-{third}": "blocked",
            f"a-{third}-note": "budget",
            "proposal": told,
            "q-use": "weekly",
        },
    )
    assert sent.status_code == 303
    db.session.expire_all()
    response = db.session.scalar(sa.select(Response))
    assert (response.state, response.source, response.recorded_by_id) == (
        ResponseState.SENT,
        Source.EMAIL,
        None,
    )
    assert db.session.scalar(sa.select(ProgressUpdate)).source is Source.EMAIL
    assert db.session.get(Activity, first).state is ActivityState.DONE
    assert count(Proposal) == [0]


def test_a_page_that_had_not_shown_it_is_not_sent_but_shows_both(asked, client):
    page = client.get(f"/r/{asked.token}", follow_redirects=True)
    asked.replies("1 done")
    first = asked.activities[0].id
    refused = client.post(page.request.path, data={f"a-{first}": "blocked"})
    assert refused.status_code == 409
    assert "Something was also told by email" in refused.text
    assert f'name="a-{first}" value="blocked" checked' in refused.text
    assert "You chose something else below: Stuck" in refused.text
    db.session.expire_all()
    assert count(*RECORDS) == [0, 0, 0, 0]


def test_after_she_answered_a_reply_is_shown_beside_the_answer(asked, client):
    page = client.get(f"/r/{asked.token}", follow_redirects=True)
    first = asked.activities[0].id
    client.post(page.request.path, data={f"a-{first}": "done"})
    asked.replies("1 blocked: permission")
    assert db.session.get(Activity, first).state is ActivityState.DONE
    page = client.get(f"/r/{asked.token}/told", follow_redirects=True)
    assert f'name="a-{first}" value="done" checked' in page.text
    assert "You chose something else below: Done" in page.text


def test_the_same_mail_twice_is_one_reply(asked):
    raw = asked.mail("1 done")
    asked.takes(raw)
    asked.takes(raw)
    assert count(EmailReply) == [1]


def test_a_later_reply_changes_what_it_speaks_of(asked):
    asked.replies("1 done, 2 blocked: no staff")
    asked.replies("2 on track", Date="later")
    first, second = (f"a-{activity.id}" for activity in asked.activities[:2])
    fields = db.session.scalar(sa.select(Proposal)).fields
    assert (fields[first], fields[second], fields[f"{second}-note"]) == ("done", "on_track", "")
    outcomes = db.session.scalars(sa.select(EmailReply.outcome).order_by(EmailReply.id)).all()
    assert outcomes == [Outcome.REPLACED, Outcome.WAITS]
    assert len(asked.answers()) == 1  # one a day


def test_what_nobody_understands_is_asked_back_and_waits_for_a_person(asked):
    reply = asked.replies("The laboratory waits for the committee")
    assert reply.outcome is Outcome.UNCLEAR
    assert count(Proposal, *RECORDS) == [0, 0, 0, 0, 0]
    assert "The laboratory waits for the committee" in asked.answer().text


def test_another_sender_is_no_answer_and_hears_nothing(asked):
    reply = asked.replies("1 done", sender="Somebody <else@example.org>")
    assert reply.outcome is Outcome.STRANGER
    assert count(Proposal) == [0]
    assert asked.answers() == []


def test_her_second_address_is_hers(asked, make):
    make.add(
        ContactPoint(
            participant_id=asked.person.id,
            kind=ContactKind.EMAIL,
            value="S@b.example",
            normalised="s@b.example",
        )
    )
    assert asked.replies("1 done", sender="S@B.example").outcome is Outcome.WAITS


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"X_Autoreply": "yes"}, {"Precedence": "auto_reply"}],
)
def test_a_machine_never_answers_for_her(asked, headers):
    asked.replies("1 done", **headers)
    assert count(EmailReply, Proposal) == [0, 0]


def test_an_absence_that_no_header_tells_becomes_nothing(asked):
    asked.replies("I am out of office until 1 June. 1 done")
    assert count(Proposal) == [0]


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your email.\n\n1 done, 2 60 %",
        "Dear team, thank you for your message. 1 done",
        "1 done\n\nThank you for contacting me.",
        "We have received your email. 1 done",
        "Reference No. 12/2026\n1 done",
    ],
)
def test_a_person_too_thanks_for_the_mail(asked, text):
    assert asked.replies(text).outcome is Outcome.WAITS


def test_a_machine_that_thanks_at_the_return_path_is_one_all_the_same(asked):
    sender = senders.of(asked.app.config["SETTINGS"], "default")
    raw = asked.mail("Thank you for your email. Ours is: 1 done")
    raw = raw.replace(asked.reply_to.encode(), composing.return_path(asked.email, sender).encode())
    assert asked.takes(raw) is None


def test_after_the_close_she_is_told_so(asked):
    asked.invitation.wave.state = WaveState.CLOSED
    assert asked.replies("1 done").outcome is Outcome.TOO_LATE
    assert "closed" in asked.answer().subject
    assert count(Proposal) == [0]


def test_whoever_withdrew_hears_nothing_more(asked):
    asked.person.opted_out_at = clock.now()
    assert asked.replies("1 done").outcome is Outcome.UNWANTED
    assert asked.answers() == []


def test_stop_is_done_at_once(asked):
    assert asked.replies("Please unsubscribe me").outcome is Outcome.STOPPED
    assert outbox.suppression(digest("sita@example.org"), "followups") or outbox.stopped(
        digest("sita@example.org")
    )
    assert asked.answers() == []


@pytest.mark.parametrize(("text", "link"), [("I changed job", "/moved"), ("Not me", "/not-me"), ("Help", "")])
def test_other_wishes_get_the_link_where_they_are_granted(asked, text, link):
    assert asked.replies(text).outcome is Outcome.ASKED
    assert f"/r/{asked.token}{link}\n" in asked.answer().text


def test_of_an_anonymous_questionnaire_nothing_is_kept(asked):
    raw = asked.mail("1 done")
    asked.invitation.wave.survey_version.anonymity = Anonymity.ANONYMOUS
    reply = asked.takes(raw)
    assert (reply.outcome, reply.text) == (Outcome.ANONYMOUS, "")
    assert count(Proposal) == [0]
    assert "anonymous" in asked.answer().text
    assert "reply to this email" not in KINDS["invitation"].render(asked.email).text


def test_nobody_else_gets_her_link_to_an_anonymous_questionnaire(asked):
    raw = asked.mail("1 done", sender="Ravi <ravi@example.org>")
    asked.invitation.wave.survey_version.anonymity = Anonymity.ANONYMOUS
    reply = asked.takes(raw)
    assert (reply.outcome, asked.answers()) == (Outcome.ANONYMOUS, [])


def test_numbers_of_a_plan_that_changed_since_are_not_believed(asked):
    asked.plan.saved_at = clock.now() + timedelta(minutes=1)
    reply = asked.replies("1 done")
    assert (reply.outcome, reply.is_renumbered) == (Outcome.UNCLEAR, True)
    assert "plan was changed" in asked.answer().text


def test_same_as_before_needs_a_before(asked):
    assert asked.replies("same as before").outcome is Outcome.UNCLEAR


def test_a_step_that_ended_meanwhile_is_not_spoken_of(asked):
    asked.activities[0].state = ActivityState.DONE
    reply = asked.replies("1 blocked, 2 done")
    assert [said["number"] for said in reply.said] == [2]
    assert reply.unclear == ["1 blocked"]


def test_a_forged_tag_matches_nothing(asked):
    asked.takes(
        asked.mail("1 done").replace(asked.reply_to.encode(), b"answers+1.AAAAAAAAAAAAAAAA@lanjut.example")
    )
    assert count(EmailReply) == [0]


def test_quoting_our_message_is_proof_too(asked):
    raw = asked.mail("1 done", In_Reply_To=asked.email.message_id)
    assert (
        asked.takes(raw.replace(asked.reply_to.encode(), b"office@lanjut.example")).outcome is Outcome.WAITS
    )


def test_our_answers_stop_after_some_days(asked, time_machine):
    for day in range(10):
        time_machine.move_to(clock.now() + timedelta(days=1), tick=False)
        asked.replies(f"nothing that is understood, day {day}")
    assert len(asked.answers()) == actions.MOST_ANSWERS


def test_what_a_reply_said_is_forgotten_after_90_days(asked):
    reply = asked.replies("1 done, and a secret of the ministry")
    assert actions.forget(clock.now() + timedelta(days=91)) == 1
    db.session.refresh(reply)
    assert (reply.text, reply.sender, reply.said, reply.unclear) == ("", "", [], [])


def test_who_replied_to_an_anonymous_questionnaire_is_forgotten_too(asked):
    raw = asked.mail("1 done")
    asked.invitation.wave.survey_version.anonymity = Anonymity.ANONYMOUS
    reply = asked.takes(raw)
    assert (actions.forget(clock.now() + timedelta(days=91)), reply.sender) == (1, "")


def test_a_stranger_who_writes_before_our_answer_went_changes_nothing_in_it(asked):
    asked.replies("1 done")
    asked.replies("2 done", sender="Ravi <ravi@example.org>", Date="later")
    assert "Train two firms in cost records" in asked.answer().text


def test_our_answer_is_called_one_on_the_page_of_the_person(asked, client, make):
    asked.replies("1 done")
    client.sign_in(make.user((asked.programme, Role.COORDINATOR)))
    assert "Answer to their reply" in client.get(f"/followups/invitations/{asked.invitation.id}").text


def test_the_trail_names_no_word_of_hers(asked):
    asked.replies("1 done")
    entry = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.verb == "reply came"))
    assert (entry.after, entry.facts, entry.why) == ("waits", {}, None)


def test_an_answer_another_way_ends_what_waits(asked, client):
    asked.replies("1 done")
    followups.note_answered(asked.invitation, clock.now())
    db.session.commit()
    assert asked.invitation.state is InvitationState.ANSWERED
