"""The small charts of a DOCX as PNG, without a letter in them: not every word processor draws SVG."""

import io
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 600, 36  # pixels; written a quarter as large in points
_TRACK, _FILL, _INK = "#efeeea", "#7f93cf", "#1a1c22"
_SCALE = ("#a9690f", "#dcb47c", "#d6d5d1", "#98a9de", "#2a4390")


@lru_cache(maxsize=500)
def share(part: float, low: float, high: float) -> bytes:
    """A filled track, and the likely range as a line with ends."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 8, WIDTH - 1, 27), fill=_TRACK)
    if part:
        draw.rectangle((0, 8, round(part * (WIDTH - 1)), 27), fill=_FILL)
    first, last = (round(end * (WIDTH - 3)) for end in (low, high))
    draw.line((first, 18, last, 18), fill=_INK, width=3)
    for end in (first, last):
        draw.line((end, 8, end, 27), fill=_INK, width=3)
    return _png(picture)


@lru_cache(maxsize=500)
def bar(counts: tuple[int, ...]) -> bytes:
    """One whole bar, a colour for each count."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    done, everything = 0, sum(counts) or 1
    for place, count in enumerate(counts):
        begin, end = (round(at / everything * WIDTH) for at in (done, done + count))
        if count:
            draw.rectangle((begin, 4, max(begin, end - 1), 31), fill=_tone(place, counts))
        done += count
    return _png(picture)


def _tone(place: int, of: Sequence[int]) -> str:
    return _SCALE[round(4 * place / max(len(of) - 1, 1))]


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.quantize(16).save(written, "PNG", optimize=True)
    return written.getvalue()
