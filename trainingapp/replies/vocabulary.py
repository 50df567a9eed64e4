"""The phrases of phrases.toml as patterns. Pure; built once."""

import re
import tomllib
from pathlib import Path
from unicodedata import category, normalize

_DATA = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))
_ALIKE = str.maketrans(
    {
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{MODIFIER LETTER APOSTROPHE}": "'",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MINUS SIGN}": "-",
        "\N{ARABIC COMMA}": ",",
        "\N{ARABIC SEMICOLON}": ";",
        "\N{ARABIC QUESTION MARK}": "?",
        "\N{ARABIC PERCENT SIGN}": "%",
        "\N{FULLWIDTH COLON}": ":",
        "\N{ARABIC LETTER YEH}": "\N{ARABIC LETTER FARSI YEH}",
        "\N{ARABIC LETTER KAF}": "\N{ARABIC LETTER KEHEH}",
    }
)


def fold(text: str) -> str:
    """As it is compared: small letters without accents, ASCII digits. As long as the NFC of `text`."""
    return "".join(map(_plain, normalize("NFC", text).translate(_ALIKE)))


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    kind = category(letter)
    if kind == "Nd":
        return str(int(letter))
    if kind in {"Zs", "Cf", "Cc"}:
        return " "
    base = normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter


def phrases(group: str, name: str) -> list[str]:
    """Longest first, so that a pattern of them takes the longest."""
    return sorted({fold(phrase) for phrase in _DATA[group][name]}, key=len, reverse=True)


def names(group: str) -> list[str]:
    return list(_DATA[group])


def words(group: str, name: str) -> str:
    """A pattern of whole words."""
    either = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases(group, name))
    return rf"(?<!\w)(?:{either})(?!\w)"


def patterns(group: str, name: str) -> str:
    """For groups whose phrases are patterns themselves."""
    return f"(?:{'|'.join(sorted(_DATA[group][name], key=len, reverse=True))})"
