"""An alumna's page of forty questions, and how many answers a second two workers take."""

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from bench import data, visitors
from bench.databases import Place
from bench.pages import APP
from bench.server import WARM, Request, Server, load, served
from bench.table import Measurements, Row
from trainingapp.db import db
from trainingapp.surveys.actions import shipped
from trainingapp.surveys.models import Level, Question
from trainingapp.surveys.queries import questions_of

QUESTIONS = 40
LINES = 4  # browsers that answer at the same time


def long_page(place: Place, table: Measurements, bare: Server, times: int) -> None:
    with place.database("long_page") as (app, environ):
        programme = data.programme()
        people = WARM + times + 1
        cohort = data.edition(programme, 2019, capacity=people)
        data.people(cohort, people)
        wave = data.wave(programme, cohort, people, answered=0)
        asked = questions_of(wave.survey_version)
        bank = itertools.cycle(shipped()["questions"].items())
        for position in range(len(asked) + 1, QUESTIONS + 1):
            key, one = next(bank)
            texts = {name: one.get(name, {}) for name in ("wording", "hint", "options")}
            about = {"kind": one["kind"], "level": Level(one["level"]), "position": position, **texts}
            db.session.add(Question(version_id=wave.survey_version_id, key=f"{key}_{position}", **about))
        data.settle()
        alumna = visitors.Alumna(app, wave, first=1, count=people)
        with served(APP, environ) as server:
            row = load(server, bare, "alumna's page, 40 questions", alumna.page, times=times, size=None)
            table.add(replace(row, queries=visitors.queries(app, alumna.page(0))))


def rate(place: Place, table: Measurements, times: int) -> None:
    """With a plan of three activities, and with the questions alone."""
    for what, has_plan in (("answers sent", False), ("answers sent, with a plan", True)):
        with place.database("rate_plan" if has_plan else "rate") as (app, environ):
            programme = data.programme()
            people = WARM + times
            cohort = data.edition(programme, 2019, capacity=people)
            data.people(cohort, people)
            wave = data.wave(programme, cohort, people, answered=0)
            wave.survey_version.asks_progress = has_plan
            db.session.commit()
            data.settle()
            alumna = visitors.Alumna(app, wave, first=1, count=people)
            raw = [_raw(alumna.answer(number)) for number in range(people)]
            db.session.rollback()  # what was read for them holds SQLite's only writer
            with served(APP, environ) as server:
                _send(server, raw[:WARM])
                used, began = server.cpu(), time.perf_counter()
                _send(server, raw[WARM:])
                took = time.perf_counter() - began
                cpu = (server.cpu() - used) * 1000 / times
                table.add(Row(what, None, rate=times / took, cpu=cpu, memory=server.memory()))


def _raw(asked: Request) -> bytes:
    """Written beforehand, and read as bytes: what the client costs is taken from the server."""
    body = asked.body or b""
    head = [f"{asked.method} {asked.path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    head += [f"{name}: {text}" for name, text in asked.headers.items()] + [f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


def _send(server: Server, requests: Sequence[bytes]) -> None:
    waiting = iter(requests)
    turn, failed = threading.Lock(), []

    def ask() -> None:
        while not failed:
            with turn:
                request = next(waiting, None)
            if request is None:
                return
            with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
                line.sendall(request)
                answer = line.recv(4096)
                while answer and line.recv(4096):
                    pass
            if b" 303 " not in answer[:20]:
                failed.append(answer)

    lines = [threading.Thread(target=ask) for _line in range(LINES)]
    for each in lines:
        each.start()
    for each in lines:
        each.join()
    if failed:
        raise SystemExit(f"an answer was refused: {failed[0]!r}")
