"""What Amazon SES tells of our mail, itself or through SNS, by mail."""

import pytest
from samples import told_by_amazon

from trainingapp.inbound.classifier import classify
from trainingapp.inbound.verdicts import Kind


def _bounced(lasting="Permanent", why="General", **more):
    who = [{"emailAddress": "sita@example.org", **more}]
    return {
        "notificationType": "Bounce",
        "bounce": {"bounceType": lasting, "bounceSubType": why, "bouncedRecipients": who},
    }


SITA = {"emailAddress": "sita@example.org"}
TOLD = {
    "no such user": (_bounced(status="5.1.1", diagnosticCode="smtp; 550 User unknown"), Kind.HARD),
    "for good": (_bounced(), Kind.HARD),
    "away": (_bounced("Undetermined", "Undetermined"), Kind.SOFT),
    "for now": (_bounced("Transient"), Kind.SOFT),
    "full": (_bounced("Transient", "MailboxFull"), Kind.FULL),
    "too large": (_bounced("Transient", "MessageTooLarge"), Kind.BLOCKED),
    "complaint": (
        {"notificationType": "Complaint", "complaint": {"complainedRecipients": [SITA]}},
        Kind.COMPLAINT,
    ),
    "arrived": (
        {"notificationType": "Delivery", "delivery": {"recipients": ["sita@example.org"]}},
        Kind.NONE,
    ),
}


@pytest.mark.parametrize(("event", "kind"), TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("wrapped", [True, False], ids=["in an envelope", "bare"])
def test_what_amazon_tells_by_mail(event, kind, wrapped):
    verdict = classify(told_by_amazon(event, wrapped=wrapped))
    assert verdict.kind is kind
    assert verdict.recipients == ("sita@example.org",)
    assert verdict.arrived is (kind is Kind.NONE)


@pytest.mark.parametrize(
    "event", [{}, [], {"Message": "{"}, {"notificationType": "Bounce", "bounce": []}, {"eventType": "Open"}]
)
def test_what_only_looks_as_if_amazon_told_it_is_nothing(event):
    assert classify(told_by_amazon(event)).kind is Kind.NONE


def test_an_event_that_was_folded_and_wrapped_as_text_is_read_all_the_same():
    inside = r"{\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\","
    bounced = r"\"bouncedRecipients\":[{\"emailAddr!" + "\n" + r" ess\":\"sita@example.org\"}]}}"
    raw = b"From: no-reply@sns.example\nSubject: Notice\n\n" + f'{{"Message": "{inside}{bounced}"}}'.encode()
    verdict = classify(raw)
    assert (verdict.kind, verdict.recipients) == (Kind.HARD, ("sita@example.org",))
