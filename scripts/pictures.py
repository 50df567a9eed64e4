"""Takes the README's pictures from a running demo: `make run` in one window, `make pictures` in another.

Needs the sign-ins of the roles it shows, which it makes anew (`make passwords`).
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

from trainingapp import config, create_app
from trainingapp.db import db
from trainingapp.demo import pictured, sign_ins

ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT', '5050')}"
PLACE = config.ROOT / "docs" / "pictures"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def main() -> None:
    secret = (config.folder(os.environ) / "secret_key").read_text()
    app = create_app(config.load({**os.environ, "DEMO": "1", "SECRET_KEY": secret}))
    with app.app_context():
        passwords = {made.role: made for made in sign_ins.renew()}
        db.session.commit()
        shots = pictured.screens()
    PLACE.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        roles = {shot.role for shot in shots if shot.role}
        signed_in = {role: _sign_in(browser, passwords[role]) for role in sorted(roles)}
        for shot in shots:
            for scheme in ("light", "dark"):
                _take(browser, shot, scheme, signed_in.get(shot.role or ""))
        browser.close()


def _sign_in(browser: Browser, made: sign_ins.SignIn) -> StorageState:
    """The cookies of a role; once each, because the door slows down whoever comes often."""
    context = browser.new_context(base_url=ADDRESS)
    page = context.new_page()
    page.goto("/accounts/sign-in")
    page.get_by_label("Email address").fill(made.email)
    page.get_by_label("Password").fill(made.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    state = context.storage_state()
    context.close()
    return state


def _take(browser: Browser, shot: pictured.Screen, scheme: str, cookies: StorageState | None) -> None:
    size = PHONE if shot.on_phone else DESK
    context = browser.new_context(
        base_url=ADDRESS, viewport=size, color_scheme=scheme, reduced_motion="reduce", storage_state=cookies
    )
    page = context.new_page()
    page.goto(shot.path, wait_until="networkidle")  # what a page frames comes late
    target = PLACE / f"{shot.name}-{'phone' if shot.on_phone else 'desk'}-{scheme}.png"
    page.screenshot(path=target)
    _shrink(target)
    context.close()


def _shrink(path: Path) -> None:
    """Fewer colours, for a light repository; nothing where pngquant is missing."""
    if shutil.which("pngquant"):
        os.spawnlp(os.P_WAIT, "pngquant", "pngquant", "--force", "--output", str(path), "64", str(path))


if __name__ == "__main__":
    main()
