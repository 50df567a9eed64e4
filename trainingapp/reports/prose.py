"""What coordinators write: paragraphs, lists and bold in a small part of Markdown. Pure.

It is read into blocks and never into HTML: pages, PDF and DOCX each write the blocks in their own way.
A block is {"kind": "paragraph", "dir", "runs"}, {"kind": "bullets", "dir", "items"} or {"kind": "numbers",
"dir", "items", "start"}, whose items count on from its start; an item is a list of runs, and a run is
{"text", "bold"}.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Runs = list[dict[str, Any]]
Block = dict[str, Any]
Item = tuple[str, Runs]  # what stood before it, such as "- " or "2019. ", and what it says

_READER = MarkdownIt("zero").enable(["list", "emphasis", "newline", "escape"])
_LISTS = {"bullet_list": "bullets", "ordered_list": "numbers"}
_BULLETS = "-+* "


def blocks(text: str) -> list[Block]:
    """Whatever else is written stays as it is typed."""
    found: list[Block] = []
    items: list[Item] = []  # of the outermost list, and of those within it
    depth, mark = 0, ""
    for token in _READER.parse(text):
        kind = _LISTS.get(token.type.rpartition("_")[0])
        if kind:
            depth += token.nesting
            if not depth:
                found += _list(kind, items)
                items = []
        elif token.type == "list_item_open":
            mark += f"{token.info}{token.markup} "
        elif token.type == "list_item_close" and mark:
            items.append((mark, []))
            mark = ""
        elif token.type == "inline" and depth:
            items.append((mark, list(_runs(token.children or []))))
            mark = ""
        elif token.type == "inline":
            found.append(_paragraph(list(_runs(token.children or []))))
    return found


def _paragraph(runs: Runs) -> Block:
    return {"kind": "paragraph", "runs": runs, "dir": direction(_plain([runs]))}


def _list(kind: str, items: list[Item]) -> list[Block]:
    """A paragraph may begin with a year and a full stop: numbers that do not count on are words of it."""
    start = _start(items)
    if start is not None:
        told, more = [runs for _mark, runs in items], {"start": start}
    elif kind == "numbers":
        return [_paragraph(_marked(*item)) for item in items]
    else:
        told = [_marked(mark.lstrip(_BULLETS), runs) for mark, runs in items]
        told, more = [item for item in told if item], {}
    return [{"kind": kind, "items": told, "dir": direction(_plain(told)), **more}] if told else []


def _start(items: list[Item]) -> int | None:
    """The first number of a list whose numbers count on; none of one where they do not, or say nothing."""
    number, dot = items[0][0][:-2], items[0][0][-2:]
    if not number.isdecimal():
        return None
    counted = [f"{int(number) + place}{dot}" for place in range(len(items))]
    return int(number) if counted == [mark for mark, runs in items if runs] else None


def _marked(mark: str, runs: Runs) -> Runs:
    return [{"text": mark, "bold": False}, *runs] if mark else runs


def _runs(tokens: list[Token]) -> Iterator[dict[str, Any]]:
    bold = 0
    for token in tokens:
        if token.type == "strong_open":
            bold += 1
        elif token.type == "strong_close":
            bold -= 1
        elif token.type in {"softbreak", "hardbreak"}:
            yield {"text": " " if token.type == "softbreak" else "\n", "bold": False}
        elif token.type in {"em_open", "em_close"}:
            yield {"text": token.markup, "bold": bool(bold)}  # 3*4*5 is no emphasis
        elif token.content:
            yield {"text": token.content, "bold": bool(bold)}


def _plain(items: list[Runs]) -> str:
    return " ".join(run["text"] for runs in items for run in runs)


def direction(text: str) -> str:
    """Of a paragraph, by its first letter that has one (UAX 9, rules P2 and P3)."""
    for letter in text:
        if (kind := unicodedata.bidirectional(letter)) in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            break
    return "ltr"
