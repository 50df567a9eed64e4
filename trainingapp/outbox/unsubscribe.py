"""The link that stops mail. It is signed, and names a topic and a digest of the address.

It never expires: a mail of three years ago must still be able to stop the next.
"""

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from trainingapp.outbox import addresses
from trainingapp.outbox.kinds import ACCOUNT
from trainingapp.outbox.models import OutgoingEmail


def url(email: OutgoingEmail) -> str | None:
    """For the foot of a message and its List-Unsubscribe; none for mail about one's own account."""
    return None if email.topic == ACCOUNT else _link(email.address_hmac, email.topic, email.language)


def link(address: str, topic: str, language: str) -> str:
    """The same, for a page behind a personal link."""
    return _link(addresses.digest(address), topic, language)


def _link(address_hmac: str, topic: str, language: str) -> str:
    token = _serializer().dumps([address_hmac, topic])
    return f"{current_app.config['BASE_URL']}/outbox/unsubscribe/{token}?l={language}"


def read(token: str) -> tuple[str, str] | None:
    """(digest of the address, topic), or None for a token we did not write."""
    try:
        address_hmac, topic = _serializer().loads(token)
    except (BadSignature, ValueError):
        return None
    return address_hmac, topic


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="unsubscribe")
