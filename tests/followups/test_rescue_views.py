"""The contact-rescue board and what a coordinator does on a person's page."""

import io
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
import sqlalchemy as sa
import ticking

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups.models import ContactAttempt, Invitation, InvitationState
from trainingapp.followups.rescue import actions as rescue
from trainingapp.followups.rescue.models import Helper, HelperRole, RescueCause, RescueState, RescueTask
from trainingapp.outbox.models import EmailState, OutgoingEmail
from trainingapp.participants.models import ContactKind, ContactPoint, ContactState, Participant
from trainingapp.programmes.models import Membership, Role
from trainingapp.tokens import issue


@pytest.fixture(autouse=True)
def now(make, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: make.NOW)
    return make.NOW


@pytest.fixture
def wave(make, now):
    """Open, with Sita in Kathmandu and Farida in Kabul, whom no mail reaches; each has a task."""
    made = make.wave(make.schedule())
    sita = make.alumna(made.schedule.cohort, "Sita Palpali", "sita@example.org")
    farida = make.alumna(made.schedule.cohort, "Farida Herati", None, country="AF", language="fr")
    db.session.commit()
    ticking.open_due_waves(now)
    for enrolment, cause in ((sita, RescueCause.SILENT), (farida, RescueCause.NO_ADDRESS)):
        rescue.open_task(invitation_of(enrolment), cause, now)
    db.session.commit()
    return made


def invitation_of(enrolment):
    return db.session.scalars(sa.select(Invitation).where(Invitation.enrolment_id == enrolment.id)).one()


def task_of(name):
    query = sa.select(RescueTask).join(RescueTask.enrolment).where(sa.column("sort_name") == name)
    return db.session.scalars(query).one()


def test_only_what_is_known_of_somebody_has_a_column(coordinator, wave):
    shown = text(coordinator.get(f"/followups/waves/{wave.id}/missing"))
    assert shown.count('<th scope="col" class="num"><a') == 2
    assert "No address" in shown
    assert "No longer there" not in shown


@pytest.fixture
def devi(make, wave):
    return make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR), name="Devi Northstar")


@pytest.fixture
def coordinator(client, devi):
    client.sign_in(devi)
    return client


def text(page):
    return unescape(page.get_data(as_text=True))


def page_of(client, name):
    return text(client.get(f"/followups/invitations/{task_of(name).invitation_id}"))


def contact(make, name, kind, value, **facts):
    owner = task_of(name).enrolment.participant_id
    made = make.add(
        ContactPoint(participant_id=owner, kind=kind, value=value, normalised=value, position=5, **facts)
    )
    db.session.commit()
    return made


# The board ------------------------------------------------------------------------------------------


def test_the_board_says_who_is_missing_by_country_and_cause(coordinator):
    page = text(coordinator.get("/followups/rescue"))
    for words in ("Sita Palpali", "Farida Herati", "No working address", "Afghanistan", "All 2", "Mine 0"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("country=AF", {"Farida Herati"}),
        ("cause=silent", {"Sita Palpali"}),
        ("whose=mine", set()),
        ("whose=nobody", {"Farida Herati", "Sita Palpali"}),
        ("stage=over", set()),
        ("country=XX&cause=none&owner=x&stage=y", {"Farida Herati", "Sita Palpali"}),
    ],
)
def test_the_board_is_filtered_by_its_address(coordinator, query, shown):
    page = text(coordinator.get(f"/followups/rescue?{query}"))
    assert {name for name in ("Farida Herati", "Sita Palpali") if f"Select {name}" in page} == shown


def test_the_board_of_one_edition_shows_no_other(make, coordinator, wave):
    other = make.alumna(make.cohort(wave.schedule.cohort.theme), "Karma")
    rescue.open_task(other, RescueCause.MOVED, make.NOW)
    db.session.commit()
    page = text(coordinator.get(f"/followups/rescue?cohort={other.cohort_id}"))
    assert ("Karma" in page, "Sita Palpali" in page) == (True, False)


def test_an_empty_board_says_what_brings_people_there(make, client, wave):
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    page = text(client.get("/followups/rescue"))
    assert "Everyone is within reach" in page
    assert "Sita Palpali" not in page


def test_the_board_needs_the_same_queries_for_two_and_for_sixty(make, coordinator, wave):
    few = coordinator.statements("/followups/rescue")
    for _number in range(58):
        rescue.open_task(make.alumna(wave.schedule.cohort), RescueCause.MOVED, make.NOW)
    db.session.commit()
    assert coordinator.statements("/followups/rescue") == few


def test_those_that_are_ticked_are_taken_and_given_back(coordinator, devi):
    ids = [task_of("sita palpali").id, task_of("farida herati").id]
    coordinator.post("/followups/rescue/assign", data={"id": ids, "owner": "me"})
    db.session.expire_all()
    assert {task.owner_id for task in db.session.scalars(sa.select(RescueTask))} == {devi.id}
    assert "Mine 2" in text(coordinator.get("/followups/rescue"))
    coordinator.post("/followups/rescue/assign", data={"id": ids[:1], "owner": ""})
    assert "Taken by nobody 1" in text(coordinator.get("/followups/rescue"))


def test_a_task_of_another_programme_is_not_taken_by_its_number(make, client, wave):
    client.sign_in(make.user((make.programme(), Role.COORDINATOR)))
    client.post("/followups/rescue/assign", data={"id": [task_of("sita palpali").id], "owner": "me"})
    db.session.expire_all()
    assert task_of("sita palpali").owner_id is None


def test_the_board_is_exported_and_the_trail_says_so(coordinator):
    lines = text(coordinator.post("/followups/rescue/tasks.csv?cause=silent")).splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["Sita Palpali"]
    book = openpyxl.load_workbook(io.BytesIO(coordinator.post("/followups/rescue/tasks.xlsx").data))
    assert book.active.max_row == 3
    assert "rescue tasks exported" in db.session.scalars(sa.select(AuditEntry.verb)).all()


def test_the_overview_and_the_ledger_count_them(coordinator, wave):
    for path in (f"/cohorts/{wave.schedule.cohort_id}", "/followups/"):
        assert "2 people wait to be reached another way" in text(coordinator.get(path))


# The person -----------------------------------------------------------------------------------------


def test_a_task_leads_to_the_person_with_the_task_on_top(coordinator):
    page = text(coordinator.get(f"/followups/rescue/{task_of('sita palpali').id}", follow_redirects=True))
    assert "No answer to any email" in page
    assert "Nobody has taken it yet." in page


def test_a_task_without_a_wave_has_a_page_and_takes_attempts(make, coordinator, wave):
    karma = make.alumna(make.cohort(wave.schedule.cohort.theme), "Karma")
    task = rescue.open_task(karma, RescueCause.MOVED, make.NOW)
    db.session.commit()
    page = text(coordinator.get(f"/followups/rescue/{task.id}"))
    assert "Changed post" in page
    data = {"channel": "phone", "outcome": "new_address", "new_address": "karma@new.example.org"}
    coordinator.post(f"/followups/rescue/{task.id}/attempts", data=data)
    db.session.expire_all()
    assert task.state is RescueState.SOLVED
    assert (
        db.session.scalars(
            sa.select(ContactPoint.normalised)
            .where(ContactPoint.participant_id == karma.participant_id)
            .order_by(ContactPoint.position)
        ).first()
        == "karma@new.example.org"
    )


def test_the_person_needs_the_same_queries_for_two_and_for_sixty_of_everything(make, coordinator, wave, devi):
    task = task_of("sita palpali")
    path = f"/followups/invitations/{task.invitation_id}"

    def more(number):
        make.add(
            ContactAttempt(
                enrolment_id=task.enrolment_id,
                invitation_id=task.invitation_id,
                by_id=devi.id,
                at=make.NOW,
                channel="phone",
                outcome="spoke",
            )
        )
        make.add(
            Helper(
                enrolment_id=task.enrolment_id,
                role=HelperRole.COLLEAGUE,
                name=f"Colleague {number}",
                email=f"c{number}@example.org",
                agreed_on=make.NOW.date(),
            )
        )
        contact(make, "sita palpali", ContactKind.PHONE, f"+9771555{number:04d}")
        mate = make.alumna(wave.schedule.cohort, agreed_to_help_on=make.NOW.date())
        make.add(
            Invitation(
                wave_id=wave.id,
                enrolment_id=mate.id,
                language="en",
                time_zone="Asia/Kathmandu",
                token_hash=f"{number:064d}",
                due_at=make.NOW,
                answered_at=make.NOW,
            )
        )
        db.session.commit()

    for number in range(2):
        more(number)
    few = coordinator.statements(path)
    for number in range(2, 60):
        more(number)
    assert coordinator.statements(path) == few


def test_a_telephone_is_one_tap_away_and_so_is_a_chat_with_ready_words(make, coordinator):
    contact(make, "sita palpali", ContactKind.PHONE, "+97715550100")
    contact(make, "sita palpali", ContactKind.MESSAGING, "Telegram: @sita_p")
    page = page_of(coordinator, "sita palpali")
    assert 'href="tel:+97715550100" rel="noreferrer noopener"' in page
    assert 'href="https://t.me/sita_p" rel="noreferrer noopener"' in page
    chat = urlsplit(page.split('href="https://wa.me/')[1].split('"')[0])
    words = parse_qs(chat.query)["text"][0]
    invitation = task_of("sita palpali").invitation
    assert chat.path == "97715550100"
    assert f"/r/{issue('invitation', invitation.id, invitation.link_number)}" in words
    assert words.startswith("Dear Sita Palpali,")


def test_words_for_others_hold_neither_the_link_nor_an_answer(make, coordinator):
    page = page_of(coordinator, "sita palpali")
    words = page.split('id="to-helper"')[1].split("</textarea>")[0]
    assert "lost touch with Sita Palpali" in words
    assert "/r/" not in words


def test_an_organiser_sees_no_personal_link(make, client, wave):
    client.sign_in(make.user((wave.schedule.cohort.theme.programme, Role.ORGANISER)))
    assert "/r/" not in page_of(client, "sita palpali")


def test_a_helper_is_offered_only_once_they_agreed(make, coordinator):
    enrolment_id = task_of("sita palpali").enrolment_id
    data = {"role": "supervisor", "name": "Mr. Loomfield", "email": "loom@example.org", "phone": ""}
    coordinator.post(f"/followups/enrolments/{enrolment_id}/helpers", data=data)
    page = page_of(coordinator, "sita palpali")
    assert "Has not agreed yet" in page
    assert "mailto:loom@example.org" not in page
    helper = db.session.scalars(sa.select(Helper)).one()
    coordinator.post(
        f"/followups/helpers/{helper.id}", data={**data, "agreed_on": "2026-02-02", "version": 1}
    )
    assert "mailto:loom@example.org?subject=" in page_of(coordinator, "sita palpali")
    coordinator.post(f"/followups/helpers/{helper.id}/remove")
    assert db.session.scalars(sa.select(Helper)).all() == []


def test_the_focal_point_of_the_country_is_a_way(make, coordinator, wave):
    user = make.user(name="Bimala", email="focal@example.org")
    programme_id = wave.schedule.cohort.theme.programme_id
    make.add(Membership(user_id=user.id, programme_id=programme_id, role=Role.FOCAL_POINT, country="NP"))
    assert "mailto:focal@example.org" in page_of(coordinator, "sita palpali")
    assert "mailto:focal@example.org" not in page_of(coordinator, "farida herati")


def test_only_cohort_mates_who_agreed_and_answered_are_named(make, coordinator, wave):
    for name, agreed, answered in (("Tashi", True, True), ("Pema", False, True), ("Dorji", True, False)):
        mate = make.alumna(wave.schedule.cohort, name, agreed_to_help_on=make.NOW.date() if agreed else None)
        make.add(
            Invitation(
                wave_id=wave.id,
                enrolment_id=mate.id,
                language="en",
                time_zone="Asia/Kathmandu",
                token_hash=name,
                due_at=make.NOW,
                answered_at=make.NOW if answered else None,
            )
        )
    page = page_of(coordinator, "sita palpali")
    assert [name for name in ("Tashi", "Pema", "Dorji") if name in page] == ["Tashi"]


def test_a_second_address_gets_the_invitation_by_one_tap(make, coordinator):
    contact(make, "sita palpali", ContactKind.EMAIL, "sita.two@example.org")
    page = page_of(coordinator, "sita palpali")
    assert 'name="email" value="sita.two@example.org">Send it there' in page
    number = task_of("sita palpali").invitation_id
    coordinator.post(f"/followups/invitations/{number}/address", data={"email": "sita.two@example.org"})
    db.session.expire_all()
    assert task_of("sita palpali").state is RescueState.SOLVED
    mail = db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
    assert mail.address == "sita.two@example.org"


def test_an_address_that_bounced_is_no_way(make, coordinator):
    contact(make, "sita palpali", ContactKind.EMAIL, "old@example.org", state=ContactState.BOUNCED)
    assert 'value="old@example.org"' not in page_of(coordinator, "sita palpali")


def test_a_double_click_on_record_makes_one_row(coordinator):
    number = task_of("farida herati").invitation_id
    data = {"channel": "phone", "outcome": "not_reached", "form_id": "A" * 22}
    answers = [coordinator.post(f"/followups/invitations/{number}/attempts", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ContactAttempt)) == 1
    again = {**data, "form_id": "B" * 22}
    coordinator.post(f"/followups/invitations/{number}/attempts", data=again)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ContactAttempt)) == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"outcome": "new_address"}, "Write down the new email address."),
        ({"outcome": "new_address", "new_address": "sita@"}, "is not an email address"),
        ({"outcome": "call_again", "day": "2020-01-01"}, "Write a day from today on"),
    ],
)
def test_what_cannot_be_done_is_said_at_its_field(coordinator, typed, sentence):
    number = task_of("farida herati").invitation_id
    page = coordinator.post(f"/followups/invitations/{number}/attempts", data={"channel": "phone", **typed})
    assert page.status_code == 422
    assert sentence in text(page)
    assert 'aria-invalid="true"' in text(page)
    assert db.session.scalars(sa.select(ContactAttempt)).all() == []


def test_a_task_is_ended_by_hand_with_its_reason(coordinator):
    task_id = task_of("farida herati").id
    place = f"/followups/rescue/{task_id}/let_go"
    assert coordinator.post(place, data={"why": ""}).status_code == 422
    coordinator.post(place, data={"why": "The ministry was dissolved."})
    page = page_of(coordinator, "farida herati")
    assert "Nobody looks any further" in page
    assert "The ministry was dissolved." in page
    assert coordinator.post(place, data={"why": "Again"}).status_code == 422


def test_nobody_is_offered_a_way_to_someone_who_wants_no_more_messages(make, coordinator):
    contact(make, "sita palpali", ContactKind.PHONE, "+97715550100")
    person = task_of("sita palpali").enrolment.participant
    db.session.get_one(Participant, person.id).opted_out_at = make.NOW
    page = page_of(coordinator, "sita palpali")
    assert "tel:+97715550100" not in page
    assert "Please do not try another way." in page


# Unclear mail ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fate", "state"), [("arrived", EmailState.SENT), ("again", EmailState.QUEUED)])
def test_an_unclear_mail_is_settled_by_hand(make, coordinator, fate, state):
    email = db.session.scalars(sa.select(OutgoingEmail)).one()
    email.state, email.dot_at = EmailState.UNCERTAIN, make.NOW - timedelta(days=2)
    task = task_of("sita palpali")
    task.cause = RescueCause.UNCERTAIN
    page = page_of(coordinator, "sita palpali")
    assert "Nobody knows whether the message to sita@example.org arrived." in page
    place = f"/followups/mails/{email.id}/{fate}"
    assert coordinator.post(place).status_code == 302
    db.session.expire_all()
    assert (email.state, task.state) == (state, RescueState.SOLVED)
    invitation = db.session.get_one(Invitation, task.invitation_id)
    assert (invitation.state is InvitationState.SENT) == (fate == "arrived")
    assert coordinator.post(place).status_code == 409


def test_the_messages_to_one_person_are_held_from_their_page(coordinator, wave):
    number = task_of("sita palpali").invitation_id
    action = f"/followups/waves/{wave.id}/messages/hold"
    assert action in page_of(coordinator, "sita palpali")
    coordinator.post(action, data={"id": [number]})
    assert f"/followups/waves/{wave.id}/messages/resume" in page_of(coordinator, "sita palpali")
