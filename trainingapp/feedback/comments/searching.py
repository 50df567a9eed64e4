"""Words found in comments as people write them: with and without accents, Arabic or Persian letters.

What is compared is taken apart as Unicode's NFKD says (an accent is a letter of its own, a letter of full
width is a plain one), in small letters, without accents and what nobody sees.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from trainingapp.db import apart

MOST_WORDS = 6

# Arabic letters that stand for Persian ones, and Latin ones that no accent explains, in pairs
_SAME = dict(
    zip(
        "\u064a\u0649\u0643\u0629\u0671\u06d5\u03c2\u0131\u0142\u0111\u00f8",
        "\u06cc\u06cc\u06a9\u0647\u0627\u0647\u03c3ildo",
        strict=True,
    )
)
# PostgreSQL leaves these as they are where its locale is C
_CAPITALS = {letter: letter.lower() for letter in map(chr, (*range(0x391, 0x3AA), *range(0x400, 0x430)))}
_DIGITS = {chr(start + n): str(n) for start in (0x660, 0x6F0) for n in range(10)}
_ACCENTS = (*range(0x300, 0x370), *range(0x64B, 0x656), 0x670, 0x640)  # and signs of vowels, and the tatweel
_UNSEEN = (0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF)  # joiners, where a line may break, directions
_PAIRS = {**_SAME, **{one: apart(small)[0] for one, small in _CAPITALS.items()}, **_DIGITS}
_DROPPED = "".join(map(chr, (*_ACCENTS, *_UNSEEN)))
_FROM, _TO = "".join(_PAIRS) + _DROPPED, "".join(_PAIRS.values())
_TABLE = str.maketrans("".join(_PAIRS), _TO, _DROPPED)


class _Apart(FunctionElement[str]):
    type = sa.Text()
    inherit_cache = True


@compiles(_Apart)
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"lower(normalize({compiler.process(element.clauses, **more)}, NFKD))"


@compiles(_Apart, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"apart({compiler.process(element.clauses, **more)})"


def folded(text: str) -> str:
    return apart(text).translate(_TABLE)


def has_words(column: InstrumentedAttribute[str | None], text: str) -> sa.ColumnElement[bool]:
    """A WHERE clause: every word stands somewhere in it, in any order and any part of a word."""
    plain = sa.func.translate(_Apart(column), _FROM, _TO, type_=sa.Text())
    words = folded(text).replace("\0", "").split()[:MOST_WORDS]
    return sa.and_(sa.true(), *(plain.contains(word, autoescape=True) for word in words))
