"""The product as `make run` starts it: real web server, worker, beat, broker and mailbox; real Chromium."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import servers
from playwright.sync_api import Browser, BrowserContext, Page
from product import Product, demo_app, running

from trainingapp.db import db
from trainingapp.demo import pictured

READY = 120  # seconds; the demo is loaded in this time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    port = servers.two_free_ports()
    taken_from_shell = ("REDIS_URL", "DATABASE_URL", "SMTP_URL", "SECRET_KEY")
    environ = {key: value for key, value in os.environ.items() if key not in taken_from_shell}
    own = {**environ, "PORT": str(port), "VAR_DIR": str(folder)}
    with running([sys.executable, "-m", "trainingapp.local"], own, READY) as (process, said):
        passwords = {
            match[1].strip(): (match[2], match[3])
            for match in re.finditer(r"^ {4}([a-z ]+?) +(\S+@\S+) +(\S+)$", said, re.MULTILINE)
        }
        yield Product(f"http://127.0.0.1:{port}", passwords, folder, process)


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
