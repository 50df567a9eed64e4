"""What browsers would send: a coordinator who is signed in, and an alumna with her link."""

from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event

from bench import data
from bench.server import Request
from trainingapp import clock
from trainingapp.db import db
from trainingapp.followups.models import Wave
from trainingapp.plans.models import ActivityState
from trainingapp.surveys.queries import questions_of
from trainingapp.surveys.question_types import QUESTION_TYPES
from trainingapp.tokens import fingerprint, issue

CSRF = "0" * 40


def cookie(app: Flask, **carried: object) -> str:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(carried)}"


def staff(app: Flask, path: str) -> Request:
    seen = int(clock.now().timestamp())
    return Request(path, headers={"Cookie": cookie(app, _user_id=data.TOKEN, _fresh=True, seen=seen)})


class Alumna:
    """Those whose invitations are still open, one after the other."""

    def __init__(self, app: Flask, wave: Wave, first: int, count: int) -> None:
        self.first = first  # id of the first invitation that nobody has answered
        self.session = cookie(app, csrf_token=CSRF)
        self.csrf = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(CSRF)
        self.typed = dict(_typed(wave))
        self.tokens = [issue("invitation", first + number, 1) for number in range(count)]

    def link(self, number: int) -> Request:
        return Request(f"/r/{self.tokens[number]}", status=303)

    def page(self, number: int) -> Request:
        token = self.tokens[number]
        return Request(f"/r/page/{fingerprint(token)[:32]}", headers={"Cookie": f"link={token}"})

    def answer(self, number: int) -> Request:
        token = self.tokens[number]
        activities = data.activities_of(self.first + number % len(self.tokens))
        reports = {f"a-{activity}": ActivityState.ON_TRACK.value for activity in activities}
        return Request(
            f"/r/page/{fingerprint(token)[:32]}",
            "POST",
            urlencode({**self.typed, **reports, "csrf_token": self.csrf, "do": "send"}).encode(),
            {
                "Cookie": f"link={token}; {self.session}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            status=303,
        )


def _typed(wave: Wave) -> list[tuple[str, str]]:
    questions = questions_of(wave.survey_version)
    return [(QUESTION_TYPES[one.kind].name(one), data.typed_values(one)[0]) for one in questions]


def queries(app: Flask, asked: Request) -> int:
    """How many statements a request sends to the database. It is really made: a POST changes rows."""
    statements: list[str] = []

    def listen(*said: object) -> None:
        statements.append(str(said[2]))

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        with app.app_context():  # its own g, as in a server
            answer = app.test_client(use_cookies=False).open(
                asked.path,
                method=asked.method,
                data=asked.body,
                headers=asked.headers,
                base_url="http://127.0.0.1",
            )
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    if answer.status_code != asked.status:
        raise SystemExit(f"{asked.method} {asked.path} answered {answer.status_code}")
    return len(statements)
