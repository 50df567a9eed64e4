"""A file of others, opened with care: one activity at a time, in a memory that does not grow with the file.

Nothing is fetched, no entity is resolved, and a document type is refused before what it declares is used.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from flask_babel import gettext as _
from lxml import etree

from trainingapp.impact.iati.verdict import Finding

Element = Any  # of lxml, which comes without types

SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
ROOT, ACTIVITY = "iati-activities", "iati-activity"
VERSION = "2.03"
VERSIONS = ("2.01", "2.02", VERSION)  # what an earlier one of them allows, the last allows too
CHUNK = 1 << 16
BLANK = b"\xef\xbb\xbf \t\r\n"
LARGEST = 16 << 20  # bytes between the ends of two activities
ANOTHER = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"%PDF", "PDF"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\xd0\xcf\x11\xe0", "Office"),
)


class NotIati(Exception):
    """The file cannot be read on; carries the finding."""

    def __init__(self, reason: str, line: int | None = None, detail: str = "", path: str = "") -> None:
        super().__init__(reason)
        self.finding = Finding(reason, line, path, detail)


class _Source:
    """A carriage return alone ends a line too, but the parser would not count it. Where characters have two
    bytes it is left as it is: half a character may look like one.
    """

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self.file = file

    def read(self, size: int = CHUNK) -> bytes:
        chunk = self.file.read(size)
        if chunk.endswith(b"\r"):
            after = self.file.read(1)
            if after == b"\n":
                return self._lines(chunk + after)
            self.file.seek(-len(after), os.SEEK_CUR)
        return self._lines(chunk)

    def _lines(self, chunk: bytes) -> bytes:
        if b"\r" not in chunk or b"\0" in chunk:
            return chunk
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def root_of(file: BinaryIO) -> Element:
    """The outermost element with its attributes. Raises NotIati where the file is nothing for us."""
    file.seek(0)
    beginning = file.read(CHUNK)
    _refuse_another_kind(beginning)
    try:
        _event, root = next(etree.iterparse(_Source(file), events=("start",), **SAFE))
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in beginning:
            raise _doctype(beginning) from error
        is_cut = not beginning.rstrip().endswith(b">")
        raise _unreadable(error.code, error.lineno, error.msg, is_cut=is_cut) from error
    except (StopIteration, LookupError, ValueError) as error:
        raise NotIati(_("This is not an XML file."), 1, str(error)) from error
    name = etree.QName(root)
    if name.localname.lower() == "html":
        raise NotIati(
            _("This is a web page, not an IATI file. Download the XML file itself."), root.sourceline
        )
    if root.getroottree().docinfo.doctype:
        raise _doctype(beginning)
    _refuse_another_root(root, name)
    return root


def _refuse_another_kind(beginning: bytes) -> None:
    if not beginning.strip(BLANK):
        raise NotIati(_("The file is empty."))
    for mark, kind in ANOTHER:
        if beginning.startswith(mark):
            raise NotIati(
                _("This is a file of the kind %(kind)s. Unpack or save it as XML, then try again.", kind=kind)
            )
    text = beginning.lstrip(BLANK).lower()
    if text.startswith((b"<!doctype html", b"<html")):
        raise NotIati(_("This is a web page, not an IATI file. Download the XML file itself."), 1)
    if text.startswith((b"{", b"[")):
        raise NotIati(_("This is JSON. IATI activity files are XML."), 1)


def _refuse_another_root(root: Element, name: Any) -> None:
    path = f"/{name.localname}"
    if root.tag == "iati-organisations":
        text = _("This file tells of organisations and their budgets. Only files of activities are read.")
        raise NotIati(text, root.sourceline, path=path)
    if root.tag != ROOT:
        text = (
            _("“%(name)s” has a namespace. In an IATI file the names of the standard have none.", name=ROOT)
            if name.localname == ROOT
            else _(
                "The outermost element is “%(name)s”; an IATI file begins with “iati-activities”.",
                name=name.localname,
            )
        )
        raise NotIati(text, root.sourceline, path=path)
    version = root.get("version")
    if not (version or "").strip():
        raise NotIati(_("The file does not say its version of the standard."), root.sourceline, path=path)
    if version not in VERSIONS:
        text = _("The file is of version %(version)s. Versions 2.01 to 2.03 are read.", version=version[:20])
        raise NotIati(text, root.sourceline, path=path + "/@version")


def parts(file: BinaryIO) -> Iterator[Element]:
    """The elements of the outermost one, each whole; gone once the next is asked for. Raises NotIati."""
    parser = etree.XMLPullParser(events=("end",), tag=ACTIVITY, **SAFE)
    source, since, chunk, root = _Source(file), 0, b"-", None
    while chunk:
        chunk = source.read()
        refused = _feed(parser, chunk)
        since += len(chunk)
        for _event, element in parser.read_events():
            parent = element.getparent()
            if parent is None or parent.getparent() is not None:
                continue  # an activity inside another: the schema will say so
            since, root = 0, parent
            yield from _up_to(root, element)
        if refused is not None:
            raise refused
        if since > LARGEST:
            raise NotIati(_("One activity is larger than 16 MB. That is no file of activities."))
    if root is not None:
        _refuse_words(root.text, None)
        for element in root:
            yield element
            _refuse_words(element.tail, element.sourceline)


def identifier_of(activity: Element) -> str:
    """Whatever comments stand inside it."""
    return "".join(activity.xpath("iati-identifier[1]/text()")).strip()


def _feed(parser: Any, chunk: bytes) -> NotIati | None:
    """What the parser refuses: it says so late or not at all, but writes it down."""
    with suppress(etree.XMLSyntaxError):
        parser.feed(chunk) if chunk else parser.close()
    for entry in parser.feed_error_log.filter_from_errors():
        return _unreadable(entry.type, entry.line, entry.message, is_cut=not chunk)
    return None


def _up_to(root: Element, last: Element) -> Iterator[Element]:
    """The activity, after what stands before it and is none; all of it is let go afterwards."""
    for element in list(root):
        yield element
        _refuse_words(element.tail, element.sourceline)
        element.clear()
        root.remove(element)
        if element is last:
            return


def _refuse_words(text: str | None, after: int | None) -> None:
    """Between two activities; `after` is the line of the one before."""
    if (text or "").strip():
        raise NotIati(
            _("There is text between the activities, where none may stand."), after, path=f"/{ROOT}"
        )


def _doctype(beginning: bytes) -> NotIati:
    before, found, _after = beginning.replace(b"\0", b"").partition(b"<!DOCTYPE")
    text = _("The file declares a document type (DOCTYPE). IATI files have none: it can hide what is inside.")
    return NotIati(text, before.count(b"\n") + 1 if found else None)


def _unreadable(code: int, line: int, said: str, *, is_cut: bool) -> NotIati:
    """In our words, with the line and what the parser said; `is_cut` where it said so at the very end."""
    codes = etree.ErrorTypes
    too_early = _("The file ends too early. Was it cut off?")
    bare = _("A bare “&” or “<” stands here. In XML they are written “&amp;” and “&lt;”.")
    open_ended = _("A remark, or a part in <![CDATA[ ]]>, is begun and never ended.")
    sentences = {
        codes.ERR_DOCUMENT_EMPTY: _("This is not an XML file."),
        codes.ERR_DOCUMENT_START: _("This is not an XML file."),
        codes.ERR_DOCUMENT_END: too_early if is_cut else _("The file goes on after its end."),
        codes.ERR_TAG_NOT_FINISHED: too_early,
        codes.ERR_NAME_REQUIRED: bare,
        codes.ERR_ENTITYREF_SEMICOL_MISSING: bare,
        codes.ERR_LT_IN_ATTRIBUTE: _("An attribute goes on to here. Is its quotation mark missing?"),
        codes.ERR_COMMENT_NOT_FINISHED: open_ended,
        codes.ERR_CDATA_NOT_FINISHED: open_ended,
        codes.ERR_RESOURCE_LIMIT: _(
            "More stands here than is read: a text of millions of characters, or elements 250 deep."
        ),
        codes.ERR_TAG_NAME_MISMATCH: _("An element ends that is not the one that was begun last."),
        codes.ERR_INVALID_CHAR: _("There is a character here that XML does not allow."),
        codes.ERR_INVALID_ENCODING: _(
            "The file is not in the encoding that it says, or that XML has without a word."
        ),
        codes.ERR_UNSUPPORTED_ENCODING: _("The file says an encoding that is not known."),
        codes.ERR_UNKNOWN_ENCODING: _("The file says an encoding that is not known."),
        codes.ERR_UNDECLARED_ENTITY: _(
            "A name between “&” and “;” means nothing here. Write the character itself."
        ),
        codes.ERR_ENTITY_LOOP: _("The file holds entities that grow without end. It is not read."),
        codes.ERR_ATTRIBUTE_REDEFINED: _("An element has the same attribute twice."),
        codes.NS_ERR_UNDEFINED_NAMESPACE: _("A prefix is used that no namespace was given for."),
        codes.ERR_RESERVED_XML_NAME: _("The first line of XML has to be the very first thing in the file."),
    }
    rest = too_early if is_cut else _("From here on this is not well-formed XML.")
    sentence = sentences.get(code, rest)
    return NotIati(sentence, line, said)
