"""What a person wrote herself, out of everything her mail program put around it. Pure; takes any text.

Quotations, signatures and lines that a program added are left out. Of lines that she wrote between those she
quotes, it is kept which numbered line they stand under.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from unicodedata import normalize

from trainingapp.inbound.reading import shown
from trainingapp.replies import vocabulary
from trainingapp.replies.vocabulary import fold

MOST = 20_000  # characters that are looked at
MOST_LINES = 400
LONG_ENOUGH = 16  # characters that nobody repeats from our letter by chance


@dataclass(frozen=True)
class Written:
    """One line. `under` is the quoted line right above it, where she answers between quoted lines."""

    text: str
    under: str = ""


_QUOTED = re.compile(r"\s*[>|\N{HEAVY VERTICAL BAR}]")
_MARKS = re.compile(r"^(?:\s*[>|])+\s?")
# A program's line above what it quotes, perhaps broken in two.
_INTRODUCES = re.compile(
    r"^(?:on\b.{6,200}\bwrote|le\b.{6,200}\ba ecrit|pada\b.{6,200}\bmenulis|el\b.{6,200}\bescribio"
    r"|am\b.{6,200}\bschrieb[^:]*|\d{4}-\d\d-\d\d.{4,160}|در .{6,200}نوشت|.{3,120}<[^<>\s]+@[^<>\s]+>.{0,60}"
    r"(?:wrote|a ecrit|menulis|نوشت))\s*:\s*$"
)
_BEGINS = re.compile(r"^(?:on|le|pada|am|el|در) .{4,}")
# From here on everything is the other letter, marked or not.
_REST_IS_QUOTED = re.compile(
    r"^(?:-{2,}\s*(?:original (?:message|appointment)|message (?:d'origine|original|transfere)"
    r"|pesan asli|pesan terusan|forwarded (?:message|by.*)"
    r"|ursprungliche nachricht|mensaje original|پیام.*)\s*-*"
    r"|_{12,}|begin forwarded message\s*:|debut du message (?:transfere|reexpedie)\s*:?"
    r"|(?:from|de|dari|von|از)\s*:\s.{0,200}@.*|\*?(?:from|de|dari|von)\s*:\*?\s\S.*)$"
)
_SIGNATURE = re.compile(
    r"^(?:--\s?|__+\s?|sent from (?:my|outlook|yahoo|mail|samsung|the).{0,80}|sent via .{0,60}"
    r"|dikirim (?:dari|melalui|dengan) .{0,80}|envoye (?:de|depuis|a partir) .{0,80}"
    r"|(?:get|unduh|dapatkan|obtenir|telecharger?) outlook.{0,40}|فرستاده شده از .{0,60}"
    r"|(?:this|ce|cet) (?:e-?mail|message|courriel)\b.{0,60}"
    r"(?:confidential|confidentiel|intended|destine).{0,400}"
    r"|virus-free.{0,60})$"
)
_CLOSING = re.compile(rf"^{vocabulary.patterns('courtesy', 'close')}\s*[,.!]*(?:\s+[^\d]{{0,60}})?$")


def of_text(text: str, ours: str = "") -> list[Written]:
    """`ours` is the letter she answers: whatever stands in it is not hers, marked as quoted or not."""
    lines = normalize("NFC", text[:MOST]).replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    return list(_not_ours(_own(lines), _squeezed(ours)))


def of_html(markup: str, ours: str = "") -> list[Written]:
    return of_text(as_text(markup), ours)


def _own(lines: list[str]) -> Iterator[Written]:
    under, is_signature = "", False
    for number, line in enumerate(lines):
        flat = fold(line).strip()
        if _QUOTED.match(line):
            under, is_signature = _MARKS.sub("", line).strip() or under, False
        elif _REST_IS_QUOTED.match(flat):
            return
        elif _introduces(flat, lines[number + 1 : number + 2]) or _introduced(
            flat, lines[max(0, number - 1) : number]
        ):
            under, is_signature = "", False
        elif _SIGNATURE.match(flat) or _CLOSING.match(flat):
            is_signature = True
        elif flat and not is_signature:
            yield Written(line.strip(), under)
            under = ""


def _introduces(flat: str, following: list[str]) -> bool:
    if _INTRODUCES.match(flat):
        return True
    return bool(
        following and _BEGINS.match(flat) and _INTRODUCES.match(f"{flat} {fold(following[0]).strip()}")
    )


def _introduced(flat: str, before: list[str]) -> bool:
    """The second half of such a line."""
    return bool(flat.endswith(":") and before and _introduces(fold(before[0]).strip(), [flat]))


def _not_ours(lines: Iterable[Written], ours: str) -> Iterator[Written]:
    for line in lines:
        squeezed = _squeezed(line.text)
        if not (len(squeezed) >= LONG_ENOUGH and squeezed in ours):
            yield line


def _squeezed(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum() or letter == "%")


# Out of HTML ----------------------------------------------------------------------------------------

_SILENT = {"style", "script", "head", "title"}
_LINES = {
    "p",
    "div",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "pre",
    "hr",
    "section",
}
_FROM_HERE = {
    "divRplyFwdMsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "OLK_SRC_BODY_SECTION",
}
_QUOTES = {
    "gmail_quote",
    "gmail_quote_container",
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "zmail_extra",
}
_SIGNS = {"gmail_signature", "moz-signature", "ms-outlook-mobile-signature"}
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr"}


@dataclass(frozen=True)
class _Opened:
    """A tag that is open, with what those around it say of the words inside."""

    tag: str
    quotes: bool = False
    is_silent: bool = False


class _Reader(HTMLParser):
    """Text with its lines; what is quoted gets a > in front, as in plain mail."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self.opened = [_Opened("")]
        self.depths = Counter[str]()  # how often each tag is open
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        classes = set(named.get("class", "").split())
        self.is_over = self.is_over or named.get("id") in _FROM_HERE
        if tag in _LINES or tag == "br":
            self._break()
        if tag in {"td", "th"} and self.lines[-1]:
            self.lines[-1] += " "
        if tag not in _VOID:
            around = self.opened[-1]
            quotes = around.quotes or tag == "blockquote" or bool(classes & _QUOTES)
            is_silent = around.is_silent or tag in _SILENT or bool(classes & _SIGNS)
            self.opened.append(_Opened(tag, quotes, is_silent))
            self.depths[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if not self.depths[tag]:
            return
        if tag in _LINES:
            self._break()
        closed = None
        while closed != tag:
            closed = self.opened.pop().tag
            self.depths[closed] -= 1

    def handle_data(self, data: str) -> None:
        around = self.opened[-1]
        if self.is_over or around.is_silent:
            return
        if not self.lines[-1] and around.quotes:
            self.lines[-1] = "> "
        self.lines[-1] += " ".join(re.split(r"\s+", data))

    def _break(self) -> None:
        if self.lines[-1].strip(" >"):
            self.lines.append("")
        else:
            self.lines[-1] = ""


# What is left of these has no end: Python's reader would look for it again at each.
_DECLARES = re.compile(r"<[!?][^<>]*>")
_NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")


def as_text(markup: str) -> str:
    reader = _Reader()
    reader.feed(_NO_TAG.sub("&lt;", _DECLARES.sub("", shown(markup[: 10 * MOST]))))
    reader.close()
    return "\n".join(line.strip() for line in reader.lines)
