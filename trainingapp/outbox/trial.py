"""The test letter: an operator sends it to an own mailbox, and looks at what arrived."""

from trainingapp.outbox import unsubscribe
from trainingapp.outbox.kinds import Message, MessageKind, register
from trainingapp.outbox.letters.rendering import render_email
from trainingapp.outbox.models import OutgoingEmail


@register
class TrialLetter(MessageKind):
    """Of a topic of its own: it has every header of a follow-up, and its way out stops nothing else."""

    name = "test_letter"
    topic = "test"

    def render(self, email: OutgoingEmail) -> Message:
        return render_email(
            "outbox/emails/test_letter",
            email.language,
            unsubscribe_url=unsubscribe.url(email),
            sender=email.sender,
            relay=email.facts["relay"],
        )

    def unwanted_because(self, email: OutgoingEmail) -> str | None:  # noqa: ARG002 - somebody waits for it
        return None
