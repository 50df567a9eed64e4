"""`trainingapp mail check`: whether a relay takes our mail and receivers will believe it. Sends nothing.

The relay is asked as the sender asks it, up to the first message; the DNS as receivers do.
"""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address

from trainingapp.config import Config
from trainingapp.outbox.checks import domains
from trainingapp.outbox.checks.domains import Finding, Said, domain_of, ok, warning, wrong
from trainingapp.outbox.checks.lookup import Address, Lookup, Silent
from trainingapp.outbox.lines import relays, smtp
from trainingapp.outbox.lines.maildir import Folder
from trainingapp.outbox.lines.relays import Relay
from trainingapp.outbox.senders import Sender

FEW_DAYS = 14  # left of a certificate
EXTENSIONS = ("size", "8bitmime", "pipelining", "dsn", "smtputf8")


def of_sender(sender: Sender, settings: Config, lookup: Lookup, now: datetime) -> Iterator[Finding]:
    """One finding a line; never raises because a network or a server is as it is."""
    for about, (grade, text) in _of_sender(sender, settings, lookup, now):
        yield Finding(sender.name, about, grade, text)


def _of_sender(sender: Sender, settings: Config, lookup: Lookup, now: datetime) -> Iterator[tuple[str, Said]]:
    if isinstance(sender.relay, Folder):
        yield "dry run", _folder(sender.relay)
        return
    yield from _connection(sender.relay, settings.host, now)
    try:
        yield from _dns(sender, sender.relay, lookup)
    except Silent as problem:
        yield "DNS", wrong(f"{problem}: is this machine online, and may it ask?")
    if not settings.is_https:
        yield "links", warning("BASE_URL is not https://, which one-click unsubscribe (RFC 8058) needs.")


def _folder(folder: Folder) -> Said:
    above = next(path for path in (folder.path, *folder.path.parents) if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        return wrong(f"{above} cannot be written: mail has nowhere to go.")
    return warning(f"mail goes into {folder.path} and to nobody: name a relay to send for real.")


def _connection(relay: Relay, host: str, now: datetime) -> Iterator[tuple[str, Said]]:
    try:
        client = smtp.connect(relay, smtp.greeting(host))
    except (OSError, smtplib.SMTPException) as problem:
        yield "connection", wrong(f"{relay.name}: {_why(problem, relay)}")
        return
    try:
        signed_in = f", and signed us in as {relay.user}" if relay.user else ""
        yield "connection", ok(f"{relay.name} answered{signed_in}.")
        yield "encryption", _encryption(client.sock, relay, now)
        offered = [name.upper() for name in EXTENSIONS if client.has_extn(name)]
        yield "extensions", ok(f"it offers {', '.join(offered) or 'none that we use'}.")
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()


def _why(problem: Exception, relay: Relay) -> str:
    for kind, words in FAILURES.items():
        if isinstance(problem, kind):
            return words.format(problem, relay=relay, said=smtp.words(getattr(problem, "smtp_error", "")))
    return f"{type(problem).__name__}: {problem}"


# From the most telling kind to the least.
FAILURES: dict[type[Exception], str] = {
    socket.gaierror: "the name leads nowhere: it is mistyped, or this machine is offline.",
    ssl.SSLCertVerificationError: "its certificate does not prove who it is ({0.verify_message}): "
    "correct the name, or name its authority with cafile.",
    ssl.SSLError: "encryption failed ({0.reason}): smtps:// is for port 465, ?starttls=1 for 587.",
    smtplib.SMTPAuthenticationError: "it refused our name or password ({0.smtp_code} {said}): correct them.",
    smtplib.SMTPNotSupportedError: "it does not offer what is configured: {0}",
    smtplib.SMTPResponseException: "it answered {0.smtp_code} {said}",
    TimeoutError: "it did not answer in {relay.timeout:g} seconds: a wrong port, or a firewall on the way.",
    ConnectionRefusedError: "nothing listens there: correct the host and port.",
}


def _encryption(line: socket.socket | None, relay: Relay, now: datetime) -> Said:
    if not isinstance(line, ssl.SSLSocket):
        if relays.is_loopback(relay.host):
            return ok("none is needed: the relay is on this machine.")
        return warning("none: add ?starttls=1, or anybody on the way reads along.")
    ends = (line.getpeercert() or {}).get("notAfter")
    assert isinstance(ends, str)
    days = int((ssl.cert_time_to_seconds(ends) - now.timestamp()) // 86_400)
    said = f"{line.version()}; the certificate is good for {days} more days."
    return ok(said) if days >= FEW_DAYS else warning(said)


def _dns(sender: Sender, relay: Relay, lookup: Lookup) -> Iterator[tuple[str, Said]]:
    addresses = _addresses(relay, lookup)
    bounces = domain_of(sender.return_path or sender.address)
    yield "SPF", domains.spf(lookup, bounces, addresses)
    for key in sender.dkim:
        yield "DKIM", domains.dkim(lookup, key)
    if not sender.dkim:
        yield "DKIM", warning("no key is configured: unless the relay signs, mail goes unsigned.")
    for said in domains.dmarc(lookup, sender):
        yield "DMARC", said
    yield "MX", domains.mx(lookup, bounces)
    for address in addresses:
        yield "reverse DNS", domains.reverse(lookup, address)


def _addresses(relay: Relay, lookup: Lookup) -> list[Address]:
    """As the world sees them: those of this machine or network say nothing."""
    try:
        found = [ip_address(relay.host)]
    except ValueError:
        found = lookup.addresses(relay.host)
    return [address for address in found if address.is_global]
