"""Whatever is in a cell: nothing runs when the file is opened, and the rest comes back as it was."""

import csv
import io
from datetime import date

import python_calamine
from flask import Response
from hypothesis import given
from hypothesis import strategies as st

from trainingapp.spreadsheets.writing import csv_lines, csv_response, harmless, write_xlsx, xlsx_response

BLANKS = " \t\r\n\x0b\x0c\x00\u00a0\u3000\u200b\ufeff"
SIGNS = "=+-@＝＋－＠"
texts = st.text(st.characters(codec="utf-8"), max_size=40)
tricky = st.builds(
    lambda blank, sign, rest: blank + sign + rest, st.text(BLANKS, max_size=3), st.sampled_from(SIGNS), texts
)


def read_csv(headings, rows):
    text = "".join(csv_lines(headings, rows)).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@given(st.one_of(texts, tricky))
def test_no_cell_of_a_csv_can_be_taken_for_a_formula(text):
    written = read_csv(["Name"], [[text, "end"]])[0][0]
    assert written.lstrip(BLANKS)[:1] not in set(SIGNS) or written == ""
    assert written[:1] not in set("\t\r\n\x00")


@given(texts)
def test_every_other_cell_of_a_csv_comes_back_as_it_was(text):
    written = read_csv(["Name"], [[text, "end"]])[0][0]
    assert written == text or (written == f"'{text}" and harmless(text) != text)


@given(st.lists(st.one_of(texts, tricky), min_size=1, max_size=5))
def test_a_text_in_a_workbook_is_a_text_and_comes_back_as_it_was(cells):
    file = io.BytesIO()
    write_xlsx(file, ["Heading"] * len(cells), [cells])
    sheet = python_calamine.load_workbook(io.BytesIO(file.getvalue())).get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)
    back = [str(cell) for cell in rows[1]] if len(rows) > 1 else []
    back += [""] * (len(cells) - len(back))
    kept = [_as_xml_keeps(cell) for cell in cells]
    assert back == kept
    assert b"<f>" not in file.getvalue()


def _as_xml_keeps(text):
    import re

    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def test_numbers_and_days_stay_numbers_and_days():
    file = io.BytesIO()
    write_xlsx(file, ["Rate", "On"], [[-1.5, date(1988, 2, 28)], [None, ""]])
    sheet = python_calamine.load_workbook(io.BytesIO(file.getvalue())).get_sheet_by_index(0)
    assert sheet.to_python()[1] == [-1.5, date(1988, 2, 28)]
    assert read_csv(["Rate", "On"], [[-1.5, date(1988, 2, 28)]]) == [["-1.5", "1988-02-28"]]


def test_an_overlong_text_is_cut_visibly_instead_of_being_dropped():
    file = io.BytesIO()
    write_xlsx(file, ["Text"], [["x" * 40_000]])
    sheet = python_calamine.load_workbook(io.BytesIO(file.getvalue())).get_sheet_by_index(0)
    assert sheet.to_python()[1][0] == "x" * 32_766 + "…"


def disposition(response: Response) -> str:
    return response.headers["Content-Disposition"]


def test_a_download_keeps_its_name_in_any_script(app):
    with app.test_request_context():
        response = csv_response("Peserta “2019”/ລາວ\r\nX-Evil: 1", ["Nama"], [["Siti"]])
        assert disposition(response).startswith(
            'attachment; filename="Peserta 2019 X-Evil 1.csv"; filename*=UTF-8'
        )
        assert "%E0%BA%A5" in disposition(response)
        assert response.get_data() == "\ufeffNama\r\nSiti\r\n".encode()
        assert 'filename="rows.xlsx"' in disposition(xlsx_response("ນາມ", ["Name"], []))


def test_rows_are_read_while_they_are_sent(app):
    taken = []

    def rows():
        for number in range(3):
            taken.append(number)
            yield [number]

    with app.test_request_context():
        pieces = iter(csv_response("Rows", ["N"], rows()).response)
        next(pieces), next(pieces), next(pieces)
        assert taken == [0]
