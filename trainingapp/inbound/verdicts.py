"""What a server's code and words mean for the address. Pure.

A message that is too large is `blocked`, not `full`: the mailbox is alive and has room for other mail, and
nothing but a smaller message would pass.
"""

import re
from enum import StrEnum

from trainingapp.inbound import phrases


class Kind(StrEnum):
    HARD = "hard"  # nobody there: unknown, moved, closed, no such domain
    SOFT = "soft"  # may pass next time: delays, networks, a server's own trouble
    BLOCKED = "blocked"  # refused for who sent it or what it is; the address is alive
    FULL = "full"  # no room in the mailbox
    COMPLAINT = "complaint"  # the recipient called it spam
    AUTO = "auto"  # a machine answers for a person: out of office, receipt, challenge
    NONE = "none"  # nothing of the kind


WORST_FIRST = (Kind.HARD, Kind.FULL, Kind.BLOCKED, Kind.SOFT)

# RFC 3463 and the IANA registry. Codes not listed, such as 5.0.0 and 5.5.0, say nothing without words.
BY_CODE = {
    **dict.fromkeys(("1.1", "1.2", "1.3", "1.4", "1.6", "1.9", "1.10", "2.1", "4.4", "7.17"), Kind.HARD),
    **dict.fromkeys(("2.2",), Kind.FULL),
    **dict.fromkeys(("1.7", "1.8", "2.3", "3.4", "4.5"), Kind.BLOCKED),
    **dict.fromkeys(
        ("2.4", "3.0", "3.1", "3.2", "3.3", "3.5", "4.0", "4.1", "4.2", "4.3", "4.6", "4.7"), Kind.SOFT
    ),
    **dict.fromkeys(("4.8", "4.9", "5.1", "5.2", "5.3", "5.4", "5.5"), Kind.SOFT),
}
ENHANCED = re.compile(r"(?<![\d.:])([45])\.(\d{1,2})\.(\d{1,3})(?![\d.])")
SMTP = re.compile(r"(?<![\d.:/@#=-])([45][0-5]\d)(?=[ \-:,#.]|$)(?!\.\d)")
VAGUE = {"0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0"}
AFTER_THE_TEXT = re.compile(r"(?:in reply to|after) (?:the )?(?:end of )?(?:data|message)\b")
KNOWN_ADDRESS = {"1.1", "1.2", "1.3", "1.6", "1.10"}


def code_in(*texts: str) -> str | None:
    """The most telling: an enhanced one that says more than "other", else any, else the three digits."""
    vague = None
    for text in texts:
        for found in ENHANCED.finditer(text):
            if found[2] + "." + found[3] not in VAGUE:
                return found[0]
            vague = vague or found[0]
    three = next((found[1] for text in texts for found in [SMTP.search(text)] if found), None)
    if vague and three and vague.endswith("0.0"):
        return three
    return vague or three


def judge(code: str | None, text: str) -> Kind | None:
    """None when neither says anything definite. What the words say outright comes first, then the code."""
    words, detail = plain(text), _detail(code)
    if phrases.DELAYED.search(words) and not (code or "").startswith("5"):
        return Kind.SOFT
    if phrases.TOO_LARGE.search(words) or phrases.UNWANTED.search(words):
        return Kind.BLOCKED
    if detail == "2.2" or phrases.FULL.search(words):
        return Kind.FULL
    if phrases.ABOUT_THE_SENDER.search(words) and detail not in KNOWN_ADDRESS:
        return Kind.BLOCKED
    return _of_address(code, detail, words)


def _of_address(code: str | None, detail: str, words: str) -> Kind | None:
    is_policy = phrases.POLICY.search(words) is not None or _is_about_security(code, detail)
    if phrases.UNKNOWN.search(words):
        return _unknown(code, detail, words, is_policy=is_policy)
    if is_policy and detail not in KNOWN_ADDRESS:
        may_pass = (code or "").startswith("4") and phrases.PASSING.search(words)  # greylists, rates
        return Kind.SOFT if may_pass else Kind.BLOCKED
    return _by_code(code, detail, words)


def _is_about_security(code: str | None, detail: str) -> bool:
    """5.6.x is about the content, 5.7.x about security; but 5.7.0 and 5.7.1 are written for anything."""
    is_of_it = (code or "").startswith(("5.6.", "5.7."))
    return is_of_it and detail not in {"6.0", "7.0", "7.1"} and detail not in BY_CODE


def _unknown(code: str | None, detail: str, words: str, *, is_policy: bool) -> Kind:
    """Says "unknown", and perhaps more."""
    is_outright = _OUTRIGHT.search(words) is not None
    if is_policy and detail not in KNOWN_ADDRESS | {"4.1"} and not is_outright:
        return Kind.BLOCKED
    if AFTER_THE_TEXT.search(words) and not is_outright and detail not in KNOWN_ADDRESS:
        return Kind.BLOCKED
    if (code or "5").startswith("4") and (phrases.PASSING.search(words) or not is_outright):
        return Kind.SOFT
    return Kind.HARD


# These leave no doubt, whatever else is said beside them.
_OUTRIGHT = re.compile(
    r"user ?unknown|unknown (?:local )?(?:user|recipient|mailbox)"
    r"|no such (?:user|mailbox|recipient|person|account|address)|recipnotfound"
    r""
    r"|(?:user|recipient|mailbox|account|address)(?: \S+){0,3} (?:does ?n[o']t exist|not found"
    r"|unknown|unavailable|disabled|suspended)"
    r"|does not exist|not listed in|no mx or a|badrcptto|rcpthosts"
    r"|relay(?:ing)?(?: access)? denied|unable to relay|recipient address rejected: access denied"
    r"|mailbox unavailable"
)


def is_nobody_there(code: str | None, text: str) -> bool:
    """A hard bounce of which there is no doubt: no such person, no such place."""
    return (code or "").startswith("5.1.") or _OUTRIGHT.search(plain(text)) is not None


def _by_code(code: str | None, detail: str, words: str) -> Kind | None:
    is_passing = phrases.PASSING.search(words) is not None and detail not in KNOWN_ADDRESS
    if is_passing or (code or "").startswith("4"):
        return Kind.SOFT
    if code == "551":  # RFC 5321: user not local
        return Kind.HARD
    if AFTER_THE_TEXT.search(words) and (not detail or detail in VAGUE):
        return Kind.BLOCKED  # the address was fine until the server had read the message
    if detail.startswith(("6.", "7.")) and detail not in BY_CODE:
        return Kind.BLOCKED
    return BY_CODE.get(detail)


def _detail(code: str | None) -> str:
    """Of 5.1.1 the 1.1; empty for a reply of three digits."""
    return code[2:] if code and "." in code else ""


def plain(text: str) -> str:
    return " ".join(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
