"""What a first visit costs on a slow line: requests, and bytes as they come, compressed."""

import re
from dataclasses import replace

from bench import data, visitors
from bench.databases import Place
from bench.pages import APP
from bench.server import Request, Server, fetch, served
from bench.table import Table

FILES = re.compile(rb"""(?:href|src)="(/static/[^"]+\.(?:css|js|svg|webmanifest)[^"]*)\"""")
PEOPLE = 60


def measure(place: Place) -> Table:
    table = Table("Weight of a first visit, compressed", ("page", "requests", "HTML kB", "all kB"))
    with place.database("weight") as (app, environ):
        programme = data.programme()
        cohort = data.edition(programme, 2019, capacity=PEOPLE)
        data.people(cohort, PEOPLE)
        wave = data.wave(programme, cohort, PEOPLE, answered=PEOPLE - 1)
        data.settle()
        alumna = visitors.Alumna(app, wave, first=PEOPLE, count=1)
        staff = {
            "programmes": "/programmes/",
            "edition": f"/cohorts/{cohort.id}",
            "enrolment list, 50 a page": f"/cohorts/{cohort.id}/enrolments",
            "people, 50 a page": "/participants/",
            "one person": "/participants/1",
            "action plan under review": "/plans/1",
            "follow-up of an edition": f"/followups/cohorts/{cohort.id}",
            "people of a wave": f"/followups/waves/{wave.id}",
            "results of a wave": f"/feedback/waves/{wave.id}",
            "review inbox": "/feedback/",
        }
        asked = {
            "alumna's page": alumna.page(0),
            "sign-in": Request("/accounts/sign-in"),
            **{what: visitors.staff(app, path) for what, path in staff.items()},
        }
        with served(APP, environ) as server:
            for what, request in asked.items():
                requests, html, all_bytes = _weigh(server, request)
                table.line(what, str(requests), f"{html / 1000:.1f}", f"{all_bytes / 1000:.1f}")
    return table


def _weigh(server: Server, asked: Request) -> tuple[int, int, int]:
    """Requests, bytes of HTML, bytes of everything."""
    text = fetch(server, asked)
    files = set(FILES.findall(text))
    if b"kept.js" in text:  # then the page asks for the script that opens it without a line
        files.add(b"/r/worker.js")
    html = _size(server, asked)
    return 1 + len(files), html, html + sum(_size(server, Request(file.decode())) for file in files)


def _size(server: Server, asked: Request) -> int:
    return len(fetch(server, replace(asked, headers={**asked.headers, "Accept-Encoding": "gzip"})))
