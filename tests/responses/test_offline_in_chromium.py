"""The line is gone when she opens the page, or goes while she answers; two devices; anonymous answers."""

import factories
import pytest
import servers
import sqlalchemy as sa
from playwright.sync_api import expect
from test_answering_in_chromium import (  # noqa: F401 - fixtures
    ACTIVITIES,
    alumna,
    clean,
    fits,
    invited,
    look,
    phone,
    site,
    stored,
    tap,
    wait_for,
)

from trainingapp.config import ROOT
from trainingapp.db import db
from trainingapp.followups.models import Invitation, InvitationState
from trainingapp.responses.models import Response, ResponseState, SealedBox, SealedDrawer
from trainingapp.surveys.models import Anonymity

pytestmark = pytest.mark.browser


@pytest.fixture
def line(site):  # noqa: F811
    """The server behind a line that can be cut."""
    made = servers.Line(site)
    yield made
    made.cut()


@pytest.fixture
def link(line, alumna):  # noqa: F811
    return line.address + alumna[0][alumna[0].index("/r/") :]


def lose(line, page):
    line.cut()
    page.context.set_offline(True)


def find(line, page):
    line.mend()
    page.context.set_offline(False)


def until(page, truth):
    """As wait_for, while the browser goes on asking."""
    for _time in range(300):
        if truth():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come true in thirty seconds")


def visited(page, link):
    """Opened once with a line: from now on it opens without."""
    page.goto(link)
    is_kept = """async () => {
        const wanted = [location.pathname, ...[...document.scripts].map((one) => one.src)];
        return (await Promise.all(wanted.map((one) => caches.match(one)))).every(Boolean);
    }"""
    until(page, lambda: page.evaluate(is_kept))
    return page


def responses(number):
    return look(
        lambda: db.session.scalar(
            sa.select(sa.func.count()).select_from(Response).where(Response.invitation_id == number)
        )
    )


def left_on_phone(page):
    """[records, kept pages]"""
    return page.evaluate(
        """async () => [
            await new Promise((done) => {
                const asked = indexedDB.open("answers", 1);
                asked.onsuccess = () => {
                    const all = asked.result.transaction("pages").objectStore("pages").getAll();
                    all.onsuccess = () => done(all.result.length);
                };
            }),
            (await caches.keys()).length,
        ]"""
    )


def test_she_opens_answers_and_closes_it_without_a_line_and_it_arrives_once(phone, alumna, line, link):  # noqa: F811
    number = alumna[1]
    page = visited(phone(), link)
    context = page.context
    lose(line, page)
    page.close()

    page = context.new_page()
    page.goto(link)  # the link in the mail, with no line at all
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello Sita Nettlecloth")
    expect(page.locator("#offline")).to_be_visible()
    clean(page)
    tap(page, ACTIVITIES[0], "Stuck")
    page.get_by_label("How many people have you taught").fill("7")
    expect(page.locator("#state")).to_contain_text("On this phone only")
    page.close()

    page = context.new_page()
    page.goto(link)
    expect(page.get_by_label("How many people have you taught")).to_have_value("7")
    expect(page.get_by_role("group", name=ACTIVITIES[0]).get_by_label("Stuck")).to_be_checked()
    page.get_by_role("button", name="Send answers").click()
    expect(page.locator("#state")).to_contain_text("On this phone")
    assert responses(number) == 0
    page.close()

    page = context.new_page()
    page.goto(link)
    find(line, page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you", timeout=20000)
    response, answers = stored(number)
    assert (responses(number), response.state, answers["shared"].number) == (1, ResponseState.SENT, 7)
    wait_for(lambda: left_on_phone(page) == [0, 0])


def test_a_line_that_breaks_after_the_answers_arrived_sends_them_again_and_they_count_once(
    phone,  # noqa: F811
    alumna,  # noqa: F811
    line,
    link,
):
    number = alumna[1]
    page = visited(phone(), link)
    tap(page, "How often do you use something you learnt?", "Every week")
    expect(page.locator("#state")).to_contain_text("Saved with us")
    line.breaks_off.set()  # the server has it, and the phone never hears
    page.get_by_role("button", name="Send answers").click()
    until(page, lambda: stored(number)[0].state is ResponseState.SENT)
    until(page, lambda: line.answers_lost)
    line.breaks_off.clear()
    sent_at = stored(number)[0].sent_at
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you", timeout=20000)
    expect(page.locator(".tapped")).to_have_count(0)
    assert responses(number) == 1
    assert stored(number)[0].sent_at == sent_at


def test_two_devices_are_one_draft_and_each_is_told(phone, alumna):  # noqa: F811
    link, number = alumna
    one, two = phone(), phone()
    one.goto(link)
    two.goto(link)
    tap(one, "How often do you use something you learnt?", "Every week")
    expect(one.locator("#state")).to_contain_text("Saved with us")
    tap(two, ACTIVITIES[0], "Done")
    expect(two.locator("#state")).to_contain_text("Changed on another device just now: 1")
    expect(two.get_by_label("Every week")).to_be_checked()
    tap(two, "How often do you use something you learnt?", "Every month")
    expect(two.locator("#state")).to_contain_text("Saved with us")
    one.get_by_label("How many people have you taught").fill("4")
    expect(one.locator("#state")).to_contain_text("Changed on another device just now: 2")
    expect(one.get_by_label("Every month")).to_be_checked()
    expect(one.get_by_role("group", name=ACTIVITIES[0]).get_by_label("Done", exact=True)).to_be_checked()
    one.get_by_role("button", name="Send answers").click()
    expect(one.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert stored(number)[1]["use"].choice == "monthly"
    two.get_by_label("How many people have you taught").fill("9")
    expect(two.locator(".tapped")).to_contain_text("came from another phone or computer")
    two.get_by_role("link", name="Change an answer").click()
    expect(two.get_by_label("How many people have you taught")).to_have_value("9")
    two.get_by_role("button", name="Send answers").click()
    expect(two.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert stored(number)[1]["shared"].number == 9
    assert stored(number)[1]["use"].choice == "monthly"


def test_another_language_half_way_loses_nothing_even_after_a_night_without_a_line(
    phone,  # noqa: F811
    alumna,  # noqa: F811
    line,
    link,
):
    page = visited(phone(), link)
    page.get_by_label("What changed for one small business").fill("She pays herself a wage")
    page.locator(".lang summary").click()
    page.get_by_role("button", name="دری").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("[name=q-story]")).to_have_value("She pays herself a wage")
    until(
        page,
        lambda: page.evaluate("caches.match(location.pathname).then((one) => one.text())").find('"rtl"') > 0,
    )
    lose(line, page)
    page.goto(link)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    fits(page)
    page.locator("#q-use label").first.click()
    page.locator(".send button").click()
    find(line, page)
    page.wait_for_selector("#done")
    assert stored(alumna[1])[1]["story"].text == "She pays herself a wage"
    assert stored(alumna[1])[0].language == "fa_AF"


def test_a_shared_phone_forgets_her(phone, alumna, line, link):  # noqa: F811
    page = visited(phone(), link)
    page.get_by_label("How many people have you taught").fill("7")
    page.get_by_role("button", name="Remove this page from it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("is removed from this phone")
    assert left_on_phone(page) == [0, 0]
    assert page.goto(page.url.removesuffix("/leave")).status == 410
    clean(page)


def test_what_lay_on_the_phone_goes_when_the_wave_has_closed(phone, alumna, line, link):  # noqa: F811
    page = visited(phone(), link)
    page.get_by_label("How many people have you taught").fill("7")
    page.clock.set_fixed_time("2036-01-01")
    lose(line, page)
    page.evaluate("kept.forgetClosed()")
    assert left_on_phone(page) == [0, 0]


def test_each_control_says_its_name_to_a_reader_of_the_screen(phone, alumna):  # noqa: F811
    page = phone()
    page.goto(alumna[0])
    for more in page.locator("fieldset details, .lang").all():
        more.evaluate("one => { one.open = true; }")
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    named = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in tree
        if not node["ignored"] and node["role"]["value"] in CONTROLS
    ]
    assert {role for role, _name in named} == CONTROLS
    assert [
        role for role, name in named if not name and role != "group"
    ] == []  # an open "More" is a group too
    groups = [name for role, name in named if role == "group" and name]
    assert len(groups) == page.locator("fieldset").count()
    assert [what in groups[place] for place, what in enumerate(ACTIVITIES)] == [True, True]
    assert ("progressbar", "0 of 10 answered") in named
    points = [name for role, name in named if role == "radio" and name[:1] == "1"]
    assert points[0] == "1 I disagree", "what an end of a scale means is read with its point"


CONTROLS = {"radio", "checkbox", "textbox", "button", "link", "group", "DisclosureTriangle", "progressbar"}


@pytest.fixture
def secret(line):
    """A link to anonymous questions, and its invitation."""
    version = factories.survey_version(anonymity=Anonymity.ANONYMOUS, languages=["en", "fr"])
    factories.question(
        version, key="stays", kind="text", wording={"en": "What stays?", "fr": "Que reste-t-il ?"}
    )
    factories.question(version, key="useful", kind="yes_no", wording={"en": "Was it useful?"})
    enrolment = factories.enrolment(
        factories.cohort(factories.theme(version.survey.programme)), state="completed"
    )
    invitation, token = factories.asked(enrolment, version)
    number = invitation.id
    db.session.commit()
    return f"{line.address}/r/{token}", number


def test_anonymous_answers_stay_on_the_phone_until_they_are_sent(phone, secret, line):  # noqa: F811
    link, number = secret
    page = visited(phone(), link)
    expect(page.get_by_role("heading", name="Your answers are anonymous")).to_be_visible()
    page.get_by_text("How we keep that promise").click()
    clean(page)
    fits(page)
    page.get_by_label("What stays?").fill("Listening")
    expect(page.locator("#state")).to_contain_text("On this phone only, until you send")
    page.wait_for_timeout(2500)  # longer than saving as she goes would take
    assert look(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(SealedBox))) == 0
    page.locator(".lang summary").click()
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_label("Que reste-t-il ?")).to_have_value("Listening")
    page.reload()
    expect(page.locator("[name=q-stays]")).to_have_value("Listening")
    lose(line, page)
    page.locator(".send button").click()
    find(line, page)
    page.wait_for_selector("#done", timeout=20000)
    box = look(lambda: db.session.scalars(sa.select(SealedBox)).one())
    drawer = look(lambda: db.session.scalars(sa.select(SealedDrawer)).one())
    assert (box.count, drawer.slips[0][0][3]) == (1, "Listening")
    assert look(lambda: db.session.get(Invitation, number)).state is InvitationState.ANSWERED
    assert left_on_phone(page) == [0, 0]
    clean(page)


def test_the_worker_reaches_only_personal_pages(phone, alumna, line, link):  # noqa: F811
    page = visited(phone(), link)
    scope = page.evaluate("async () => (await navigator.serviceWorker.ready).scope")
    assert scope == f"{line.address}/r/"
    page.goto(f"{line.address}/accounts/sign-in")
    assert page.evaluate("navigator.serviceWorker.controller") is None
    text = (ROOT / "static" / "worker.js").read_text()
    assert "indexedDB" not in text
