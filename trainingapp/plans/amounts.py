"""A number as people write it anywhere: 4500, 4,500, 4.500,50, 4 500.5, 1,50,000; in any digits."""

import re
from decimal import Decimal

from flask_babel import format_decimal
from flask_babel import gettext as _

from trainingapp.refusals import Refusal

PLACES = 2  # so that a separator with three digits after it can only part thousands
LARGEST = Decimal(10) ** 12
LONGEST = 60  # characters; thousands of digits are more than Python reads as a number
TURNS = "\u200e\u200f"  # marks of direction, which stand before a minus where it runs from right to left
SPACES_AND_QUOTES = r"[\s\u00a0\u2009\u202f'\u2019]"
GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?P<mark>[.,])\d{3})(?:(?P=mark)\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3}")


class UnreadableAmount(Refusal):
    """Not a number, or a number that two people would read differently."""


def read(text: str) -> Decimal | None:
    """None when nothing is written; at most two decimals. Raises UnreadableAmount."""
    written = text.strip(f"{TURNS} \t\r\n")
    if not written:
        return None
    sign = -1 if written[0] in "-−" else 1  # noqa: RUF001 - the true minus sign
    plain = _in_ascii(written).lstrip(f"-−{TURNS}").replace("٬", "")  # noqa: RUF001
    plain = re.sub(rf"(?<=\d){SPACES_AND_QUOTES}(?=\d{{3}}(?!\d))", "", plain)
    whole, fraction = _parts(plain, text)
    if len(fraction.rstrip("0")) > PLACES:
        raise UnreadableAmount(_("“%(text)s”: write at most two decimals.", text=text))
    number = sign * Decimal(f"{int(whole)}.{int(fraction or 0):0{len(fraction) or 1}d}")
    if abs(number) >= LARGEST:
        raise UnreadableAmount(_("“%(text)s” is too large. Is there a digit too many?", text=text))
    return number.quantize(Decimal("0.01"))


def read_cost(text: str) -> Decimal | None:
    """As `read`; money that is spent is not below zero."""
    number = read(text)
    if number is not None and number < 0:
        raise UnreadableAmount(_("A cost cannot be below zero. Leave it empty if it costs nothing."))
    return number


def write(number: Decimal | None) -> str:
    """As the reader's language writes it, so that `read` understands it again."""
    return "" if number is None else format_decimal(number)


def _in_ascii(text: str) -> str:
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text)


def _parts(plain: str, text: str) -> tuple[str, str]:
    """The digits before and after the decimal mark."""
    plain = plain if len(plain) <= LONGEST else ""
    if re.fullmatch(r"\d+", plain):
        return plain, ""
    if GROUPED.fullmatch(plain):
        return re.sub("[.,]", "", plain), ""
    decimal = re.fullmatch(r"(?P<whole>.*\d)(?P<mark>[.,٫])(?P<fraction>\d+)", plain)  # noqa: RUF001 - the Arabic decimal mark
    if decimal:
        whole, mark = decimal["whole"], decimal["mark"]
        if whole.isdecimal():
            return whole, decimal["fraction"]
        if GROUPED.fullmatch(whole) and mark not in whole:
            return re.sub("[.,]", "", whole), decimal["fraction"]
    raise UnreadableAmount(
        _("“%(text)s” is not a number we understand. Write it like 4500 or 4500.50.", text=text)
    )
