"""The zones a person may choose: tzdata's list of places with a clock of their own."""

from functools import cache
from importlib import resources


@cache
def choices() -> list[tuple[str, str]]:
    """IANA name and how it reads, such as ("Asia/Jakarta", "Asia, Jakarta"), in alphabetical order."""
    lines = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines()
    names = {line.split("\t")[2] for line in lines if not line.startswith("#")} | {"UTC"}
    return [(name, name.replace("_", " ").replace("/", ", ")) for name in sorted(names)]
