"""Two askings of one key: put together, compared, and never more said than they carry."""

from datetime import date

import feedback_rows as rows
import pytest

from trainingapp.db import db
from trainingapp.feedback.years import comparing
from trainingapp.feedback.years import queries as over_years
from trainingapp.feedback.years.comparing import By
from trainingapp.followups.models import WaveState
from trainingapp.programmes.models import Role


@pytest.fixture
def programme(app, make):
    return make.programme()


@pytest.fixture
def asked(make, programme):
    """A wave of an edition of its own (or of this one) that so many answered with yes and with no."""

    def ask(yes, no, cohort=None, months=6, year=2019, **options):
        cohort = cohort or make.cohort(make.theme(programme, year=year))
        closed = {"state": WaveState.CLOSED, "opens_on": date(year, months, 9)}
        wave, questions = rows.wave(cohort, keys=("started", "useful"), offset_months=months, **closed)
        questions["useful"].options = {**questions["useful"].options, **options}
        for number in range(yes + no):
            rows.response(
                wave, questions, started="yes" if number < yes else "no", useful=4 if number < yes else 2
            )
        db.session.commit()
        return wave

    return ask


def pools(programme, by, key="started"):
    return comparing.pools(over_years.askings(programme, key), by)


def test_askings_are_put_together_without_those_of_fewer_than_five(programme, asked):
    asked(6, 2, year=2018)
    asked(5, 5, year=2019)
    asked(4, 0, year=2019)
    first, second = pools(programme, By.YEAR)
    assert (first.key, first.said("yes"), first.left_out) == ("2018", (6, 8), 0)
    assert (second.key, second.said("yes"), second.left_out) == ("2019", (5, 10), 1)
    assert len(pools(programme, By.ASKING)) == len(pools(programme, By.EDITION)) == 3


def test_who_answered_in_three_waves_is_one_person_in_every_pool(programme, asked):
    first = asked(9, 3, months=3)
    for yes, months in ((8, 6), (4, 12)):
        asked(yes, 12 - yes, first.schedule.cohort, months)
    asked(2, 1, first.schedule.cohort, 10)
    asked(6, 4)
    (edition, _other), (theme, _), (year,) = (pools(programme, by) for by in (By.EDITION, By.THEME, By.YEAR))
    assert (edition.said("yes"), edition.left_out, edition.earlier) == ((4, 12), 1, 2)
    assert theme.said("yes") == (4, 12)
    assert (year.said("yes"), year.earlier) == ((10, 22), 2)


def test_nothing_is_compared_with_fewer_than_five_people(programme, asked):
    asked(4, 0, year=2018)
    asked(9, 3, year=2019)
    assert comparing.compare(*pools(programme, By.YEAR), "yes", has_means=False) is None


def test_the_same_people_and_other_words_are_told(programme, asked):
    wave = asked(9, 3)
    asked(3, 9, wave.schedule.cohort, months=12)
    asked(8, 4, year=2020)
    one, again, other = pools(programme, By.ASKING)
    found = comparing.compare(one, again, "yes", has_means=False)
    assert found.are_same_people
    assert not found.has_changed
    assert found.difference.size == pytest.approx(-0.5)
    assert not comparing.compare(one, other, "yes", has_means=False).are_same_people


def test_means_on_different_scales_are_not_compared(programme, asked):
    asked(6, 6)
    asked(9, 3)
    asked(9, 3, to=10)
    first, second, other = pools(programme, By.ASKING, "useful")
    assert comparing.compare(first, second, "", has_means=True).difference.size == pytest.approx(0.5)
    wider = comparing.compare(second, other, "", has_means=True)
    assert wider.difference is None
    assert wider.has_changed


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((6, 6), (8, 4), "The difference can be chance."),
        ((2, 18), (16, 4), "less than once in 1,000 times"),
        ((4, 8), (10, 2), "about once in 28 times"),
        ((1, 7), (3, 5), "Too few people for a difference in points."),
        ((3, 1), (10, 2), "so nothing is compared"),
    ],
)
def test_the_page_says_in_a_sentence_whether_it_can_be_chance(
    client, make, programme, asked, before, after, said
):
    asked(*before, year=2018)
    asked(*after, year=2019)
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    chosen = "&first=2018&second=2019"
    page = client.get(f"/feedback/programmes/{programme.id}/years/started?by=year{chosen}").text
    assert said in page
    assert page.count("<h1>") == 1


def test_means_are_compared_on_the_page_and_the_query_count_stays(client, make, programme, asked):
    asked(6, 6, year=2018)
    asked(9, 3, year=2019)
    client.sign_in(make.user((programme, Role.COORDINATOR)))
    address = f"/feedback/programmes/{programme.id}/years/useful?by=theme"
    page = client.get(address).text
    assert "Difference +0.5" in page
    few = client.statements(address)
    asked(7, 5, year=2020)
    asked(7, 5, year=2021)
    assert client.statements(address) == few
