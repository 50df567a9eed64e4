"""A text that is saved by itself: what the page says is what happens, whatever the server answers."""

import json

import pytest
from playwright.sync_api import expect

from trainingapp.config import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("responses-browser")]

FORM = """<!doctype html><title>Draft</title>
<form data-autosave data-offline="We try again." data-refused="Copy your text." action="/save" method="post">
<input type="hidden" name="version" value="0"><textarea name="text"></textarea><span data-saved></span>
<a href="/step">Next step</a></form><script type="module" src="/app.js"></script>"""
SAVED = {"content_type": "application/json", "body": json.dumps({"version": 1, "saved": "Saved."})}
DOWN = {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"}
SIGN_IN = {"content_type": "text/html", "body": "<h1>Sign in</h1>"}


@pytest.fixture
def draft(chromium):
    """A page whose server gives these answers in turn; its clock is moved by hand."""
    page = chromium.new_page()
    page.answers = []
    page.route("**/", lambda route: route.fulfill(content_type="text/html", body=FORM))
    page.route("**/app.js", lambda route: route.fulfill(path=ROOT / "static" / "app.js"))
    page.route("**/save", lambda route: route.fulfill(**page.answers.pop(0)))
    page.clock.install()
    page.goto("http://draft.test/")
    yield page
    page.close()


def test_a_server_that_is_down_is_asked_again(draft):
    draft.answers += [DOWN, SAVED]
    draft.locator("textarea").fill("It began.")
    draft.clock.run_for(3000)
    expect(draft.locator("[data-saved]")).to_have_text("We try again.")
    draft.clock.run_for(15000)
    expect(draft.locator("[data-saved]")).to_have_text("Saved.")


def test_a_page_to_sign_in_is_not_asked_again_and_says_what_to_do(draft):
    draft.answers += [SIGN_IN, SAVED]
    draft.locator("textarea").fill("It began.")
    draft.clock.run_for(3000)
    expect(draft.locator("[data-saved]")).to_have_text("Copy your text.")
    draft.clock.run_for(60000)
    assert draft.answers == [SAVED]


def test_a_link_to_another_step_is_not_followed_before_what_was_typed_is_saved(draft):
    draft.route("**/step", lambda route: route.fulfill(content_type="text/html", body="<h1>Step two</h1>"))
    draft.answers += [DOWN, SAVED]
    draft.locator("textarea").fill("It began.")
    draft.get_by_role("link", name="Next step").click()
    expect(draft.locator("[data-saved]")).to_have_text("We try again.")
    assert draft.locator("textarea").input_value() == "It began."
    draft.get_by_role("link", name="Next step").click()
    expect(draft.locator("h1")).to_have_text("Step two")
    assert draft.answers == []
