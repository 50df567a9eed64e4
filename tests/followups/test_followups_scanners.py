"""Link scanners open every address in every mail, follow it and run its scripts. Nothing changes."""

import re
import shutil

import pytest
import servers
import sqlalchemy as sa
from clients import REAL, settings
from mails import of_every_kind, render

from trainingapp import create_app
from trainingapp.db import db

TIMES = 2  # as it is, and after all have been looked at
METHODS = ("GET", "HEAD")
PREFETCHES = (
    {},
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
    {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks scanner)"},
)


def dump():
    """Every row of every table."""
    db.session.rollback()
    found = {
        table.name: [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]
        for table in db.metadata.sorted_tables
    }
    db.session.rollback()
    return found


def links(languages=("en",)):
    """Of every kind of mail: its HTML's, its text's and its headers'."""
    found = {}
    for language in languages:
        for row in of_every_kind(language).values():
            message = render(row)
            in_html = re.findall(r'href="([^"]+)"', message.html)
            in_text = re.findall(r"http://\S+", message.text)
            found |= dict.fromkeys([*(link.replace("&amp;", "&") for link in in_html), *in_text])
            if message.unsubscribe_url:
                found[message.unsubscribe_url] = None
    db.session.commit()
    return [link.removeprefix("http://localhost") for link in found]


def test_looking_at_every_link_of_every_mail_changes_no_row(app, client):
    addresses = links()
    kinds = {address.split("/")[1] for address in addresses}
    assert kinds == {"r", "still-you", "outbox", "accounts", "plans", "cases"}
    assert len(addresses) > 60
    before = dump()
    for time in range(TIMES):
        for address in addresses:
            for method in METHODS:
                headers = PREFETCHES[(time + len(address)) % len(PREFETCHES)]
                fresh = app.test_client()
                for browser in (client, fresh):  # with what earlier answers set, and without
                    seen = browser.open(address, method=method, headers=headers, follow_redirects=True)
                    assert seen.status_code == 200, (address, seen.status_code)
    assert dump() == before


def test_a_prefetch_of_each_sort_changes_no_row(app):
    addresses = [address for address in links() if address.startswith(("/r/", "/still-you/", "/outbox"))]
    before = dump()
    for headers in PREFETCHES:
        fresh = app.test_client()
        for address in addresses[::5]:
            assert fresh.get(address, headers=headers, follow_redirects=True).status_code == 200
    assert dump() == before


def test_the_links_still_work_after_the_scanner(app, client):
    addresses = links()
    for address in addresses:
        client.get(address, follow_redirects=True)
    person = app.test_client()
    answer = next(address for address in addresses if "?a=" in address)
    place = person.get(answer).location.split("?")[0]
    assert person.post(place, data={"q-use": "weekly"}).status_code == 303
    check = next(address for address in addresses if address.startswith("/still-you/"))
    page = person.get(check).location
    assert person.post(page, data={"do": "right"}).status_code == 303
    stop = next(address for address in addresses if address.startswith("/outbox/"))
    person.without_csrf = True
    assert person.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200


@pytest.fixture
def site(empty_sqlite, tmp_path):
    """(a web server in a process of its own, the app beside it)."""
    shutil.copy(empty_sqlite, tmp_path / "site.sqlite3")
    url = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    app = create_app(settings(url, VAR_DIR=str(tmp_path)))
    with app.app_context(), servers.web({**REAL, "DATABASE_URL": url}) as address:
        yield address
        db.session.remove()
        db.engine.dispose()


@pytest.mark.browser
def test_a_browser_that_opens_them_all_with_scripts_changes_no_row(site, chromium):
    addresses = links()
    before = dump()
    context = chromium.new_context()
    page = context.new_page()
    for address in addresses:
        page.goto(f"{site}{address}", wait_until="load")
        page.evaluate("window.scrollTo(0, 9999); document.body.click(); document.activeElement.blur()")
    context.close()
    assert dump() == before
