"""Very many answers are counted ahead in parts, and every page still shows what is true now."""

import json
import threading
from dataclasses import asdict
from datetime import timedelta

import feedback_rows as rows
import pytest
import sqlalchemy as sa
from databases import on_postgresql_alone, on_sqlite_alone

from trainingapp.cohorts.models import Enrolment, EnrolmentKind
from trainingapp.db import db, lock
from trainingapp.feedback.models import CountedPart, CountedWave
from trainingapp.feedback.results import charts, counting, parts, recounts
from trainingapp.feedback.results.figures import SCHEME
from trainingapp.feedback.years import queries as over_years
from trainingapp.participants.models import Participant, Sex
from trainingapp.programmes.models import Role
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys import queries as surveys

VERY_MANY = 6  # for these tests
LATER = timedelta(hours=1)


@pytest.fixture
def wave(make):
    """Everything that is counted is in it, in two parts."""
    wave, asked = rows.wave()
    for number in range(14):
        if number == 8:
            _go_on_from(wave, asked, parts.SIZE + 10)
        given = {
            "useful": 1 + number % 5,
            "started": "yes" if number % 2 else "no",
            "obstacles": ["money", "staff"],
        }
        country = "NP" if number < 7 else "LA"
        rows.response(
            wave,
            asked,
            enrolment=make.enrolment(wave.schedule.cohort, country=country),
            firms=number,
            **given,
        )
    db.session.commit()
    return wave


def _go_on_from(wave, asked, number):
    """The next response has the number after this one."""
    draft = rows.response(wave, asked, ResponseState.DRAFT)
    db.session.execute(sa.update(Response).where(Response.id == draft.id).values(id=number))
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text(f"SELECT setval('responses_id_seq', {number})"))


def drawn(wave):
    questions = surveys.questions_of(wave.survey_version)
    found, groups = charts.of_gathered(wave, questions, "en"), charts.Groups.of(wave, questions)
    return groups.tell(found, "country") if "country" in groups.dimensions else found


def years(wave):
    programme = wave.schedule.cohort.theme.programme
    found = [over_years.askings(programme, key) for key in ("useful", "started", "obstacles", "firms")]
    return [(one.people, one.chosen, one.numbers) for every in found for one in every]


def count(now, many=VERY_MANY):
    """As the worker does."""
    parts_counted = 0
    for one in recounts.count_due(now, many):
        parts_counted += one
        db.session.commit()
    return parts_counted


def counted():
    return db.session.scalar(sa.select(sa.func.count()).select_from(CountedPart))


def first(kind):
    return db.session.scalars(sa.select(kind).order_by(kind.id)).first()


def test_what_was_counted_ahead_is_what_the_page_would_count(wave, make):
    live, over = drawn(wave), years(wave)
    assert count(make.NOW + LATER) == 2
    db.session.commit()
    assert drawn(wave) == live
    assert years(wave) == over
    assert any(chart.groups for chart in live)


def test_only_parts_that_changed_are_counted_again(wave, make):
    count(make.NOW + LATER)
    assert count(make.NOW + LATER) == 0
    first(Response).saved_at += LATER
    db.session.flush()
    assert count(make.NOW + 2 * LATER) == 1
    assert count(make.NOW + 3 * LATER) == 0


def test_what_was_sent_while_another_answer_may_be_under_way_is_counted_by_the_page(wave, make):
    live = drawn(wave)
    a_moment_before = make.NOW + recounts.SETTLES_IN - timedelta(seconds=1)
    assert count(a_moment_before) == 0
    for response in db.session.scalars(sa.select(Response).where(Response.id < parts.SIZE)):
        response.saved_at -= timedelta(minutes=1)
    db.session.flush()
    assert count(a_moment_before) == 1
    assert drawn(wave) == live


def test_a_part_whose_answers_were_all_taken_back_is_counted_no_more(wave, make):
    count(make.NOW + LATER)
    later = sa.select(Response.id).where(Response.id >= parts.SIZE)
    db.session.execute(sa.delete(Answer).where(Answer.response_id.in_(later)))
    db.session.execute(sa.delete(Response).where(Response.id >= parts.SIZE))
    live = years(wave)
    assert count(make.NOW + LATER) == 0
    assert counted() == 1
    assert years(wave) == live


def test_a_wave_that_became_small_is_counted_while_the_page_waits(wave, make):
    count(make.NOW + LATER)
    assert count(make.NOW + LATER, recounts.MANY) == 0
    assert counted() == 0


def another_answers(make, wave):
    rows.response(
        wave,
        rows.asked_in(wave.id),
        enrolment=make.enrolment(wave.schedule.cohort, country="NP"),
        useful=5,
        started="yes",
    ).saved_at += LATER


def one_says_it_otherwise(_make, _wave):
    response = first(Response)
    response.saved_at += LATER
    said = db.session.scalars(
        sa.select(Answer).where(Answer.response_id == response.id, Answer.choice == "no")
    )
    said.one().choice = "yes"


def one_takes_it_back(_make, _wave):
    response = first(Response)
    db.session.execute(sa.delete(Answer).where(Answer.response_id == response.id))
    db.session.delete(response)


def one_takes_it_back_and_another_answers(make, wave):
    one_takes_it_back(make, wave)
    another_answers(make, wave)


def one_was_of_another_country(_make, _wave):
    first(Enrolment).country = "LA"


def one_was_of_another_kind(_make, _wave):
    for enrolment in db.session.scalars(sa.select(Enrolment).limit(7)):
        enrolment.kind = EnrolmentKind.ACADEMIA


def some_are_men(_make, _wave):
    for person in db.session.scalars(sa.select(Participant).limit(7)):
        person.sex = Sex.MALE


def a_question_is_reworded(_make, wave):
    rows.asked_in(wave.id)["useful"].wording = {"en": "In other words"}


CHANGES = [
    another_answers,
    one_says_it_otherwise,
    one_takes_it_back,
    one_takes_it_back_and_another_answers,
    one_was_of_another_country,
    one_was_of_another_kind,
    some_are_men,
    a_question_is_reworded,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_next_look_shows_it(wave, make, change):
    count(make.NOW + LATER)
    db.session.commit()
    before = seen(wave)
    change(make, wave)
    db.session.commit()
    now, over = seen(wave), years(wave)
    db.session.execute(sa.delete(CountedWave))
    assert now == seen(wave)
    assert over == years(wave)
    assert now != before


def seen(wave):
    cells = counting.Counts(wave, surveys.questions_of(wave.survey_version)).cells
    as_kept = json.loads(json.dumps(asdict(cells)))
    return drawn(wave), {name: sorted(found, key=str) for name, found in as_kept.items()}


def truth(wave):
    """What the page shows is what it counts when nothing was counted ahead."""
    now, over = seen(wave), years(wave)
    db.session.execute(sa.delete(CountedWave))
    found = now == seen(wave) and over == years(wave)
    db.session.rollback()
    return found


STEPS = 5  # of the worker with a wave in two parts


@on_sqlite_alone
@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changes_between_two_steps_of_the_worker_is_seen(wave, make, change, step):
    worker = recounts.count_due(make.NOW + LATER, VERY_MANY)
    for _step in range(step + 1):
        next(worker)
        db.session.commit()
    change(make, wave)
    db.session.commit()
    assert truth(wave)
    for _step in worker:
        db.session.commit()
    assert truth(wave)


@on_postgresql_alone
@pytest.mark.timeout(60)
def test_a_correction_that_is_not_there_yet_holds_up_nobody_and_is_seen_later(app, wave, make):
    def work():
        with app.app_context():
            count(make.NOW + LATER)

    first(Enrolment).country = "LA"
    db.session.flush()
    worker = threading.Thread(target=work)
    worker.start()
    worker.join(30)
    assert not worker.is_alive()
    db.session.commit()
    assert counted() == 2
    assert truth(wave)
    assert count(make.NOW + LATER) == 1, "the part in which it lies"
    assert truth(wave)


@on_postgresql_alone
@pytest.mark.timeout(60)
def test_who_holds_the_wave_holds_up_no_correction(app, wave):
    lock(db.session.get_one(type(wave), wave.id))

    def correct():
        with app.app_context():
            first(Enrolment).country = "LA"
            first(Participant).sex = Sex.MALE
            db.session.commit()

    desk = threading.Thread(target=correct)
    desk.start()
    desk.join(30)
    assert not desk.is_alive()


def test_what_was_counted_in_an_older_scheme_is_counted_anew(wave, make):
    count(make.NOW + LATER)
    for row in (CountedWave, CountedPart):
        db.session.execute(sa.update(row).values(figures={"of old": []}, cells={}))
    db.session.execute(sa.update(CountedWave).values(scheme=SCHEME - 1))
    db.session.commit()
    assert truth(wave)
    assert count(make.NOW + LATER) == 2
    assert truth(wave)


def test_two_waves_may_share_a_stretch_of_ids(wave, make):
    other, asked = rows.wave()
    for number in range(VERY_MANY):
        enrolment = make.enrolment(other.schedule.cohort, country="BT")
        rows.response(other, asked, enrolment=enrolment, useful=2, started="no", firms=number)
    db.session.commit()
    assert count(make.NOW + LATER) == 3
    db.session.scalars(sa.select(Enrolment).where(Enrolment.country == "BT")).first().country = "LA"
    db.session.commit()
    assert truth(wave)
    assert truth(other)
    assert count(make.NOW + LATER) == 1


def test_the_page_counts_less_itself(client, make, wave):
    address = f"/feedback/waves/{wave.id}?by=country"
    client.sign_in(make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR)))
    live = client.statements(address)
    count(make.NOW + LATER)
    db.session.commit()
    assert client.statements(address) < live
