"""Every kind of question behind a personal link: asked, refused, sent, shown again, summed up, taken out.

What is registered is tried here, on both databases.
"""

import csv
import io
import re

import pytest
import sqlalchemy as sa
from examples import EXAMPLES, KINDS, Example
from PIL import Image

from trainingapp import tokens
from trainingapp.db import db
from trainingapp.files.models import StoredFile
from trainingapp.followups.models import Invitation
from trainingapp.programmes.models import Role
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity, Question, Survey, SurveySection, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES

PEOPLE = 5  # as many as results need


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), (42, 67, 144)).save(made, "JPEG")
    made.seek(0)
    return made


def asked(make, questions, people=1, anonymity=Anonymity.NAMED, activities=()):
    """A wave that asks these questions, given as (key, kind, facts); the tokens of so many people."""
    cohort = make.cohort()
    survey = make.add(Survey(programme_id=cohort.theme.programme_id, key="kinds", title="Every kind"))
    version = make.add(
        SurveyVersion(survey_id=survey.id, number=1, published_at=make.NOW, anonymity=anonymity)
    )
    for position, (key, kind, facts) in enumerate(questions, start=1):
        values = {"wording": {"en": f"About {key}?"}, "hint": {}, "options": {}, **facts}
        make.add(Question(version_id=version.id, key=key, kind=kind, position=position, **values))
    links = []
    for _ in range(people):
        enrolment = make.enrolment(cohort, state="completed")
        if activities:
            make.planned(enrolment, *activities)
        links.append(_invited(make, enrolment, version, links))
    db.session.commit()
    return cohort, links


def _invited(make, enrolment, version, links):
    """Id and token; the first opens the wave."""
    if not links:
        invitation, token = make.asked(enrolment, version)
        return invitation.id, token
    first = db.session.get(Invitation, links[0][0])
    facts = {"language": "en", "time_zone": "Asia/Kathmandu", "due_at": make.NOW, "state": "sent"}
    invitation = make.add(
        Invitation(wave_id=first.wave_id, enrolment_id=enrolment.id, token_hash=str(len(links)), **facts)
    )
    token = tokens.issue("invitation", invitation.id, invitation.link_number)
    invitation.token_hash = tokens.fingerprint(token)
    return invitation.id, token


def arrive(client, token):
    return client.get(f"/r/{token}").location


def sent_form(kind: str, place: str, client, example: Example) -> dict:
    """An example as this page takes it: with a file of its own, about her own activities."""
    if QUESTION_TYPES[kind].takes_file:
        return {"q-k": (picture(), "stall.jpg")}
    form = dict(max(example.forms, key=len)) if example.forms else {}
    if QUESTION_TYPES[kind].asks_activities:
        names = re.findall(r'name="(q-k~\d+)"', client.get(place).text)
        return dict.fromkeys(names, "weekly")
    return form


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_asked_refused_sent_shown_again_summed_up_and_taken_out(app, make, kind):
    example, cls = EXAMPLES[kind], QUESTION_TYPES[kind]
    facts = {"options": example.options, **example.facts}
    cohort, links = asked(make, [("k", kind, facts)], PEOPLE, activities=["Train five firms"])
    for number, token in links:
        client = app.test_client()
        place = arrive(client, token)
        assert ("About k?" in client.get(place).text) is not cls.computes
        for refused in [] if cls.takes_file or cls.asks_activities else example.refused[:1]:
            answer = client.post(place, data=refused, content_type="multipart/form-data")
            assert answer.status_code == 422
            assert "needs another look" in answer.text
        form = sent_form(kind, place, client, example)
        answer = client.post(place, data=form, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        response = db.session.scalars(sa.select(Response).where(Response.invitation_id == number)).one()
        assert response.state is ResponseState.SENT
        stored = [row.value for row in db.session.scalars(sa.select(Answer).order_by(Answer.id))]
        assert bool(stored) is bool(form or cls.computes)
        again = client.get(f"{place}?change=1").text
        if not cls.takes_file and not cls.computes:
            question = db.session.scalars(sa.select(Question)).one()
            answers = sa.select(Answer).where(Answer.response_id == response.id).order_by(Answer.id)
            mine = [row.value for row in db.session.scalars(answers)]
            for texts in cls.prefill(question, mine).values():
                assert all(f'value="{text}"' in again or f">{text}</textarea>" in again for text in texts)
    _is_summed_up_and_taken_out(app, make, cohort, kind)


def _is_summed_up_and_taken_out(app, make, cohort, kind):
    cls = QUESTION_TYPES[kind]
    client = coordinating(app, make, db.session.merge(cohort).theme.programme)
    wave = db.session.scalar(sa.select(Invitation.wave_id).limit(1))
    results = client.get(f"/feedback/waves/{wave}").text
    assert ("About k?" in results) is (cls.takes_answer or cls.computes)
    assert "Hidden, fewer than 5 answers" not in results
    taken = client.post(f"/feedback/waves/{wave}/answers.csv").text
    headings, *lines = csv.reader(io.StringIO(taken.lstrip("\ufeff")))
    columns = [heading for heading in headings if heading.partition(".")[0] == "k"]
    question = db.session.scalars(sa.select(Question)).one()
    assert columns == [f"k.{column}" if column else "k" for column in cls.columns(question)]
    assert len(lines) == PEOPLE
    if columns:
        assert any(row[headings.index(column)] for column in columns for row in lines)


def coordinating(app, make, programme):
    client = app.test_client()
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    return client


def test_a_file_is_kept_when_another_answer_is_refused_and_goes_with_the_next_sending(client, make):
    _cohort, [(_number, token)] = asked(make, [("k", "file", {}), ("n", "number", {})])
    place = arrive(client, token)
    page = client.post(place, data={"q-k": (picture(), "stall.jpg"), "q-n": "many"})
    assert page.status_code == 422
    assert "stall.jpg" in page.text
    ticket = re.search(r'name="q-k" value="([^"]+)" checked', page.text)[1]
    assert client.post(place, data={"q-k": ticket, "q-n": "3"}).status_code == 303
    kept = db.session.scalars(sa.select(StoredFile)).one()
    assert db.session.scalars(sa.select(Answer).where(Answer.file_id == kept.id)).one().text == "stall.jpg"


def test_nobody_adds_a_file_of_somebody_else_by_its_number(client, make):
    _cohort, [(_number, token)] = asked(make, [("k", "file", {})])
    place = arrive(client, token)
    client.post(place, data={"q-k": (picture(), "stall.jpg"), "do": "stop"})
    theirs = db.session.scalars(sa.select(StoredFile)).one()
    _cohort, [(_other, token)] = asked(make, [("k", "file", {})])
    place = arrive(client, token)
    client.post(place, data={"q-k": str(theirs.id)})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 1


def test_what_is_no_file_we_take_is_refused_at_its_question(client, make):
    _cohort, [(_number, token)] = asked(make, [("k", "file", {})])
    place = arrive(client, token)
    page = client.post(place, data={"q-k": (io.BytesIO(b"MZ\x90"), "virus.exe")})
    assert page.status_code == 422
    assert "This is none of them." in page.text


def test_an_answer_that_became_irrelevant_is_not_kept_and_its_draft_goes(client, make):
    questions = [
        ("trained", "yes_no", {}),
        ("firms", "number", {"relevant": "${trained} = 'yes'", "is_required": True}),
    ]
    _cohort, [(_number, token)] = asked(make, questions)
    place = arrive(client, token)
    client.post(place, data={"q-trained": "yes", "q-firms": "8", "do": "stop"})
    assert [row.number for row in db.session.scalars(sa.select(Answer).order_by(Answer.id))] == [None, 8.0]
    page = client.post(place, data={"q-trained": "yes", "q-firms": ""})
    assert page.status_code == 422
    assert "This one needs an answer." in page.text
    assert client.post(place, data={"q-trained": "no", "q-firms": "many"}).status_code == 303
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["no"]


def test_a_constraint_is_said_at_its_question_and_everything_typed_stays(client, make):
    limit = {"constraint": ". <= ${firms}", "constraint_text": {"en": "More than the firms you trained."}}
    _cohort, [(_number, token)] = asked(make, [("firms", "number", {}), ("growing", "number", limit)])
    place = arrive(client, token)
    page = client.post(place, data={"q-firms": "3", "q-growing": "4"})
    assert page.status_code == 422
    assert "More than the firms you trained." in page.text
    assert 'value="4"' in page.text
    assert client.post(place, data={"q-firms": "3", "q-growing": "2"}).status_code == 303


def test_a_condition_is_for_the_script_and_in_words_for_who_has_none(client, make):
    questions = [
        ("trained", "yes_no", {}),
        ("firms", "number", {"relevant": "${trained} = 'yes'"}),
        ("worth", "text", {"wording": {"en": "And what did ${firms} firms gain?"}}),
    ]
    _cohort, [(_number, token)] = asked(make, questions)
    page = client.get(arrive(client, token)).text
    assert """data-when='["and", ["=", ["$", "trained"], "yes"]]'""" in page
    assert "Only if you answer “Yes” to “About trained?”." in page
    assert '<span data-quotes="firms">…</span>' in page
    assert "questions" in page
    assert "when" in page


def test_a_condition_on_a_typed_country_is_said_in_words_and_left_to_the_server(client, make):
    questions = [("home", "country", {}), ("island", "text", {"relevant": "${home} = 'ID'"})]
    _cohort, [(_number, token)] = asked(make, questions)
    place = arrive(client, token)
    page = client.get(place).text
    assert "data-when" not in page
    assert "data-depends" not in page
    assert "Only if you answer “Indonesia” to “About home?”." in page
    assert scripts(page) == {"kept", "alumni"}
    client.post(place, data={"q-home": "Indonesia", "q-island": "Java", "do": "stop"})
    client.post(place, data={"q-home": "Nepal", "q-island": "Java"})
    assert [row.choice for row in db.session.scalars(sa.select(Answer))] == ["NP"]


def test_a_page_loads_the_scripts_that_its_conditions_need(client, make):
    follows = {"relevant": "${a} = 'x'"}
    usual = [("a", "text", {}), ("b", "text", follows)]
    rare = [("a", "text", {}), ("b", "text", {"relevant": "starts-with(${a}, 'x')"})]
    for questions, more in ((usual[:1], set()), (usual, {"when", "questions"})):
        _cohort, [(_number, token)] = asked(make, questions)
        assert scripts(client.get(arrive(client, token)).text) == {"kept", "alumni", *more}
    _cohort, [(_number, token)] = asked(make, rare)
    assert {"when", "when-rare"} < scripts(client.get(arrive(client, token)).text)


def scripts(page):
    return set(re.findall(r'<script src="/static/([\w-]+)[^"]*\.js', page))


def test_sections_have_titles_and_begin_once(client, make):
    _cohort, [(number, token)] = asked(make, [(f"k{n}", "text", {}) for n in range(4)])
    version = db.session.get(Invitation, number).wave.survey_version
    outer = make.add(SurveySection(version_id=version.id, key="a", position=1, title={"en": "Your firm"}))
    inner = make.add(
        SurveySection(
            version_id=version.id,
            key="b",
            position=2,
            title={"en": "Its money"},
            parent_id=outer.id,
            hint={"en": "Rough is fine."},
        )
    )
    places = [outer.id, inner.id, inner.id, None]
    for question, section in zip(
        db.session.scalars(sa.select(Question).order_by(Question.position)), places, strict=True
    ):
        question.section_id = section
    db.session.commit()
    page = client.get(arrive(client, token)).text
    assert (
        page.count("<h2>Your firm</h2>")
        == page.count("<h3>Its money</h3>")
        == page.count("Rough is fine.")
        == 1
    )
    assert (
        page.index("Your firm") < page.index("About k0?") < page.index("Its money") < page.index("About k1?")
    )


def test_an_anonymous_page_asks_nothing_that_tells_who_answered(client, make):
    questions = [("k", "text", {}), ("photo", "file", {}), ("each", "activities", {})]
    _cohort, [(_number, token)] = asked(make, questions, anonymity=Anonymity.ANONYMOUS, activities=["Train"])
    page = client.get(arrive(client, token)).text
    assert "About k?" in page
    assert "About photo?" not in page
    assert "About each?" not in page


def test_a_confidential_file_of_answers_has_no_file_and_no_activity_in_it(app, make):
    questions = [("k", "text", {}), ("photo", "file", {})]
    cohort, links = asked(make, questions, PEOPLE, anonymity=Anonymity.CONFIDENTIAL)
    for _number, token in links:
        client = app.test_client()
        client.post(arrive(client, token), data={"q-k": "x", "q-photo": (picture(), "me.jpg")})
    wave = db.session.scalar(sa.select(Invitation.wave_id).limit(1))
    client = coordinating(app, make, db.session.merge(cohort).theme.programme)
    assert "me.jpg" not in client.post(f"/feedback/waves/{wave}/answers.csv").text
    link = re.search(r'href="(/feedback/files/\d+)"', client.get(f"/feedback/waves/{wave}").text)[1]
    shown = client.get(link)
    assert shown.mimetype == "image/jpeg"
    assert coordinating(app, make, make.programme()).get(link).status_code == 404
