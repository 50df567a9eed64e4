"""DKIM signatures (RFC 6376, RFC 8463): dkimpy knows what is signed and in which form, OpenSSL computes.

OpenSSL because dkimpy's own arithmetic is Python: 10 ms a message with an RSA key of 2048 bits, against 0.5.
"""

import base64
import logging
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from dkim.canonicalization import Relaxed

from trainingapp.config import ConfigError

SHORTEST, GOOD = 1024, 2048  # bits of an RSA key
SIGNED = {
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"mime-version",
    b"content-type",
    b"content-language",
    b"content-transfer-encoding",
    b"auto-submitted",
    b"list-unsubscribe",  # RFC 8058: a signature must cover these two, or no button is shown
    b"list-unsubscribe-post",
}
FIELD = b"DKIM-Signature"
RSA_DIGEST = Prehashed(hashes.SHA256())

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def name(self) -> str:
        """Where receivers look for the public half."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def kind(self) -> str:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def public(self) -> str:
        """The p= of the record: a whole SubjectPublicKeyInfo for RSA, the bare 32 bytes for Ed25519."""
        half = self.private.public_key()
        if self.kind == "rsa":
            return base64.b64encode(
                half.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            ).decode()
        return base64.b64encode(half.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()

    @property
    def record(self) -> str:
        return f"v=DKIM1; k={self.kind}; p={self.public}"

    @property
    def is_short(self) -> bool:
        return isinstance(self.private, RSAPrivateKey) and self.private.key_size < GOOD

    def of_digest(self, digest: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(digest, PKCS1v15(), RSA_DIGEST)
        return self.private.sign(digest)


def read_key(path: Path, selector: str, domain: str) -> Key:
    """Raises ConfigError, which never quotes the file."""
    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except OSError as problem:
        raise ConfigError(f"The DKIM key {path} cannot be read: {problem.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(
            f"The DKIM key {path} must be a private key in PEM, without a passphrase: "
            f"openssl genrsa -out {path} 2048."
        ) from None
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise ConfigError(f"The DKIM key {path} must be of RSA or Ed25519: receivers know no other.")
    if isinstance(private, RSAPrivateKey) and private.key_size < SHORTEST:
        raise ConfigError(f"The DKIM key {path} has {private.key_size} bits: receivers ask for {SHORTEST}.")
    key = Key(domain, selector, private)
    if key.is_short:
        logger.warning("the DKIM key %s has fewer than %s bits: make a longer one", path, GOOD)
    return key


def sign(message: bytes, keys: tuple[Key, ...], now: datetime) -> bytes:
    """The message with a signature by each key on top. It must have CRLF at the ends of its lines."""
    if not keys:
        return message
    headers, body = dkim.rfc822_parse(message)
    told = Relaxed.canonicalize_headers(headers)
    names = [name for name, _ in told if name in SIGNED]
    names.append(b"from")  # once more than there are: a second From, added on the way, breaks the signature
    body_hash = base64.b64encode(sha256(Relaxed.canonicalize_body(body)).digest())
    signatures = [_signature(key, told, names, body_hash, now) for key in keys]
    return b"".join(signatures) + message


def _signature(
    key: Key, headers: list[tuple[bytes, bytes]], names: list[bytes], body_hash: bytes, now: datetime
) -> bytes:
    about = (
        f" v=1; a={key.kind}-sha256; c=relaxed/relaxed; d={key.domain}; s={key.selector};"
        f" t={int(now.timestamp())}; h={' : '.join(name.decode() for name in names)}; "
    ).encode() + b"bh=%s; " % body_hash
    value = dkim.fold(about, len(FIELD)).rstrip() + b"\r\n b="
    digest = sha256()
    dkim.hash_headers(digest, Relaxed, headers, names, (FIELD, value), {})
    proof = base64.b64encode(key.of_digest(digest.digest()))
    return FIELD + b":" + value + b"\r\n  ".join(_slices(proof, 72)) + b"\r\n"


def _slices(text: bytes, length: int) -> list[bytes]:
    return [text[start : start + length] for start in range(0, len(text), length)]
