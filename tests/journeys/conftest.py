"""The product as `make run` starts it: real web server, worker, beat, broker and mailbox; real Chromium."""

import email
import email.policy
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import pytest
import servers
from axe_playwright_python.sync_playwright import Axe
from clients import settings
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from trainingapp import create_app
from trainingapp.db import db
from trainingapp.demo import pictured

ROOT = Path(__file__).resolve().parent.parent.parent
READY = 120  # seconds; the demo is loaded in this time
MAIL = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Product:
    address: str
    passwords: dict[str, tuple[str, str]]  # role -> (email, password)
    folder: Path
    process: subprocess.Popen[str]
    sessions: dict[str, StorageState] = field(default_factory=dict)  # role -> cookies

    def session(self, browser: Browser, role: str) -> StorageState:
        """Signs in once a role: whoever does so all the time is asked to wait."""
        if role not in self.sessions:
            context = browser.new_context(base_url=self.address)
            sign_in(context.new_page(), *self.passwords[role])
            self.sessions[role] = context.storage_state()
            context.close()
        return self.sessions[role]

    def letters(self, to: str) -> list[EmailMessage]:
        """What has arrived in the local mailbox for an address, oldest first."""
        paths = sorted((self.folder / "mail" / "new").glob("*"), key=lambda path: path.stat().st_mtime)
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
        return [letter for letter in read if to in str(letter["To"])]  # type: ignore[misc]

    def wait_for_letter(self, to: str, number: int = 1) -> EmailMessage:
        deadline = time.monotonic() + MAIL
        while time.monotonic() < deadline:
            found = self.letters(to)
            if len(found) >= number:
                return found[number - 1]
            time.sleep(0.5)
        raise TimeoutError(f"letter {number} to {to} did not come in {MAIL} seconds")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    port = servers.two_free_ports()
    taken_from_shell = ("REDIS_URL", "DATABASE_URL", "SMTP_URL", "SECRET_KEY")
    environ = {key: value for key, value in os.environ.items() if key not in taken_from_shell}
    process = subprocess.Popen(
        [sys.executable, "-m", "trainingapp.local"],
        env={**environ, "PORT": str(port), "VAR_DIR": str(folder)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = _read_until(process, "Ctrl-C stops everything")
    passwords = {
        match[1].strip(): (match[2], match[3])
        for match in re.finditer(r"^ {4}([a-z ]+?) +(\S+@\S+) +(\S+)$", said, re.MULTILINE)
    }
    yield Product(f"http://127.0.0.1:{port}", passwords, folder, process)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert process.stdout
    process.stdout.close()


def _read_until(process: subprocess.Popen[str], last: str) -> str:
    assert process.stdout
    lines: list[str] = []
    deadline = time.monotonic() + READY
    for line in process.stdout:
        lines.append(line)
        if last in line:
            return "".join(lines)
        if time.monotonic() > deadline:
            break
    raise AssertionError("the product did not start:\n" + "".join(lines))


RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def unsound(page: Page, width: int) -> Iterator[str]:
    """What is wrong with the page as it stands: beyond the edge, or against a rule of accessibility."""
    yield from across(page, width)
    if width < 600:  # the narrowest that WCAG 1.4.10 knows, or a page four times as large
        page.set_viewport_size({"width": 320, "height": 844})
        yield from across(page, 320)
        page.set_viewport_size({"width": width, "height": 844})
    yield from broken(page, RULES, "by day")


def across(page: Page, width: int) -> Iterator[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        yield f"{wide} pixels across, of {width}"


def broken(page: Page, rules: dict[str, object], light: str) -> Iterator[str]:
    for violation in Axe().run(page, options=rules).response["violations"]:
        places = ", ".join(node["html"][:160] for node in violation["nodes"][:3])
        yield f"{violation['id']} {light}: {places}"


def demo_app(product: Product) -> Flask:
    """The app on the product's own database, to look things up that no page says."""
    secret = (product.folder / "secret_key").read_text()
    return create_app(settings(f"sqlite:///{product.folder / 'lanjut.sqlite3'}", SECRET_KEY=secret))


@pytest.fixture(scope="session")
def personal_links(product: Product) -> Iterator[str]:
    with demo_app(product).app_context():
        _of_the_pictures, *links = pictured.links(pictured.asking())
        db.session.remove()
        db.engine.dispose()
    return iter(links)


@pytest.fixture
def personal_link(personal_links: Iterator[str]) -> str:
    """Of someone who has been asked about her plan and has not answered yet; each test has another."""
    return next(personal_links)


@pytest.fixture
def open_page(chromium: Browser, product: Product) -> Iterator[Callable[..., Page]]:
    """open_page(role, width=1440, **context options): a page of someone who has signed in, or of a stranger.

    What the browser itself complains about (a policy broken, a script that failed) fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(role: str | None = None, width: int = 1440, **options: object) -> Page:
        height = 900 if width > 600 else 844
        context = chromium.new_context(
            base_url=product.address,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            storage_state=product.session(chromium, role) if role else None,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in complaints if "status of 4" not in text and "ERR_INTERNET" not in text] == []


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto("/accounts/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
