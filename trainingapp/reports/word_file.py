"""A report as DOCX: real headings, tables with a row of heads, pictures with words, and its language."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT, WD_TABLE_DIRECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from trainingapp.letters import holdable
from trainingapp.reports import drawing
from trainingapp.reports.composing import Document
from trainingapp.reports.pieces import END, Cell, Piece

SMALL, QUIET = Pt(8), RGBColor(0x56, 0x5A, 0x63)
WIDE = 7  # columns from which a table is written smaller
TWO, FEW = 2, 3  # columns
LONGEST_FACT = 255  # letters, by python-docx, of a title or subject among the facts about a file
PAGE = 170  # millimetres between the margins of A4
LEAST = 20  # millimetres for a column of words
LEAST_PICTURE = Mm(3)


def written(document: Document, *, notice: str = "") -> bytes:
    """`notice` stands above the first section."""
    return _Writer(_holdable(document), notice).write()


def _holdable(found: Any) -> Any:
    """Every text of it as XML can hold it: what was frozen may be older than our forms' care for that."""
    if isinstance(found, str):
        return holdable(found)
    if isinstance(found, dict):
        return {name: _holdable(one) for name, one in found.items()}
    return [_holdable(one) for one in found] if isinstance(found, list) else found


def _widths(piece: Piece, size: Any) -> list[float]:
    """In millimetres. Of a few columns those of figures stand close to what they are of; in other tables
    figures have the room that their longest word needs, and words share what is left.
    """
    aligned = [head["align"] for head in piece["heads"]]
    figures = aligned[1:].count(END)
    if 0 < figures < FEW and figures == len(aligned) - 1:
        return [70, *[30] * figures]
    if len(aligned) == TWO:
        return [PAGE / 3, PAGE * 2 / 3]
    needed = [
        _room(column, size) if align == END else 0
        for align, column in zip(aligned, zip(piece["heads"], *piece["rows"], strict=True), strict=True)
    ]
    left = (PAGE - sum(needed)) / max(1, needed.count(0))
    return [room or left for room in needed] if left >= LEAST else [PAGE / len(aligned)] * len(aligned)


def _room(cells: tuple[Any, ...], size: Any) -> float:
    """A letter is at most some three quarters as wide as high; the margins of a cell are 4 mm."""
    words = " ".join(f"{one['text']} {one.get('detail', '')}" for one in cells).split()
    return max(9.0, 0.75 * size.mm * max(map(len, words), default=0) + 4)


class _Writer:
    _file: WordDocument
    _pieces: dict[str, Callable[[Piece], None]]

    def __init__(self, document: Document, notice: str) -> None:
        self._of = document
        self._notice = notice
        self._is_rtl = document["direction"] == "rtl"
        self._file = docx.Document()
        self._pieces = {
            "heading": self._heading,
            "facts": self._facts,
            "table": self._table,
            "note": self._note,
            "quotes": self._quotes,
        }

    def write(self) -> bytes:
        self._settle()
        of = self._of
        self._line(of["kind"], quiet=True)
        self._turned(self._file.add_heading(of["title"], 0))
        self._line(of["subject"], quiet=True)
        for name, value in of["about"]:
            self._line(f"{name}: {value}", size=SMALL, quiet=True)
        if self._notice:
            self._line(self._notice)
        for section in of["sections"]:
            self._turned(self._file.add_heading(section["title"], 1))
            for block in section["text"]:
                self._prose(block)
            if section["missing"]:
                self._line(section["missing"], quiet=True)
            for piece in section["pieces"]:
                self._pieces[piece["kind"]](piece)
        whole = io.BytesIO()
        self._file.save(whole)
        return whole.getvalue()

    def _settle(self) -> None:
        """Paper, language and who made it; the fonts are those of whoever opens it."""
        paper = self._file.sections[0]
        paper.page_width, paper.page_height = Mm(210), Mm(297)
        paper.left_margin = paper.right_margin = Mm(20)
        core = self._file.core_properties
        core.title, core.subject = self._of["title"][:LONGEST_FACT], self._of["subject"][:LONGEST_FACT]
        core.language = self._of["language"]
        core.author, core.comments = "Lanjut", ""
        day = datetime.fromisoformat(self._of["as_of"]).replace(tzinfo=UTC)
        core.created = core.modified = day
        usual = self._file.styles["Normal"]
        usual.font.size = Pt(10)
        language = usual.element.get_or_add_rPr().makeelement(qn("w:lang"), {})
        language.set(qn("w:val"), self._of["language"])
        language.set(qn("w:bidi"), self._of["language"])
        usual.element.get_or_add_rPr().append(language)

    # Lines ---------------------------------------------------------------------------------------

    def _line(
        self, text: str, *, size: Any = None, quiet: bool = False, style: str | None = None
    ) -> Paragraph:
        paragraph = self._file.add_paragraph(style=style)
        self._run(paragraph, text, size=size, quiet=quiet)
        return self._turned(paragraph)

    def _run(
        self, to: Paragraph, text: str, *, size: Any = None, quiet: bool = False, bold: bool = False
    ) -> Run:
        run = to.add_run(text)
        run.bold = bold or None
        if size:
            run.font.size = size
        if quiet:
            run.font.color.rgb = QUIET
        return run

    def _turned(self, paragraph: Paragraph, direction: str = "") -> Paragraph:
        """Right to left, where the paragraph or the report is."""
        if direction == "rtl" or (not direction and self._is_rtl):
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001 - python-docx has no name for it
            for run in paragraph.runs:
                run.font.rtl = True
        return paragraph

    def _prose(self, block: dict[str, Any]) -> None:
        if block["kind"] == "paragraph":
            self._runs(self._file.add_paragraph(), block["runs"], block["dir"])
            return
        for place, item in enumerate(block["items"]):
            bulleted = block["kind"] == "bullets"
            paragraph = self._file.add_paragraph(style="List Bullet" if bulleted else None)
            if not bulleted:  # Word goes on counting from list to list: the number is written
                self._run(paragraph, f"{block['start'] + place}. ")
            self._runs(paragraph, item, block["dir"])

    def _runs(self, paragraph: Paragraph, runs: list[dict[str, Any]], direction: str) -> None:
        for one in runs:
            self._run(paragraph, one["text"], bold=one["bold"])
        self._turned(paragraph, direction)

    # Pieces --------------------------------------------------------------------------------------

    def _heading(self, piece: Piece) -> None:
        self._turned(self._file.add_heading(piece["text"], 2))

    def _note(self, piece: Piece) -> None:
        self._line(piece["text"], size=SMALL, quiet=True)

    def _facts(self, piece: Piece) -> None:
        for item in piece["items"]:
            paragraph = self._file.add_paragraph()
            self._run(paragraph, f"{item['name']}: ", quiet=True)
            self._run(paragraph, item["value"], bold=True)
            if item["detail"]:
                self._run(paragraph, f" ({item['detail']})", quiet=True)
            self._turned(paragraph)

    def _quotes(self, piece: Piece) -> None:
        for item in piece["items"]:
            paragraph = self._file.add_paragraph(style="Intense Quote")
            self._run(paragraph, item["text"])
            self._turned(paragraph, item["dir"])
            if item["translation"]:
                self._turned(
                    self._file.add_paragraph(item["translation"], style="Quote"), item["translation_dir"]
                )
            if item["source"]:
                self._line(item["source"], size=SMALL, quiet=True)

    def _table(self, piece: Piece) -> None:
        self._line(piece["caption"], style="Caption").paragraph_format.keep_with_next = True
        heads = piece["heads"]
        table = self._file.add_table(rows=1, cols=len(heads), style="Light List Accent 1")
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        if self._is_rtl:
            table.table_direction = WD_TABLE_DIRECTION.RTL
        self._describe(table, piece["caption"])
        size = SMALL if len(heads) > WIDE else Pt(9)
        widths = _widths(piece, size)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        top = table.rows[0]
        top._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - as above
        for head, place, width in zip(heads, top.cells, widths, strict=True):
            self._fill(place, {"text": head["text"], "detail": ""}, head["align"], size, width)
        for row in piece["rows"]:
            line = table.add_row()
            line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - as above
            for one, place, head, width in zip(row, line.cells, heads, widths, strict=True):
                self._fill(place, one, head["align"], size, width)
        for text in piece["legend"]:
            self._line(text, size=SMALL, quiet=True)

    @staticmethod
    def _describe(table: Any, caption: str) -> None:
        caption_of = OxmlElement("w:tblCaption")
        caption_of.set(qn("w:val"), caption)
        table._tbl.tblPr.append(caption_of)  # noqa: SLF001 - as above

    def _fill(self, place: _Cell, one: Cell, align: str, size: Any, room: float) -> None:
        """`room` is its width in millimetres."""
        place.width = Mm(room)
        paragraph = place.paragraphs[0]
        self._run(paragraph, one["text"], size=size)
        if one["detail"]:
            self._run(paragraph, ("\n" if one["text"] else "") + one["detail"], size=SMALL, quiet=True)
        self._turned(paragraph)
        if align == END:  # after it: their order in the file is fixed
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        width = Mm(min(40, room - 6))
        if width < LEAST_PICTURE:
            return  # what it shows stands there in figures
        if "share" in one:
            self._picture(place, drawing.share(*one["share"]), f"{one['text']}, {one['detail']}", width)
        if "bar" in one:
            words = ", ".join(map(str, one["bar"]))
            self._picture(place, drawing.bar(tuple(one["bar"])), words, width)

    @staticmethod
    def _picture(place: _Cell, png: bytes, words: str, width: Any) -> None:
        """With what it shows in words, for who does not see it."""
        shape = place.add_paragraph().add_run().add_picture(io.BytesIO(png), width=width)
        shape._inline.docPr.set("descr", words)  # noqa: SLF001 - as above
