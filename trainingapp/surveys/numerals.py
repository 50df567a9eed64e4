"""Numbers as people type them on a phone: any script's digits, spaces or marks between thousands."""

import re
import unicodedata
from decimal import Decimal

_GROUPED = re.compile(r"\d{1,3}(?:[.,'\u2019]\d{3})+")
_MARKS = str.maketrans({"\u066c": ",", "\u066b": ".", "\u2212": "-"})  # Arabic marks, and the minus sign


def read_number(text: str, decimals: int) -> float:
    """Raises ValueError when it cannot be read, or could be read in two ways ("1.200")."""
    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in text.translate(_MARKS)
        if not sign.isspace()
    )
    sign, plain = (-1, plain[1:]) if plain.startswith("-") else (1, plain)
    if _GROUPED.fullmatch(plain):
        marks = set(re.findall(r"[.,'\u2019]", plain))
        one_mark_once = decimals and marks <= {".", ","} and len(re.findall(r"[.,]", plain)) == 1
        if len(marks) > 1 or one_mark_once:
            raise ValueError(text)
        return sign * float(re.sub(r"\D", "", plain))
    if not re.fullmatch(r"\d{1,15}(?:[.,]\d+)?", plain):
        raise ValueError(text)
    number = float(plain.replace(",", "."))
    if round(number, decimals) != number:
        raise ValueError(text)
    return sign * number


def number_text(number: float) -> str:
    """As `read_number` reads it again: three decimals alone would look like thousands."""
    text = f"{Decimal(repr(number)):f}".removesuffix(".0")
    return f"{text}0" if re.search(r"\.\d{3}$", text) else text
