"""A report as PDF: tagged for screen readers (PDF/UA-1), in every script that this machine has a font for."""

import json
import re
from functools import cache
from pathlib import Path

import typst
from flask_babel import gettext as _

from trainingapp.refusals import Refusal
from trainingapp.reports.composing import Document

TEMPLATE = Path(__file__).with_name("report.typ")
_UNSHOWN = re.compile(r'the text `"(.+?)"` could not be displayed')


class FontMissing(Refusal):
    """Better no PDF than one with empty boxes in it."""


@cache
def _fonts() -> typst.Fonts:
    """What is installed, and the few that come with typst; looked for once."""
    return typst.Fonts(include_system_fonts=True)


def written(document: Document, *, mark: str = "", notice: str = "") -> bytes:
    """`mark` stands behind each page, `notice` above the first section. Raises FontMissing."""
    given = {"document": json.dumps(document), "words": json.dumps({"mark": mark, "notice": notice})}
    try:
        return typst.compile(
            TEMPLATE, format="pdf", sys_inputs=given, font_paths=_fonts(), pdf_standards=["ua-1"]
        )
    except typst.TypstError as problem:
        unshown = _UNSHOWN.search(str(problem))
        if unshown is None:
            raise
        raise FontMissing(
            _(
                "This computer has no font for “%(text)s”, so the PDF would show empty boxes. The web page "
                "and the Word file are whole. An administrator can install the fonts: on Debian the package "
                "fonts-noto-core, for Chinese, Japanese and Korean fonts-noto-cjk.",
                text=unshown[1],
            )
        ) from problem
