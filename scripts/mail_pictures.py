"""Every mail of the product as text and pictures: in each language, on phone and desk, by day, by night,
and as programs that turn bright mails dark by themselves show it.

Usage: .venv/bin/python scripts/mail_pictures.py FOLDER [LANGUAGE …]
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import mails  # noqa: E402
import servers  # noqa: E402
from clients import settings  # noqa: E402
from conftest import FLAGS  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from trainingapp import create_app  # noqa: E402
from trainingapp.db import db  # noqa: E402

WIDTHS = (390, 1440)
FORCED = [*FLAGS, "--enable-features=WebContentsForceDark"]


def letters(languages: list[str]) -> dict[str, tuple[str, str]]:
    """Name of a file -> (text, HTML)."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings(f"sqlite:///{folder}/mails.sqlite3", VAR_DIR=folder))
        with app.app_context():
            db.create_all()
            for language in languages:
                for tone, row in mails.of_every_kind(language).items():
                    message = mails.render(row)
                    name = f"{tone.replace(', ', '-').replace(' ', '-')}-{language}"
                    found[name] = (f"Subject: {message.subject}\n\n{message.text}", message.html)
            db.session.remove()
            db.engine.dispose()
    return found


def picture(chromium: Browser, html: str, path: Path, width: int, scheme: str) -> None:
    page = chromium.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.set_content(html)
    page.screenshot(path=path.with_name(f"{path.name}-{width}-{scheme}.png"), full_page=True)
    page.close()


def main(folder: Path, languages: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = letters(languages)
    for name, (text, html) in found.items():
        (folder / f"{name}.txt").write_text(text)
        (folder / f"{name}.html").write_text(html)
    with sync_playwright() as playwright:
        for flags, schemes in ((FLAGS, ("light", "dark")), (FORCED, ("forced",))):
            chromium = playwright.chromium.launch(executable_path=servers.CHROMIUM, args=flags)
            for name, (_text, html) in found.items():
                for width in WIDTHS:
                    for scheme in schemes:
                        picture(chromium, html, folder / name, width, scheme)
            chromium.close()
    sys.stdout.write(f"{len(found)} mails in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(mails.LANGUAGES))
