"""A kind of message that is always wanted; the test's worker processes load it too."""

from trainingapp.outbox.kinds import Message, MessageKind, register


@register
class Chaos(MessageKind):
    name = "chaos"
    topic = "follow-up"

    def render(self, _email):
        return Message("Hello", "Hello\n", "<p>Hello</p>")

    def unwanted_because(self, _email):
        return None
