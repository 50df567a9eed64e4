"""Reports in every state: corrected, withdrawn, still being written, and one over eight years."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from trainingapp.accounts.models import User
from trainingapp.cohorts.models import Cohort
from trainingapp.db import db
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.programmes.models import Programme, Theme
from trainingapp.reports import actions, kinds, queries, quotable
from trainingapp.reports.models import Report

QUOTED = 3
SHORT = (
    "The edition brought officials and owners of small firms together for two weeks. **What they valued "
    "most were the visits**: to see a cooperative decide on one price says more than a lecture about "
    "it.\n\nThree things stand out:\n\n- most plans began, few are finished;\n- approval at home takes "
    "longer than money;\n- those who wrote to a host again got further."
)
SAID = (
    "Few people answered, and the ranges are wide. What can be said: usefulness was judged higher than "
    "the time for discussion, in every group that may be told apart."
)
CHANGED = "After six months the question is no longer whether somebody began, but who must sign."
METHOD = (
    "In the third week of the second wave our mail server was down for a day; reminders went out a day late."
)
DARI = "یک اشتراک‌کننده نوشت که لیست مشترک قیمت اکنون در سه قریه به کار می‌رود."
YEARS = (
    "Eight editions, from policy for clusters to the recovery of crafts after the pandemic.\n\n"
    "1. The programme reached **countries of very different size**, and least developed ones throughout.\n"
    "2. Response falls with the months, as everywhere; the first wave is the one to build upon.\n"
    "3. Where ranges overlap, we claim no trend."
)


def make(programme: Programme, by: User, now: datetime) -> None:
    _corrected(_edition(programme, 2022), by, now)
    _withdrawn(_edition(programme, 2021), by, now)
    _draft(_edition(programme, 2023), by, now)
    years = {"first_year": 2016, "last_year": 2023, "title": kinds.title_of_years(programme, 2016, 2023)}
    report = actions.begin(programme, None, {**_asked(now), **years}, by, now - timedelta(days=12))
    _write(report, {"years_short": YEARS, "method": METHOD}, by, now - timedelta(days=11))
    _quote(report, now - timedelta(days=11))
    actions.publish(report, by, now - timedelta(days=10))


def _edition(programme: Programme, year: int) -> Cohort:
    query = sa.select(Cohort).join(Cohort.theme)
    return db.session.scalars(
        query.where(Theme.programme_id == programme.id, Theme.year == year).order_by(Cohort.id)
    ).first() or _missing(year)


def _missing(year: int) -> Cohort:
    raise LookupError(f"the demo has no edition of {year}")


def _asked(now: datetime) -> dict[str, object]:
    """As of a month ago."""
    day = (now - timedelta(days=30)).date()
    return {"language": "en", "as_of": day, "level": EvidenceLevel.EXPLAINED}


def _begin(cohort: Cohort, by: User, now: datetime) -> Report:
    asked = {**_asked(now), "title": kinds.title_of_edition(cohort)}
    return actions.begin(cohort.theme.programme, cohort, asked, by, now - timedelta(days=25))


def _write(report: Report, texts: dict[str, str], by: User, when: datetime) -> None:
    written = queries.texts(report)
    for key, text in texts.items():
        section = queries.section(report, key)
        assert section is not None
        before = written.get(section.id)
        actions.write(section, text, before.version if before else 0, by, when)


def _quote(report: Report, when: datetime) -> None:
    for place, one in enumerate(quotable.found(kinds.KINDS[report.kind].scope(report))[:QUOTED]):
        actions.choose(report, one.answer.id, when + timedelta(seconds=place))


def _corrected(cohort: Cohort, by: User, now: datetime) -> None:
    first = _begin(cohort, by, now)
    _write(first, {"short": SHORT, "said": SAID, "method": METHOD}, by, now - timedelta(days=24))
    _quote(first, now - timedelta(days=24))
    actions.publish(first, by, now - timedelta(days=20))
    what = "The note on the mail server named the wrong wave."
    second = actions.correct(first, what, by, now - timedelta(days=6))
    _write(second, {"method": METHOD.replace("second", "third")}, by, now - timedelta(days=6))
    actions.publish(second, by, now - timedelta(days=5))


def _withdrawn(cohort: Cohort, by: User, now: datetime) -> None:
    report = _begin(cohort, by, now)
    _write(report, {"short": SHORT}, by, now - timedelta(days=22))
    actions.publish(report, by, now - timedelta(days=21))
    why = "It was published before the hosts had agreed to be named. A new one follows."
    actions.withdraw(report, why, now - timedelta(days=18))


def _draft(cohort: Cohort, by: User, now: datetime) -> None:
    """Written at twice; one section is left out, and one text is in Dari."""
    report = _begin(cohort, by, now)
    _write(report, {"short": SHORT.partition("\n\n")[0], "changed": CHANGED}, by, now - timedelta(days=9))
    _write(report, {"short": SHORT, "quotes": DARI}, by, now - timedelta(days=2))
    _quote(report, now - timedelta(days=2))
    silent = queries.section(report, "silent")
    assert silent is not None
    actions.tell(silent, is_told=False)
    actions.move(silent, -1)
