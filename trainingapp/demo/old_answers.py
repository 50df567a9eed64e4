"""What the second edition was asked with another tool: old answers, mapped to our keys."""

import csv
import io
from datetime import datetime
from random import Random

from trainingapp.archives import actions, maps, queries, tables
from trainingapp.archives.guessing import guess
from trainingapp.demo.editions import MadeCohort
from trainingapp.programmes.models import Programme
from trainingapp.spreadsheets.reading import Sheet

HEADINGS = (
    "Timestamp",
    "Seberapa berguna program ini bagi pekerjaan Anda?",
    "Did the programme do what it promised?",
    "Would you recommend this programme to a colleague?",
    "Room and food [Lodging]",
    "Room and food [Meals]",
)
USEFUL = ("Not very useful", "Somewhat useful", "Useful", "Very useful", "Very useful")
GOOD = ("Fair", "Good", "Good", "Excellent")
PEOPLE = 20


def make(rng: Random, programme: Programme, cohorts: list[MadeCohort], now: datetime) -> None:
    """Of the second edition, whose forms were filled in on its last evening."""
    cohort = cohorts[1]
    rows = [list(HEADINGS), *(_row(rng, cohort, number) for number in range(PEOPLE))]
    known = queries.known(programme.id, "end-2017")
    source = "Google Forms, 2017"
    a_map = guess(tables.find([Sheet("", rows)]), "end-2017", known, has_survey=False, source=source)
    a_map.title = "End of the programme, 2017"
    table = tables.find([Sheet("", rows)], a_map.sheet, a_map.heading_row)
    prepared = actions.prepare(programme, table, maps.read(maps.write(a_map)), now)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    actions.bring_in(
        prepared,
        a_map,
        data=text.getvalue().encode(),
        file_name="end-of-course-2017.csv",
        now=now,
        cohort=cohort.row,
    )


def _row(rng: Random, cohort: MadeCohort, number: int) -> list[str]:
    return [
        f"{cohort.row.ends_on.isoformat()} 18:{number:02}",
        rng.choice(USEFUL),
        str(rng.choice((3, 4, 4, 5, 5))),
        str(rng.choice((6, 7, 8, 8, 9, 10))),
        rng.choice(GOOD),
        rng.choice(GOOD),
    ]
