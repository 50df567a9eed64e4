"""Letters that no keyboard writes and XML does not hold, nor PostgreSQL the first of them, NUL. They come
with what is pasted from slides and from PDF; no DOCX, XLSX or activity file could be written of it.
"""

import re

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def holdable(text: str) -> str:
    """Without them."""
    return _NOT_IN_XML.sub("", text)
