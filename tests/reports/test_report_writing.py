"""A draft is begun, written, arranged and looked at; two writers do not overwrite each other."""

import re
from datetime import timedelta

import factories as make
import pytest
import sqlalchemy as sa
from report_rows import (
    DAY,
    NOW,
    THEN,
    WORDS,
    asked,
    begun,
    consent,
    edition,
    enrolments,
    plans,
    promise,
    write,
)

from trainingapp import once
from trainingapp.archives.models import Archive, ArchivedResponse
from trainingapp.cohorts.models import EnrolmentState
from trainingapp.db import db
from trainingapp.participants.models import Sex
from trainingapp.programmes.models import Role
from trainingapp.refusals import Stale
from trainingapp.reports import actions, composing, kinds, queries, quotable
from trainingapp.reports.models import EarlierText, Report
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity


@pytest.fixture
def signed_in(client, writer):
    db.session.commit()
    client.sign_in(writer)
    return client


def part(report, key):
    return next(one for one in composing.parts(report) if one.place.key == key)


def shown(report, key):
    return str(part(report, key).told.pieces)


def begin(client, cohort, **facts):
    values = {"title": "What came of it", "language": "en", "as_of": DAY.isoformat(), "level": "explained"}
    return client.post(f"/reports/cohorts/{cohort.id}/new", data={**values, **facts})


def test_a_draft_is_begun_once_however_often_the_button_is_pressed(signed_in, programme):
    cohort = edition(programme)
    db.session.commit()
    form = once.new_id()
    first, second = (begin(signed_in, cohort, form_id=form) for _press in range(2))
    assert first.location == second.location
    assert db.session.query(Report).count() == 1
    page = signed_in.get(first.location)
    assert page.status_code == 200
    assert "12" in page.text


def test_a_day_that_is_not_over_is_refused_and_what_was_typed_stays(signed_in, programme):
    cohort = edition(programme)
    db.session.commit()
    answer = begin(signed_in, cohort, as_of="2099-01-01", title="Far ahead")
    assert answer.status_code == 422
    assert "Far ahead" in answer.text


def test_every_kind_has_its_sections_in_order(writer, programme):
    report = begun(edition(programme), writer)
    assert [one.key for one in queries.sections(report)] == list(kinds.KINDS["edition"].sections)


def test_an_empty_edition_says_what_is_missing_and_what_to_do(make, writer, programme):
    report = begun(make.cohort(make.theme(programme)), writer)
    for one in composing.parts(report):
        assert one.told.missing or one.place.key == "method", one.place.key
    assert "Choose a later day, or enrol the people first." in str(composing.document(report))


def test_figures_of_an_edition_stand_in_their_sections(writer, programme):
    cohort = edition(programme)
    asked(cohort)
    asked(cohort, months=6)
    plans(cohort)
    promise(cohort)
    report = begun(cohort, writer)
    assert "12 of 12" in shown(report, "short")
    assert "'Nepal'" in shown(report, "people")
    assert "About useful" in shown(report, "said")
    assert "Asked after 6 months" in shown(report, "changed")
    assert "0 of 6" in shown(report, "plans")
    assert "A full morning" in shown(report, "promises")
    assert "8 of 8" in shown(report, "silent")
    assert "Wilson" in shown(report, "method")


def test_a_wave_that_was_open_that_day_waits(writer, programme):
    cohort = edition(programme)
    asked(cohort, closes_on=DAY)
    report = begun(cohort, writer)
    assert "still open on that day" in shown(report, "said")
    assert "About useful" not in shown(report, "said")


def test_nothing_is_told_of_fewer_than_five(writer, programme):
    few = edition(programme, people=4)
    cohort = edition(programme, year=2020)
    asked(cohort, answers=4)
    assert "hold" not in shown(begun(few, writer), "short")
    assert part(begun(few, writer), "people").told.missing
    told = shown(begun(cohort, writer), "said")
    assert "Fewer than five" in told
    assert "About useful" not in told


def test_small_groups_of_people_are_named_without_their_number(writer, programme):
    cohort = edition(programme, people=9)  # seven of Nepal, two of Bhutan
    told = begun(cohort, writer)
    countries = next(one for one in part(told, "people").told.pieces if one["kind"] == "table")
    cells = {row[0]["text"]: row[1]["text"] for row in countries["rows"]}
    assert cells == {"Bhutan and Nepal": "\N{EN DASH}", "Together": "9"}


def test_a_text_is_kept_with_who_wrote_it_and_what_stood_before(make, signed_in, writer, programme):
    report = begun(edition(programme), writer)
    other = make.user((programme, Role.COORDINATOR))
    db.session.commit()
    address = f"/reports/{report.id}/sections/short"
    signed_in.post(address, data={"text": "First.", "version": 0})
    signed_in.post(address, data={"text": "First and more.", "version": 1})
    assert db.session.query(EarlierText).count() == 0  # one sitting
    write(report, "short", "Quite another.", other)
    write(report, "short", "And again.", other, NOW + timedelta(hours=2))
    db.session.commit()
    assert [one.text for one in db.session.scalars(sa.select(EarlierText).order_by(EarlierText.id))] == [
        "First and more.",
        "Quite another.",
    ]
    page = signed_in.get(f"{address}/history").text
    assert other.name in page
    assert "First" in page


def test_two_writers_at_once_both_keep_what_they_typed(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    address = f"/reports/{report.id}/sections/short"
    assert signed_in.post(address, data={"text": "Mine.", "version": 0}).status_code == 302
    late = signed_in.post(address, data={"text": "Theirs.", "version": 0})
    assert late.status_code == 409
    assert "<del>Mine</del>" in late.text
    assert "Theirs." in late.text
    assert queries.texts(report)[queries.section(report, "short").id].text == "Mine."
    auto = signed_in.post(address, data={"text": "Theirs.", "version": 0, "do": "autosave"})
    assert auto.status_code == 409
    assert "problem" in auto.json


def test_the_same_text_sent_again_is_no_conflict(writer, programme):
    report = begun(edition(programme), writer)
    section = queries.section(report, "short")
    actions.write(section, "Mine.", 0, writer, NOW)
    assert actions.write(section, "Mine.", 0, writer, NOW).version == 1
    with pytest.raises(Stale):
        actions.write(section, "Other.", 0, writer, NOW)


def test_saving_by_itself_answers_with_the_version(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    answer = signed_in.post(
        f"/reports/{report.id}/sections/short", data={"text": "One.", "version": 0, "do": "autosave"}
    )
    assert answer.json["version"] == 1


def test_a_sentence_is_only_offered_until_its_button_is_pressed(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    (sentence,) = part(report, "short").told.sentences
    assert sentence not in str(composing.document(report)["sections"])
    data = {"text": "Mine.", "version": 0, "add": sentence}
    signed_in.post(f"/reports/{report.id}/sections/short", data=data)
    assert sentence in str(composing.document(report)["sections"][0]["text"])


def test_too_long_a_text_is_refused_and_stays_on_the_page(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    answer = signed_in.post(f"/reports/{report.id}/sections/short", data={"text": "x" * 20_001, "version": 0})
    assert answer.status_code == 422
    assert "x" * 20_001 in answer.text


def test_too_long_a_text_does_not_overwrite_what_a_colleague_wrote_meanwhile(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    address = f"/reports/{report.id}/sections/short"
    assert signed_in.post(address, data={"text": "Mine.", "version": 0}).status_code == 302
    late = signed_in.post(address, data={"text": "x" * 20_001, "version": 0})
    shown = re.search(r'name="version" value="(\d+)"', late.text)[1]
    again = signed_in.post(address, data={"text": "Theirs.", "version": shown})
    assert again.status_code == 409
    assert "<del>Mine</del>" in again.text


def test_a_line_end_is_one_letter_as_the_browser_counts_it(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    lines = "\r\n".join("x" * 9_999 for _line in range(2))  # 19,999 letters in the box
    answer = signed_in.post(
        f"/reports/{report.id}/sections/short", data={"text": lines + "\r\n.", "version": 0}
    )
    assert answer.status_code == 422  # and two more
    answer = signed_in.post(f"/reports/{report.id}/sections/short", data={"text": lines + ".", "version": 0})
    assert answer.status_code == 302


@pytest.mark.parametrize("add", ["", "A sentence."])
def test_what_was_typed_while_a_colleague_published_stays_on_the_page(signed_in, writer, programme, add):
    report = begun(edition(programme), writer)
    write(report, "short", "As published.", writer)
    actions.publish(report, writer, NOW)
    db.session.commit()
    address = f"/reports/{report.id}/sections/short"
    late = signed_in.post(address, data={"text": "My long afternoon.", "version": 1, "add": add})
    assert late.status_code == 409
    assert "My long afternoon." in late.text
    assert "write a correction" in late.text
    auto = signed_in.post(address, data={"text": "My long afternoon.", "version": 1, "do": "autosave"})
    assert "write a correction" in auto.json["problem"]
    assert queries.texts(report)[queries.section(report, "short").id].text == "As published."


@pytest.mark.parametrize("version", ["", "first", "-1"])
def test_a_version_that_is_none_is_no_server_error(signed_in, writer, programme, version):
    report = begun(edition(programme), writer)
    db.session.commit()
    answer = signed_in.post(f"/reports/{report.id}/sections/short", data={"text": "One.", "version": version})
    assert answer.status_code in {302, 409}


def test_sections_are_moved_and_left_out(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    db.session.commit()
    before = [one.key for one in queries.sections(report)]
    for do in ("down", "up", "up", "down", "down"):
        signed_in.post(f"/reports/{report.id}/sections/{before[0]}/place", data={"do": do})
    assert [one.key for one in queries.sections(report)] == [before[1], before[2], before[0], *before[3:]]
    signed_in.post(f"/reports/{report.id}/sections/people/place", data={"do": "leave"})
    assert "people" not in [one["key"] for one in composing.document(report)["sections"]]
    signed_in.post(f"/reports/{report.id}/sections/people/place", data={"do": "tell"})
    assert "people" in [one["key"] for one in composing.document(report)["sections"]]


def test_another_day_gives_other_figures(signed_in, writer, programme):
    cohort = edition(programme)
    asked(cohort)
    report = begun(cohort, writer)
    db.session.commit()
    form = {"title": "Earlier", "language": "en", "as_of": "2019-08-20", "level": "claimed"}
    answer = signed_in.post(f"/reports/{report.id}/settings", data={**form, "version": report.version})
    assert answer.status_code == 302
    assert "still open on that day" in shown(report, "said")
    stale = signed_in.post(f"/reports/{report.id}/settings", data={**form, "version": 1})
    assert stale.status_code == 409


def test_a_comment_is_quoted_without_a_name_and_can_be_taken_out(signed_in, writer, programme):
    cohort = edition(programme)
    asked(cohort, anonymity=Anonymity.NAMED)
    report = begun(cohort, writer)
    db.session.commit()
    answer = db.session.scalars(sa.select(Answer).where(Answer.text == WORDS)).one()
    assert WORDS in signed_in.get(f"/reports/{report.id}/quotes").text
    for _press in range(2):
        signed_in.post(f"/reports/{report.id}/quotes", data={"choose": answer.id})
    told = shown(report, "quotes")
    assert told.count(WORDS) == 1
    assert not any(one.participant.full_name in told for one in enrolments(cohort))
    signed_in.post(f"/reports/{report.id}/quotes", data={"leave": answer.id})
    assert part(report, "quotes").told.missing


NAMED, CONFIDENTIAL = Anonymity.NAMED, Anonymity.CONFIDENTIAL


@pytest.mark.parametrize(
    ("answers", "anonymity", "agreed", "may"),
    [
        (8, NAMED, None, True),
        (4, NAMED, None, False),
        (8, NAMED, "no", False),
        (8, CONFIDENTIAL, None, False),
        (8, CONFIDENTIAL, "yes", True),
        (4, CONFIDENTIAL, "yes", False),
        (8, CONFIDENTIAL, "", False),
    ],
)
def test_a_comment_is_quoted_only_among_five_and_only_by_name_or_with_a_yes(
    make, writer, programme, answers, anonymity, agreed, may
):
    """None: nobody was asked whether it may be told; '': she was asked and said nothing."""
    cohort = edition(programme)
    wave, _questions = asked(cohort, answers=answers, anonymity=anonymity)
    answer = db.session.scalars(sa.select(Answer).where(Answer.text == WORDS)).one()
    if agreed is not None:
        question = consent(wave.survey_version)
        if agreed:
            make.add(Answer(response_id=answer.response_id, question_id=question.id, choice=agreed))
    report = begun(cohort, writer)
    assert bool(quotable.found(kinds.KINDS["edition"].scope(report))) is may
    if may:
        actions.choose(report, answer.id, NOW)
    else:
        with pytest.raises(actions.NotToBeQuoted):
            actions.choose(report, answer.id, NOW)


@pytest.mark.parametrize(
    ("answers", "agreed", "may"), [(5, "yes", True), (4, "yes", False), (5, "no", False)]
)
def test_an_old_comment_is_quoted_only_among_five_and_with_a_yes(
    make, writer, programme, answers, agreed, may
):
    cohort = edition(programme)
    version = make.survey_version(programme, asked_elsewhere=True)
    change = make.question(version, key="change", kind="long_text")
    agreement = consent(version)
    archive = make.add(
        Archive(
            survey_version_id=version.id,
            cohort_id=cohort.id,
            source="Paper forms of 2019",
            file_name="forms.xlsx",
            file_hash="0",
            mapping={},
            rows=answers,
            brought_in_at=THEN,
        )
    )
    for row in range(answers):
        response = make.add(Response(state=ResponseState.SENT, language="en", saved_at=THEN, sent_at=THEN))
        make.add(ArchivedResponse(response_id=response.id, archive_id=archive.id, row=row))
    told = make.add(Answer(response_id=response.id, question_id=change.id, text=WORDS))
    make.add(Answer(response_id=response.id, question_id=agreement.id, choice=agreed))
    report = begun(cohort, writer)
    scope = kinds.KINDS["edition"].scope(report)
    assert bool(quotable.found(scope)) is may
    assert quotable.found(scope.but(on=THEN.date() - timedelta(days=1))) == []
    if may:
        actions.choose(report, told.id, NOW)
        assert "Paper forms of 2019" in shown(report, "quotes")


def test_a_comment_of_another_edition_is_not_quoted(writer, programme):
    asked(edition(programme, year=2020), anonymity=Anonymity.NAMED)
    answer = db.session.scalars(sa.select(Answer).where(Answer.text == WORDS)).one()
    report = begun(edition(programme), writer)
    with pytest.raises(actions.NotToBeQuoted):
        actions.choose(report, answer.id, NOW)


def test_who_takes_the_yes_back_is_no_longer_quoted(make, writer, programme):
    cohort = edition(programme)
    wave, _questions = asked(cohort)
    question = consent(wave.survey_version)
    answer = db.session.scalars(sa.select(Answer).where(Answer.text == WORDS)).one()
    yes = make.add(Answer(response_id=answer.response_id, question_id=question.id, choice="yes"))
    report = begun(cohort, writer)
    actions.choose(report, answer.id, NOW)
    assert WORDS in shown(report, "quotes")
    yes.choice = "no"
    db.session.flush()
    assert WORDS not in shown(report, "quotes")


def test_anonymous_answers_are_told_once_the_wave_has_closed_and_never_by_group(writer, programme):
    cohort = edition(programme)
    asked(cohort, answers=12, anonymity=Anonymity.ANONYMOUS, words="")
    told = shown(begun(cohort, writer), "said")
    assert "About useful" in told
    assert "By sex" not in told


def test_what_people_agreed_to_is_no_result(make, writer, programme):
    cohort = edition(programme)
    wave, _questions = asked(cohort, answers=12)
    question = consent(wave.survey_version)
    for response in db.session.scalars(sa.select(Response).where(Response.wave_id == wave.id)):
        make.add(Answer(response_id=response.id, question_id=question.id, choice="yes"))
    told = shown(begun(cohort, writer), "said")
    assert "About useful" in told
    assert "About agreed" not in told


def test_a_draft_can_be_given_up(signed_in, writer, programme):
    report = begun(edition(programme), writer)
    write(report, "short", "Gone.", writer)
    db.session.commit()
    signed_in.post(f"/reports/{report.id}/discard")
    assert db.session.query(Report).count() == 0


def test_the_number_of_questions_to_the_database_does_not_grow_with_people(signed_in, writer, programme):
    statements = []
    for year, people in ((2019, 12), (2020, 40)):
        cohort = edition(programme, year=year, people=people)
        asked(cohort)
        plans(cohort)
        report = begun(cohort, writer)
        db.session.commit()
        statements.append(signed_in.statements(f"/reports/{report.id}"))
    assert statements[0] == statements[1]


def captions(report, key):
    return {one["caption"]: one for one in part(report, key).told.pieces if one["kind"] == "table"}


def test_only_the_last_closed_wave_is_told_in_full_and_the_others_beside_it(writer, programme):
    cohort = edition(programme, people=24)
    for months in (0, 3, 6):
        asked(cohort, months=months, answers=24)
    asked(cohort, months=12, answers=24, closes_on=DAY)
    report = begun(cohort, writer)
    told = [one["text"] for one in part(report, "changed").told.pieces if one["kind"] == "heading"]
    assert told == ["Asked after 6 months", "Asked after 12 months"]
    assert "still open on that day" in shown(report, "changed")
    over_time = captions(report, "changed")["Over time"]
    assert [head["text"] for head in over_time["heads"]][1:] == [
        "Asked after 3 months",
        "Asked after 6 months",
    ]
    cells = {row[0]["text"]: [one["text"] for one in row[1:]] for row in over_time["rows"]}
    assert cells == {
        "About useful": ["9 of 24", "9 of 24"],
        "About recommend": ["10 of 24", "10 of 24"],
        "About firms": ["115", "115"],
    }
    assert not any(caption.startswith("By ") for caption in captions(report, "said"))


def test_a_wave_of_fewer_than_five_answers_stands_in_no_column(writer, programme):
    cohort = edition(programme)
    asked(cohort, months=3)
    asked(cohort, months=6, answers=4)
    asked(cohort, months=12)
    heads = captions(begun(cohort, writer), "changed")["Over time"]["heads"]
    assert [head["text"] for head in heads][1:] == ["Asked after 3 months", "Asked after 12 months"]


def test_what_was_asked_on_another_scale_does_not_stand_beside_it(writer, programme):
    cohort = edition(programme)
    _wave, questions = asked(cohort, months=3)
    questions["useful"].options = {**questions["useful"].options, "to": 6}
    questions["recommend"].wording = {"en": "Would you tell others?"}
    asked(cohort, months=6)
    rows = captions(begun(cohort, writer), "changed")["Over time"]["rows"]
    then = {row[0]["text"]: row[1] for row in rows}
    assert then["About useful"]["text"] == "\N{EN DASH}"
    assert "in other words" in then["About recommend"]["detail"]


def test_a_long_scale_is_one_row_with_its_counts_and_mean(writer, programme):
    cohort = edition(programme)
    asked(cohort)
    told = part(begun(cohort, writer), "said").told.pieces
    rows = [row for one in told if one["kind"] == "table" for row in one["rows"]]
    (row,) = [row for row in rows if row[0]["text"] == "About recommend"]
    assert row[0]["bar"] == [1] * 8 + [0] * 3
    assert [one["text"] for one in row[-2:]] == ["3.5", "2 of 8"]


def test_groups_stand_side_by_side_and_only_for_the_last_closed_wave(writer, programme):
    cohort = edition(programme, people=60)
    asked(cohort, answers=60)
    told = captions(begun(cohort, writer), "said")["By sex"]
    assert [head["text"] for head in told["heads"][1:]] == ["Female", "Male"]
    assert {row[0]["text"] for row in told["rows"]} <= {"About useful", "About recommend"}
    asked(cohort, months=6, answers=60)
    report = begun(cohort, writer)
    assert "By sex" not in captions(report, "said")
    assert "By sex" in captions(report, "changed")


def test_many_groups_stand_in_tables_that_a_page_has_room_for(writer, programme):
    cohort = edition(programme, people=0)
    for code in ("NP", "BT", "BD", "LA", "LK", "MM", "MV", "PH", "PK"):
        for _person in range(5):
            person = make.participant(country=code, sex=Sex.FEMALE, created_at=THEN)
            make.enrolment(cohort, person, state=EnrolmentState.COMPLETED, enrolled_at=THEN, changed_at=THEN)
    asked(cohort, answers=45)
    told = part(begun(cohort, writer), "said").told.pieces
    tables = [one for one in told if one.get("caption") == "By country"]
    assert [len(one["heads"]) - 1 for one in tables] == [4, 5]
    assert len({head["text"] for one in tables for head in one["heads"][1:]}) == 9
    assert [len(row) for one in tables for row in one["rows"]] == [5, 6]
