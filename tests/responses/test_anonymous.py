"""Anonymous answers: kept and read so that a whole copy of the database does not say whose they are."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
import sqlalchemy as sa
import ticking

from trainingapp.accounts.models import AuditEntry
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState, Wave, WaveState
from trainingapp.programmes.models import Role
from trainingapp.responses import sealed
from trainingapp.responses.models import Answer, Response, SealedBox, SealedDrawer
from trainingapp.surveys.models import Anonymity, Question, SurveyVersion
from trainingapp.surveys.question_types import AnswerValue

PEOPLE = 100
CHANCE = 1  # of a hundred people matched by guessing


@pytest.fixture
def asked(make):
    """asked(people): the id of a wave, and the token of each of them."""

    def of(people, anonymity=Anonymity.ANONYMOUS):
        version = make.survey_version(anonymity=anonymity)
        make.question(version, key="stays", kind="text", wording={"en": "What stays with you?"})
        make.question(version, key="useful", kind="yes_no", wording={"en": "Was it useful?"})
        cohort = make.cohort(make.theme(version.survey.programme))
        first, token = make.asked(make.enrolment(cohort, state="completed"), version)
        others = (make.enrolment(cohort, state="completed") for _number in range(people - 1))
        tokens = [token, *(make.invited(first.wave, one)[1] for one in others)]
        db.session.commit()
        return first.wave_id, tokens

    return of


def arrive(client, token):
    return client.get(f"/r/{token}").location


def answer(app, token, said, **more):
    client = app.test_client()
    return client.post(arrive(client, token), data={"q-stays": said, "q-useful": "yes", **more})


def close(wave_id, now):
    wave = db.session.get_one(Wave, wave_id)
    wave.closes_on = now.date() - timedelta(days=3)
    db.session.commit()
    ticking.close_due_waves(now)
    db.session.commit()
    opened = sum(sealed.open_due(now))
    db.session.commit()
    return opened


def count(model, *where):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def drawers(wave_id):
    return db.session.scalars(sa.select(SealedDrawer).where(SealedDrawer.wave_id == wave_id)).all()


def slips(wave_id):
    return [slip for drawer in drawers(wave_id) for slip in drawer.slips]


def test_the_page_says_what_anonymous_means_before_the_first_question(client, asked):
    _, (token,) = asked(1)
    page = client.get(f"{arrive(client, token)}?a=q-useful.yes").text
    assert page.index("Your answers are anonymous") < page.index("What stays with you?")
    assert "only if five people or more have answered" in page
    assert "nothing can be saved half way" in page
    assert "data-draft" not in page
    assert "Save and stop here" not in page
    assert "checked" not in page, "an address chooses no answer"


def test_nothing_is_kept_half_way(client, asked):
    _, (token,) = asked(1)
    place = arrive(client, token)
    french = client.post(place, data={"l": "fr", "q-stays": "Écouter"})
    assert "Écouter" in french.text
    assert client.post(f"{place}/draft", data={"only": "q-stays", "q-stays": "x"}).status_code == 409
    assert client.post(place, data={"do": "stop", "q-stays": "Listening"}).status_code == 200
    assert count(Response) == count(SealedBox) == 0


def test_an_answer_counts_once_and_cannot_be_changed(app, client, asked):
    wave_id, (token,) = asked(1)
    assert answer(app, token, "Listening", key="k" * 22).location.endswith(arrive(client, token))
    again = answer(app, token, "Listening", key="k" * 22)
    assert "again" not in again.location, "the same sending arrived twice"
    assert "again=1" in answer(app, token, "Another", key="l" * 22).location
    thanks = client.get(f"{arrive(client, token)}?change=1").text
    assert "sealed box" in thanks
    assert "Change an answer" not in thanks
    assert "q-stays" not in thanks
    box = db.session.get_one(SealedBox, wave_id)
    assert (box.count, len(slips(wave_id))) == (1, 1)
    assert count(Response) == count(Answer) == 0


def test_the_flag_and_the_answer_are_one_transaction(app, asked):
    _, (token,) = asked(1)
    client = app.test_client()
    place = arrive(client, token)

    def cut(_session):
        raise ConnectionError("the power is cut")

    sa.event.listen(db.session, "before_commit", cut)
    try:
        with pytest.raises(ConnectionError), app.app_context():
            client.post(place, data={"q-stays": "Listening"})
    finally:
        sa.event.remove(db.session, "before_commit", cut)
    db.session.rollback()
    assert db.session.scalar(sa.select(Invitation.state)) is InvitationState.SENT
    assert count(SealedBox) == 0


def test_the_day_is_noted_and_nothing_else_of_the_moment(app, asked):
    _, (token,) = asked(1)
    answer(app, token, "Listening")
    one = db.session.scalar(sa.select(Invitation))
    assert one.state is InvitationState.ANSWERED
    for moment in (one.opened_at, one.started_at, one.answered_at):
        assert (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    assert not count(AuditEntry, AuditEntry.subject.in_(["invitations", "responses", "sealed_boxes"]))


def test_nobody_can_answer_for_her_by_telephone(client, make, asked):
    wave_id, _ = asked(1)
    programme = db.session.get_one(Wave, wave_id).survey_version.survey.programme
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    number = db.session.scalar(sa.select(Invitation.id))
    assert client.get(f"/responses/record/{number}").status_code == 409
    assert client.post(f"/responses/record/{number}", data={"q-stays": "x"}).status_code == 409
    assert count(SealedBox) == 0


@pytest.fixture
def now():
    return datetime.now(UTC)


def test_the_box_opens_when_the_wave_has_closed_and_five_have_answered(app, asked, now, client, make):
    wave_id, tokens = asked(6)
    for number, token in enumerate(tokens):
        answer(app, token, f"Listening {number}")
    assert sum(sealed.open_due(now)) == 0, "not before it closes"
    programme = db.session.get_one(Wave, wave_id).survey_version.survey.programme
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    waiting = client.get(f"/feedback/waves/{wave_id}").text
    assert "6 <small>of 6" in waiting
    assert "Hidden for now" in waiting
    assert close(wave_id, now) == 6
    assert "6 <small>of 6" in client.get(f"/feedback/waves/{wave_id}").text
    responses = db.session.scalars(sa.select(Response)).all()
    assert {(one.invitation_id, one.language, one.sent_at) for one in responses} == {(None, "und", now)}
    assert {row.text for row in db.session.scalars(sa.select(Answer)) if row.text} == {
        f"Listening {number}" for number in range(6)
    }
    assert (db.session.get_one(SealedBox, wave_id).count, drawers(wave_id)) == (0, [])
    assert count(AuditEntry, AuditEntry.verb == "sealed box opened") == 1
    assert sum(sealed.open_due(now)) == 0


def test_a_box_that_was_opened_stays_open_when_the_next_cannot_be(asked, now):
    numbers = [asked(1)[0] for _wave in range(2)]
    for number in numbers:
        wave = db.session.get_one(Wave, number)
        wave.state = WaveState.CLOSED
        for _one in range(5):
            sealed.put_in(wave, {})
    db.session.commit()
    assert next(opening := sealed.open_due(now)) == 5
    db.session.commit()  # as the worker does
    db.session.get_one(SealedBox, numbers[1]).count = 0  # by a worker that was faster
    assert list(opening) == [0]
    db.session.rollback()
    boxes = [db.session.get_one(SealedBox, number).count for number in numbers]
    assert boxes == [0, 5]


def test_a_box_of_four_stays_closed_for_good(app, asked, now, client, make):
    wave_id, tokens = asked(4)
    for token in tokens:
        answer(app, token, "Listening")
    assert close(wave_id, now) == 0
    assert count(Response) == 0
    programme = db.session.get_one(Wave, wave_id).survey_version.survey.programme
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    assert "Hidden for now" in client.get(f"/feedback/waves/{wave_id}").text


@pytest.mark.parametrize("when", ["while it is open", "when the box was opened"])
def test_a_copy_of_the_whole_database_does_not_say_whose_an_answer_is(app, asked, now, when):
    """The best of many ways to match a hundred answers with a hundred people does as well as guessing."""

    def best():
        wave_id, tokens = asked(PEOPLE)
        truth = answered_in_some_order(app, tokens)
        if when == "when the box was opened":
            assert close(wave_id, now) == PEOPLE
        return max(matched(truth, wave_id).values())

    allowed = CHANCE + 0.05 * PEOPLE
    assert best() <= allowed or best() <= allowed  # the best of some guesses is lucky once in a thousand


def test_the_same_matching_finds_everybody_where_answers_are_linked(app, asked):
    wave_id, tokens = asked(10, Anonymity.CONFIDENTIAL)
    truth = answered_in_some_order(app, tokens)
    assert max(matched(truth, wave_id).values()) == 10


def answered_in_some_order(app, tokens):
    """What was said -> the link it was said with. People do not answer in the order they were asked in."""
    order = list(range(len(tokens)))
    Random(4).shuffle(order)
    said = {f"answer {place:03}": number for place, number in enumerate(order)}
    for text, number in said.items():
        answer(app, tokens[number], text, language=("fr", "id", "en")[number % 3], key=f"{number:022}")
    return said


def matched(truth, wave_id):
    """Way of matching -> how many it gets right."""
    people = sa.select(Invitation.id).where(Invitation.wave_id == wave_id).order_by(Invitation.id)
    numbers = db.session.scalars(people).all()
    whose = {text: numbers[number] for text, number in truth.items()}
    found = {how: sum(whose[text] == person for text, person in pairs) for how, pairs in attacks(wave_id)}
    assert len(found) >= 8
    return found


def attacks(wave_id):
    """How, and pairs of what was said and an invitation, by the order in which each side is kept."""
    answers = {order: texts(ANSWERS, order, wave_id) for order in ANSWER_ORDERS[db.engine.dialect.name]}
    answers["slip"] = re.findall(r"answer \d{3}", json.dumps(slips(wave_id)))
    for what, said in answers.items():
        for who in PEOPLE_ORDERS[db.engine.dialect.name]:
            if said:
                numbers = texts(INVITED, who, wave_id)
                yield f"{what}, {who}", zip(said, numbers, strict=True)
                yield f"{what}, {who}, turned", zip(reversed(said), numbers, strict=True)


ANSWERS = """SELECT a.text FROM answers a JOIN responses r ON r.id = a.response_id
    WHERE a.text IS NOT NULL AND r.wave_id = :wave_id"""
INVITED = """SELECT i.id FROM invitations i JOIN enrolments e ON e.id = i.enrolment_id
    JOIN participants p ON p.id = e.participant_id WHERE i.wave_id = :wave_id"""
ANSWER_ORDERS = {
    "sqlite": ["a.id", "r.id", "a.rowid", "r.rowid", "r.sent_at, a.id", "r.language, a.id"],
    "postgresql": ["a.id", "r.id", "a.ctid", "r.ctid", "r.xmin::text::bigint, r.ctid", "r.sent_at, a.id"],
}
PEOPLE_ORDERS = {
    "sqlite": ["i.id", "i.answered_at, i.id", "i.sent_with", "i.token_hash", "p.sort_name, i.id"],
    "postgresql": [
        *("i.id", "i.answered_at, i.id", "i.sent_with", "i.token_hash"),
        *("i.ctid", "i.xmin::text::bigint, i.ctid"),
    ],
}


def texts(query, order, wave_id):
    return list(db.session.scalars(sa.text(f"{query} ORDER BY {order}"), {"wave_id": wave_id}))


def test_a_slip_has_no_place_that_tells_when_it_was_put_in(asked):
    wave_id, _ = asked(1)
    wave, last = db.session.get_one(Wave, wave_id), Counter()
    for _time in range(300):
        for number in range(3):
            sealed.put_in(wave, {number: [AnswerValue("x")]})
        (drawer,) = drawers(wave_id)
        last[[slip[0][0] for slip in drawer.slips].index(2)] += 1
        drawer.slips = []
    assert all(50 <= last[place] <= 150 for place in range(3)), last


def test_a_drawer_that_is_full_is_dealt_into_two_and_none_begins_with_one_slip(asked):
    """Whoever wrote a row last put in one of its slips: there are always many, of all times."""
    wave_id, _ = asked(1)
    wave, people, fewest = db.session.get_one(Wave, wave_id), sealed.FULL * 4, sealed.FULL // 2
    for number in range(people):
        sealed.put_in(wave, {number: [AnswerValue("x")]})
        sizes = [len(drawer.slips) for drawer in drawers(wave_id)]
        assert sum(sizes) == number + 1
        assert len(sizes) == 1 or min(sizes) >= fewest
        assert max(sizes) < sealed.FULL
    assert sorted(slip[0][0] for slip in slips(wave_id)) == list(range(people))
    for drawer in drawers(wave_id):
        first = sum(slip[0][0] < fewest for slip in drawer.slips)
        assert first < fewest, "the first of all lie together"


def test_what_was_promised_is_fixed_by_the_first_answer(app, client, asked, make):
    _, (token,) = asked(1)
    version = db.session.scalar(sa.select(SurveyVersion))
    assert version.first_answered_at is None
    answer(app, token, "Listening", promise="anonymous")
    db.session.refresh(version)
    assert version.first_answered_at is not None


def test_what_was_promised_otherwise_is_not_taken(app, client, asked):
    """She opened the page while it was anonymous; before anybody answered, it became confidential."""
    _, (token,) = asked(1)
    version = db.session.scalar(sa.select(SurveyVersion))
    version.anonymity = Anonymity.CONFIDENTIAL
    db.session.commit()
    refused = answer(app, token, "Listening", promise="anonymous")
    assert refused.status_code == 409
    assert "Who will see your answers was changed" in refused.text
    assert "Your answers are confidential" in refused.text
    assert 'value="Listening"' in refused.text
    assert count(Response) == count(SealedBox) == 0
    assert answer(app, token, "Listening", promise="confidential").status_code == 303


def test_a_wave_that_is_held_after_all_answered_stays_closed_to_readers(app, asked, now):
    wave_id, tokens = asked(5)
    for token in tokens:
        answer(app, token, "Listening")
    db.session.get_one(Wave, wave_id).state = WaveState.HELD
    db.session.commit()
    assert sum(sealed.open_due(now)) == 0


def test_answers_whose_numbers_are_neighbours_are_not_one_persons(app, asked, now):
    """A comment is known by its number, and one of hers may say who wrote it."""
    wave_id, _tokens = asked(1)
    wave = db.session.get_one(Wave, wave_id)
    asked_here = sa.select(Question.id).where(Question.version_id == wave.survey_version_id)
    numbers = list(db.session.scalars(asked_here))
    for _one in range(40):
        sealed.put_in(wave, {number: [AnswerValue(choice="yes")] for number in numbers})
    close(wave_id, now)
    theirs = db.session.scalars(sa.select(Answer.response_id).order_by(Answer.id)).all()
    assert len(theirs) == 80
    assert sum(one == other for one, other in pairwise(theirs)) < 20
