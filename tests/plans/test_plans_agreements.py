"""The supervisor's word on a plan: asked by mail, given once behind a link, kept with its version."""

from datetime import timedelta

import factories
import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone

from trainingapp import clock
from trainingapp.accounts.models import AuditEntry
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.outbox.kinds import KINDS
from trainingapp.outbox.models import OutgoingEmail
from trainingapp.plans import actions, queries
from trainingapp.plans.agreements import actions as agreements
from trainingapp.plans.agreements import queries as agreement_queries
from trainingapp.plans.agreements.models import SupervisorAgreement, SupervisorWord
from trainingapp.plans.models import PlanState
from trainingapp.plans.writing import drafts
from trainingapp.programmes.models import Role


@pytest.fixture
def plan(make):
    """Sent once, by somebody with an account; her number."""
    user = make.user(name="Sita Marigold", email="sita@office.example")
    person = make.participant("Sita Marigold", email="sita@example.org", user_id=user.id, language="id")
    made = make.action_plan(make.enrolment(of=person))
    actions.submit(made, clock.now())
    db.session.commit()
    return made.id


def the(number):
    return queries.plan(number)


def ask(number, language="fr", **facts):
    given = {"name": "Ram Bahadur", "email": "Ram@Office.example", **facts}
    made = agreements.ask(the(number), given["name"], given["email"], language, clock.now())
    db.session.commit()
    return made.id


def asked(number):
    return db.session.get(SupervisorAgreement, number)


def opened(client, number):
    """The address behind the link, with the cookie that it sets."""
    answer = client.get(f"/plans/agree/{agreement_queries.token(asked(number))}")
    assert answer.status_code == 303
    return answer.location


def send_again(number, goal="Fifty weavers keep records."):
    plan = the(number)
    reviewer = factories.user((plan.enrolment.cohort.theme.programme, Role.COORDINATOR))
    actions.send_back(plan, reviewer, "More, please.", clock.now())
    typed = drafts.typed(plan, queries.lines_of(plan)) | {"goal": goal}
    actions.save(plan, typed, clock.now())
    for comment in queries.unanswered(plan):
        actions.settle(plan, comment.id, clock.now())
    actions.submit(plan, clock.now())
    db.session.commit()


def mails(kind):
    return list(db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == kind)))


def post(client, address, **said):
    return client.post(address, data={"seen": "1", "answer": "agreed", **said})


def test_she_asks_from_her_page_and_the_mail_speaks_the_supervisors_language(client, make, plan):
    client.sign_in(db.session.get(make.User, _user_id(plan)))
    posted = {"supervisor": "Ram Bahadur", "email": "ram@office.example", "language": "fr"}
    assert client.post(f"/plans/{plan}/supervisor", data=posted).status_code == 302
    (mail,) = mails("plan-supervisor")
    assert (mail.address, mail.language) == ("ram@office.example", "fr")
    number = mail.facts["agreement"]
    message = KINDS[mail.kind].render(mail)
    assert agreement_queries.token(asked(number)) in message.text
    assert "Sita Marigold" in message.text
    assert agreement_queries.token(asked(number)) not in str(mail.facts), "the outbox holds no secret"
    assert "ram@office.example" in client.get(f"/plans/{plan}/supervisor").text


def _user_id(plan):
    return the(plan).enrolment.participant.user_id


def test_opening_the_link_changes_nothing(client, plan):
    number = ask(plan)
    before = db.session.query(AuditEntry).count()
    page = client.get(opened(client, number))
    assert page.status_code == 200
    assert "By December 40 weavers keep cost records." in page.text
    assert db.session.query(AuditEntry).count() == before
    assert asked(number).answer is None


def test_the_answer_is_kept_with_its_version_and_told_to_the_participant(client, make, plan):
    number = ask(plan)
    address = opened(client, number)
    assert post(client, address).status_code == 303
    kept = asked(number)
    assert (kept.answer, kept.plan_version.number) == (SupervisorWord.AGREED, 1)
    (mail,) = mails("plan-answered")
    assert (mail.address, mail.language) == ("sita@example.org", "id")
    assert "Ram Bahadur" in KINDS[mail.kind].render(mail).text
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.verb, entry.after) == ("answered", "agreed")
    coordinator = make.user((the(plan).enrolment.cohort.theme.programme, Role.COORDINATOR))
    db.session.commit()
    client.sign_in(coordinator)
    assert "Ram Bahadur" in client.get(f"/plans/{plan}").text


def test_a_second_click_changes_nothing_and_says_thanks(client, plan):
    number = ask(plan)
    address = opened(client, number)
    post(client, address)
    again = post(client, address, answer="not_yet", reason="Changed my mind")
    assert again.status_code == 303
    assert asked(number).answer == SupervisorWord.AGREED
    assert len(mails("plan-answered")) == 1


def test_not_yet_says_why(client, plan):
    number = ask(plan)
    address = opened(client, number)
    page = post(client, address, answer="not_yet")
    assert page.status_code == 422
    assert asked(number).answer is None
    assert post(client, address, answer="not_yet", reason="Which districts?").status_code == 303
    assert asked(number).reason == "Which districts?"
    assert "Which districts?" in KINDS["plan-answered"].render(mails("plan-answered")[0]).text


def test_no_choice_is_asked_about_and_the_words_stay(client, plan):
    page = client.post(opened(client, ask(plan)), data={"seen": "1", "reason": "Half a thought"})
    assert page.status_code == 422
    assert "Half a thought" in page.text


def test_a_plan_changed_while_it_was_read_is_shown_again(client, plan):
    number = ask(plan)
    address = opened(client, number)
    send_again(plan)
    page = post(client, address)
    assert page.status_code == 422
    assert "Fifty weavers" in page.text
    assert asked(number).answer is None
    assert post(client, address, seen="2").status_code == 303
    assert asked(number).plan_version.number == 2


def test_a_plan_changed_after_the_agreement_says_to_which_version(client, make, plan):
    number = ask(plan)
    post(client, opened(client, number))
    send_again(plan)
    client.sign_in(db.session.get(make.User, _user_id(plan)))
    page = client.get(f"/plans/{plan}/supervisor")
    assert "Version 1" in page.text
    assert "it is version 2 now" in page.text


def test_a_withdrawn_a_stale_and_a_made_up_link_open_nothing(client, plan):
    number = ask(plan)
    address = opened(client, number)
    second = ask(plan, email="boss@office.example")
    assert asked(number).withdrawn_at is not None, "a newer question closes the older"
    assert client.get(address).status_code == 410
    post(client, address)
    assert asked(number).answer is None
    asked(second).expires_at = clock.now() - timedelta(minutes=1)
    db.session.commit()
    page = client.get(opened(client, second))
    assert page.status_code == 410
    assert client.get("/plans/agree/" + "x" * 43).status_code == 410
    assert KINDS["plan-supervisor"].unwanted_because(mails("plan-supervisor")[0]) == "closed"


@on_postgresql_alone  # SQLite has one lock for all
def test_a_question_that_was_answered_a_moment_ago_is_not_withdrawn(plan):
    held = asked(ask(plan))
    assert held.answer is None
    with db.engine.begin() as beside:
        beside.execute(sa.update(SupervisorAgreement).values(answer=SupervisorWord.AGREED))
    agreements.withdraw(held, clock.now())
    assert (held.answer, held.withdrawn_at) == (SupervisorWord.AGREED, None)


@pytest.mark.parametrize("ended", [{"state": PlanState.STOPPED}, {"enrolment": EnrolmentState.WITHDRAWN}])
def test_what_has_ended_needs_no_agreement(client, plan, ended):
    number = ask(plan)
    if "state" in ended:
        the(plan).state = ended["state"]
    else:
        the(plan).enrolment.state = ended["enrolment"]
    db.session.commit()
    assert client.get(opened(client, number)).status_code == 410
    with pytest.raises(agreements.LinkClosed):
        agreements.answer(asked(number), 1, SupervisorWord.AGREED, "", clock.now())


@pytest.mark.parametrize("own", ["sita@example.org", "SITA@office.example "])
def test_nobody_names_herself_as_supervisor(plan, own):
    with pytest.raises(agreements.OwnAddress):
        ask(plan, email=own)


def test_the_participant_cannot_answer_in_the_supervisors_place(client, make, plan):
    number = ask(plan)
    client.sign_in(db.session.get(make.User, _user_id(plan)))
    address = opened(client, number)
    assert "cannot agree with your own plan" in client.get(f"{address}?l=en").text
    assert post(client, address).status_code == 403
    assert asked(number).answer is None


def test_a_plan_is_agreed_only_after_it_was_sent(make):
    plan = make.action_plan()
    with pytest.raises(agreements.NothingToAgree):
        agreements.ask(plan, "Ram", "ram@office.example", "en", clock.now())


def test_a_mail_that_came_back_is_said_to_her(client, make, plan):
    ask(plan)
    (mail,) = mails("plan-supervisor")
    KINDS[mail.kind].bounced(mail)
    db.session.commit()
    client.sign_in(db.session.get(make.User, _user_id(plan)))
    assert "came back" in client.get(f"/plans/{plan}/supervisor").text


def test_nobody_is_asked_without_end(plan):
    for number in range(agreements.MOST):
        ask(plan, email=f"head-{number}@office.example")
    with pytest.raises(agreements.AskedOften):
        ask(plan)


def test_the_database_holds_no_link(plan):
    number = ask(plan)
    token = agreement_queries.token(asked(number))
    assert asked(number).token_hash != token
    assert agreement_queries.found(token).id == number
    assert agreement_queries.found(asked(number).token_hash) is None
