"""She answers on a telephone: on line, off line, without script, from right to left, at night."""

import shutil
import time

import factories
import pytest
import servers
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from clients import REAL, settings
from pictures import PDF
from playwright.sync_api import expect

from trainingapp import create_app
from trainingapp.db import db, reading
from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.plans.progress.models import Evidence
from trainingapp.programmes.models import Programme
from trainingapp.responses.models import Answer, Response, ResponseState
from trainingapp.surveys.models import Question

pytestmark = pytest.mark.browser

ACTIVITIES = ["Agree one dye house with a written price", "Train 15 weavers in cost records"]


@pytest.fixture(scope="module")
def site(empty_sqlite, tmp_path_factory):
    """A web server, and the app beside it for making and reading rows."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(empty_sqlite, folder / "site.sqlite3")
    url = f"sqlite:///{folder / 'site.sqlite3'}"
    app = create_app(settings(url, VAR_DIR=str(folder)))
    with app.app_context(), servers.web({**REAL, "DATABASE_URL": url}) as address:
        yield address
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def alumna(site):
    """(address of the personal link, invitation id)."""
    programme = db.session.scalar(sa.select(Programme)) or factories.programme(
        short_name="Small and medium industry programme"
    )
    cohort = factories.cohort(factories.theme(programme), name="2019, Yogyakarta")
    enrolment = factories.enrolment(
        cohort,
        factories.participant("Sita Nettlecloth", f"sita-{cohort.id}@example.org", sort_name="sita"),
        state="completed",
    )
    factories.planned(enrolment, *ACTIVITIES)
    invitation, token = factories.asked(enrolment)
    number = invitation.id
    db.session.commit()
    return f"{site}/r/{token}", number


@pytest.fixture
def phone(chromium):
    """phone(**options): a page 390 px wide. What the browser complains about fails the test."""
    contexts, complaints = [], []

    def opened(**options):
        context = chromium.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce", **options
        )
        contexts.append(context)
        context.set_default_timeout(10000)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    expected = (
        "status of 4",
        "ERR_INTERNET_DISCONNECTED",
        "ERR_CONNECTION",
        "ERR_EMPTY_RESPONSE",
        "ERR_FAILED",
        "when fetching the script",
    )
    assert [text for text in complaints if not any(part in text for part in expected)] == []


def tap(page, question, answer):
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).click()


def look(question):
    """Reads and lets go at once: an open transaction of the test would hold up the server."""
    with reading():
        found = question()
        db.session.expunge_all()
        db.session.rollback()
    return found


def stored(number):
    """(the response, question key -> answer) of an invitation."""
    answers = (
        sa.select(Question.key, Answer)
        .join(Answer.question)
        .join(Answer.response)
        .where(Response.invitation_id == number)
    )
    response = look(lambda: db.session.scalar(sa.select(Response).where(Response.invitation_id == number)))
    return response, look(lambda: dict(db.session.execute(answers).all()))


def invited(number):
    return look(lambda: db.session.get(Invitation, number))


def wait_for(truth):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if truth():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come true in ten seconds")


def clean(page):
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_line_she_taps_and_sends(phone, alumna):
    link, number = alumna
    page = phone()
    page.goto(link)
    assert link.rpartition("/")[2] not in page.url
    assert invited(number).state is InvitationState.SENT
    tap(page, ACTIVITIES[0], "Stuck")
    page.get_by_role("textbox", name=f"What would help? {ACTIVITIES[0]}").fill("A written price")
    tap(page, "How often do you use something you learnt?", "Every month")
    expect(page.locator("#state")).to_contain_text("2 of 10 answered")
    expect(page.locator("#state")).to_contain_text("Saved ")
    wait_for(lambda: stored(number)[1].get("use") is not None)
    assert stored(number)[0].state is ResponseState.DRAFT
    tap(page, "What slows you down?", "Something else")
    page.get_by_label("Something else, in your words").fill("The bank withdrew")
    page.get_by_label("How many people have you taught").fill("12")
    clean(page)
    fits(page)
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you, Sita Nettlecloth")
    response, answers = stored(number)
    assert response.state is ResponseState.SENT
    assert answers["shared"].number == 12
    assert answers["obstacles"].text == "The bank withdrew"
    assert page.evaluate("localStorage.length") == 0
    clean(page)
    page.get_by_role("link", name="Change an answer").click()
    expect(page.get_by_label("How many people have you taught")).to_have_value("12")


def test_every_file_of_a_line_arrives_though_a_draft_took_them_before(phone, alumna):
    link, number = alumna
    page = phone()
    page.goto(link)
    tap(page, ACTIVITIES[0], "Done")
    files = [
        {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": PDF + name.encode()}
        for name in ("agreement", "price list", "receipt")
    ]
    line = page.locator("fieldset[id^=a-]", has_text=ACTIVITIES[0])
    line.locator("summary", has_text="Say or show more").click()
    line.locator("input[type=file]").set_input_files(files)

    def shown():
        mine = Response.progress_update_id == Evidence.update_id
        query = sa.select(sa.func.count(Evidence.id)).join(Response, mine)
        return look(lambda: db.session.scalar(query.where(Response.invitation_id == number)))

    wait_for(lambda: shown() == 3)
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert shown() == 3


def test_off_line_nothing_is_lost_and_it_is_sent_once(phone, alumna):
    link, number = alumna
    page = phone()
    page.goto(link)
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    tap(page, ACTIVITIES[1], "Done")
    page.get_by_label("What changed for one small business").fill("She pays herself a wage")
    page.get_by_role("button", name="Send answers").click()
    assert stored(number)[0] is None
    clean(page)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you", timeout=20000)
    response, answers = stored(number)
    assert response.state is ResponseState.SENT
    assert answers["story"].text == "She pays herself a wage"


def test_what_was_typed_off_line_is_there_after_the_page_was_closed(phone, alumna):
    link, number = alumna
    page = phone()
    page.goto(link)
    page.context.set_offline(True)
    tap(page, "How often do you use something you learnt?", "Every week")
    page.get_by_label("How many people have you taught").fill("7")
    expect(page.locator("#state")).to_contain_text("2 of")
    page.close()
    again = page.context.new_page()
    again.context.set_offline(False)
    again.goto(link)
    expect(again.get_by_label("How many people have you taught")).to_have_value("7")
    expect(again.get_by_label("Every week")).to_be_checked()
    wait_for(lambda: "shared" in stored(number)[1])


def test_what_the_server_could_not_keep_stays_on_the_phone(phone, alumna):
    link, number = alumna
    page = phone()
    page.goto(link)
    tap(page, "How often do you use something you learnt?", "Every week")
    page.get_by_label("How many people have you taught").fill("a few")
    wait_for(lambda: "use" in stored(number)[1])
    expect(page.locator("#state")).to_contain_text("The latest on this phone only")
    page.wait_for_timeout(2000)  # longer than saving as she goes takes
    page.reload()
    expect(page.get_by_label("How many people have you taught")).to_have_value("a few")
    page.get_by_label("How many people have you taught").fill("4")
    wait_for(lambda: "shared" in stored(number)[1])
    expect(page.locator("#state")).to_contain_text("Saved with us")


def test_without_script_she_saves_comes_back_and_sends(phone, alumna):
    link, number = alumna
    page = phone(java_script_enabled=False)
    page.goto(link)
    tap(page, ACTIVITIES[0], "Going on")
    page.get_by_label("How many people have you taught").fill("a few")
    page.get_by_role("button", name="Save and stop here").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be read as a number")
    expect(page.get_by_label("How many people have you taught")).to_have_value("a few")
    page.get_by_label("How many people have you taught").fill("3")
    page.get_by_role("button", name="Save and stop here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers so far are saved")
    other = phone(java_script_enabled=False)
    other.goto(link)
    expect(other.get_by_label("How many people have you taught")).to_have_value("3")
    other.get_by_role("button", name="Send answers").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert stored(number)[1]["shared"].number == 3


def test_enter_without_script_saves_and_never_changes_the_language(phone, alumna):
    page = phone(java_script_enabled=False)
    page.goto(alumna[0])
    page.get_by_label("How many people have you taught").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_label("How many people have you taught")).to_have_value("3")
    assert stored(alumna[1])[0].state is ResponseState.DRAFT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_right_to_left_in_both_lights(phone, alumna, scheme):
    link, _ = alumna
    page = phone(color_scheme=scheme)
    page.goto(link)
    page.get_by_label("How many people have you taught").fill("5")
    page.locator(".lang summary").click()
    page.get_by_role("button", name="دری").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#q-shared-1")).to_have_value("5")
    fits(page)
    clean(page)
    first, last = (page.locator("#q-boss_support label").nth(place).bounding_box() for place in (0, 4))
    assert first["x"] > last["x"]


def test_a_scanner_that_runs_scripts_opens_nothing(phone, alumna):
    link, number = alumna
    page = phone()
    page.goto(link)
    page.evaluate("window.scrollTo(0, 9999); document.body.click(); document.querySelector('input').click()")
    page.wait_for_timeout(300)
    page.evaluate("document.dispatchEvent(new Event('pointerdown', {bubbles: true}))")
    page.wait_for_timeout(300)
    assert invited(number).opened_at is None


def test_the_pages_for_what_went_wrong_are_clean_too(phone, alumna, site):
    for scheme in ("light", "dark"):
        page = phone(color_scheme=scheme)
        page.goto(f"{site}/r/nobodys")
        expect(page.get_by_role("button", name="Send a new link")).to_be_visible()
        clean(page)
        page.goto(alumna[0])
        page.get_by_role("link", name="I am not Sita Nettlecloth").click()
        clean(page)


@pytest.mark.parametrize("has_script", [True, False])
def test_a_choice_of_the_mail_is_recorded_only_when_she_sends_it(phone, alumna, has_script):
    link, number = alumna
    page = phone(java_script_enabled=has_script)
    page.goto(f"{link}?a=q-use.monthly")
    expect(page.locator(".tapped")).to_contain_text("You chose “Every month”.")
    expect(page.get_by_role("group", name="How often do you use").get_by_label("Every month")).to_be_checked()
    page.wait_for_timeout(600)  # longer than saving as she goes takes
    assert stored(number)[0] is None
    fits(page)
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert stored(number)[1]["use"].choice == "monthly"


@pytest.mark.parametrize("has_script", [True, False])
def test_each_tap_is_one_button_by_keyboard_and_has_a_way_back(phone, alumna, has_script):
    link, number = alumna
    page = phone(java_script_enabled=has_script)
    for tap, done in (("later", "We write again on"), ("not-me", "Thank you. We look for")):
        page.goto(f"{link}/{tap}")
        title = page.get_by_role("heading", level=1).inner_text()
        page.locator("main button").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(done)
        page.locator("main button").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert invited(number).snoozed_until is None
    assert invited(number).state is InvitationState.OPENED


def test_a_new_job_is_told_on_the_phone(phone, alumna):
    link, _number = alumna
    page = phone(color_scheme="dark")
    page.goto(f"{link}/moved")
    page.get_by_label("Your post").fill("Director")
    page.get_by_label("Country").select_option("BT")
    page.get_by_label("Email address to write to").fill("not an address")
    clean(page)
    page.get_by_role("button", name="Tell us").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be read as an email address")
    expect(page.get_by_label("Your post")).to_have_value("Director")
    clean(page)
    page.get_by_label("Email address to write to").fill("")
    page.get_by_role("button", name="Tell us").click()
    expect(page.locator(".known")).to_contain_text("Bhutan")
    clean(page)
    fits(page)
