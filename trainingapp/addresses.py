"""Addresses that came from outside and go back to a browser."""

import re
from urllib.parse import urlsplit

_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")  # browsers read \ as /, and skip tabs and line ends


def local_path(target: str | None) -> str:
    """The same text when it is a path on this site and nothing else; the first page otherwise."""
    return target if target and _LOCAL.fullmatch(target) else "/"


def local_part(address: str | None) -> str:
    """The path of a whole address on this site; the first page for what is none."""
    try:
        return local_path(urlsplit(address or "").path)
    except ValueError:
        return "/"
