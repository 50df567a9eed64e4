"""Without a mouse, without scripts, from right to left, and with names of every length."""

import re

import pytest
from playwright.sync_api import expect
from product import sign_in

pytestmark = pytest.mark.timeout(300)

LONG = "Raden Ayu Siti Nurhaliza Puspitaningrum Kusumawardhani Wijaya"
MONONYM = "Suprapti"
assert len(LONG) > 60


USED = "In your own work, how often do you use something you learnt?"


def tab_to(page, target, most=150):
    """Presses Tab until the focus is there, and sees that it shows."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.count() and target.first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab did not reach {target}")


def focus_shows(page):
    drawn = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(drawn) != "none", page.evaluate("document.activeElement.outerHTML")


def fits(page):
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def an_edition(page, state):
    page.goto("/programmes/")
    return page.locator(".shelf li").filter(has_text=state).first.get_by_role("link").get_attribute("href")


# The keyboard alone --------------------------------------------------------------------------------


def test_the_skip_link_and_the_rail(open_page):
    page = open_page("organiser")
    page.goto("/programmes/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")
    page.reload()
    tab_to(page, page.get_by_role("navigation", name="Main").get_by_role("link", name="Hosts"))
    focus_shows(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hosts")


def test_the_drawer_on_a_phone(open_page):
    page = open_page("organiser", width=390)
    page.goto("/programmes/")
    tab_to(page, page.get_by_role("button", name="Open menu"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("navigation", name="Main").get_by_role("link", name="People"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("navigation", name="Main")).not_to_be_visible()
    expect(page.get_by_role("button", name="Open menu")).to_be_focused()


def test_the_search_opens_with_a_stroke_and_finds_people(open_page):
    page = open_page("organiser")
    page.goto("/programmes/")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Search")).not_to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("Dipendra")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Dipendra Dolmakar")).to_be_visible()


def test_filters_and_the_bulk_bar_of_a_list(open_page):
    page = open_page("organiser")
    page.goto(f"{an_edition(page, 'Running')}/enrolments")
    tab_to(page, page.locator("summary").filter(has_text="Country"))
    focus_shows(page)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("checkbox", name="Nepal"), most=60)
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Apply filter"), most=60)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Country: Nepal")).to_be_visible()

    box = page.locator("tbody").get_by_role("checkbox").first
    tab_to(page, box)
    focus_shows(page)
    page.keyboard.press("Space")
    bar = page.get_by_role("group", name="With the selected people")
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("1 selected")
    tab_to(page, bar.get_by_role("button", name="Mark as completed"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 person")
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Cancel", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enrolment")


def test_who_may_only_read_a_list_has_its_scripts_too(open_page):
    """open_page() fails on what a script stumbles over."""
    page = open_page("organiser")
    page.goto("/plans/board")
    expect(page.locator("[data-bulk] tbody tr").first).to_be_visible()
    expect(page.locator(".bulk-bar")).to_have_count(0)


def test_the_lines_of_a_plan_move_up_and_down(open_page):
    page = open_page("participant")
    page.goto("/plans/mine")
    tab_to(page, page.get_by_role("link", name="Go on writing"))
    page.keyboard.press("Enter")
    first = page.get_by_role("group", name="Activity 1").get_by_label("What you do")
    second = page.get_by_role("group", name="Activity 2").get_by_label("What you do")
    one, two = first.input_value(), second.input_value()
    assert one != two
    tab_to(page, page.get_by_role("button", name="Move activity 1 down"))
    focus_shows(page)
    page.keyboard.press("Enter")
    expect(first).to_have_value(two)
    expect(second).to_have_value(one)
    tab_to(page, page.get_by_role("button", name="Move activity 2 up"))
    page.keyboard.press("Enter")
    expect(first).to_have_value(one)


def test_an_alumna_answers_with_keys(open_page, personal_link):
    page = open_page(width=390)
    page.goto(personal_link)
    tap = page.get_by_role("group", name=USED).get_by_role("radio")
    before = page.locator("#bar").evaluate("bar => bar.value")
    tab_to(page, tap)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(tap.nth(1)).to_be_checked()
    expect(page.locator("#state")).to_contain_text(f"{before + 1:.0f} of ")
    tab_to(page, page.get_by_role("button", name="Send answers"))


# Without scripts -----------------------------------------------------------------------------------


def test_without_scripts_an_organiser_signs_in_filters_and_reads_a_file(open_page, product):
    page = open_page(java_script_enabled=False)
    sign_in(page, *product.passwords["organiser"])
    edition = an_edition(page, "Running")
    page.goto(f"{edition}/enrolments")
    page.locator("summary").filter(has_text="Country").click()
    page.get_by_role("checkbox", name="Nepal").check()
    page.get_by_role("button", name="Apply filter").click()
    expect(page.get_by_role("link", name="Country: Nepal")).to_be_visible()
    page.locator("tbody").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Mark as completed").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 person")

    page.goto(f"{edition}/enrolments")
    page.get_by_role("link", name="Import spreadsheet").click()
    sheet = "Nama lengkap\tNegara\nMaya Scriptless\tNepal\n".encode("utf-16")
    page.locator("input[type=file]").set_input_files(
        {"name": "peserta.txt", "mimeType": "text/plain", "buffer": sheet}
    )
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("rowheader", name="Maya Scriptless")).to_be_visible()
    page.get_by_role("button", name="Cancel import").click()


def test_without_scripts_a_participant_keeps_her_plan(open_page):
    page = open_page("participant", java_script_enabled=False)
    page.goto("/plans/mine")
    page.get_by_role("link", name="Go on writing").click()
    page.get_by_label("By the end of my plan").fill("Ten makers sell under one name by May.")
    page.get_by_role("button", name="Save and close").click()
    expect(page.get_by_role("main")).to_contain_text("Ten makers sell under one name by May.")


def test_without_scripts_an_alumna_answers(open_page, personal_link):
    page = open_page(width=390, java_script_enabled=False)
    page.goto(personal_link)
    question = page.get_by_role("group", name=USED)
    question.get_by_label("Every week").check()
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


# Scripts and names ---------------------------------------------------------------------------------


def test_in_dari_the_page_runs_from_right_to_left(open_page, personal_link):
    page = open_page(width=390)
    page.goto(personal_link)
    page.locator(".lang summary").click()
    page.get_by_role("button", name="دری").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "fa-AF")
    fits(page)
    choice = page.get_by_role("group", name="چند وقت یک بار از آموخته‌های خود استفاده می‌کنید؟")
    first, second = (choice.locator("label").nth(place).bounding_box() for place in (0, 1))
    assert first["x"] > second["x"]
    for words in (page.locator("h1"), page.get_by_role("main").get_by_role("button").last):
        assert re.search("[؀-ۿ]", words.inner_text()), "still in English"


@pytest.mark.parametrize("name", [LONG, MONONYM])
def test_a_name_is_taken_as_it_is_and_shown_in_full(open_page, name):
    page = open_page("organiser")
    edition = an_edition(page, "Running")
    page.goto(f"{edition}/enrolments/new?q=nobody")
    page.get_by_role("link", name="Add someone new").click()
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Country", exact=True).select_option(label="Papua New Guinea")
    page.get_by_role("button", name="Add and enrol").click()
    expect(page.get_by_role("button", name="Add and enrol")).to_have_count(0)
    page.goto(f"{edition}/enrolments?q={name.split()[-1]}")
    person = page.get_by_role("rowheader", name=name)
    expect(person).to_be_visible()
    address = person.get_by_role("link").get_attribute("href")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{edition}/enrolments")
        fits(page)
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        fits(page)


def test_on_paper_a_page_ends_with_its_words(open_page):
    """No sheet is empty: all that is short is on one."""
    page = open_page("coordinator")
    page.goto("/feedback/programmes/1/years/relevance")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1


def test_a_page_that_waits_for_a_worker_looks_by_itself(open_page):
    """It loads anew when the work is done, and not before: nobody who reads it is thrown back."""
    page = open_page("coordinator")
    page.goto("/feedback/")
    edition = page.locator("a[href^='/cohorts/']", has_text="Follow-up").first.get_attribute("href")
    page.goto(f"/feedback{edition}/themes")
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_role("heading", name="We are reading the comments")).to_be_hidden(timeout=60000)
    expect(page.locator("[data-waiting]")).to_have_count(0)
