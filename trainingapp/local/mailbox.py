"""The mailbox of a try-out: takes every message that Lanjut sends, and shows it on a page of its own.

An address at bounced.example is refused, as a real server refuses someone who has left; a mail to
returned.example is taken, and comes back as a bounce. A reply typed under a letter goes where that goes.
"""

import email
import email.policy
import mailbox
import os
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import run_simple

from trainingapp import config
from trainingapp.config import ROOT
from trainingapp.local import GONE, RETURNS
from trainingapp.local.replied import reply
from trainingapp.local.returned import report

SHOWN = 200
# A letter is shown as its reader's program shows it, with its own styles, here and nowhere in the product;
# the sandbox keeps everything in it from loading, running or sending.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-top-navigation"
)
PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'"


class Postman:
    def __init__(self, folder: Path) -> None:
        self.box = mailbox.Maildir(folder / "mail", create=True)
        self.returned = mailbox.Maildir(folder / "returned", create=True)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.lower().endswith(f"@{GONE}"):
            return "550 5.1.1 No such person here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = cast("bytes", envelope.content)
        self.box.add(content)
        for address in envelope.rcpt_tos:
            if address.lower().endswith(f"@{RETURNS}"):
                self.returned.add(report(envelope.mail_from or "", address, content))
        return "250 2.0.0 Taken"


def pages(folder: Path) -> Flask:
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))

    def letters() -> list[tuple[str, EmailMessage]]:
        """Newest first."""
        found = sorted((folder / "new").glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
        return [(path.name, _read(path)) for path in found[:SHOWN]]

    @app.get("/")
    def index() -> ResponseReturnValue:
        return _page(render_template("local/mailbox.html", letters=letters()), PAGE_POLICY)

    @app.get("/<name>")
    def letter(name: str) -> ResponseReturnValue:
        message = _read(_path(folder, name))
        text = message.get_body(("plain",))
        content = text.get_content() if text else ""
        page = render_template(
            "local/letter.html", name=name, message=message, text=content, is_sent="sent" in request.args
        )
        return _page(page, PAGE_POLICY)

    @app.post("/<name>/reply")
    def answer(name: str) -> ResponseReturnValue:
        """Read by the next turn of the inbox, within a minute."""
        text = request.form.get("text", "").strip()
        if text:
            returned = mailbox.Maildir(folder.parent / "returned", create=True)
            returned.add(reply(_read(_path(folder, name)), text.replace("\r\n", "\n")))
        return redirect(f"/{name}?sent=1#reply", 303)

    @app.get("/<name>/html")
    def html(name: str) -> ResponseReturnValue:
        body = _read(_path(folder, name)).get_body(("html",))
        return _page(body.get_content() if body else "", LETTER_POLICY)

    return app


def _page(content: str, policy: str) -> Response:
    return Response(content, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def _path(folder: Path, name: str) -> Path:
    path = folder / "new" / name
    if path.parent != folder / "new" or not path.is_file():
        abort(404)
    return path


def _read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def main(smtp_port: int, page_port: int) -> None:
    folder = config.folder(os.environ)
    Controller(Postman(folder), hostname="127.0.0.1", port=smtp_port).start()
    run_simple("127.0.0.1", page_port, pages(folder / "mail"), threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
