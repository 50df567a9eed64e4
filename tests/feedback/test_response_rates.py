"""What came of asking, and the rates of the Standard Definitions."""

import feedback_rows as rows
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.db import db
from trainingapp.feedback.results import response_rates
from trainingapp.feedback.results.response_rates import Came
from trainingapp.followups import outcomes
from trainingapp.followups.models import InvitationState
from trainingapp.followups.outcomes import Outcome
from trainingapp.followups.waves import people
from trainingapp.outbox import actions as outbox
from trainingapp.outbox.models import EmailState
from trainingapp.programmes.models import Role
from trainingapp.statistics import wilson

counts = st.fixed_dictionaries({one: st.integers(0, 40) for one in Outcome})


def test_every_outcome_is_counted_as_the_ledger_names_it(make):
    """Each state, with and without each thing that a ledger's line looks at, counted in one query."""
    wave, _asked = rows.wave()
    for state in InvitationState:
        for facts in (
            {},
            {"address": "a@example.org"},
            {"sent_at": make.NOW},
            {"opened_at": make.NOW},
            {"started_at": make.NOW},
        ):
            made = rows.invitation(wave, make.enrolment(wave.schedule.cohort), state)
            for name, value in facts.items():
                setattr(made, name, value)
    for state in (EmailState.UNCERTAIN, EmailState.FAILED, EmailState.BOUNCED, EmailState.CANCELLED):
        made = rows.invitation(wave, make.enrolment(wave.schedule.cohort))
        made.address = "b@example.org"
        mail = outbox.enqueue(
            *("invitation", f"mail {made.id}", made.address),
            now=make.NOW,
            language="en",
            about=f"invitation:{made.id}",
            facts={},
        )
        mail.state = state
    gone = rows.invitation(wave, make.enrolment(wave.schedule.cohort))
    gone.enrolment.participant.deceased_on = make.NOW.date()
    stopped = rows.invitation(wave, make.enrolment(wave.schedule.cohort))
    stopped.enrolment.participant.opted_out_at = make.NOW
    db.session.commit()
    by_line = dict.fromkeys(Outcome, 0)
    for line in people.people_to_export(wave.id):
        by_line[line.outcome] += 1
    assert sum(by_line.values()) == 9 * 5 + 4 + 2
    assert outcomes.counts(wave) == by_line
    assert all(by_line.values())


def test_the_rates_are_those_of_the_book():
    """Worked out by hand: 10 complete, 2 partial, 3 refused, 9 without contact, 4 unknown, 2 not eligible."""
    found = {
        rate.name: rate.share
        for rate in response_rates.rates(
            {
                Outcome.COMPLETE: 10,
                Outcome.PARTIAL: 2,
                Outcome.REFUSED: 2,
                Outcome.OPENED: 1,
                Outcome.SILENT: 8,
                Outcome.GONE: 1,
                Outcome.RETURNED: 3,
                Outcome.NOT_YET: 1,
                Outcome.NOT_ELIGIBLE: 2,
            }
        )
    }
    e = 24 / 26
    assert found == {
        "RR1": pytest.approx(10 / 28),
        "RR2": pytest.approx(12 / 28),
        "RR3": pytest.approx(10 / (24 + e * 4)),
        "RR4": pytest.approx(12 / (24 + e * 4)),
        "RR5": pytest.approx(10 / 24),
        "RR6": pytest.approx(12 / 24),
        "CON1": pytest.approx(15 / 28),
        "COOP1": pytest.approx(10 / 15),
        "REF1": pytest.approx(3 / 28),
    }


@given(counts)
def test_the_rates_stand_in_the_order_that_the_book_gives_them(found):
    share = {rate.name: rate.share for rate in response_rates.rates(found)}
    assert sum(response_rates.came(found).values()) == sum(found.values())
    if share["RR5"] is not None:
        assert share["RR1"] <= share["RR3"] + 1e-9 <= share["RR5"] + 2e-9
        assert share["RR2"] <= share["RR4"] + 1e-9 <= share["RR6"] + 2e-9
        assert share["RR1"] <= share["RR2"]
    assert all(one is None or 0 <= one <= 1 for one in share.values())


def test_nobody_asked_has_no_rate():
    assert {rate.share for rate in response_rates.rates(dict.fromkeys(Outcome, 0))} == {None}
    assert response_rates.came({Outcome.OPENED: 3, Outcome.GONE: 1}) == {
        Came.ANSWERED: 0,
        Came.SILENT: 3,
        Came.UNREACHED: 1,
        Came.DECLINED: 0,
    }


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_the_one_that_scipy_works_out(pair):
    k, n = pair
    expected = scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == (pytest.approx(expected.low, abs=1e-6), pytest.approx(expected.high, abs=1e-6))


def test_the_page_tells_the_codes_and_the_formulas(client, make):
    wave, asked = rows.wave()
    for _ in range(12):
        rows.response(wave, asked, useful=4)
    rows.invitation(wave, make.enrolment(wave.schedule.cohort), InvitationState.DECLINED)
    client.sign_in(make.user((wave.schedule.cohort.theme.programme, Role.COORDINATOR)))
    page = client.get(f"/feedback/waves/{wave.id}").text
    for text in ("2.11", "RR6", "I / (I + P + R + NC + O + U)", "12 of 13", "AAPOR"):
        assert text in page
