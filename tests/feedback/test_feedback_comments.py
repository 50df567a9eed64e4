"""The inbox: what people wrote, who is named, and two readers at once."""

import re
from datetime import timedelta

import feedback_rows as rows
import pytest
import sqlalchemy as sa

from trainingapp import paging
from trainingapp.accounts.models import AuditEntry
from trainingapp.archives.models import Archive, ArchivedResponse
from trainingapp.db import db
from trainingapp.feedback import people
from trainingapp.feedback.comments import actions, triage
from trainingapp.feedback.comments import queries as comments
from trainingapp.feedback.comments.languages import language_of
from trainingapp.feedback.comments.tags import TagMissing
from trainingapp.feedback.models import CommentChange, CommentReview, CommentState, CommentTag, Tag
from trainingapp.followups.models import Wave, WaveState
from trainingapp.programmes.models import Membership, Role
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Anonymity, Survey, SurveyVersion

EVERYWHERE = sa.true()


def write(make, anonymity=Anonymity.NAMED, number=1, text="Longer visits, please", cohort=None):
    """A wave with so many comments."""
    wave, asked = rows.wave(cohort, anonymity, keys=("change",), offset_months=3 if cohort else 6)
    for place in range(number):
        rows.response(wave, asked, change=f"{text} {place}")
    return wave


def inbox(state=None, after=None, **wanted):
    return comments.page(EVERYWHERE, comments.Wanted(**wanted), state, after)


def reader(make, wave):
    return make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR))


def test_a_named_wave_shows_who_wrote_and_a_confidential_one_does_not(make):
    named, confidential = write(make), write(make, Anonymity.CONFIDENTIAL, 5)
    people = {found.wave.id: found.person for found in inbox()}
    assert people[named.id] is not None
    assert people[confidential.id] is None


def test_confidential_comments_wait_until_five_people_answered(make):
    wave = write(make, Anonymity.CONFIDENTIAL, 4)
    assert inbox() == []
    (question,) = db.session.scalars(sa.select(rows.Question))
    rows.response(wave, {"change": question}, change="The fifth")
    assert len(inbox()) == 5


def test_anonymous_comments_wait_for_the_close(make):
    wave = write(make, Anonymity.ANONYMOUS, 6)
    assert inbox() == []
    wave.state = WaveState.CLOSED
    db.session.flush()
    assert len(inbox()) == 6
    assert {found.person for found in inbox()} == {None}


def test_drafts_and_empty_answers_are_no_comments(make):
    wave, asked = rows.wave(anonymity=Anonymity.NAMED, keys=("change",))
    rows.response(wave, asked, ResponseState.DRAFT, change="Not yet")
    rows.response(wave, asked, change="")
    assert inbox() == []


def test_pages_follow_each_other_without_gap_or_double(make):
    write(make, number=60)
    write(make, number=60, cohort=make.cohort())
    seen, after = [], None
    while page := inbox(after=after)[: paging.SIZE]:
        seen += [found.answer.id for found in page]
        after = seen[-1]
    assert len(seen) == len(set(seen)) == 120


def test_comments_stand_in_no_order_of_time(make):
    write(make, number=30)
    shown = [found.answer.id for found in inbox()]
    assert shown != sorted(shown)
    assert shown != sorted(shown, reverse=True)


def test_filters_find_by_words_question_and_tag(make):
    user = make.user()
    write(make, number=2, text="Batik")
    write(make, number=2, text="100% wool")
    assert len(inbox(text="batik")) == 2
    assert len(inbox(text="0% w")) == 2
    assert [found.answer.id for found in inbox(text="%")] == [found.answer.id for found in inbox(text="100%")]
    assert len(inbox(question="change")) == 4
    actions.add_tag(inbox()[0], " More  visits ", user.id, make.NOW)
    (tag,) = inbox()[0].tags
    assert tag.name == "More visits"
    assert len(inbox(tag_id=tag.id)) == 1


def test_states_are_counted_and_filtered(make):
    user = make.user()
    write(make, number=3)
    actions.mark(inbox()[0], CommentState.DONE, 0, user.id, make.NOW)
    counts = comments.state_counts(EVERYWHERE, comments.Wanted())
    assert counts == {
        CommentState.NEW: 2,
        CommentState.READ: 0,
        CommentState.FLAGGED: 0,
        CommentState.DONE: 1,
    }
    assert len(inbox(CommentState.NEW)) == 2
    assert len(inbox(CommentState.DONE)) == 1


def test_the_second_reader_does_not_overwrite_the_first(make):
    first, second = make.user(), make.user()
    write(make)
    (found,) = inbox()
    actions.mark(found, CommentState.DONE, 0, first.id, make.NOW)
    with pytest.raises(actions.ReadMeanwhile):
        actions.mark(found, CommentState.FLAGGED, 0, second.id, make.NOW)
    (again,) = inbox()
    actions.mark(again, CommentState.FLAGGED, again.version, second.id, make.NOW)
    assert again.state == CommentState.FLAGGED


def test_marking_many_leaves_what_someone_else_changed_and_undo_puts_the_rest_back(make):
    user, other = make.user(), make.user()
    write(make, number=3)
    page = inbox()
    actions.mark(page[0], CommentState.FLAGGED, 0, other.id, make.NOW)
    change = triage.do([(found, 0) for found in page], triage.Mark(CommentState.DONE), user.id, make.NOW)
    assert (len(change.before), change.left) == (2, 1)
    assert triage.undo(change, EVERYWHERE, user.id, make.NOW) == 2
    counts = comments.state_counts(EVERYWHERE, comments.Wanted())
    assert (counts[CommentState.NEW], counts[CommentState.FLAGGED]) == (2, 1)


def test_undo_leaves_what_somebody_did_afterwards(make):
    user, other = make.user(), make.user()
    write(make, number=2)
    change = triage.do([(found, 0) for found in inbox()], triage.TagAs("Hosts"), user.id, make.NOW)
    touched = inbox()[0]
    actions.mark(touched, CommentState.FLAGGED, touched.version, other.id, make.NOW)
    assert triage.undo(change, EVERYWHERE, user.id, make.NOW) == 1
    states = {found.answer.id: (found.state, len(found.tags)) for found in inbox()}
    assert states.pop(touched.answer.id) == (CommentState.FLAGGED, 1)
    assert list(states.values()) == [(CommentState.NEW, 0)]


def test_three_hundred_comments_are_changed_and_put_back_with_as_many_queries_as_three(make):
    programme = make.programme()
    user = make.user((programme, Role.COORDINATOR))
    write(make, number=300, cohort=make.cohort(make.theme(programme)))
    found = comments.all_that_fit(EVERYWHERE, comments.Wanted(), None)
    assert len(found) == 300
    for step in (triage.Mark(CommentState.DONE), triage.Assign(user), triage.TagAs("Visits")):
        picked = [(one, one.version) for one in comments.all_that_fit(EVERYWHERE, comments.Wanted(), None)]
        change = triage.do(picked, step, user.id, make.NOW)
        assert (len(change.before), change.left) == (300, 0)
    assert (
        len(
            comments.tags_of(
                [one.review.id for one in comments.all_that_fit(EVERYWHERE, comments.Wanted(), None)]
            )
        )
        == 300
    )
    assert triage.undo(change, EVERYWHERE, user.id, make.NOW) == 300
    assert all(not one.tags and one.owner is not None for one in inbox())


def test_a_comment_goes_only_to_somebody_who_may_read_it(make):
    wave = write(make)
    stranger = make.user((make.programme(), Role.COORDINATOR))
    with pytest.raises(people.NotTheirs):
        triage.do([(inbox()[0], 0)], triage.Assign(stranger), stranger.id, make.NOW)
    owner = reader(make, wave)
    triage.do([(found, found.version) for found in inbox()], triage.Assign(owner), owner.id, make.NOW)
    assert [found.owner for found in inbox(owner_id=owner.id)] == [owner]
    assert inbox(owner_id=stranger.id) == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("بازديد از كارخانه بسيار مفيد بود", "کارخانه بازدید"),  # Arabic letters, searched with Persian ones
        ("می\u200cخواهم دوباره بازدید کنم", "میخواهم"),
        ("La réunion à Medan était utile", "REUNION medan"),
        ("Ça dépend du marché", "ca depend"),
        (
            "Ca de\u0301pend du marche\u0301",
            "dépend marché",
        ),  # accents as letters of their own, as Macs write
        ("Chuyến thăm RẤT BỔ ÍCH, đi lại", "rất bo ich di"),
        ("Всё понравилось", "понрав"),
        ("ទស្សនកិច្ច\u200bមាន\u200bប្រយោជន៍", "ទស្សនកិច្ចមាន"),  # where a line may break
        ("ＳＭＥ の見学は２回", "sme 2回"),  # letters of full width
        ("آموزشِ خوب و مسئول", "اموزش مسيول"),
        ("Ziyaret ÇOK IŞIKLI, İYİ", "cok isikli iyi"),
        ("การเยี่ยมชมดีมาก", "เยี่ยมชม"),
    ],
)
def test_words_are_found_in_any_script_and_order(make, written, typed):
    write(make, text=written)
    write(make, text="Something else")
    assert [written in found.answer.text for found in inbox(text=typed)] == [True]


def test_the_language_is_told_by_the_words(make):
    told = {
        "en": "The visit was too short and we want more of it.",
        "id": "Kunjungan ini terlalu singkat untuk kami.",
        "fr": "La visite était trop courte pour nous.",
        "fa_AF": "بازدید بسیار کوتاه بود",
        None: "Batik",
    }
    assert {text: language_of(text) for text in told.values()} == {text: code for code, text in told.items()}


def test_old_answers_stand_in_the_inbox_with_their_source(make):
    archive = old_answers(make, 5)
    found = inbox()
    assert [(one.wave, one.archive.source, one.person) for one in found] == [(None, "Paper, 2016", None)] * 5
    assert comments.comment(found[0].answer.id).cohort.id == archive.cohort_id


def test_fewer_than_five_old_answers_are_not_read(make):
    old_answers(make, 4)
    assert inbox() == []


def old_answers(make, number):
    cohort = make.cohort()
    survey = make.add(Survey(programme_id=cohort.theme.programme_id, key="old", title="Old"))
    version = make.add(SurveyVersion(survey_id=survey.id, number=1, asked_elsewhere=True))
    asked = rows.questions(version, "change")
    archive = make.add(
        Archive(
            survey_version_id=version.id,
            cohort_id=cohort.id,
            source="Paper, 2016",
            file_name="old.csv",
            file_hash="0" * 64,
            mapping={},
            rows=number,
            brought_in_at=make.NOW,
        )
    )
    for row in range(number):
        response = make.add(
            Response(state=ResponseState.SENT, language="en", saved_at=make.NOW, sent_at=make.NOW)
        )
        make.add(ArchivedResponse(response_id=response.id, archive_id=archive.id, row=row + 2))
        make.add(Answer(response_id=response.id, question_id=asked["change"].id, text=f"Old words {row}"))
    return archive


@pytest.mark.parametrize("name", ["Interpretation", "Équipement", "Обучение"])
def test_the_same_tag_twice_is_one_tag_and_belongs_to_its_programme(make, name):
    user = make.user()
    write(make)
    write(make)
    one, other = inbox()
    for written in (name, name.lower(), name):
        actions.add_tag(one, written, user.id, make.NOW)
        (one,) = comments.these(EVERYWHERE, [one.answer.id])
    actions.add_tag(other, name, user.id, make.NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Tag)) == 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommentTag)) == 2
    assert one.state == CommentState.READ
    with pytest.raises(TagMissing):
        actions.add_tag(one, "  ", user.id, make.NOW)


def test_a_tag_can_be_taken_off(make):
    user = make.user()
    write(make)
    actions.add_tag(inbox()[0], "Hosts", user.id, make.NOW)
    tagged = inbox()[0]
    for _press in range(2):
        actions.remove_tag(tagged, tagged.tags[0].id)
    assert inbox()[0].tags == []
    db.session.flush()
    assert db.session.scalars(sa.select(AuditEntry.verb).order_by(AuditEntry.id)).all() == [
        "tagged",
        "tag removed",
    ]


# The pages


def test_the_inbox_opens_on_what_is_new(client, make):
    wave = write(make, number=2)
    client.sign_in(reader(make, wave))
    page = client.get("/feedback/").text
    assert "Longer visits, please 0" in page
    assert "New 2" in page


def test_a_bulk_mark_can_be_undone_from_the_page(client, make):
    wave = write(make, number=3)
    numbers = list(db.session.scalars(sa.select(Answer.id)))
    client.sign_in(reader(make, wave))
    marked = client.post("/feedback/mark", data={"id": [f"{number}:0" for number in numbers], "do": "done"})
    assert "3 comments are now: Done." in client.get(marked.location).text
    change = re.search(r"did=([0-9]+)", marked.location)[1]
    client.post("/feedback/undo", data={"change": change})
    assert "New 3" in client.get("/feedback/").text
    again = client.post("/feedback/undo", data={"change": change}, follow_redirects=True)
    assert "nothing left to undo" in again.text


def test_nobody_undoes_what_another_did(client, make):
    wave = write(make)
    number = db.session.scalar(sa.select(Answer.id))
    first, second = reader(make, wave), reader(make, wave)
    client.sign_in(first)
    client.post("/feedback/mark", data={"only": f"{number}:0:done"})
    client.sign_in(second)
    change = db.session.scalar(sa.select(CommentChange.id))
    client.post("/feedback/undo", data={"change": change})
    assert db.session.scalar(sa.select(CommentReview.state)) == CommentState.DONE


def test_who_reads_a_programme_no_more_undoes_nothing_in_it(client, make):
    wave, elsewhere = write(make), write(make)
    number = db.session.scalar(sa.select(Answer.id).order_by(Answer.id))
    user = make.user(*((one.schedule.cohort.theme.programme, Role.COORDINATOR) for one in (wave, elsewhere)))
    client.sign_in(user)
    client.post("/feedback/mark", data={"only": f"{number}:0:done"})
    programme_id = wave.schedule.cohort.theme.programme_id
    db.session.execute(sa.delete(Membership).where(Membership.programme_id == programme_id))
    db.session.commit()
    change = db.session.scalar(sa.select(CommentChange.id))
    client.post("/feedback/undo", data={"change": change})
    assert db.session.scalar(sa.select(CommentReview.state)) == CommentState.DONE


def test_what_is_undone_stands_in_the_trail_of_its_programme_once(make):
    wave, user = write(make), make.user()
    change = triage.do([(inbox()[0], 0)], triage.Mark(CommentState.DONE), user.id, make.NOW)
    triage.undo(change, EVERYWHERE, user.id, make.NOW)
    with pytest.raises(triage.NothingToUndo):
        triage.undo(change, EVERYWHERE, user.id, make.NOW)
    entries = sa.select(AuditEntry.programme_id).where(AuditEntry.verb == "marked, undone")
    assert list(db.session.scalars(entries)) == [wave.schedule.cohort.theme.programme_id]


def test_what_came_after_the_page_was_made_is_not_marked_unseen(client, make):
    wave = write(make, number=2)
    late = inbox()[0].response
    late.saved_at = late.sent_at = make.NOW + timedelta(minutes=1)
    db.session.commit()
    client.sign_in(reader(make, wave))
    sent = {"all": "yes", "do": "done", "seen": make.NOW.isoformat()}
    page = client.get(client.post("/feedback/mark", data=sent).location).text
    assert "One comment is now: Done." in page
    assert "New 1" in page


def test_all_that_fit_are_marked_but_what_changed_since_the_page_was_made(client, make):
    wave = write(make, number=60)
    other = make.user()
    actions.mark(inbox()[0], CommentState.READ, 0, other.id, make.NOW + timedelta(minutes=1))
    db.session.commit()
    client.sign_in(reader(make, wave))
    sent = {"all": "yes", "do": "flagged", "seen": make.NOW.isoformat()}
    page = client.get(client.post("/feedback/mark?state=all", data=sent).location).text
    assert "59 comments are now: Flagged." in page
    assert "One comment was changed by someone else meanwhile" in page
    assert client.post("/feedback/mark", data=sent | {"seen": "yesterday"}).status_code == 400


def test_a_translation_stands_beside_the_original(client, make):
    wave = write(make, text="Waktu terlalu singkat")
    number = db.session.scalar(sa.select(Answer.id))
    client.sign_in(reader(make, wave))
    sent = {"version": 0, "state": "read", "translation": "Too little time", "into": "en"}
    client.post(f"/feedback/comments/{number}", data=sent)
    page = client.get("/feedback/?state=read").text
    assert "Waktu terlalu singkat" in page
    assert "Too little time" in page
    assert 'lang="id"' in page


def test_one_button_marks_one_comment(client, make):
    wave = write(make)
    number = db.session.scalar(sa.select(Answer.id))
    client.sign_in(reader(make, wave))
    answer = client.post("/feedback/mark?q=visits", data={"only": f"{number}:0:flagged"})
    assert answer.status_code == 303
    assert re.fullmatch(r"/feedback/\?q=visits&did=\d+", answer.location)
    assert db.session.scalar(sa.select(CommentReview.state)) == CommentState.FLAGGED


def test_a_note_written_too_late_shows_both_versions(client, make):
    wave = write(make)
    number = db.session.scalar(sa.select(Answer.id))
    client.sign_in(reader(make, wave))
    mine = {"version": 0, "state": "done", "note": "Ask the Bandung hosts"}
    assert client.post(f"/feedback/comments/{number}", data=mine).status_code == 303
    late = client.post(f"/feedback/comments/{number}", data=mine | {"note": "Nothing to do"})
    assert late.status_code == 409
    assert "Ask the Bandung hosts" in late.text
    assert "Nothing to do" in late.text
    assert db.session.scalar(sa.select(CommentReview.note)) == "Ask the Bandung hosts"


def test_tags_are_added_and_removed_from_the_comments_page(client, make):
    wave = write(make)
    number = db.session.scalar(sa.select(Answer.id))
    client.sign_in(reader(make, wave))
    assert client.post(f"/feedback/comments/{number}/tags", data={"tag": ""}).status_code == 422
    assert client.post(f"/feedback/comments/{number}/tags", data={"tag": "Hosts"}).status_code == 303
    assert "remove this tag" in client.get(f"/feedback/comments/{number}").text
    client.post(f"/feedback/comments/{number}/tags", data={"remove": db.session.scalar(sa.select(Tag.id))})
    assert "remove this tag" not in client.get(f"/feedback/comments/{number}").text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_comments_go_out_as_a_file_and_the_trail_says_so(client, make, kind):
    wave = write(make, number=3)
    write(make, number=2)  # another programme's
    client.sign_in(reader(make, wave))
    file = client.post(f"/feedback/comments.{kind}")
    if kind == "csv":
        assert len(file.text.strip().splitlines()) == 4
    else:
        assert file.data.startswith(b"PK")
    assert db.session.scalar(sa.select(AuditEntry.verb)) == "comments exported"


def test_the_file_holds_what_the_view_shows(client, make):
    wave = write(make, number=3)
    client.sign_in(reader(make, wave))
    number = db.session.scalar(sa.select(Answer.id))
    client.post("/feedback/mark", data={"id": f"{number}:0", "do": "done"})
    lines = {
        state: len(client.post(f"/feedback/comments.csv?state={state}").text.strip().splitlines()) - 1
        for state in ("new", "done", "all")
    }
    assert lines == {"new": 2, "done": 1, "all": 3}


@pytest.mark.parametrize(("role", "status"), [(None, 404), (Role.ORGANISER, 403)])
def test_another_programmes_comment_does_not_exist(client, make, role, status):
    wave = write(make)
    number = db.session.scalar(sa.select(Answer.id))
    here = [(wave.schedule.cohort.theme.programme, role)] if role else []
    client.sign_in(make.user((make.programme(), Role.COORDINATOR), *here))
    assert client.get(f"/feedback/comments/{number}").status_code == status
    assert "Longer visits" not in client.get("/feedback/?state=all").text
    client.post("/feedback/mark", data={"id": f"{number}:0", "do": "done"})
    assert db.session.scalar(sa.select(CommentReview.id)) is None


def test_the_number_of_queries_does_not_grow_with_the_comments(client, make):
    wave = write(make, number=2)
    wave_id, question = wave.id, db.session.scalar(sa.select(rows.Question.id))
    client.sign_in(reader(make, wave))
    client.get("/feedback/?state=all")
    few = client.statements("/feedback/?state=all")
    wave, question = db.session.get(Wave, wave_id), db.session.get(rows.Question, question)
    for place in range(60):
        rows.response(wave, {"change": question}, change=f"More {place}")
    user = make.user()
    for found in inbox():
        actions.add_tag(found, f"Tag {found.answer.id % 7}", user.id, make.NOW)
    db.session.commit()
    many = client.statements("/feedback/?state=all")
    assert many <= few + 1  # the tags, asked for when any comment has been read
