"""Reports made for machines, broken ones included: delivery status (RFC 3464), feedback (RFC 5965). Pure."""

import re
from dataclasses import dataclass

from trainingapp.inbound.reading import Fields, Letter
from trainingapp.inbound.verdicts import Kind, code_in, judge

ADDRESS = re.compile(r"[^\s<>()\[\]\",;:\\|=`']+@[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE)
_IMCEA = re.compile(r"imceaex-.*|imcea(?:smtp|rfc822|invalid)?-([^@]+)@.*", re.IGNORECASE)
_ROUTED = re.compile(r"([^%@]+)%([a-z0-9-]+(?:\.[a-z0-9-]+)+)@.*")  # name%place@relay, as old hosts route it
ACTIONS = {
    "failed",
    "failure",
    "fail",
    "undeliverable",
    "delayed",
    "delivered",
    "relayed",
    "expanded",
    "deliverable",
}
ARRIVED = {"delivered", "relayed", "expanded", "deliverable"}


@dataclass(frozen=True)
class Fate:
    """What became of it for one recipient."""

    address: str | None
    action: str  # failed, delayed, or one of ARRIVED
    code: str | None
    words: str
    kind: Kind | None  # None: neither code nor words said anything definite


def fates(groups: list[Fields], around: str) -> list[Fate]:
    """One for each recipient of a delivery report. `around` is what the report says to people."""
    return [_fate(group, around) for group in groups if _is_about_somebody(group)]


def _is_about_somebody(group: Fields) -> bool:
    about = {"final-recipient", "original-recipient", "x-actual-recipient", "remote-recipient", "recipient"}
    return bool(about & group.keys()) or ("action" in group and "status" in group)


def _fate(group: Fields, around: str) -> Fate:
    status, said = group.get("status", ""), group.get("diagnostic-code", "")
    words = " ".join([said, group.get("x-supplementary-info", "")])
    code = code_in(status, said) if status[:4] != "5.0." else code_in(said, status)
    if code and code[1:] in {".0.0", ".4.7"} and said:
        code = code_in(said) or code
    action = group.get("action", "").split(" ")[0].strip(";").lower()
    if action not in ACTIONS:
        action = {"2": "delivered", "4": "delayed"}.get((code or status or "5")[:1], "failed")
    if action == "delayed" or action in ARRIVED:
        return Fate(
            recipient(group), action, code, words.strip(), Kind.SOFT if action == "delayed" else Kind.NONE
        )
    kind = judge(code, f"{status} {words}")
    if kind is None or (kind is Kind.SOFT and not said.strip()):
        kind = judge(code, around) or kind
    return Fate(recipient(group), "failed", code, words.strip(), kind)


def recipient(group: Fields) -> str | None:
    """What we wrote to, if the report says so, else where it ended."""
    for name in (
        "original-recipient",
        "final-recipient",
        "x-actual-recipient",
        "remote-recipient",
        "recipient",
    ):
        found = address_in(group.get(name, "").rpartition(";")[2] or group.get(name, ""))
        if found:
            return found
    return None


def address_in(text: str) -> str | None:
    found = ADDRESS.search(text.replace("\\", "").replace("mailto:", ""))
    return clean(found[0]) if found else None


def clean(address: str) -> str:
    """Lower case; out of Exchange's wrapping (IMCEASMTP-name+40place@host), a relay's and sendmail's dots."""
    address = address.strip(".-*'\"").lower()
    routed = _ROUTED.fullmatch(address)
    if routed:
        return f"{routed[1]}@{routed[2]}"
    wrapped = _IMCEA.fullmatch(address)
    if wrapped and wrapped[1]:
        inner = re.sub(r"\+([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), wrapped[1])
        return inner.lower() if "@" in inner else address
    return address


COMPLAINTS = {
    "abuse",
    "fraud",
    "opt-out",
    "opt-out-list",
    "miscategorized",
    "virus",
    "other",
    "complaint",
    "",
}


def complained(letter: Letter) -> bool:
    """Somebody called our mail spam. A provider's report about our signatures is no complaint."""
    if letter.feedback is not None:
        return letter.feedback.get("feedback-type", "").strip().lower() in COMPLAINTS
    subject = letter.header("subject").lower()
    by_provider = (
        "x-hmxmroriginalrecipient" in letter.headers or "x-hmxmroriginalrecipient" in letter.original
    )
    return (
        by_provider
        or subject.startswith(
            ("complaint about message from", "abuse report", "[abuse report]", "email feedback report")
        )
        or bool({"x-feedback-type", "x-aol-complaint", "x-loop-complaint"} & letter.headers.keys())
    )


def complainants(letter: Letter) -> list[str]:
    fields = letter.feedback or {}
    named = [
        fields.get("original-rcpt-to", ""),
        fields.get("removal-recipient", ""),
        letter.original.get("x-hmxmroriginalrecipient", "") or letter.header("x-hmxmroriginalrecipient"),
        letter.original.get("x-original-to", ""),
        letter.original.get("to", ""),
    ]
    for text in named:
        found = list(dict.fromkeys(clean(each) for each in ADDRESS.findall(text)))
        if found:
            return found
    return []
