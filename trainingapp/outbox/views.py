"""URL to action to page."""

from flask import Blueprint, abort, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

import trainingapp.outbox.trial
import trainingapp.outbox.words  # noqa: F401 - describes this package's states
from trainingapp import clock
from trainingapp.access import public
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.outbox import actions, commands, queries, senders, unsubscribe
from trainingapp.outbox.kinds import KINDS
from trainingapp.web import csrf

bp = Blueprint("outbox", __name__, url_prefix="/outbox", cli_group=None)
bp.cli.add_command(commands.group)
bp.cli.add_command(commands.mail)


@bp.record_once
def _read_senders(state: BlueprintSetupState) -> None:
    """A setting of mail that is odd stops the start, not the first message."""
    senders.check(state.app.config["SETTINGS"], {kind.topic for kind in KINDS.values()})


@bp.get("/unsubscribe/<token>")
@public
def ask_unsubscribe(token: str) -> ResponseReturnValue:
    """A question with one button: link scanners open every address in a mail."""
    address_hmac, topic = unsubscribe.read(token) or abort(404)
    is_stopped = queries.suppression(address_hmac, topic) is not None
    return render_template("outbox/unsubscribe.html", is_stopped=is_stopped, is_done=False)


@bp.post("/unsubscribe/<token>")
@csrf.exempt  # RFC 8058: mail programs post here without cookie or page; the token is the proof
@public
def unsubscribe_now(token: str) -> ResponseReturnValue:
    """Stops the topic at once. `again`, which only our own page sends, takes it back."""
    address_hmac, topic = unsubscribe.read(token) or abort(404)
    held = queries.suppression(address_hmac, topic)
    if "again" in request.form and held:
        audit.record(held, "write again", before=topic)
        actions.write_again(address_hmac, topic)
    elif "again" not in request.form and not held:
        held = actions.suppress(
            address_hmac, topic, reason="unsubscribed", by="the recipient", now=clock.now()
        )
        audit.record(held, "unsubscribe", after=topic)
    db.session.commit()
    is_stopped = "again" not in request.form
    return render_template("outbox/unsubscribe.html", is_stopped=is_stopped, is_done=True)
