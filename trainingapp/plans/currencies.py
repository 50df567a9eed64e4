"""ISO 4217 codes that money is counted in today, the likely ones for a country first."""

from functools import cache

from babel.core import get_global
from babel.numbers import get_territory_currencies
from flask_babel import gettext as _

from trainingapp.refusals import Refusal

EVERYWHERE = ("USD", "IDR")  # the programme's own, and what donors count in


class UnknownCurrency(Refusal):
    """Not a code of ISO 4217 that is in use."""


@cache
def in_use() -> frozenset[str]:
    places = get_global("territory_currencies")
    return frozenset(code for place in places for code in get_territory_currencies(place))


def likely(country: str) -> list[str]:
    own = get_territory_currencies(country) if country in get_global("territory_currencies") else []
    return list(dict.fromkeys([*own, *EVERYWHERE]))


def read(text: str) -> str:
    """Raises UnknownCurrency."""
    code = text.strip().upper()
    if code and code not in in_use():
        raise UnknownCurrency(_("“%(text)s” is not the code of a currency. Write it like USD.", text=text))
    return code
