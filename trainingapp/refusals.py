"""What was understood and cannot be done."""


class Refusal(Exception):
    """Its text is one sentence that the person reads; `field` says where it happened, if in a form."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class Stale(Refusal):
    """Someone else changed the thing since the form was opened."""
