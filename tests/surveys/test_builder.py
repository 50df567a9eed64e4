"""A draft is built step by step, published once, and never changed after."""

from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from factories import NOW

from trainingapp.db import db
from trainingapp.programmes.models import Role
from trainingapp.surveys import queries, texts
from trainingapp.surveys.bank import actions as bank
from trainingapp.surveys.bank import queries as bank_queries
from trainingapp.surveys.bank.models import BankQuestion, BankWording
from trainingapp.surveys.builder import actions as builder
from trainingapp.surveys.models import Anonymity, Question, Survey, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.surveys.versions import actions as versions
from trainingapp.surveys.versions import checks, comparing


@pytest.fixture
def draft(app, make):
    programme = make.programme()
    version = versions.begin(programme, "month-9", "After 9 months", ["en", "id"])
    builder.add(version, "one_of", {"en": "Do you use it?", "id": "Apakah dipakai?"}, "use")
    why = builder.add(version, "long_text", {"en": "What stops you?"}, "why")
    why.relevant = "selected(${use}, 'row_2')"
    db.session.commit()
    return version


def order(version):
    return [question.key for question in queries.questions_of(version)]


def question(version, key):
    return next(one for one in queries.questions_of(version) if one.key == key)


def edit(version, which, **facts):
    questions = list(queries.questions_of(version))
    builder.change(next(one for one in questions if one.key == which), facts, questions)


@pytest.mark.parametrize("kind", QUESTION_TYPES)
def test_a_new_question_of_each_kind_can_be_shown_and_only_lacks_what_its_writer_must_say(
    draft, client, make, kind
):
    added = builder.add(draft, kind, {"en": "New"})
    QUESTION_TYPES[kind].check_options(added.options)
    db.session.commit()
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    assert client.get(f"/surveys/versions/{draft.id}/build?q={added.id}").status_code == 200
    assert client.get(f"/responses/preview/{draft.id}").status_code == 200


def test_a_question_never_comes_before_one_that_it_depends_on(draft):
    questions = list(queries.questions_of(draft))
    with pytest.raises(builder.NotInOrder, match="must come after"):
        builder.move(questions[1], 0, questions)
    db.session.rollback()
    assert order(draft) == ["use", "why"]


def test_questions_that_came_out_of_order_can_be_put_in_order_one_by_one(draft):
    for key, text in (("first", "${use} = 'row_1'"), ("second", "${why} = 'x'")):
        builder.add(draft, "text", {"en": key}, key).relevant = text
    for position, key in enumerate(("first", "second", "use", "why"), 1):
        question(draft, key).position = position
    db.session.commit()
    for key, to in (("first", 2), ("second", 3)):
        questions = list(queries.questions_of(draft))
        builder.move(question(draft, key), to, questions)
    assert order(draft) == ["use", "first", "why", "second"]
    assert not checks.problems(queries.questions_of(draft), [])


def test_a_question_keeps_the_key_that_another_program_gave_it(draft, client, make):
    named = builder.add(draft, "text", {"en": "Name?"}, "Q1.name")
    db.session.commit()
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    address = f"/surveys/versions/{draft.id}/questions/{named.id}"
    typed = {"wording": "Your name?", "key": "Q1.name", "level": "reaction", "seen": draft.version}
    assert client.post(address, data=typed).status_code == 303
    db.session.expire_all()
    assert question(draft, "Q1.name").wording["en"] == "Your name?"
    odd = client.post(address, data={**typed, "key": "Q2.name", "seen": draft.version})
    assert "Begin with a small letter" in odd.text


def test_every_question_of_a_large_bank_can_be_added(draft, make):
    for number in range(60):
        builder.add(draft, "text", {"en": f"Question {number}"}, f"many_{number:02}")
    versions.publish(draft, make.user(), NOW)
    assert len(bank_queries.offered(draft.survey.programme_id, ["use"])) == 61


def test_a_language_is_kept_as_texts_are_however_it_is_typed(draft, client, make):
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    typed = {"title": "T", "anonymity": "named", "languages": "EN, fa-AF pt-BR", "seen": draft.version}
    assert client.post(f"/surveys/versions/{draft.id}/settings", data=typed).status_code == 303
    db.session.expire_all()
    assert draft.languages == ["en", "fa_AF", "pt_BR"]


def test_a_question_that_another_depends_on_stays(draft):
    questions = list(queries.questions_of(draft))
    with pytest.raises(builder.StillNeeded, match="why"):
        builder.remove(questions[0], questions)
    with pytest.raises(builder.StillNeeded):
        edit(draft, "use", key="used")


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("relevant", "${nobody} = 1", "no question nobody"),
        ("relevant", "${use} = ", "."),
        ("relevant", "${why} = 'x'", "own answer"),
        ("constraint", ". > ${nobody}", "no question nobody"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused_at_its_field(draft, field, text, sentence):
    with pytest.raises(builder.Unfit, match=sentence) as refusal:
        edit(draft, "why", **{field: text})
    assert refusal.value.field == field


def test_what_was_published_is_never_changed(draft, make):
    by = make.user()
    versions.publish(draft, by, NOW)
    db.session.commit()
    with pytest.raises(versions.Frozen):
        builder.open_for_change(draft, draft.version)
    with pytest.raises(versions.Frozen):
        versions.publish(draft, by, NOW)
    with pytest.raises(versions.Frozen):
        versions.discard(draft)


def test_publishing_enters_the_bank_and_a_new_version_notes_new_words(draft, make):
    by = make.user()
    versions.publish(draft, by, NOW)
    second = versions.new_version(draft)
    assert order(second) == order(draft)
    assert question(second, "why").relevant == question(draft, "why").relevant
    edit(second, "why", wording={"en": "What holds you back?"})
    versions.publish(second, by, NOW)
    entry = db.session.scalars(sa.select(BankQuestion).where(BankQuestion.key == "why")).one()
    worded = db.session.scalars(
        sa.select(BankWording).where(BankWording.question_id == entry.id).order_by(BankWording.number)
    ).all()
    assert [one.wording["en"] for one in worded] == ["What stops you?", "What holds you back?"]
    found = comparing.changes(queries.questions_of(draft), queries.questions_of(second), ["en", "id"])
    assert [(one.key, one.before, one.after) for one in found] == [
        ("why", "What stops you?", "What holds you back?")
    ]


def test_a_key_never_stands_for_another_kind_and_keeps_the_values_people_chose(draft, make):
    by = make.user()
    versions.publish(draft, by, NOW)
    second = versions.new_version(draft)
    use = question(second, "use")
    use.options = {"choices": use.options["choices"][:1]}
    db.session.flush()
    with pytest.raises(bank.ValueGone, match="row_2"), db.session.begin_nested():
        versions.publish(second, by, NOW)
    use.kind, use.options = "number", {}
    question(second, "why").relevant = ""
    db.session.flush()
    with pytest.raises(bank.KeyMeansElse, match="One of"), db.session.begin_nested():
        versions.publish(second, by, NOW)


def test_one_draft_at_a_time(draft, make):
    versions.publish(draft, make.user(), NOW)
    versions.new_version(draft)
    with pytest.raises(versions.DraftThere):
        versions.new_version(draft)


def test_two_people_cannot_undo_each_others_change(draft, client, make):
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    seen = draft.version
    first = client.post(f"/surveys/versions/{draft.id}/questions", data={"what": "kind:text", "seen": seen})
    assert first.status_code == 303
    second = client.post(f"/surveys/versions/{draft.id}/questions", data={"what": "kind:text", "seen": seen})
    assert second.status_code == 409
    assert "Somebody changed this draft" in second.text
    db.session.expire_all()
    assert len(order(draft)) == 3


@pytest.mark.parametrize("number", ["99999999999999999999", "²", "x"])
def test_a_number_that_nothing_in_the_bank_has_is_refused(draft, client, make, number):
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    data = {"what": f"bank:{number}", "seen": draft.version}
    page = client.post(f"/surveys/versions/{draft.id}/questions", data=data)
    assert page.status_code == 422
    assert "Choose what to add." in page.text


def test_a_discarded_first_draft_leaves_nothing(draft):
    versions.discard(draft)
    db.session.commit()
    for kind in (Survey, SurveyVersion, Question):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(kind)) == 0


def test_who_reads_the_answers_stays_as_it_was_promised(draft, make):
    versions.set_anonymity(draft, Anonymity.ANONYMOUS)
    draft.first_answered_at = NOW.date()
    db.session.commit()
    with pytest.raises(versions.Promised):
        versions.set_anonymity(draft, Anonymity.NAMED)
    versions.set_anonymity(draft, Anonymity.ANONYMOUS)
    assert draft.anonymity is Anonymity.ANONYMOUS


def test_an_anonymous_questionnaire_asks_nothing_that_tells_who_answers(draft, make):
    versions.set_anonymity(draft, Anonymity.ANONYMOUS)
    builder.add(draft, "file", {"en": "A photo"}, "photo")
    with pytest.raises(versions.NotReady, match="photo"):
        versions.publish(draft, make.user(), NOW)


def test_what_is_missing_is_counted_and_translations_are_written_by_their_names(draft):
    questions = queries.questions_of(draft)
    found = texts.of_all(questions, [])
    assert texts.missing(found, ["en", "id"]) == {"en": 0, "id": 3}
    why = question(draft, "why")
    use = question(draft, "use")
    typed = {f"{why.id}.wording": "Apa hambatannya?", f"{use.id}.options.choices.row_1": "Ya"}
    assert texts.write(questions, [], "id", typed) == 2
    db.session.commit()
    db.session.expire_all()
    assert question(draft, "use").options["choices"][0]["text"]["id"] == "Ya"
    assert texts.missing(texts.of_all(queries.questions_of(draft), []), ["id"]) == {"id": 1}


def test_an_empty_questionnaire_is_not_published(app, make):
    version = versions.begin(make.programme(), "empty", "Empty", ["en"])
    with pytest.raises(versions.NotReady, match="asks nothing"):
        versions.publish(version, make.user(), NOW)
    builder.add(version, "note", {"en": "Welcome"})
    assert checks.problems(queries.questions_of(version), [])


def test_publishing_twice_at_once_publishes_once(app, make, draft):
    by, number = make.user().id, draft.id
    db.session.commit()
    start, said = Barrier(2), []

    def press():
        with app.app_context():
            start.wait()
            try:
                version = db.session.get(SurveyVersion, number)
                versions.publish(version, make.add(db.session.get_one(type(make.user()), by)), NOW)
                db.session.commit()
                said.append("published")
            except versions.Frozen:
                db.session.rollback()
                said.append("frozen")

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["frozen", "published"]


def test_a_page_with_many_questions_asks_the_database_as_often_as_one_with_few(draft, client, make):
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    few = client.statements(f"/surveys/versions/{draft.id}/build")
    for _ in range(30):
        builder.add(draft, "scale", {"en": "Another"})
    db.session.commit()
    assert client.statements(f"/surveys/versions/{draft.id}/build") == few


def test_what_was_typed_stays_on_the_page_that_refuses_it(draft, client, make):
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    why = question(draft, "why")
    typed = {"wording": "What is in the way?", "key": "use", "level": "behaviour", "seen": draft.version}
    page = client.post(f"/surveys/versions/{draft.id}/questions/{why.id}", data=typed)
    assert page.status_code == 422
    assert "Another question here has this key." in page.text
    assert "What is in the way?" in page.text


def test_the_bank_is_searched_by_key_words_level_and_kind(draft, client, make):
    versions.publish(draft, make.user(), NOW)
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    assert "What stops you?" in client.get("/surveys/bank?q=STOPS").text
    assert "What stops you?" not in client.get("/surveys/bank?kind=one_of").text
    assert "No question fits" in client.get("/surveys/bank?q=%25").text
    entry = db.session.scalars(sa.select(BankQuestion).where(BankQuestion.key == "why")).one()
    bank.latest_of(entry).wording = {"en": "What stops you?", "fa_AF": "چه چیزی مانع شماست؟"}
    db.session.commit()
    assert "What stops you?" in client.get("/surveys/bank", query_string={"q": "مانع"}).text
    assert client.get("/surveys/bank?level=odd&kind=odd&page=99").status_code == 200


def test_new_words_in_the_bank_need_a_reason_and_leave_published_ones_alone(draft, client, make):
    versions.publish(draft, make.user(), NOW)
    entry = db.session.scalars(sa.select(BankQuestion).where(BankQuestion.key == "why")).one()
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    address = f"/surveys/bank/{entry.id}/words"
    assert "Say why" in client.post(address, data={"wording": "What is hard?", "language": "en"}).text
    said = {"wording": "What is hard?", "language": "en", "why": "Shorter"}
    assert client.post(address, data=said).status_code == 303
    assert "These are the words it has already." in client.post(address, data=said).text
    assert question(draft, "why").wording["en"] == "What stops you?"
    assert bank.latest_of(entry).wording["en"] == "What is hard?"
    for hint in ("One is enough", ""):
        assert client.post(address, data={**said, "hint": hint}).status_code == 303
        db.session.expire_all()
    assert bank.latest_of(entry).hint == {}


def test_planned_waves_ask_the_new_version_when_somebody_says_so_and_open_ones_never(draft, client, make):
    versions.publish(draft, make.user(), NOW)
    cohort = make.cohort(make.theme(draft.survey.programme))
    schedule = make.schedule(cohort)
    planned = make.wave(schedule, version=draft, offset_months=9)
    opened = make.wave(schedule, version=draft, offset_months=6, opened_at=NOW, state="open")
    second = versions.new_version(draft)
    versions.publish(second, make.user(), NOW)
    db.session.commit()
    client.sign_in(make.user((draft.survey.programme, Role.COORDINATOR)))
    assert "Ask this version there" in client.get(f"/surveys/versions/{second.id}").text
    chosen = {"wave": [str(planned.id), str(opened.id)]}
    assert client.post(f"/surveys/versions/{second.id}/use", data=chosen).status_code == 303
    db.session.expire_all()
    assert planned.survey_version_id == second.id
    assert opened.survey_version_id == draft.id
