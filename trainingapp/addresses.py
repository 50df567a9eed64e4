"""Addresses that came from outside and go back to a browser."""

import re

_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")  # browsers read \ as /, and skip tabs and line ends


def local_path(target: str | None) -> str:
    """The same text when it is a path on this site and nothing else; the first page otherwise."""
    return target if target and _LOCAL.fullmatch(target) else "/"
