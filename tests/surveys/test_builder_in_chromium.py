"""A questionnaire is built with keys alone, published, and put in another order by mouse."""

import shutil

import factories
import pytest
import servers
from clients import REAL, Browser, settings
from playwright.sync_api import expect

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.programmes.models import Role

pytestmark = pytest.mark.browser


@pytest.fixture
def page(empty_sqlite, tmp_path, chromium):
    """Of a coordinator who has signed in. What the browser complains about fails the test."""
    shutil.copy(empty_sqlite, tmp_path / "site.sqlite3")
    url = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    app = create_app(settings(url, VAR_DIR=str(tmp_path)))
    app.test_client_class = Browser
    with app.app_context(), servers.web({**REAL, "DATABASE_URL": url}) as address:
        client = app.test_client()
        client.sign_in(factories.user((factories.programme(), Role.COORDINATOR)))
        db.session.remove()
        context = chromium.new_context(base_url=address, viewport={"width": 1440, "height": 900})
        cookie = client.get_cookie("session")
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        context.set_default_timeout(10000)
        opened, complaints = context.new_page(), []
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        context.close()
        db.session.remove()
        db.engine.dispose()
    assert complaints == []


def tab_to(page, target):
    """Presses Tab until the focus is there, if it is not yet, and sees that it shows."""
    for _ in range(150):
        if target.first.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"no number of tabs reached {target}")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def press(page, name):
    tab_to(page, page.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")


def write(page, label, text):
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def choose(page, field, value):
    tab_to(page, field)
    for _ in range(60):
        if field.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} is not offered")


def add(page, kind, text, key):
    choose(page, page.get_by_label("Add a question"), f"kind:{kind}")
    press(page, "Add question")
    expect(page.get_by_label("Question", exact=True)).to_be_focused()
    write(page, "Question", text)
    write(page, "Key", key)
    press(page, "Save question")
    expect(page.get_by_role("link", name=text)).to_be_visible()


def expect_order(page, *keys):
    expect(page.locator(".qlist [data-question] code")).to_have_text(list(keys))


def test_without_a_mouse_and_then_with_one(page):
    page.goto("/surveys/new")
    write(page, "Title", "After nine months")
    write(page, "Key", "month-9")
    press(page, "Begin the draft")
    add(page, "yes_no", "Did you train anybody?", "trained")
    add(page, "number", "How many firms?", "firms")
    choose(page, page.get_by_label("Answer to"), "trained|yes")
    press(page, "Add this condition")
    expect(page.get_by_label("Asked only if")).to_have_value("selected(${trained}, 'yes')")
    add(page, "long_text", "What changed for them?", "change")
    expect_order(page, "trained", "firms", "change")
    press(page, "Move up: What changed for them?")
    expect_order(page, "trained", "change", "firms")
    expect(page.get_by_role("button", name="Move up: What changed for them?")).to_be_focused()
    add(page, "yes_no", "One too many?", "too_many")
    tab_to(page, page.locator("summary", has_text="Remove question"))
    page.keyboard.press("Enter")
    press(page, "Remove it")
    expect_order(page, "trained", "change", "firms")
    press(page, "Publish version 1")
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()
    press(page, "Make a new version")
    expect(page.get_by_role("heading", level=1)).to_contain_text("version 2, draft")

    page.wait_for_load_state("load")  # what comes late would move the rows under the mouse
    handle = page.locator("[data-question]").nth(2).locator(".handle")
    handle.hover()
    page.mouse.down()
    above = page.locator("[data-question]").nth(1).bounding_box()
    page.mouse.move(above["x"] + 30, above["y"] + 4, steps=8)
    page.mouse.up()
    expect_order(page, "trained", "firms", "change")
    page.reload()
    expect_order(page, "trained", "firms", "change")
