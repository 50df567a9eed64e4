"""What a guard would want to know: one line of JSON an event, so that no name can forge a second line."""

import json
import logging

from flask import has_request_context, request

logger = logging.getLogger("trainingapp.security")


def note(event: str, **facts: object) -> None:
    """Facts are ids and short words: never a password, a token or an address of a person."""
    if has_request_context():
        facts = {"endpoint": request.endpoint, "from": request.remote_addr, **facts}
    logger.warning(json.dumps({"event": event, **facts}, default=str))
