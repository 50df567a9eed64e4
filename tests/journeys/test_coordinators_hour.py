"""A coordinator's hour: comments read, themes edited, a report published, the IATI file checked."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.timeout(240)

WORDS = "Spare parts for the looms were asked for most: **the ministry takes it up**."
EDITION = "Sixth edition, hybrid"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def count_of(page, words):
    text = page.locator(".notice").filter(has_text=words).inner_text()
    return int(re.search(r"\d+", text)[0])


def test_three_hundred_comments_are_triaged_with_the_keyboard_and_put_back(open_page):
    page = open_page("coordinator")
    page.goto("/feedback/?state=all")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys of the inbox")).to_be_visible()
    press(page, "Escape", "j", "j", "k")
    expect(page.locator("[data-row]").first).to_be_focused()
    press(page, "*", "+", "t")
    page.keyboard.type("Read together")
    press(page, "Enter")
    expect(page.locator(".notice")).to_contain_text("are tagged: Read together")
    assert count_of(page, "tagged") >= 300
    expect(page.locator("[data-row]").first).to_be_focused()
    press(page, "u")
    expect(page.locator("main")).to_contain_text("comments are as they were")

    page.goto("/feedback/?state=all")
    first = page.locator("[data-row]").first.inner_text()
    press(page, "j", "f")
    expect(page.locator(".notice")).to_contain_text("One comment is now: Flagged.")
    expect(page.locator("tbody tr").first).to_contain_text("Flagged")
    press(page, "o")
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    press(page, "w")
    expect(page.get_by_role("heading", level=1)).to_have_text("New promise")


def test_themes_are_proposed_edited_and_accepted_as_a_tag(open_page):
    page = open_page("coordinator")
    page.goto(f"{edition(page)}/themes")
    page.get_by_role("button", name="Propose again").click()
    expect(page.locator("section.theme").first).to_be_visible(timeout=60_000)
    theme = page.locator("section.theme").first
    theme.get_by_text("Change this theme").click()
    theme.get_by_label("Name").fill("Spare parts and repair")
    page.keyboard.press("Enter")
    renamed = page.locator("section.theme").filter(has_text="Spare parts and repair")
    expect(renamed).to_contain_text("Proposed")
    renamed.get_by_role("button", name="Accept as a tag").click()
    expect(renamed).to_contain_text("Accepted")
    renamed.get_by_role("link", name="Comments with this tag").click()
    expect(page.locator("tbody tr").first).to_contain_text("Spare parts and repair")


def edition(page):
    """Its pages of feedback."""
    page.goto("/")
    page.get_by_role("link", name=EDITION).first.click()
    return page.url.replace("/cohorts/", "/feedback/cohorts/")
