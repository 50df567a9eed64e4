"""Pages under load: the long lists, the results of a wave, and what an alumna sees and sends."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Flask

from bench import data, visitors
from bench.databases import Place
from bench.server import WARM, Numbered, Server, always, load, served
from bench.table import Measurements, Row
from trainingapp import clock
from trainingapp.db import db
from trainingapp.feedback.results import recounts
from trainingapp.followups.models import Wave

APP = "trainingapp:create_app()"
SLOW = 60  # requests to a page that counts a hundred thousand answers


def lists(place: Place, table: Measurements, bare: Server, people: int, times: int) -> None:
    with place.database(f"people_{people}") as (app, environ):
        cohort = data.edition(data.programme(), 2019, capacity=people)
        data.people(cohort, people)
        data.settle()
        enrolments = f"/cohorts/{cohort.id}/enrolments"
        pages = {
            "people, first page": "/participants/",
            "people, found by name": "/participants/?q=kari",
            "enrolment list": enrolments,
            "enrolment list, one country": f"{enrolments}?country=NP",
            "enrolment list, found by name": f"{enrolments}?q=kari",
            "enrolment list, one office": f"{enrolments}?q=small+industry",  # everyone's
        }
        with served(APP, environ) as server:
            for what, path in pages.items():
                asked = always(visitors.staff(app, path))
                table.add(measured(app, server, bare, what, asked, times, people))


def answering(place: Place, table: Measurements, bare: Server, answers: int, times: int) -> None:
    """The alumna's page and her answer, and the results page, beside that many stored answers."""
    with place.database(f"answers_{answers}") as (app, environ):
        programme = data.programme()
        answered = answers // data.questions_in_a_wave(programme)
        silent = WARM + times + 1  # who will answer, one a request, and one whose statements are counted
        cohort = data.edition(programme, 2019, capacity=answered + silent)
        data.people(cohort, answered + silent)
        wave = data.wave(programme, cohort, answered + silent, answered)
        data.settle()
        _count_ahead(clock.now())
        alumna = visitors.Alumna(app, wave, first=answered + 1, count=silent)
        with served(APP, environ) as server:
            visits: dict[str, Numbered] = {
                "alumna opens her link": alumna.link,
                "alumna's page": alumna.page,
                "alumna's answer (POST)": alumna.answer,
            }
            for what, asked in visits.items():
                table.add(measured(app, server, bare, what, asked, times, answers))
            if answered:
                _results(app, server, bare, table, wave, min(times, SLOW), answers)


def _results(
    app: Flask, server: Server, bare: Server, table: Measurements, wave: Wave, times: int, answers: int
) -> None:
    """After the answers that were just sent, and later, when a worker has counted those too."""
    pages = {
        "results": f"/feedback/waves/{wave.id}",
        "results by country": f"/feedback/waves/{wave.id}?by=country",
        "over the years": f"/feedback/programmes/{wave.schedule.cohort.theme.programme_id}/years/use",
    }
    for when in ("new answers", "nothing new"):
        for what, path in pages.items():
            page = always(visitors.staff(app, path))
            table.add(measured(app, server, bare, f"{what}, {when}", page, times, answers))
        _count_ahead(clock.now() + timedelta(hours=1))


def _count_ahead(now: datetime) -> None:
    """As a worker does before the page is asked for."""
    for _part in recounts.count_due(now):
        db.session.commit()


def measured(
    app: Flask, server: Server, bare: Server, what: str, asked: Numbered, times: int, size: int
) -> Row:
    db.session.rollback()  # SQLite has one writer, and it is the server
    row = load(server, bare, what, asked, times=times, size=size)
    return replace(row, queries=visitors.queries(app, asked(-1)))
