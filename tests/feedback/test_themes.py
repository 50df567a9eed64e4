"""Themes from the words: as good as measured by hand, the same each time, and always a person's to change."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import feedback_rows as rows
import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone

from trainingapp import clock
from trainingapp.db import db
from trainingapp.feedback.comments import queries as comments
from trainingapp.feedback.models import CommentReview, CommentState
from trainingapp.feedback.themes import actions as theming
from trainingapp.feedback.themes import proposing
from trainingapp.feedback.themes import queries as themes
from trainingapp.feedback.themes.models import ProposalState, ThemeState
from trainingapp.programmes.models import Role
from trainingapp.refusals import Stale
from trainingapp.surveys.models import Anonymity

LABELLED = Path(__file__).parent / "labelled"


def labelled(name):
    lines = (LABELLED / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(": ", 1)) for line in lines]


@pytest.mark.parametrize(
    ("name", "precision", "found"),
    [("english", 0.9, 0.8), ("indonesian", 0.9, 0.8), ("french", 0.9, 0.8), ("mixed", 0.9, 0.8)],
)
def test_a_theme_holds_comments_that_a_person_put_together(name, precision, found):
    """Precision: of the comments under a theme, how many bear its commonest label."""
    pairs = labelled(name)
    proposed = proposing.propose([text for _label, text in pairs])
    labels = [[pairs[place][0] for place in one.places] for one in proposed]
    together = sum(Counter(inside).most_common(1)[0][1] for inside in labels)
    grouped = sum(map(len, labels))
    assert together / grouped >= precision
    assert grouped / len(pairs) >= found
    assert proposing.propose([text for _label, text in pairs]) == proposed


def test_comments_that_share_no_word_give_no_theme():
    assert proposing.propose([letter * 5 for letter in "abcdefghijklmnopqrst"]) == []


@pytest.fixture
def cohort(make):
    wave, asked = rows.wave(anonymity=Anonymity.NAMED, keys=("change",))
    for _label, text in labelled("mixed")[:18]:
        rows.response(wave, asked, change=text)
    return wave.schedule.cohort


def proposed(make, cohort):
    user = make.user((cohort.theme.programme, Role.COORDINATOR))
    proposal = theming.ask(cohort, user.id, make.NOW)
    db.session.commit()
    for _state in theming.read_waiting():
        db.session.commit()
    return proposal, user


def test_a_worker_reads_what_was_asked_for_once(make, cohort):
    proposal, user = proposed(make, cohort)
    assert (proposal.state, proposal.comments) == (ProposalState.READY, 18)
    found = themes.of(proposal)
    assert len(found) >= 2
    assert all(one.theme.name and one.theme.words and one.quotes for one in found)
    assert list(theming.read_waiting()) == []
    again = theming.ask(cohort, user.id, make.NOW)
    assert theming.ask(cohort, user.id, make.NOW) is again is not proposal


def test_fewer_than_fifteen_comments_get_no_themes(make):
    wave, asked = rows.wave(anonymity=Anonymity.NAMED, keys=("change",))
    for _label, text in labelled("mixed")[:14]:
        rows.response(wave, asked, change=text)
    proposal, _user = proposed(make, wave.schedule.cohort)
    assert (proposal.state, themes.of(proposal)) == (ProposalState.TOO_FEW, [])


def test_an_accepted_theme_is_a_tag_and_leaves_comments_unread(make, cohort):
    proposal, user = proposed(make, cohort)
    first = themes.of(proposal)[0]
    theming.rename(first.theme, "Visits", user.id, make.NOW)
    theming.accept(first.theme, user.id, make.NOW)
    tagged = comments.page(sa.true(), comments.Wanted(tag_id=first.theme.tag_id), None, None)
    assert {one.answer.id for one in tagged} == {one.answer.id for one in first.quotes}
    assert {one.state for one in tagged} == {CommentState.NEW}
    assert first.theme.state is ThemeState.ACCEPTED


def test_themes_are_merged_split_and_their_comments_moved(make, cohort):
    proposal, user = proposed(make, cohort)
    by = (user.id, make.NOW)
    one, other, *_rest = themes.of(proposal)
    before = themes.answers_of([one.theme.id, other.theme.id])
    part = theming.split(one.theme, "Part", [one.quotes[0].answer.id], *by)
    theming.move(one.theme, other.theme, [one.quotes[1].answer.id], *by)
    theming.take_out(one.theme, [one.quotes[2].answer.id])
    theming.merge(part, one.theme, *by)
    assert set(themes.answers_of([one.theme.id])) & {one.quotes[0].answer.id}
    left = themes.answers_of([one.theme.id, other.theme.id])
    assert sorted([*left, one.quotes[2].answer.id]) == sorted(before)
    with pytest.raises(theming.NothingChosen):
        theming.move(one.theme, other.theme, [], *by)
    with pytest.raises(theming.NothingChosen):
        theming.merge(one.theme, one.theme, *by)
    with pytest.raises(theming.NameMissing):
        theming.rename(one.theme, "  ", *by)


def test_the_second_to_change_a_theme_looks_first(make, cohort):
    proposal, _user = proposed(make, cohort)
    theme = themes.of(proposal)[0].theme
    read = theme.version
    theming.hold(theme, read)
    theming.reject(theme)
    with pytest.raises(Stale):
        theming.hold(theme, read)
    theming.reopen(theme)
    assert theme.state is ThemeState.PROPOSED


def carries(theme):
    return {
        one.answer.id for one in comments.page(sa.true(), comments.Wanted(tag_id=theme.tag_id), None, None)
    }


def test_whatever_becomes_of_an_accepted_theme_its_comments_carry_its_tag_and_no_others_do(make, cohort):
    proposal, user = proposed(make, cohort)
    by = (user.id, make.NOW)
    one, other, *_rest = (found.theme for found in themes.of(proposal))
    theming.accept(one, *by)
    first, *rest = themes.answers_of([one.id])
    theming.move(other, one, themes.answers_of([other.id])[:1], *by)
    theming.move(one, other, [first], *by)
    theming.take_out(one, rest[:1])
    assert carries(one) == set(themes.answers_of([one.id]))
    theming.merge(other, one, *by)
    assert first in carries(one)
    before = one.tag_id
    theming.rename(one, "Visits", *by)
    assert one.tag_id != before
    assert carries(one) == set(themes.answers_of([one.id]))
    assert comments.page(sa.true(), comments.Wanted(tag_id=before), None, None) == []


def test_a_proposal_whose_worker_was_killed_can_be_asked_for_again(client, make, cohort):
    user = make.user((cohort.theme.programme, Role.COORDINATOR))
    asked = theming.ask(cohort, user.id, clock.now() - timedelta(minutes=5))
    asked.state = ProposalState.READING
    db.session.commit()
    client.sign_in(user)
    page = client.get(f"/feedback/cohorts/{cohort.id}/themes").text
    assert "could not be grouped" in page
    assert "Propose again" in page
    assert client.post(f"/feedback/cohorts/{cohort.id}/themes").status_code == 303
    assert "We are reading the comments" in client.get(f"/feedback/cohorts/{cohort.id}/themes").text


@on_postgresql_alone  # SQLite has one lock for all
def test_two_readers_who_merge_two_themes_into_each_other_do_not_stop_each_other(app, make, cohort):
    proposal, user = proposed(make, cohort)
    pair = [found.theme.id for found in themes.of(proposal)[:2]]
    user_id, ready, outcomes = user.id, Barrier(2), []
    db.session.commit()

    def merge(number, into_number):
        with app.app_context():
            theme, into = themes.theme(number), themes.theme(into_number)
            version = theme.version
            ready.wait()
            try:
                theming.hold(theme, version, into)
                theming.merge(theme, into, user_id, make.NOW)
                db.session.commit()
                outcomes.append("merged")
            except Stale:
                db.session.rollback()
                outcomes.append("late")

    clicks = [Thread(target=merge, args=order) for order in (pair, pair[::-1])]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert sorted(outcomes) == ["late", "merged"]


def test_the_page_of_themes_says_where_they_come_from(client, make, cohort):
    proposal, user = proposed(make, cohort)
    cohort_id, theme = proposal.cohort_id, themes.of(proposal)[0].theme
    sent = {"version": theme.version, "do": "accept"}
    client.sign_in(user)
    page = client.get(f"/feedback/cohorts/{cohort_id}/themes").text
    assert "Proposed from the words" in page
    assert "of 18 comments" in page
    assert client.post(f"/feedback/themes/{theme.id}", data=sent).status_code == 303
    assert "Accepted" in client.get(f"/feedback/cohorts/{cohort_id}/themes").text
    late = client.post(f"/feedback/themes/{theme.id}", data=sent, follow_redirects=True)
    assert "Someone else changed this theme" in late.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommentReview)) > 0
