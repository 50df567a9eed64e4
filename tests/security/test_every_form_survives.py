"""Every form, with what nobody should type in each of its fields: a sentence, and never a broken page.

The forms are read off the pages, so a new field is tried as soon as it is there. Where something was saved,
the page that shows it is asked for as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import factories as make
import pytest
import sqlalchemy as sa
import world as worlds
from access_table import TABLE
from databases import Postgresql, on_postgresql_alone

from trainingapp import clock
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.plans.models import ActionPlan, Activity, Indicator
from trainingapp.responses.models import Response, ResponseState
from trainingapp.web import limiter

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # each package's own tests refuse those
    pytest.mark.timeout(900),
]

BROKEN = 500
WORDS = {
    "NUL": "a\0b",
    "emoji and marks of direction": "🧵\u202e\u200f\u2066١٢٣",
    "a line end": "a\r\nBcc: x@example.org",
    "very long": "ä" * 40_000,
}
NUMBERS = {"below zero": "-1", "beyond 64 bits": "1" + "0" * 20, "no number": "NaN"}
DAYS = {"the first day": "0001-01-01", "the last day": "9999-12-31", "a day far off": "99999999999 Feb 2026"}
CHOSEN = {"beyond 32 bits": "3000000000", "beyond 64 bits": "1" + "0" * 20, "no number": "²"}
NASTY = {
    "date": DAYS,
    "number": NUMBERS,
    "text": {**WORDS, **NUMBERS, **DAYS},
    "textarea": WORDS,
    "email": WORDS,
    "password": WORDS,
}
# Shown only in states that the world is not in.
HIDDEN = (
    ("followups.correct_address", {"email": "new@example.org"}),
    ("feedback.undo", {"change": "1"}),
    ("imports.decide", {"decision": "same"}),
    ("imports.read_again", {"sheet": "", "heading_row": "1"}),
)


@dataclass
class Control:
    name: str
    kind: str
    value: str


@dataclass
class Form:
    action: str
    method: str = "POST"
    controls: list[Control] = field(default_factory=list)

    def typed(self, control: Control, text: str) -> dict[str, list[str]]:
        """Everything as the page has it, but one."""
        data: dict[str, list[str]] = {}
        for each in self.controls:
            data.setdefault(each.name, []).append(text if each is control else each.value)
        return data


class Forms(HTMLParser):
    """The forms of a page with what is in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._elsewhere: list[tuple[str, Control]] = []
        self._form: Form | None = None
        self._select: Control | None = None
        self.feed(page)
        for name, control in self._elsewhere:
            self._by_id[name].controls.append(control)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        attrs = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Form(attrs.get("action", ""), attrs.get("method", "get").upper())
            self._by_id[attrs.get("id", "")] = self._form
            self.found.append(self._form)
        elif tag == "option" and self._select and ("selected" in attrs or not self._select.value):
            self._select.value = attrs.get("value", "")
        elif tag in {"input", "textarea", "select", "button"} and attrs.get("name") not in {
            None,
            "csrf_token",
        }:
            kind = attrs.get("type", "text") if tag == "input" else tag
            self._add(Control(attrs["name"], kind, attrs.get("value", "")), attrs)

    def _add(self, control: Control, attrs: dict[str, str]) -> None:
        if control.kind == "select":
            self._select = control
        if attrs.get("form"):
            self._elsewhere.append((attrs["form"], control))
        elif self._form and not (control.kind in {"radio", "checkbox"} and self._has(control.name)):
            self._form.controls.append(control)

    def _has(self, name: str) -> bool:
        return self._form is not None and any(each.name == name for each in self._form.controls)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None


def snapshot() -> Callable[[], None]:
    """What puts every row back as it is now."""
    db.session.commit()
    tables = db.metadata.sorted_tables
    rows = {table: [dict(row._mapping) for row in db.session.execute(sa.select(table))] for table in tables}
    db.session.rollback()

    def write_back() -> None:
        db.session.rollback()
        db.session.execute(Postgresql.FORGET)
        for table in tables:
            if rows[table]:
                db.session.execute(sa.insert(table), rows[table])
        db.session.commit()

    return write_back


class Visitor:
    """Someone at the site: their browser, the pages they can see, and the forms there."""

    def __init__(self, app: Any, world: worlds.World, role: str) -> None:
        self.app, self.world, self.role = app, world, role
        self.client = app.test_client()
        if role in world.users:
            with self.client.session_transaction() as carried:
                carried["_user_id"] = worlds.session_token(world.users[role])
                carried["_fresh"] = True
                carried["seen"] = int(clock.now().timestamp())
        if role == "anonymous":
            self.client.get(f"/accounts/password/{world.own['token']}")

    def pages(self) -> Iterator[str]:
        if self.role == "alumna":
            yield f"/r/{self.world.own['page_id']}"
            return
        with self.app.test_request_context():
            for rule in sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule):
                line = TABLE[rule.endpoint]
                if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                    continue
                values = {name: self.world.own[name] for name in rule.arguments}
                if line.asks:
                    values[line.asks[0]] = self.world.own[line.asks[1]]
                yield self.app.url_for(rule.endpoint, **values)

    def forms(self) -> Iterator[Form]:
        for page in self.pages():
            answer = self.client.get(page, follow_redirects=True)
            if answer.mimetype == "text/html":
                for form in Forms(answer.text).found:
                    form.action = form.action or answer.request.full_path.rstrip("?")
                    yield form
        if self.role == "administrator":
            with self.app.test_request_context():
                for endpoint, fields in HIDDEN:
                    rule = next(self.app.url_map.iter_rules(endpoint))
                    values = {name: self.world.own[name] for name in rule.arguments}
                    controls = [Control(name, "text", value) for name, value in fields.items()]
                    yield Form(self.app.url_for(endpoint, **values), "POST", controls)

    def send(self, form: Form, data: dict[str, list[str]]) -> Any:
        if form.method == "GET":
            return self.client.get(urlsplit(form.action).path, query_string=data)
        return self.client.post(form.action, data=data)


@pytest.fixture
def world(app):
    """With a plan that is still written, and an answer that is not sent yet."""
    app.testing = False
    built = worlds.build()
    enrolment = db.session.get_one(ActionPlan, built.own["plan_id"]).enrolment
    begun = make.enrolment(make.cohort(enrolment.cohort.theme), enrolment.participant)
    plan = make.add(ActionPlan(enrolment_id=begun.id, title="Solar kiln", saved_at=make.NOW))
    make.add(Activity(plan_id=plan.id, position=1, what="Ask the bank"))
    make.add(Indicator(plan_id=plan.id, position=1, name="Wood", unit="kg"))
    built.own["draft_id"] = plan.id
    db.session.get_one(Response, built.own["response_id"]).state = ResponseState.DRAFT
    db.session.get_one(Invitation, built.own["invitation_id"]).state = InvitationState.OPENED
    db.session.commit()
    return built


@on_postgresql_alone  # it refuses what SQLite takes: what is too long, too large, or no text
@pytest.mark.parametrize("role", ["administrator", "participant", "alumna", "anonymous"])
def test_every_form_survives(app, world, role):
    put_back = snapshot()
    if role == "participant":
        world.own["plan_id"] = world.own["draft_id"]
    visitor, broken, tried = Visitor(app, world, role), [], set()
    for form in list(visitor.forms()):
        for control in {control.name: control for control in form.controls}.values():
            what = (form.method, urlsplit(form.action).path, control.name)
            if what in tried:
                continue
            tried.add(what)
            for name, text in NASTY.get(control.kind, CHOSEN).items():
                limiter.reset()
                answer = visitor.send(form, form.typed(control, text))
                if answer.status_code >= BROKEN:
                    broken.append(f"{form.method} {form.action} {control.name}: {name}")
                elif form.method == "POST" and answer.status_code < 400:
                    if answer.location and visitor.client.get(answer.location).status_code >= BROKEN:
                        broken.append(f"GET {answer.location} after {control.name}: {name}")
                    put_back()
                    visitor.client = Visitor(app, world, role).client
                    if role == "alumna":
                        visitor.client.get(f"/r/{world.own['page_id']}")
    assert len(tried) > {"administrator": 150, "participant": 20, "alumna": 4, "anonymous": 3}[role], tried
    assert not broken, "\n".join(broken)
