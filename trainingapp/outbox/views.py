"""URL to action to page."""

from flask import Blueprint, abort, g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

import trainingapp.outbox.trial
import trainingapp.outbox.words  # noqa: F401 - describes this package's states
from trainingapp import clock
from trainingapp.access import public
from trainingapp.accounts import audit
from trainingapp.db import db
from trainingapp.outbox import actions, commands, queries, senders, unsubscribe
from trainingapp.outbox.kinds import KINDS, topics
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
    return _page(*(unsubscribe.read(token) or abort(404)))


@bp.post("/unsubscribe/<token>")
@csrf.exempt  # RFC 8058: mail programs post here without cookie or page; the token is the proof
@public
def unsubscribe_now(token: str) -> ResponseReturnValue:
    """Stops the topic at once. `everything` and `again` are sent by our own page alone."""
    address_hmac, topic = unsubscribe.read(token) or abort(404)
    if "again" in request.form:
        _write_again(address_hmac, [topic, *topics()])
    else:
        _stop(address_hmac, [topic, *topics()] if "everything" in request.form else [topic])
    db.session.commit()
    return _page(address_hmac, topic, is_done=True)


def _stop(address_hmac: str, chosen: list[str]) -> None:
    for topic in dict.fromkeys(chosen):
        if queries.suppression(address_hmac, topic) is None:
            held = actions.suppress(
                address_hmac, topic, reason="unsubscribed", by="the recipient", now=clock.now()
            )
            audit.record(held, "unsubscribe", after=topic)


def _write_again(address_hmac: str, chosen: list[str]) -> None:
    for topic in dict.fromkeys(chosen):
        held = queries.suppression(address_hmac, topic)
        if held:
            audit.record(held, "write again", before=topic)
            actions.write_again(address_hmac, topic)


def _page(address_hmac: str, topic: str, *, is_done: bool = False) -> str:
    g.is_personal = True
    stopped, names = queries.stopped(address_hmac), topics()
    return render_template(
        "outbox/unsubscribe.html",
        topic_name=names.get(topic, ""),
        is_stopped=topic in stopped,
        is_all=len(names) > 1 and names.keys() <= stopped,
        is_done=is_done,
        has_more=len(names) > 1,
    )
