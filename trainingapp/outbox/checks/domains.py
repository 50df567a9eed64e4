"""What the DNS tells receivers about a sender: SPF, DKIM, DMARC, where bounces go, and the relay's name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from trainingapp.outbox.checks.lookup import Address, Lookup
from trainingapp.outbox.checks.spf import MOST_QUESTIONS, Broken, Spf
from trainingapp.outbox.letters.signing import Key
from trainingapp.outbox.senders import Sender

POLICIES = {"none", "quarantine", "reject"}


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    sender: str
    about: str
    grade: Grade
    text: str


Said = tuple[Grade, str]


def ok(text: str) -> Said:
    return Grade.OK, text


def warning(text: str) -> Said:
    return Grade.WARNING, text


def wrong(text: str) -> Said:
    return Grade.WRONG, text


def spf(lookup: Lookup, domain: str, addresses: list[Address]) -> Said:
    """`addresses` are the relay's, as far as they can be known from here."""
    cost = Spf(lookup, None)
    try:
        result = cost.judge(domain)
        left_out = [str(each) for each in addresses if Spf(lookup, each).judge(domain) != "pass"]
    except Broken as problem:
        return wrong(f"{domain}: {problem}.")
    if result == "none":
        ours = [f"ip{each.version}:{each}" for each in addresses] or ["mx"]
        return wrong(f"{domain} has no SPF record: publish v=spf1 {' '.join(ours)} -all as its TXT.")
    if cost.ends == "pass":
        return wrong(f"{domain} lets everybody send (+all): end the record with -all or ~all.")
    if left_out:
        return warning(f"{domain} does not name {', '.join(left_out)}: add it if the relay sends from there.")
    if cost.ends not in {"fail", "softfail"}:
        return warning(f"{domain} says nothing of other senders: end the record with -all or ~all.")
    names = "names the relay" if addresses else "has a record; the relay's address is not known from here"
    return ok(f"{domain} {names} ({cost.questions} of {MOST_QUESTIONS} questions).")


def dkim(lookup: Lookup, key: Key) -> Said:
    found = [_tags(text) for text in lookup.txt(key.name)]
    if len(found) != 1:
        return wrong(f"{key.name} has {len(found)} records in the DNS: publish one TXT, {key.record}")
    record = found[0]
    told = record.get("p", "")
    if not told:
        return wrong(f"{key.name} is revoked (its p= is empty): make a new key under a new selector.")
    if told != key.public or record.get("k", "rsa") != key.kind:
        return wrong(f"{key.name} belongs to another key than ours: publish {key.record}")
    if "y" in record.get("t", "").split(":"):
        return warning(f"{key.name} says t=y, a trial that receivers may ignore: leave it out.")
    if key.is_short:
        return warning(f"{key.name} has fewer than 2048 bits: make a longer key.")
    return ok(f"{key.name} is our key ({key.kind}).")


def mx(lookup: Lookup, domain: str) -> Said:
    """Where bounces arrive."""
    hosts = lookup.mx(domain)
    if hosts == [""]:
        return wrong(f"{domain} says that it takes no mail, so bounces are lost: set another return_path.")
    if not hosts and lookup.addresses(domain):
        return warning(f"{domain} has no MX record; bounces go to its own address: publish one.")
    reached = [host for host in hosts if lookup.addresses(host)]
    if not reached:
        return wrong(f"{domain} has no mail server that can be found, so bounces are lost: publish an MX.")
    return ok(f"bounces for {domain} go to {reached[0]}.")


def reverse(lookup: Lookup, address: Address) -> Said:
    names = lookup.names(address)
    if any(address in lookup.addresses(name) for name in names):
        return ok(f"{address} is {names[0]}, both ways.")
    return warning(f"{address} has no name that leads back to it: the relay's provider gives it one.")


def dmarc(lookup: Lookup, sender: Sender) -> Iterator[Said]:
    """The record, then whether what it asks for is so: a signature or return path of the same domain."""
    own = domain_of(sender.address)
    organisation, records = _policies(lookup, own)
    if not records:
        yield warning(f"{own} has no DMARC record: publish v=DMARC1; p=none as TXT of _dmarc.{own}")
        return
    tags = _tags(records[0])
    policy = tags.get("p", "").lower()
    if organisation != own:
        policy = tags.get("sp", policy).lower()
    if len(records) > 1 or policy not in POLICIES:
        yield wrong(f"_dmarc.{organisation} must be one record, with p=none, p=quarantine or p=reject.")
        return
    yield ok(f"_dmarc.{organisation} asks for {policy}.")
    path = domain_of(sender.return_path or sender.address)
    by_key = any(_is_aligned(own, key.domain, organisation, tags.get("adkim")) for key in sender.dkim)
    by_path = _is_aligned(own, path, organisation, tags.get("aspf"))
    if by_key or by_path:
        yield ok(f"the {'signature' if by_key else 'return path'} is of the same domain as From.")
    else:
        grade = Grade.WARNING if policy == "none" else Grade.WRONG
        yield (
            grade,
            f"neither signature nor return path is of {own}: sign with a key of {own}, or DMARC fails.",
        )


def _policies(lookup: Lookup, domain: str) -> tuple[str, list[str]]:
    """The record of the domain or of the nearest above it, and where it was found."""
    at = domain
    while "." in at:
        found = [text for text in lookup.txt(f"_dmarc.{at}") if re.match(r"v\s*=\s*DMARC1\b", text)]
        if found:
            return at, found
        at = at.partition(".")[2]
    return domain, []


def _is_aligned(own: str, other: str, organisation: str, mode: str | None) -> bool:
    """Relaxed, as usual: both of one organisation, which is where the record was found."""
    if mode == "s":
        return own == other.lower()
    return f".{other.lower()}".endswith(f".{organisation}")


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _tags(record: str) -> dict[str, str]:
    parts = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, _, value in parts if name.strip()}
