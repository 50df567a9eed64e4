"""As in production: the browser speaks HTTPS, cookies are secure, and our pages send no referrer."""

import shutil

import factories
import pytest
import servers
import trustme
from clients import REAL, settings
from playwright.sync_api import expect
from test_answering_in_chromium import ACTIVITIES, alumna, invited, phone, tap  # noqa: F401 - fixtures

from trainingapp import create_app
from trainingapp.accounts import passwords
from trainingapp.db import db
from trainingapp.followups.models import InvitationState

pytestmark = pytest.mark.browser

PASSWORD = "seven quiet looms at dawn"


@pytest.fixture(scope="module")
def site(empty_sqlite, tmp_path_factory):
    folder = tmp_path_factory.mktemp("https")
    shutil.copy(empty_sqlite, folder / "site.sqlite3")
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "key.pem")
    url = f"sqlite:///{folder / 'site.sqlite3'}"
    app = create_app(settings(url, VAR_DIR=str(folder), BASE_URL="https://127.0.0.1"))
    with app.app_context(), servers.web({**REAL, "DATABASE_URL": url}, folder / "key.pem") as address:
        yield address
        db.session.remove()
        db.engine.dispose()


def test_she_answers(phone, alumna):  # noqa: F811
    address, number = alumna
    page = phone(ignore_https_errors=True)
    page.goto(address)
    tap(page, ACTIVITIES[0], "Stuck")
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    assert invited(number).state is InvitationState.ANSWERED


def test_a_shared_phone_forgets_her(phone, alumna):  # noqa: F811
    page = phone(ignore_https_errors=True)
    page.goto(alumna[0])
    assert {cookie["secure"] for cookie in page.context.cookies()} == {True}
    page.get_by_role("button", name="Remove this page from it").click()
    expect(page.get_by_role("button", name="Remove this page from it")).to_have_count(0)
    assert [cookie["name"] for cookie in page.context.cookies() if "link" in cookie["name"]] == []


def test_staff_sign_in_and_out(phone, site):  # noqa: F811
    factories.user(email="devi@example.org", password_hash=passwords.hashed(PASSWORD))
    db.session.commit()
    page = phone(ignore_https_errors=True)
    page.goto(f"{site}/accounts/sign-in")
    page.get_by_label("Email address").fill("devi@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "sign-in" not in address)
    page.goto(f"{site}/accounts/me")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
