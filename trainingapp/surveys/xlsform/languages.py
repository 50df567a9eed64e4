"""Languages as forms write them ("English (en)", "Français", "Tetum") and as we tag them."""

import re
from functools import cache

from anyascii import anyascii
from babel import Locale, UnknownLocaleError

LONGEST = 16
_CODED = re.compile(r"(.*?)\(\s*([A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{2,8})*)\s*\)\s*")
# What people call languages of our countries, where the tables of Unicode have another word.
_ALSO = {
    "dari": "fa_AF",
    "farsi": "fa",
    "bahasa": "id",
    "bahasa_indonesia": "id",
    "bangla": "bn",
    "tagalog": "fil",
    "chinese": "zh",
    "khmer": "km",
    "myanmar": "my",
}
# Codes that mean a language of ours: Dari by itself, and Indonesian as telephones write it.
_OTHER_CODES = {"prs": "fa_AF", "in": "id"}


def tag_of(name: str) -> str:
    """At most 16 characters; the same name has always the same tag."""
    coded = _CODED.fullmatch(name.strip())
    if coded and len(coded.group(2)) <= LONGEST:
        code = coded.group(2).replace("-", "_")
        return _of_country(*coded.groups()) or _OTHER_CODES.get(code, code)
    slug = _slug(name)
    plain = name.strip().replace("-", "_")
    if re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", plain) and _known(plain):
        return _OTHER_CODES.get(plain, plain)
    return (
        _OTHER_CODES.get(plain)
        or _ALSO.get(slug)
        or _by_name().get(slug)
        or slug[:LONGEST].strip("_")
        or "und"
    )


def _of_country(name: str, code: str) -> str:
    """The language that is named in front of what is none: "Portuguese (Brazil)", "French (FR)"."""
    return "" if code[:1].islower() else _ALSO.get(_slug(name)) or _by_name().get(_slug(name)) or ""


def heading_of(tag: str) -> str:
    """What a form of ours writes behind `label::`, such as "Français (fr)"."""
    try:
        name = Locale.parse(tag.replace("-", "_")).get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        name = tag
    name = re.sub(r"[():]+", " ", name)
    return f"{' '.join(name.split())} ({tag})"


def _known(tag: str) -> bool:
    try:
        Locale.parse(tag)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", anyascii(name).lower()).strip("_")


@cache
def _by_name() -> dict[str, str]:
    """Of languages by their English name and by their own."""
    found: dict[str, str] = {}
    for tag, name in Locale("en").languages.items():
        if len(tag) <= 3:  # noqa: PLR2004 - ISO 639; the longer ones are of a region or a script
            found.setdefault(_slug(name), tag)
    for tag in list(found.values()):
        try:
            own = Locale.parse(tag).get_language_name()
        except (UnknownLocaleError, ValueError):
            continue
        if own and (slug := _slug(own)):
            found.setdefault(slug, tag)
    return found
