"""Behind the links, and on a coordinator's pages: answered once, declined, refused; read apart."""

import re

import pytest
import sqlalchemy as sa

from trainingapp import clock
from trainingapp.db import db
from trainingapp.feedback.results import queries as feedback
from trainingapp.files import actions as files
from trainingapp.followups import queries as followups
from trainingapp.outbox import queries as outbox
from trainingapp.outbox.actions import suppress as stop
from trainingapp.outbox.addresses import digest
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.programmes.models import Role
from trainingapp.responses.models import Answer, Response
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity, Audience, Survey, SurveyVersion
from trainingapp.voices import asking, queries, ticks
from trainingapp.voices.models import RoundState, Voice, VoiceRound, VoiceState

GIVEN = {"promise": "confidential", "q-plan_used": "used", "q-office_help": ["time", "staff"]}


@pytest.fixture
def supervisors(make, cohort):
    """The number of an open round, whose questionnaire is the one in the box."""
    version = queries.versions_for(cohort.theme.programme_id, Audience.SUPERVISORS)[0]
    made = make.voice_round(followups.schedule_of(cohort.id), version)
    db.session.commit()
    return made.id


@pytest.fixture
def voice(make, cohort, supervisors):
    made = make.voice(queries.round_of(supervisors), make.alumna(cohort, "Sita", "sita@example.org"))
    db.session.commit()
    return made.id


@pytest.fixture
def coordinator(client, make, cohort):
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    return client


def the(number):
    return db.session.get(Voice, number)


def opened(client, number, kind="answer"):
    token = asking.token(the(number)) if kind == "answer" else asking.told_token(the(number))
    answer = client.get(f"/voices/{kind}/{token}")
    assert answer.status_code == 303
    return answer.location.partition("?")[0]


def test_looking_changes_nothing_and_sending_counts_once(client, voice):
    address = opened(client, voice)
    page = client.get(address + "?a=q-plan_used.agreed").text
    assert "Sita knows that we ask you, and does not see your answers." in page
    assert "Only the coordinators" in page
    assert re.search(r'value="agreed"[^>]*checked', page)
    assert (the(voice).state, db.session.scalar(sa.func.count(Response.id))) == (VoiceState.SENT, 0)
    for _press in range(2):
        assert client.post(address, data=GIVEN).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 1
    assert sorted(db.session.scalars(sa.select(Answer.choice))) == ["staff", "time", "used"]
    assert the(voice).state is VoiceState.ANSWERED
    assert "Your answers are with us" in client.get(address).text


def test_an_empty_page_is_no_answer_and_a_changed_promise_is_read_again(client, voice):
    address = opened(client, voice)
    empty = client.post(address, data={"promise": "confidential"})
    assert (empty.status_code, "Answer at least one question" in empty.text) == (422, True)
    changed = client.post(address, data={**GIVEN, "promise": "named"})
    assert (changed.status_code, "was changed since you opened this page" in changed.text) == (409, True)
    assert re.search(r'value="used"[^>]*checked', changed.text)
    assert the(voice).state is VoiceState.SENT


def test_another_language_keeps_what_was_typed(client, voice):
    page = client.post(opened(client, voice), data={**GIVEN, "l": "fr"}).text
    assert 'lang="fr"' in page
    assert re.search(r'value="used"[^>]*checked', page)
    assert the(voice).state is VoiceState.SENT


def test_who_declines_is_written_to_no_more_and_may_answer_after_all(client, voice):
    address = opened(client, voice)
    assert client.post(address + "/decline").status_code == 303
    assert the(voice).state is VoiceState.DECLINED
    assert outbox.is_suppressed(digest(the(voice).address), "supervisor")
    page = client.get(address).text
    assert "We do not ask you again" in page
    assert "<fieldset" not in page
    assert "<fieldset" in client.get(address + "?again=1").text
    assert client.post(address, data=GIVEN).status_code == 303
    assert the(voice).state is VoiceState.ANSWERED


def test_no_to_being_asked_in_a_year_is_kept(client, voice):
    client.post(opened(client, voice), data={**GIVEN, "q-ask_again": "no"})
    assert the(voice).state is VoiceState.ANSWERED
    assert outbox.is_suppressed(digest(the(voice).address), "supervisor")


def test_a_link_that_is_nobodys_or_over_opens_no_questions(client, voice, supervisors):
    assert client.get("/voices/answer/" + "x" * 43).status_code == 410
    assert client.get("/voices/told/" + "x" * 43).status_code == 410
    address = opened(client, voice)
    queries.round_of(supervisors).state = RoundState.CLOSED
    db.session.commit()
    assert "These questions have closed" in client.get(address).text
    assert client.post(address, data=GIVEN).status_code == 409
    assert the(voice).state is VoiceState.SENT


def test_the_alumna_says_no_takes_it_back_and_names_somebody_else(client, voice):
    address = opened(client, voice, "told")
    page = client.get(address).text
    assert "Ram Bahadur" in page
    assert the(voice).address not in page  # she may read this where others look on
    for said, state in (("no", VoiceState.REFUSED), ("undo", VoiceState.SENT)):
        assert client.post(address, data={"do": said}).status_code == 303
        assert the(voice).state is state
    own = client.post(address, data={"do": "other", "name": "Me", "email": "sita@example.org"})
    assert (own.status_code, "of the alumna herself" in own.text) == (422, True)
    client.post(address, data={"do": "other", "name": "Maya", "email": "Maya@office.example"})
    assert (the(voice).name, the(voice).address) == ("Maya", "maya@office.example")
    assert the(voice).enrolment.supervisor_email == "maya@office.example"
    assert (the(voice).state, the(voice).sent_at) == (VoiceState.PLANNED, None)


def test_the_alumnas_own_link_opens_no_questions_and_the_supervisors_no_choice(client, voice):
    assert client.get(f"/voices/answer/{asking.told_token(the(voice))}").status_code == 410
    assert client.get(f"/voices/told/{asking.token(the(voice))}").status_code == 410


# A coordinator's pages ------------------------------------------------------------------------------


def test_a_round_is_added_moved_and_removed_from_the_schedule(coordinator, cohort):
    new = f"/voices/cohorts/{cohort.id}/new/supervisors"
    version = queries.versions_for(cohort.theme.programme_id, Audience.SUPERVISORS)[0]
    assert "Ask the hosts" in coordinator.get(f"/followups/cohorts/{cohort.id}").text
    asked = {"months": "36", "version_id": str(version.id)}
    page = coordinator.post(new, data=asked).location
    again = coordinator.post(new, data=asked)
    assert (again.status_code, "asked at that time already" in again.text) == (422, True)
    days = {"opens_on": "2030-03-01", "closes_on": "2030-02-01"}
    assert coordinator.post(page + "/days", data=days).status_code == 422
    assert coordinator.post(page + "/days", data={**days, "closes_on": "2030-04-01"}).status_code == 302
    made = db.session.scalars(sa.select(VoiceRound)).one()
    assert (str(made.opens_on), made.audience, made.offset_months) == ("2030-03-01", "supervisors", 36)
    assert coordinator.post(page + "/remove").status_code == 302
    assert db.session.scalar(sa.select(sa.func.count(VoiceRound.id))) == 0


def test_what_promises_anonymity_is_not_offered(cohort):
    version = queries.versions_for(cohort.theme.programme_id, Audience.SUPERVISORS)[0]
    version.anonymity = Anonymity.ANONYMOUS
    db.session.commit()
    assert queries.versions_for(cohort.theme.programme_id, Audience.SUPERVISORS) == []


def test_the_page_names_who_lacks_an_address_and_takes_one(coordinator, make, cohort, supervisors):
    gita = make.alumna(cohort, "Gita")
    db.session.commit()
    page = f"/voices/{supervisors}"
    assert "No email address that works" in coordinator.get(page).text
    form = f"{page}/people/{gita.id}"
    wrong = coordinator.post(form, data={"name": "Maya", "email": "maya", "language": "en"})
    assert (wrong.status_code, 'value="maya"' in wrong.text) == (422, True)
    kept = coordinator.post(form, data={"name": "Maya", "email": "maya@office.example", "language": "en"})
    assert kept.status_code == 302
    assert "No email address that works" not in coordinator.get(page).text


def test_one_click_writes_to_one_person_by_a_new_link(coordinator, voice, supervisors):
    old = asking.token(the(voice))
    answer = coordinator.post(f"/voices/people/{voice}/send", follow_redirects=True)
    assert f"goes to {the(voice).address} now" in answer.text
    mail = db.session.scalars(sa.select(OutgoingEmail)).one()
    assert (mail.kind, mail.address) == ("supervisor_questions", the(voice).address)
    assert queries.voice_for(old) is None


def test_a_cancelled_round_says_why_and_its_links_ask_nothing(coordinator, voice, supervisors):
    page = f"/voices/{supervisors}"
    coordinator.post(page + "/cancel", data={"why": "The ministry was renamed."})
    assert "The ministry was renamed." in coordinator.get(page).text
    assert the(voice).state is VoiceState.CLOSED


def test_the_page_asks_the_database_no_more_for_many_than_for_few(coordinator, make, cohort, supervisors):
    def add(count):
        of = queries.round_of(supervisors)
        for _one in range(count):
            make.voice(of, make.alumna(cohort))
        db.session.commit()

    add(2)
    few = coordinator.statements(f"/voices/{supervisors}")
    add(9)
    assert coordinator.statements(f"/voices/{supervisors}") <= few


# Results --------------------------------------------------------------------------------------------


@pytest.fixture
def answered(make, cohort, supervisors):
    """Adds so many who chose "used"."""

    def add(count):
        of = queries.round_of(supervisors)
        question = surveys.questions_of(of.survey_version)[0]
        for _one in range(count):
            made = make.voice(of, make.alumna(cohort), state=VoiceState.ANSWERED, answered_at=clock.now())
            response = make.add(
                Response(state="sent", language="en", saved_at=clock.now(), sent_at=clock.now())
            )
            make.add(Answer(response_id=response.id, question_id=question.id, choice="used"))
            made.response_id = response.id
        db.session.commit()

    return add


def test_answers_are_shown_from_five_on_and_never_in_the_figures_of_a_wave(
    coordinator, make, cohort, supervisors, answered
):
    wave = make.wave(followups.schedule_of(cohort.id))
    answered(4)
    page = f"/feedback/voices/{supervisors}"
    assert "Hidden for now" in coordinator.get(page).text
    assert coordinator.post(page + "/answers.csv").status_code in {400, 409, 422}
    answered(1)
    shown = coordinator.get(page).text
    assert "5 of 5" in shown
    assert "Hidden for now" not in shown
    rows = coordinator.post(page + "/answers.csv").text.splitlines()
    assert len(rows) == 6
    assert "5 of 5" in coordinator.get(f"/feedback/cohorts/{cohort.id}").text
    assert feedback.answered(wave) == 0


def test_a_file_that_a_supervisor_added_can_be_opened_where_it_is_listed(
    coordinator, make, supervisors, answered
):
    version = queries.round_of(supervisors).survey_version
    photo = make.question(version, key="photo", kind="file", wording={"en": "A photo"})
    answered(5)
    stored = files.keep(b"%PDF-1.4\n%%EOF\n", "register.pdf", clock.now())
    for response in db.session.scalars(sa.select(Response)):
        make.add(Answer(response_id=response.id, question_id=photo.id, text=stored.name, file_id=stored.id))
    db.session.commit()
    page = coordinator.get(f"/feedback/voices/{supervisors}").text
    link = re.search(r'href="(/feedback/files/\d+)"', page)[1]
    assert coordinator.get(link).data.startswith(b"%PDF")


def test_a_questionnaire_is_written_for_supervisors_and_offered_for_no_wave(coordinator, cohort):
    programme_id = cohort.theme.programme_id
    written = {"programme": programme_id, "title": "One question", "key": "boss", "language": "en"}
    answer = coordinator.post("/surveys/new", data={**written, "audience": "supervisors"})
    assert answer.status_code == 303
    version = db.session.scalars(
        sa.select(SurveyVersion).join(SurveyVersion.survey).where(Survey.key == "boss")
    ).one()
    version.published_at = clock.now()
    db.session.commit()
    assert version in queries.versions_for(programme_id, Audience.SUPERVISORS)
    assert version not in followups.published_versions(programme_id)


def test_only_the_alumna_takes_her_own_no_back(coordinator, voice, supervisors):
    the(voice).state = VoiceState.REFUSED
    form = f"/voices/{supervisors}/people/{the(voice).enrolment_id}"
    db.session.commit()
    answer = coordinator.post(form, data={"name": "Maya", "email": "maya@office.example", "language": "en"})
    assert (answer.status_code, "Only she can take that back" in answer.text) == (422, True)


def test_who_stopped_our_mail_by_its_own_link_is_shown_so_and_reminded_no_more(
    coordinator, voice, supervisors
):
    stop(digest(the(voice).address), "supervisor", reason="asked to stop", by="link", now=clock.now())
    the(voice).look_at = clock.now()
    db.session.commit()
    page = coordinator.get(f"/voices/{supervisors}").text
    assert "Does not want to be asked" in page
    assert f"/voices/people/{voice}/send" not in page
    list(ticks.follow(clock.now()))
    assert the(voice).look_at is None
    assert db.session.scalars(sa.select(OutgoingEmail)).all() == []
