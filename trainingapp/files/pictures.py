"""Pictures are made anew: upright, at most 1600 pixels, and without what the camera wrote beside them."""

import io
from threading import Lock

from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000  # what telephones take
LONGEST_SIDE = 1600
QUALITY = 82
FORMATS = ["JPEG", "PNG", "WEBP"]

_one_at_a_time = Lock()  # each takes up to 200 MB for a moment


class Broken(Exception):
    """It cannot be decoded."""


class TooManyPixels(Exception):
    """A small file may unpack to a picture that fills the memory."""


def is_picture(data: bytes) -> bool:
    return data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    )


def anew(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """A JPEG, and its width and height. Raises Broken, TooManyPixels."""
    with _one_at_a_time:
        try:
            return _anew(data)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise TooManyPixels from bomb
        except TooManyPixels:
            raise
        except Exception as problem:  # decoders meet bytes that somebody made to break them
            raise Broken from problem


def _anew(data: bytes) -> tuple[bytes, tuple[int, int]]:
    with Image.open(io.BytesIO(data), formats=FORMATS) as given:
        if given.width * given.height > MOST_PIXELS:
            raise TooManyPixels
        given.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at about that size at once
        upright = ImageOps.exif_transpose(given)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    plain = Image.new("RGB", upright.size, "white")  # a new one: nothing but pixels comes along
    see_through = upright.convert("RGBA") if upright.has_transparency_data else None
    plain.paste(see_through or upright.convert("RGB"), mask=see_through)
    made = io.BytesIO()
    plain.save(made, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return made.getvalue(), plain.size
