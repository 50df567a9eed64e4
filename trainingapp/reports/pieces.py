"""What a section shows, as JSON: made once, written by the page, the PDF and the DOCX alike.

Every text is final, in the report's language: nothing that writes a piece counts, rounds or words anything.
So what is frozen stays as it was, and the three cannot disagree. A kind of piece is a class here, a partial
`templates/reports/pieces/_<kind>.html`, a function of report.typ and one of word_file.py.

{"kind": "heading", "text"}
{"kind": "facts", "items": [{"name", "value", "detail"}]}
{"kind": "table", "caption", "heads": [{"text", "align"}], "rows": [[cell, …], …], "legend": [text, …]}
{"kind": "note", "text"}
{"kind": "quotes", "items": [{"text", "dir", "language", "translation", "translation_dir", "source"}]}

A cell is {"text", "detail"}, and may be drawn too: "share" [k of n, low, high] of 1, or "bar" [counts].
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import format_decimal, format_percent, get_locale
from flask_babel import gettext as _

from trainingapp.impact.figures import Share
from trainingapp.reports.prose import direction
from trainingapp.statistics import SMALLEST_GROUP, TOO_FEW_FOR_PERCENT, wilson

Piece = dict[str, Any]
Cell = dict[str, Any]
KINDS = ("heading", "facts", "table", "note", "quotes")
START, END = "start", "end"  # where a column's text stands


def heading(text: str) -> Piece:
    return {"kind": "heading", "text": text}


def note(text: str) -> Piece:
    return {"kind": "note", "text": text}


def facts(*items: tuple[str, Cell]) -> Piece:
    """The few figures that come first, each a name and a cell."""
    found = [{"name": name, "value": one["text"], "detail": one["detail"]} for name, one in items]
    return {"kind": "facts", "items": found}


def table(
    caption: str,
    heads: Iterable[str | tuple[str]],
    rows: Iterable[Sequence[Cell]],
    legend: Iterable[str] = (),
) -> Piece:
    """A head that is a tuple of one stands over numbers. The first cell of a row names it."""
    columns = [
        {"text": head, "align": START} if isinstance(head, str) else {"text": head[0], "align": END}
        for head in heads
    ]
    found = {"kind": "table", "caption": caption, "heads": columns, "rows": [list(row) for row in rows]}
    return {**found, "legend": list(legend)}


def quotes(items: Iterable[Piece]) -> Piece:
    return {"kind": "quotes", "items": list(items)}


def quote(text: str, language: str, translation: str, source: str) -> Piece:
    return {
        "text": text,
        "dir": direction(text),
        "language": language,
        "translation": translation,
        "translation_dir": direction(translation),
        "source": source,
    }


def cell(text: object, detail: str = "") -> Cell:
    return {"text": str(text), "detail": detail}


def nothing() -> Cell:
    return cell("\N{EN DASH}")


def number(value: float | Decimal | None, unit: str = "") -> Cell:
    """As the language writes it, with two decimals at most; a dash where there is none."""
    return nothing() if value is None else cell(written(value), unit)


def written(value: float | Decimal) -> str:
    return (_before_sign() if value < 0 else "") + str(format_decimal(round(value, 2)))


def signed(value: float) -> str:
    return (_before_sign() + "+" if value > 0 else "") + written(value)


def _before_sign() -> str:
    """What keeps it left of its number where text runs from right to left."""
    locale = get_locale()
    return "\N{LEFT-TO-RIGHT MARK}" if locale and locale.text_direction == "rtl" else ""


def percent(share: float) -> str:
    """As the language writes it: French parts the sign from the number."""
    return str(format_percent(round(share, 2)))


def of(k: int, n: int) -> Cell:
    """K of n with its likely range, drawn; of fewer than five neither a rate nor what they said."""
    if not n:
        return nothing()
    if n < SMALLEST_GROUP:
        return cell(_("hidden"), _("fewer than five"))
    low, high = wilson(k, n)
    likely = _("likely range %(low)s to %(high)s", low=percent(low), high=percent(high))
    if n >= TOO_FEW_FOR_PERCENT:
        likely = _("%(share)s, %(likely)s", share=percent(k / n), likely=likely)
    text = _("%(k)s of %(n)s", k=written(k), n=written(n))
    return {**cell(text, likely), "share": [k / n, low, high]}


def share(one: Share) -> Cell:
    return of(one.k, one.n)


def bar(counts: Sequence[int], text: str = "") -> Cell:
    """One whole bar; the counts themselves stand in cells beside it."""
    return {**cell(text), "bar": list(counts)}
