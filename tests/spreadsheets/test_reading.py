"""Files as they come: strange ones are read, wrong ones are refused with one sentence."""

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from flask import Flask
from flask_babel import Babel

from trainingapp.spreadsheets import parsing, reading
from trainingapp.spreadsheets.reading import Unreadable


@pytest.fixture(autouse=True)
def _request():
    bare = Flask(__name__)
    Babel(bare)
    with bare.test_request_context():
        yield


ROWS = [["Name", "Country"], ["José Müller", "Côte d’Ivoire"], ["Siti, Sari", "Indonesia"]]


def workbook(rows, sheet="Nominees"):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return file.getvalue()


def refused(data):
    with pytest.raises(Unreadable) as refusal:
        reading.read(data)
    return str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_and_encoding_is_read(encoding, delimiter):
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in ROWS]
    text = "\r\n".join(delimiter.join(row) for row in quoted)
    assert reading.read(text.encode(encoding))[0].rows == ROWS


def test_a_workbook_is_read_as_a_person_sees_it():
    book = openpyxl.Workbook()
    book.active.title = "Peserta"
    book.active.append(["Nama", "Lahir", "Jumlah", "HP", "Ya"])
    from datetime import datetime

    book.active.append(["Siti", datetime(1988, 2, 28), 3.0, 6281234567890, True])
    file = io.BytesIO()
    book.save(file)
    sheet = reading.read(file.getvalue())[0]
    assert sheet.name == "Peserta"
    assert sheet.rows[1] == ["Siti", "1988-02-28", "3", "6281234567890", "yes"]


def test_hidden_sheets_are_not_read():
    book = openpyxl.Workbook()
    book.active.append(["Name"])
    hidden = book.create_sheet("Secret")
    hidden.append(["Name"])
    hidden.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    assert [sheet.name for sheet in reading.read(file.getvalue())] == ["Sheet"]


def test_rows_are_counted_as_the_spreadsheet_counts():
    assert reading.read(b"Title\n\nName,Country\nSiti,Nepal\n")[0].rows[1] == []
    assert len(reading.read(workbook([[], [], ["Name", "Country"], ["Siti", "Nepal"]]))[0].rows) == 4


def test_nul_bytes_are_dropped():
    assert reading.read(b"Name,Country\nSi\x00ti,Nepal\n")[0].rows[1] == ["Siti", "Nepal"]


def test_excels_own_separator_line_is_obeyed():
    assert reading.read(b"sep=;\nName;Country\nSiti, Sari;Nepal\n")[0].rows[2] == ["Siti, Sari", "Nepal"]


def ole(*streams):
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(600)
        + b"".join(name.encode("utf-16-le") for name in streams)
    )


def zipped(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "nothing in this file"),
        (b"\n\n ,,\n", "nothing in this file"),
        (ole("EncryptedPackage"), "locked with a password"),
        (ole("WordDocument"), "text document"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "a picture"),
        (b"<!DOCTYPE html><html><table><tr><td>Name</td></tr></table></html>", "a web page"),
        (b"<table><tr><td>Name</td></tr></table>", "a web page"),
        (zipped(word__document="x"), "a text document"),
        (zipped(holiday="x"), "an archive"),
        (workbook(ROWS)[:-300], "damaged"),
        (zipped(xl__workbook="x"), "damaged"),
        (bytes(range(1, 32)) * 40, "do not know this kind"),
        (b"Name,Note\nSiti," + b"x" * 1_000_000, "A cell in row 2 holds 1000000 characters"),
        (b"Name,Country\n" + b"," * 100_000 + b"x", "100001 columns"),
        (b'Name,Country\n"Siti,Nepal\n' + b"Sari,Nepal\n" * 2_000, "never closed"),
        (b"Name,Country\n" + b"Siti,Nepal\n" * 20_100, "20101 rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_one_sentence(data, words):
    assert words in refused(data)


def test_a_zip_bomb_is_seen_before_it_is_unpacked():
    bomb = zipped(xl__worksheets__sheet1="0" * (parsing.MOST_UNPACKED + 1))
    assert len(bomb) < 200_000
    assert "unpacks to far more" in refused(bomb)
    many = zipped(**{f"xl__{number}": "x" for number in range(parsing.MOST_ENTRIES + 1)})
    assert "unpacks to far more" in refused(many)


def test_a_cell_far_away_does_not_fill_the_memory():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Name")
        page.write(1_048_575, 16_383, "x")
    assert refused(file.getvalue())
