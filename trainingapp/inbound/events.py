"""A sending service's events, mailed on as they are: Amazon SES writes JSON, SNS puts it into a mail. Pure.

Read by pattern and not by a JSON parser: servers fold its one long line, and SNS may
wrap it once more as text.
"""

import re

Fields = dict[str, str]

_FOLDED = re.compile(r"!\n[ \t]?")  # sendmail breaks what is longer than 990 characters
_TYPE = re.compile(r'"(?:notificationType|eventType)"\s*:\s*"(\w+)"')
_PAIR = re.compile(r'"(\w+)"\s*:\s*"([^"]*)"')
_ENTRY = re.compile(r"\{[^{}]*\}")
_NAMES = {"emailAddress": "final-recipient", "diagnosticCode": "diagnostic-code"}


def groups_in(words: str) -> tuple[list[Fields], Fields | None]:
    """As a report for machines would put it: the recipients' delivery status, or a complaint."""
    if not words.startswith("{"):
        return [], None
    text = _FOLDED.sub("", words).replace('\\"', '"')
    found = _TYPE.search(text)
    kind = found[1] if found else ""
    if kind == "Bounce":
        status = "5.0.0" if '"Permanent"' in text else "4.0.0"  # out-of-office replies come as "Undetermined"
        entries = _ENTRY.findall(_list(text, "bouncedRecipients"))
        return [{"action": "failed", "status": status} | _fields(entry) for entry in entries], None
    if kind == "Delivery":
        reached = re.findall(r'"([^"]+@[^"]+)"', _list(text, "recipients"))
        return [{"final-recipient": each, "action": "delivered", "status": "2.0.0"} for each in reached], None
    if kind == "Complaint":
        addresses = [pair[1] for pair in _PAIR.findall(_list(text, "complainedRecipients"))]
        return [], {"feedback-type": "abuse", "original-rcpt-to": ", ".join(addresses)}
    return [], None


def _list(text: str, name: str) -> str:
    found = re.search(rf'"{name}"\s*:\s*\[(.*?)\]', text, re.DOTALL)
    return found[1] if found else ""


def _fields(entry: str) -> Fields:
    return {_NAMES.get(name, name.lower()): value for name, value in _PAIR.findall(entry)}
