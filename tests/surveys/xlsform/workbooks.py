"""Workbooks for tests, written as tables."""

import io

import openpyxl

from trainingapp.spreadsheets.reading import Sheet
from trainingapp.surveys.xlsform import judging, reading, verdict
from trainingapp.surveys.xlsform.contents import Report
from trainingapp.surveys.xlsform.workbook import book_of

SURVEY = ["type", "name", "label"]


def xlsx(**sheets):
    """Each sheet as rows of cells; the first is the headings."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(rows):
    """A sheet from dicts."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return [headings, *([row.get(heading, "") for heading in headings] for row in rows)]


def form(*rows, choices=(), settings=(), **others):
    """Rows of the survey sheet as dicts, or as (type, name, label)."""
    survey = [row if isinstance(row, dict) else dict(zip(SURVEY, row, strict=False)) for row in rows]
    sheets = {"survey": table(survey)}
    if choices:
        listed = [
            row if isinstance(row, dict) else dict(zip(("list_name", "name", "label"), row, strict=False))
            for row in choices
        ]
        sheets["choices"] = table(listed)
    if settings:
        sheets["settings"] = table([settings])
    return xlsx(**sheets, **others)


def read_here(sheets):
    """As `reading.read`, in this process: for thousands of forms. `sheets` are rows of texts by name."""
    report = Report()
    book = book_of([Sheet(name, rows) for name, rows in sheets.items()])
    verdict.note(judging.judge(verdict.as_pyxform_reads(book, "form")), book, report)
    return (reading.Reader(book, "form", report).form() if report.is_accepted else None), report, book
