"""Whole numbers that came from outside, and name a row or a place in a list."""

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1  # what a key can be, in any database


def whole(text: str) -> int:
    """For `request.args.get("tag", type=whole)`. Raises ValueError for what can be nobody's number."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) and int(text) <= LARGEST):
        raise ValueError(f"not the number of anything: {text[:20]!r}")
    return int(text)


class Number(IntegerConverter):
    """`<int:cohort_id>` in an address: beyond LARGEST there is no such page."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the name that werkzeug gives
        super().__init__(map, max=LARGEST)
