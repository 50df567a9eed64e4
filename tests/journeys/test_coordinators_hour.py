"""A coordinator's hour: comments read, themes edited, a report published, the IATI file checked."""

import json
import re

import docx
import pypdf
import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from trainingapp.impact.commands import import_iati

pytestmark = pytest.mark.timeout(240)

WORDS = "Spare parts for the looms were asked for most: **the ministry takes it up**."
CLOSE_AND_GO_DOWN = """(dialog) => {
  dialog.close();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
}"""
EDITION = re.compile("^2021 ")  # as the rail names it


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


def test_a_key_pressed_before_a_closed_dialog_has_given_up_the_focus_counts(open_page):
    page = open_page("coordinator")
    page.goto("/feedback/?state=all")
    for opening, dialog in (("?", "keys"), ("/", "palette")):
        press(page, opening)
        expect(page.locator(f"#{dialog}")).to_be_visible()
        page.locator(f"#{dialog}").evaluate(CLOSE_AND_GO_DOWN)
        expect(page.locator("[data-row]").first).to_be_focused()
        page.reload()


def test_themes_are_proposed_edited_and_accepted_as_a_tag(open_page):
    page = open_page("coordinator")
    page.goto(f"{edition(page)}/themes")
    page.get_by_role("button", name="Propose again").click()
    expect(page.locator("section.theme").first).to_be_visible(timeout=60_000)
    theme = page.locator("section.theme").first
    theme.get_by_text("Change this theme").click()
    theme.get_by_label("Name").fill("Spare parts and repair")
    page.keyboard.press("Enter")
    renamed = page.get_by_role("region", name="Spare parts and repair")
    expect(renamed).to_contain_text("Proposed")
    renamed.get_by_role("button", name="Accept as a tag").click()
    expect(renamed).to_contain_text("Accepted")
    renamed.get_by_role("link", name="Comments with this tag").click()
    expect(page.locator("tbody tr").first).to_contain_text("Spare parts and repair")


def edition(page):
    """Its feedback."""
    page.goto("/")
    page.get_by_role("link", name=EDITION).first.click()
    return page.url.replace("/cohorts/", "/feedback/cohorts/")


def test_a_report_is_written_published_and_taken_away_as_pdf_and_docx(open_page):
    page = open_page("coordinator")
    page.goto(edition(page).replace("/feedback/", "/reports/"))
    page.get_by_role("link", name="Write the report").click()
    page.get_by_label("Title").fill("What the sixth edition changed")
    page.get_by_role("button", name="Begin the draft").click()
    short = page.get_by_role("region", name="The edition in short")
    expect(short).to_contain_text("61 of 61")
    short.get_by_label("Your words").fill(WORDS)
    short.get_by_text("from the figures").click()
    offered = short.locator(".offered li").first
    sentence = offered.locator("p").inner_text()
    offered.get_by_role("button", name="Put it in").click()
    expect(short.get_by_label("Your words")).to_have_value(f"{WORDS}\n\n{sentence}")
    page.get_by_role("button", name="Leave out").last.click()
    page.get_by_role("link", name="Look and publish").click()
    expect(page.locator("main")).to_contain_text("This is how it will look.")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("Published. Its figures and texts stay as they are")
    expect(page.locator("main b", has_text="the ministry takes it up")).to_be_visible()
    for ending, words in (("PDF", of_pdf), ("DOCX", of_docx)):
        with page.expect_download() as begun:
            page.get_by_role("link", name=ending, exact=True).click()
        text = " ".join(words(begun.value.path()).split())
        assert "the ministry takes it up" in text
        assert sentence in text

    stranger = open_page("viewer")
    stranger.goto(page.url)
    expect(stranger.locator("main b", has_text="the ministry takes it up")).to_be_visible()


def of_pdf(path):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def of_docx(path):
    return "\n".join(paragraph.text for paragraph in docx.Document(path).paragraphs)


def test_the_iati_file_holds_what_the_standard_asks(open_page):
    page = open_page("coordinator")
    page.goto("/impact/")
    page.get_by_role("link", name="IATI file").click()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download IATI file").click()
    judged = CliRunner().invoke(import_iati, [str(begun.value.path()), "--dry-run", "--json"])
    assert judged.exit_code == 0, judged.output
    verdict = json.loads(judged.output)
    assert verdict["activities"] >= 9
    assert verdict["problems"] == verdict["warnings"] == []
