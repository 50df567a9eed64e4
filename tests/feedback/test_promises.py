"""You said, we did: who reads it, what it never shows, and what next year's team finds."""

from datetime import date

import feedback_rows as rows
import pytest
import sqlalchemy as sa

from trainingapp import once
from trainingapp.db import db
from trainingapp.feedback.comments import queries as comments
from trainingapp.feedback.comments import triage
from trainingapp.feedback.promises import actions as promising
from trainingapp.feedback.promises import queries as promises
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.followups import queries as invitations
from trainingapp.followups.models import Invitation, Wave
from trainingapp.programmes.models import Role
from trainingapp.refusals import Stale
from trainingapp.responses.models import Answer
from trainingapp.surveys.models import Anonymity, Question

SAID = {"en": "Visits were too short", "id": "Kunjungan terlalu singkat"}
DID = {"en": "A full morning each", "id": "Sepanjang pagi"}


def words(**changed):
    same = {"said": SAID, "did": DID, "owner": None, "due_on": None, "shows_quote": False, "is_shown": True}
    return promising.Words(**{**same, **changed})


def asked(make, number, anonymity=Anonymity.NAMED, cohort=None):
    wave, questions = rows.wave(cohort, anonymity, keys=("change",))
    for place in range(number):
        rows.response(wave, questions, change=f"Forty minutes is nothing {place}")
    return wave.schedule.cohort


def shown(cohort, language="en"):
    return promises.shown_to([cohort.id], language).get(cohort.id, [])


def first_comment():
    return comments.page(sa.true(), comments.Wanted(), None, None)[0].answer


def test_participants_read_it_in_their_language_as_far_as_it_was_written(make):
    cohort = asked(make, 1)
    promising.begin(cohort, words(), make.NOW)
    assert [(one.said, one.did) for one in shown(cohort, "id")] == [(SAID["id"], DID["id"])]
    assert [one.did for one in shown(cohort, "fr")] == [DID["en"]]


def test_what_is_not_shown_stays_with_the_team(make):
    cohort = asked(make, 1)
    found = promising.begin(cohort, words(is_shown=False), make.NOW)
    assert shown(cohort) == []
    promising.write(found, words(), make.NOW)
    assert len(shown(cohort)) == 1


@pytest.mark.parametrize(
    ("answered", "anonymity", "may"),
    [
        (4, Anonymity.NAMED, False),
        (5, Anonymity.NAMED, True),
        (9, Anonymity.CONFIDENTIAL, False),  # "only the coordinators can know which answers are yours"
    ],
)
def test_own_words_are_shown_only_where_five_answered_by_name(make, answered, anonymity, may):
    cohort = asked(make, answered, anonymity)
    answer = first_comment()
    if not may:
        with pytest.raises(promising.Unmasks):
            promising.begin(cohort, words(shows_quote=True), make.NOW, answer_id=answer.id)
        return
    promising.begin(cohort, words(shows_quote=True), make.NOW, answer_id=answer.id)
    promising.begin(cohort, words(), make.NOW, answer_id=answer.id)
    assert [one.quote for one in shown(cohort)] == [answer.text, None]


@pytest.mark.parametrize(
    ("said", "of", "may"),
    [("yes", "change", True), ("no", "change", False), ("yes", "story", False), ("yes", "", False)],
)
def test_confidential_words_are_shown_where_their_writer_agreed(make, said, of, may):
    asked(make, 4, Anonymity.CONFIDENTIAL)
    wave = db.session.scalars(sa.select(Wave)).one()
    consent = make.question(
        wave.survey_version, key="tell", kind="consent", wording={"en": "May we tell it?"}
    )
    consent.relevant = f"string-length(${{{of}}}) > 0" if of else ""
    change = db.session.scalars(sa.select(Question).where(Question.key == "change")).one()
    rows.response(wave, {"change": change, "tell": consent}, change="Tell everybody", tell=said)
    answer = db.session.scalars(sa.select(Answer).where(Answer.text == "Tell everybody")).one()
    assert promises.may_be_quoted(answer.id) is may


@pytest.mark.parametrize(("tagged", "people"), [(4, None), (5, 5)])
def test_a_number_under_five_is_not_told(make, tagged, people):
    cohort = asked(make, 7)
    user = make.user((cohort.theme.programme, Role.COORDINATOR))
    page = comments.page(sa.true(), comments.Wanted(), None, None)
    triage.do([(one, 0) for one in page[:tagged]], triage.TagAs("Visits"), user.id, make.NOW)
    tag = comments.tags(sa.true())[0]
    promising.begin(cohort, words(), make.NOW, tag_id=tag.id)
    assert [one.people for one in shown(cohort)] == [people]


def test_both_halves_are_needed_in_one_language(make):
    with pytest.raises(promising.NothingSaid):
        promising.begin(make.cohort(), words(said={"en": "Too short"}, did={"id": "Ya"}), make.NOW)


def test_the_next_edition_finds_what_is_open_until_it_is_settled(make):
    before = asked(make, 1)
    after = make.cohort(before.theme, starts_on=date(2030, 1, 1), ends_on=date(2030, 1, 9))
    elsewhere = make.cohort(starts_on=date(2030, 1, 1), ends_on=date(2030, 1, 9))
    found = promising.begin(before, words(), make.NOW)
    assert promises.carried_over(after) == [found]
    assert promises.carried_over(before) == promises.carried_over(elsewhere) == []
    with pytest.raises(promising.ReasonMissing):
        promising.settle(found, PromiseState.DROPPED, "", found.version, make.NOW)
    read = found.version
    promising.settle(found, PromiseState.DROPPED, "No budget", read, make.NOW)
    assert promises.number_carried_over(after) == 0
    assert shown(before)[0].promise.reason == "No budget"
    with pytest.raises(Stale):
        promising.settle(found, PromiseState.KEPT, "", read, make.NOW)


def test_the_number_of_queries_does_not_grow_with_promises(client, make):
    cohort = asked(make, 6)
    promising.begin(cohort, words(shows_quote=True), make.NOW, answer_id=first_comment().id)
    user = make.user((cohort.theme.programme, Role.COORDINATOR))
    address, cohort_id = f"/feedback/cohorts/{cohort.id}/promises", cohort.id
    client.sign_in(user)
    client.get(address)
    few = client.statements(address)
    for _time in range(20):
        promising.begin(
            db.session.get(type(cohort), cohort_id),
            words(owner=make.user((cohort.theme.programme, Role.COORDINATOR))),
            make.NOW,
        )
    db.session.commit()
    assert client.statements(address) <= few


# The pages


def test_a_coordinator_answers_a_comment_and_an_organiser_settles_it(client, make):
    cohort = asked(make, 5)
    programme, cohort_id, number = cohort.theme.programme, cohort.id, first_comment().id
    coordinator = make.user((programme, Role.COORDINATOR))
    organiser = make.user((programme, Role.ORGANISER))
    client.sign_in(coordinator)
    address = f"/feedback/cohorts/{cohort_id}/promises/new?comment={number}"
    assert client.post(address, data={"said_en": "Too short", "did_en": ""}).status_code == 422
    sent = {
        "said_en": "Too short",
        "did_en": "A morning each",
        "is_shown": "y",
        "shows_quote": "y",
        "owner": 0,
    }
    assert client.post(address, data=sent).status_code == 303
    assert "A morning each" in client.get(f"/feedback/comments/{number}").text
    client.sign_in(organiser)
    assert "A morning each" in client.get(f"/feedback/cohorts/{cohort_id}/promises").text
    found = db.session.scalars(sa.select(Promise)).one()
    settle = f"/feedback/promises/{found.id}/settle"
    sent = {"version": found.version, "state": "dropped", "on": cohort_id}
    refused = client.post(settle, data=sent)
    assert refused.status_code == 422
    assert "<details open>" in refused.text  # where the reason is missing
    assert client.post(settle, data=sent | {"reason": "No budget"}).status_code == 303
    assert client.get(f"/feedback/promises/{found.id}").status_code == 403  # writing is the coordinator's


def test_two_who_edit_a_promise_do_not_overwrite_each_other(client, make):
    cohort = asked(make, 1)
    found = promising.begin(cohort, words(), make.NOW)
    db.session.commit()
    address, read = f"/feedback/promises/{found.id}", found.version
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    first = {"version": read, "said_en": "One", "did_en": "First", "owner": 0}
    assert client.post(address, data=first).status_code == 303
    late = client.post(address, data=first | {"did_en": "Second"})
    assert late.status_code == 409
    assert "Second" in late.text
    assert db.session.scalar(sa.select(Promise.did)) == {"en": "First"}


def test_an_alumna_reads_it_behind_her_link_and_without_names(client, make):
    cohort = asked(make, 5)
    promising.begin(cohort, words(shows_quote=True), make.NOW, answer_id=first_comment().id)
    invitation = db.session.scalars(sa.select(Invitation)).first()
    _invited, token = make.invited(invitation.wave, make.enrolment(cohort))
    db.session.commit()
    assert invitations.invitation_for(token) is not None
    page = client.get(f"/r/{token}/said", follow_redirects=True).text
    assert "Visits were too short" in page
    assert "Forty minutes is nothing" in page
    assert client.get("/r/page/0123/said").status_code == 410


def test_a_participant_with_an_account_reads_it_too(client, make):
    cohort = asked(make, 1)
    promising.begin(cohort, words(), make.NOW)
    user = make.user()
    make.enrolment(cohort, make.participant(user_id=user.id))
    db.session.commit()
    client.sign_in(user)
    assert "A full morning each" in client.get("/feedback/said").text


def test_the_form_opens_in_the_readers_language_and_the_page_names_it_as_browsers_do(client, make):
    cohort = asked(make, 1)
    user = make.user((cohort.theme.programme, Role.COORDINATOR), language="fa_AF")
    address = f"/feedback/cohorts/{cohort.id}/promises"
    client.sign_in(user)
    assert '<html lang="fa-AF" dir="rtl"' in client.get(address).text
    assert '<details open><summary lang="fa-AF">' in client.get(f"{address}/new").text


def test_a_second_press_makes_no_second_promise(client, make):
    cohort = asked(make, 1)
    client.sign_in(make.user((cohort.theme.programme, Role.COORDINATOR)))
    sent = {"said_en": "Too short", "did_en": "Longer", "owner": "0", "form_id": once.new_id()}
    address = f"/feedback/cohorts/{cohort.id}/promises/new"
    assert [client.post(address, data=sent).status_code for _press in range(2)] == [303, 303]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Promise)) == 1
