"""The running product as its tests know it."""

import email
import email.policy
import subprocess
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from clients import settings
from flask import Flask
from playwright.sync_api import Browser, Page, StorageState

from trainingapp import create_app

ROOT = Path(__file__).resolve().parent.parent.parent
MAIL = 60  # seconds


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


def demo_app(product: Product) -> Flask:
    """The app on the product's own database, to look things up that no page says."""
    secret = (product.folder / "secret_key").read_text()
    return create_app(settings(f"sqlite:///{product.folder / 'lanjut.sqlite3'}", SECRET_KEY=secret))


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto("/accounts/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
