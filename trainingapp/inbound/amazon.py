"""What Amazon SES tells, itself or through SNS, when that comes by mail: JSON, read as a report. Pure."""

import json
import re
from typing import Any

Fields = dict[str, str]
_FOLD = re.compile(r"!\n[ \t]?")  # sendmail breaks what is longer than 990 characters
_INNER_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def told(words: str) -> tuple[list[Fields], Fields | None]:
    """Fields as of RFC 3464, one group for each recipient, and as of RFC 5965 for a complaint."""
    event = _event(words)
    try:
        match event.get("notificationType") or event.get("eventType"):
            case "Bounce":
                return [_missed(event["bounce"], each) for each in event["bounce"]["bouncedRecipients"]], None
            case "Delivery":
                return [_reached(str(each)) for each in event["delivery"]["recipients"]], None
            case "Complaint":
                return [], _complaint(event["complaint"])
    except (AttributeError, KeyError, TypeError):  # no such thing after all
        pass
    return [], None


def _event(words: str) -> dict[str, Any]:
    """Bare, or as a string within the envelope of the notification."""
    if not words.startswith("{"):
        return {}
    text = _FOLD.sub("", words)
    for _ in range(2):
        try:
            found, _ = json.JSONDecoder(strict=False).raw_decode(text[text.index("{") :])
        except (ValueError, RecursionError):
            return {}
        if not isinstance(found.get("Message"), str):
            return found
        text = found["Message"]
    return {}


def _missed(bounce: dict[str, Any], recipient: dict[str, Any]) -> Fields:
    is_lasting = bounce.get("bounceType") == "Permanent"  # absences come as "Undetermined"
    why = _INNER_WORD.sub(" ", str(bounce.get("bounceSubType", "")))
    return {
        "final-recipient": f"rfc822; {recipient['emailAddress']}",
        "action": str(recipient.get("action", "failed")),
        "status": str(recipient.get("status", "5.0.0" if is_lasting else "4.0.0")),
        "diagnostic-code": str(recipient.get("diagnosticCode", why)),
    }


def _reached(address: str) -> Fields:
    return {"final-recipient": f"rfc822; {address}", "action": "delivered", "status": "2.0.0"}


def _complaint(complaint: dict[str, Any]) -> Fields:
    who = [str(each["emailAddress"]) for each in complaint["complainedRecipients"]]
    kind = str(complaint.get("complaintFeedbackType") or "abuse")
    return {"feedback-type": kind, "original-rcpt-to": ", ".join(who)}
