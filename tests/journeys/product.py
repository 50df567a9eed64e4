"""The running product as its tests know it."""

import email
import email.policy
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import psutil
from clients import settings
from flask import Flask
from playwright.sync_api import Browser, Page, StorageState

from trainingapp import create_app

ROOT = Path(__file__).resolve().parent.parent.parent
MAIL, GOODBYE = 60, 30  # seconds


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


@contextmanager
def running(
    command: Sequence[str], environ: dict[str, str], patience: float
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and what it said until it was ready. Nothing of it is left, also when it never was."""
    process = subprocess.Popen(
        command,
        env=environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    too_late = threading.Timer(patience, _stop, [process])  # a silent process would be read for ever
    too_late.start()
    assert process.stdout
    try:
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C stops everything" in line:
                break
        else:
            raise AssertionError(f"the product did not start:\n{said}")
        too_late.cancel()
        yield process, said
    finally:
        too_late.cancel()
        _stop(process)
        process.stdout.close()


def _stop(process: subprocess.Popen[str]) -> None:
    """By Ctrl-C; whatever of it is still there then is killed."""
    with suppress(psutil.NoSuchProcess):
        everyone = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GOODBYE)
        for left in [process, *everyone]:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        while any(runs(left.pid) for left in everyone):
            time.sleep(0.05)
    with suppress(ProcessLookupError):  # who was begun after they were counted
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while any(map(runs, _group(process.pid))):  # who is killed closes what it printed to before it has ended
        time.sleep(0.05)


def _group(leader: int) -> Iterator[int]:
    for number in psutil.pids():
        with suppress(ProcessLookupError):
            if os.getpgid(number) == leader:
                yield number


def runs(number: int) -> bool:
    """What has ended may stay in the list of processes until its parent looks."""
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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
