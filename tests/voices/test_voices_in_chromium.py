"""A supervisor answers on a telephone, with scripts and without; the pages are sound for everybody."""

import shutil

import factories
import pytest
import servers
from axe_playwright_python.sync_playwright import Axe
from clients import REAL, settings
from playwright.sync_api import expect

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.surveys.actions import ship_questionnaires
from trainingapp.surveys.models import Audience
from trainingapp.voices import asking, queries

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("responses-browser")]


@pytest.fixture(scope="module")
def links(empty_sqlite, tmp_path_factory):
    """The links of two supervisors and of an alumna, on a server of their own."""
    folder = tmp_path_factory.mktemp("voices")
    shutil.copy(empty_sqlite, folder / "site.sqlite3")
    url = f"sqlite:///{folder / 'site.sqlite3'}"
    app = create_app(settings(url, VAR_DIR=str(folder)))
    with app.app_context(), servers.web({**REAL, "DATABASE_URL": url}) as address:
        cohort = factories.cohort()
        ship_questionnaires(cohort.theme.programme, factories.NOW)
        version = queries.versions_for(cohort.theme.programme_id, Audience.SUPERVISORS)[0]
        of = factories.voice_round(factories.schedule(cohort), version)
        voices = [factories.voice(of, factories.alumna(cohort, name)) for name in ("Sita", "Gita", "Rita")]
        db.session.commit()
        answers = [f"{address}/voices/answer/{asking.token(one)}" for one in voices[:2]]
        told = f"{address}/voices/told/{asking.told_token(voices[2])}"
        db.session.remove()
        yield [*answers, told]
        db.engine.dispose()


@pytest.mark.parametrize("number", [0, 1], ids=["with scripts", "without scripts"])
def test_a_supervisor_answers_in_three_taps(chromium, links, number):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=number == 0
    )
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(links[number])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ram Bahadur")
    if number == 0:
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    group = page.get_by_role("group", name="What has become of your colleague’s action plan?")
    group.get_by_label("We talked about it").click()
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your answers are with us")
    context.close()
    assert complaints == []


def test_an_alumna_says_no_on_a_telephone_and_takes_it_back(chromium, links):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto(links[2])
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Please do not ask my supervisor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We do not ask your supervisor")
    page.get_by_role("button", name="You may ask after all").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("we ask your supervisor")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
