"""Personal links: 256 bits, bound to one purpose, never stored. Only their SHA-256 is.

A token is an HMAC of what it opens, so the sender can write it into a mail long after it was
planned, and a dump of the database opens nothing.
"""

import base64
import hashlib
import hmac
from functools import cache

from flask import current_app


def issue(purpose: str, *parts: object) -> str:
    """The token for one purpose ("invitation", "password") and one thing, as 43 URL-safe characters."""
    message = "\x1f".join([purpose, *map(str, parts)]).encode()
    return (
        base64.urlsafe_b64encode(hmac.digest(_key(current_app.config["SECRET_KEY"]), message, "sha256"))
        .rstrip(b"=")
        .decode()
    )


@cache
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"link\x1f" + secret.encode()).digest()


def fingerprint(token: str) -> str:
    """What is stored and looked up: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
