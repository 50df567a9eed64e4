"""Every page that each role can reach from its first page: sound, readable by everybody, and light.

Pages are found by following links, as a person does. The browser looks at one page of each kind.
"""

import gzip
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from looking import CONTRAST, broken, unsound
from product import demo_app
from werkzeug.exceptions import HTTPException

from trainingapp.cohorts.models import Cohort, CohortState
from trainingapp.config import ROOT
from trainingapp.db import db
from trainingapp.demo import pictured

pytestmark = pytest.mark.timeout(900)

ROLES = ("administrator", "organiser", "coordinator", "focal point", "viewer", "participant", "alumna", None)
OF_A_KIND = 3  # pages of each kind that are fetched for each role: their links differ with their state
WIDE = 1440
STAFF, PHONE = 40 * 1024, 14 * 1024  # bytes on the line, gzipped: HTML, CSS and JS of a first visit
# Pages that only a state of their own opens; the chain and the tests of their package see them.
ELSEWHERE = {
    "accounts.first_run",
    "archives.draft",
    "responses.link_to_told",
    "responses.material",
    "surveys.build",
    "surveys.compare",
    "surveys.translations",
    "accounts.link_sent",
    "accounts.open_link",
    "accounts.password",
    "accounts.signed_out",
    "cases.material_file",
    "cases.own_material",
    "health.alive",
    "health.ready",
    "impact.index",
    "impact.public_figures",
    "reports.index",
    "imports.batch",
    "imports.columns",
    "imports.left_behind",
    "outbox.ask_unsubscribe",
    "plans.agreement",
    "plans.agreement_link",
    "plans.confirm",
    "plans.confirm_link",
    "programmes.home",
    "responses.due_link",
    "responses.said",
    "responses.said_link",
    "responses.due_page",
    "responses.saved",
    "responses.still_you",
    "responses.still_you_link",
    "responses.wish_link",
    "responses.worker",
    "static",
    "voices.link",
    "voices.page",
    "voices.told",
    "voices.told_link",
}
FILES = {
    "archives.download_map",
    "cohorts.download",
    "feedback.file",
    "followups.export",
    "followups.export_test_clock",
    "followups.export_wave",
    "datasets.download",
    "impact.public_iati",
    "impact.public_package",
    "impact.public_report_file",
    "impact.public_table",
    "plans.evidence",
    "reports.file",
    "surveys.xlsform",
    "visits.note_photo",
}


@dataclass
class Visitor:
    """A browser without pictures or scripts that counts what comes over the line."""

    host: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path):
        """(status, address after redirects, bytes on the line, text)."""
        connection = HTTPConnection(self.host, timeout=60)
        headers = {
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        if answer.status in {301, 302, 303, 307, 308}:
            return self.ask(urljoin(path, _local(answer.headers["Location"])))
        text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
        kind = answer.headers.get("Content-Type", "")
        return answer.status, path, len(body), text.decode(errors="replace") if "html" in kind else ""


def _local(address):
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


@dataclass
class Site:
    endpoints: dict[str, set[str]]  # endpoint -> methods
    kind_of: object
    seeds: dict[str | None, list[str]]


@pytest.fixture(scope="module")
def site(product):
    """The routes, and addresses that no page links to: what the README's pictures show."""
    app = demo_app(product)
    with app.app_context():
        screens = pictured.screens()
        running = db.session.scalar(
            sa.select(sa.func.min(Cohort.id)).where(Cohort.state == CohortState.RUNNING)
        )
        db.session.remove()
        db.engine.dispose()
    routes = app.url_map.bind("127.0.0.1")

    def kind_of(path):
        try:
            return routes.match(urlsplit(path).path, method="GET")[0]
        except HTTPException:
            return None

    seeds = {role: [screen.path for screen in screens if screen.role == role] for role in ROLES}
    seeds["organiser"].append(f"/cohorts/{running}/enrolments/new?q=a")  # what a search for someone shows
    seeds["alumna"].append("/cases/mine")  # linked while a request is open
    return Site({rule.endpoint: rule.methods for rule in app.url_map.iter_rules()}, kind_of, seeds)


@pytest.fixture(scope="module")
def walked(product, chromium, site):
    """(role -> kind of page -> [(path, bytes, text)], the links that led nowhere)."""
    refused = []
    return {role: _walk(product, chromium, site, role, refused) for role in ROLES}, refused


def _walk(product, chromium, site, role, refused):
    visitor = Visitor(urlsplit(product.address).netloc)
    if role:
        carried = product.session(chromium, role)["cookies"]
        visitor.cookies = {cookie["name"]: cookie["value"] for cookie in carried}
    queue = deque([*site.seeds[role], "/", "/accounts/sign-in", "/accounts/forgot"])
    seen, fetched, found = set(queue), Counter(), {}
    while queue:
        asked = queue.popleft()
        kind = site.kind_of(asked)
        if kind is None or kind == "static" or kind in FILES or fetched[kind] >= OF_A_KIND:
            continue
        fetched[kind] += 1
        found.setdefault(kind, [])
        status, path, weight, text = visitor.ask(asked)
        if status != 200:
            refused.append(f"{role or 'a stranger'} follows a link to {asked} and gets {status}")
            continue
        kind = site.kind_of(path)
        found.setdefault(kind, []).append((path, weight, text))
        for link in re.findall(r'<a [^>]*?href="([^"#]+)', text):
            address = _local(urljoin(f"{product.address}{path}", unescape(link)))
            outside = urlsplit(link).netloc not in {"", urlsplit(product.address).netloc}
            if address not in seen and not outside:
                seen.add(address)
                queue.append(address)
    return found


def test_every_link_leads_somewhere_and_every_page_says_where_one_is(walked):
    found, refused = walked
    assert refused == []
    for role, kinds in found.items():
        for kind, pages in kinds.items():
            for path, _, text in pages:
                where = f"{role or 'a stranger'} at {path} ({kind})"
                if "<html" not in text:
                    continue
                assert len(re.findall(r"<h1[\s>]", text)) == 1, f"not one heading: {where}"
                assert re.search(r"<title>\s*[^\s<·]", text), f"no title: {where}"
                assert text.count("<main") == 1, f"not one main part: {where}"


def test_every_page_that_can_be_read_is_reached_by_someone(walked, site):
    reached = {kind for kinds in walked[0].values() for kind in kinds}
    readable = {kind for kind, methods in site.endpoints.items() if "GET" in methods}
    assert readable - reached - ELSEWHERE - FILES == set()


def test_pages_are_light_enough_for_a_slow_line(walked):
    parts = {}
    for role, kinds in walked[0].items():
        for pages in kinds.values():
            for path, weight, text in pages:
                total = weight
                for name in re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js))', text):
                    parts[name] = parts.get(name) or len(gzip.compress((ROOT / "static" / name).read_bytes()))
                    total += parts[name]
                most = PHONE if "alumni.css" in text else STAFF
                assert total <= most, f"{role or 'a stranger'} at {path}: {total} bytes"


@pytest.mark.parametrize("width", [WIDE, 390])
def test_every_kind_of_page_is_clean_in_both_lights(product, chromium, site, walked, width):
    """No rule of accessibility broken, nothing refused by the policy, nothing beyond the edge."""
    looked, found = set(), []
    for role in ROLES:
        fresh = [
            (kind, pages[0][0]) for kind, pages in walked[0][role].items() if pages and kind not in looked
        ]
        if not fresh:
            continue
        context = chromium.new_context(
            base_url=product.address,
            viewport={"width": width, "height": 900 if width > 600 else 844},
            reduced_motion="reduce",
            color_scheme="light",
            storage_state=product.session(chromium, role) if role else None,
        )
        page = context.new_page()
        said = []
        page.on("console", partial(_hear, said))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        if site.seeds[role] and role is None:
            page.goto(site.seeds[role][0])  # whoever comes by a personal link brings it
        for kind, path in fresh:
            looked.add(kind)
            page.emulate_media(color_scheme="light")
            page.goto(path)
            if not page.locator("main").count():
                continue  # a part of a page, fetched by a script
            found += [f"{kind} {path}: {problem}" for problem in _problems(page, width, said)]
            said.clear()
        context.close()
    assert found == [], "\n".join(found)


def _hear(said, message):
    if message.type == "error":
        said.append(message.text)


def _problems(page, width, said):
    yield from said
    yield from unsound(page, width)
    if width == WIDE:  # colours do not depend on the width
        page.emulate_media(color_scheme="dark")
        yield from broken(page, CONTRAST, "by night")
