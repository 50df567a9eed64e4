"""Page, PDF and DOCX come from one document: they say the same, in every script, also to who sees nothing."""

import io
import json
import re

import docx
import pypdf
import pytest
from docx.oxml.ns import qn
from flask_babel import force_locale
from report_rows import NOW, asked, begun, edition, over_years, plans, promise, texts_of, write

from trainingapp.db import db
from trainingapp.programmes.models import Role
from trainingapp.refusals import Refusal
from trainingapp.reports import actions, composing, drawing, pdf_file, pieces, word_file, words

SCRIPTS = {
    "Lao": "ສະບາຍດີ ປີ 2019",
    "Dari": "سلام دنیا ۱۲",
    "Devanagari": "नमस्ते १२",
    "Burmese": "မင်္ဂလာပါ",
    "Dzongkha": "བཀྲ་ཤིས་བདེ་ལེགས།",
}
NUMBER = re.compile(r"\d[\d.,]*\d|\d")


@pytest.fixture
def published(make):
    """Both kinds of report of the same programme."""
    programme = make.programme()
    writer = make.user((programme, Role.COORDINATOR))
    cohort = edition(programme)
    for each in (cohort, edition(programme, year=2018)):
        asked(each, answers=11)
        asked(each, months=6, answers=10)
        plans(each)
    promise(cohort)
    made = [begun(cohort, writer), over_years(programme, writer)]
    write(made[0], "short", "\n\n".join(SCRIPTS.values()) + "\n\n- **41** firms\n\n7. seventh", writer)
    for report in made:
        actions.publish(report, writer, NOW)
    db.session.commit()
    return writer, made


def numbers(text):
    return set(NUMBER.findall(text))


def words_of_pdf(content):
    """Lines that were wrapped are joined again."""
    whole = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return re.sub(r"\s+", " ", whole)


def words_of_docx(content):
    body = docx.Document(io.BytesIO(content)).element.body
    return " ".join(one.text or "" for one in body.iter(qn("w:t")))


def test_every_number_of_the_document_stands_in_page_pdf_and_docx(client, published):
    writer, reports = published
    client.sign_in(writer)
    for report in reports:
        address = f"/reports/{report.id}"
        page = client.get(address).text
        shown = {
            "page": re.sub(r"<[^>]+>", " ", page.partition("<article")[2]),
            "pdf": words_of_pdf(client.get(f"{address}/report.pdf").data),
            "docx": words_of_docx(client.get(f"{address}/report.docx").data),
        }
        wanted = {number for text in texts_of(report.frozen) for number in numbers(text)}
        assert len(wanted) > 30
        for name, text in shown.items():
            # What runs from right to left comes out of a PDF in the order in which it is drawn.
            there = numbers(text) | {number[::-1] for number in numbers(text) if not number.isascii()}
            assert wanted - there == set(), name


def test_page_and_docx_have_every_word_of_the_document(client, published):
    writer, reports = published
    client.sign_in(writer)
    for report in reports:
        file = re.sub(r"\s+", "", words_of_docx(client.get(f"/reports/{report.id}/report.docx").data))
        for text in texts_of(report.frozen):
            if text != report.frozen["contents"]:
                assert re.sub(r"\s+", "", text) in file, text


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_pdf_shows_every_script_and_says_its_language(script):
    document = frozen(title=SCRIPTS[script], language="lo")
    reader = pypdf.PdfReader(io.BytesIO(pdf_file.written(document)))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "lo"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert reader.metadata["/Title"] == SCRIPTS[script]


def test_a_letter_that_no_font_has_is_refused_instead_of_an_empty_box(app):
    with pytest.raises(Refusal, match="fonts-noto-core"):
        pdf_file.written(frozen(title="\N{OLD HUNGARIAN CAPITAL LETTER A}\U0010fffd"))


def test_nothing_in_a_text_is_markup():
    tricks = '#read("/etc/passwd") $x$ *b* <label> @cite \\ [x] "quoted" {{ 1 }} <w:t>'
    document = frozen(title=tricks)
    assert pypdf.PdfReader(io.BytesIO(pdf_file.written(document))).metadata["/Title"] == tricks
    assert tricks in words_of_docx(word_file.written(document))


def frozen(**facts):
    table = pieces.table(
        "Counted", ["Who", ("1",), "Answers", "High"], [_row("Nepal"), _row("Bhutan")], ["1: low"]
    )
    quote = pieces.quote(SCRIPTS["Dari"], "fa-AF", "Hello", "at the end")
    return json.loads(
        json.dumps(
            {
                "title": "A report",
                "subject": "An edition",
                "kind": "Edition report",
                "language": "en",
                "direction": "ltr",
                "as_of": "2026-03-09",
                "about": [["Day", "9 Mar 2026"]],
                "contents": "Contents",
                "sections": [
                    {
                        "key": "short",
                        "title": "In short",
                        "missing": "Nothing yet",
                        "text": [],
                        "pieces": [pieces.heading("Then"), table, pieces.quotes([quote]), pieces.note("So")],
                    }
                ],
                **facts,
            }
        )
    )


def _row(name):
    return [
        pieces.cell(name),
        {"text": "3", "detail": ""},
        {"text": "", "detail": "", "bar": [1, 2]},
        {"text": "1 of 3", "detail": "", "share": [0.3, 0.1, 0.8]},
    ]


def test_a_docx_has_headings_heads_of_tables_words_for_pictures_and_its_language():
    file = docx.Document(io.BytesIO(word_file.written(frozen(language="id"))))
    styles = [one.style.name for one in file.paragraphs]
    assert {"Title", "Heading 1", "Heading 2", "Caption"} <= set(styles)
    assert file.core_properties.language == "id"
    (table,) = file.tables
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    pictures = list(file.element.body.iter(qn("wp:docPr")))
    assert [one.get("descr") for one in pictures] == ["1, 2", "1 of 3, "] * 2


@pytest.mark.parametrize("figures", [1, 3, 11])
def test_a_question_beside_eleven_figures_keeps_room_in_a_docx_for_its_words(figures):
    asked = [pieces.cell("Would you recommend it?"), *[pieces.cell("3")] * figures, pieces.cell("1 of 3")]
    document = frozen()
    heads = ["Statement", *((str(one),) for one in range(figures)), "6 or more"]
    document["sections"][0]["pieces"] = [pieces.table("Counted", heads, [asked])]
    (table,) = docx.Document(io.BytesIO(word_file.written(document))).tables
    widths = [column.width.mm for column in table.columns]
    assert sum(widths) == pytest.approx(170, abs=0.1)
    assert widths[0] > 30
    assert [cell.width.mm for cell in table.rows[1].cells] == widths
    assert table.rows[1]._tr.trPr.find(qn("w:cantSplit")) is not None


def test_a_frozen_table_too_wide_for_pictures_is_a_docx_all_the_same():
    share = {"text": "3 of 5", "detail": "", "share": [0.6, 0.2, 0.8]}
    document = frozen()
    heads = ["Question", *(f"Country {number}" for number in range(40))]
    wide = pieces.table("By country", heads, [[pieces.cell("Useful"), *[share] * 40]])
    document["sections"][0]["pieces"] = [wide]
    (table,) = docx.Document(io.BytesIO(word_file.written(document))).tables
    assert [cell.text for cell in table.rows[1].cells[1:]] == ["3 of 5"] * 40


def test_a_report_in_dari_runs_from_right_to_left():
    document = frozen(language="fa-AF", direction="rtl", title="گزارش")
    file = docx.Document(io.BytesIO(word_file.written(document)))
    assert all(one._p.pPr.find(qn("w:bidi")) is not None for one in file.paragraphs if one.text == "گزارش")
    assert file.tables[0]._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    asides = [list(one) for one in file.element.body.iter(qn("w:pPr")) if one.find(qn("w:jc")) is not None]
    assert asides
    for places in ([child.tag for child in aside] for aside in asides):  # an order that the format fixes
        assert places.index(qn("w:bidi")) < places.index(qn("w:jc"))
    assert pypdf.PdfReader(io.BytesIO(pdf_file.written(document))).trailer["/Root"]["/Lang"] == "fa-AF"


def test_a_name_of_sixty_letters_without_a_space_is_not_cut_off_by_the_edge_of_a_pdf():
    words = words_of_pdf(pdf_file.written(frozen(title="W" * 60))).replace("\u200b", "")
    lines = re.findall("W{2,}", words)
    assert len(lines) > 1
    assert sum(map(len, lines)) == 60


@pytest.mark.parametrize("language", ["en", "id", "fr", "fa_AF"])
def test_headings_and_figures_are_in_the_language_of_the_report(client, make, language):
    programme = make.programme()
    writer = make.user((programme, Role.COORDINATOR))
    cohort = edition(programme)
    asked(cohort)
    report = begun(cohort, writer, language)
    db.session.commit()
    client.sign_in(writer)
    page = client.get(f"/reports/{report.id}").text
    assert f'lang="{language.replace("_", "-")}" dir="{"rtl" if language == "fa_AF" else "ltr"}"' in page
    assert client.get(f"/reports/{report.id}/report.pdf").data.startswith(b"%PDF")


NAMES = re.compile(  # as people wrote them in English
    r"(Edition|Programme|Theme) \d+|About \w+|(Money|Staff|not at all|fully|Too short|A full morning)$"
    r"|What came of it|Two years"
)
SPELLED_ALIKE = {"fr": {"Cause", "Programme", "Version"}, "fa_AF": set()}


@pytest.mark.parametrize("language", SPELLED_ALIKE)
@pytest.mark.parametrize("people", [12, 3])
def test_no_english_is_left_in_a_report_of_another_language(app, make, language, people):
    """Of an edition and of several years, with all that they can tell and with too few people to tell of."""
    programme = make.programme()
    writer = make.user((programme, Role.COORDINATOR))
    cohort = edition(programme, people=people)
    for each in (cohort, edition(programme, year=2018, people=people)):
        asked(each, answers=people - 1)
        asked(each, months=6, answers=people - 2)
        plans(each)
    promise(cohort)
    for report in (begun(cohort, writer), over_years(programme, writer)):
        english = texts_with_words(report, "en")
        assert len(english) > (people * 4)
        assert texts_with_words(report, language) & english - SPELLED_ALIKE[language] == set()


def texts_with_words(report, language):
    """Of the document, of what its files say around it, and of the sentences that its writer is offered."""
    report.language = language
    found = composing.parts(report)
    offered = [sentence for part in found for sentence in part.told.sentences]
    with composing.in_language(report):
        around = [words.mark_of(report), words.notice_of(report)]
    texts = {*texts_of(composing.document(report, found)), *offered, *around}
    return {text for text in texts if re.search(r"[^\W\d_]", NAMES.sub("", text))}


@pytest.mark.parametrize(
    ("language", "share", "rise", "fall"),
    [
        ("en", "45%", "+1.8", "-0.7"),
        ("fr", "45\N{NO-BREAK SPACE}%", "+1,8", "-0,7"),
        ("fa_AF", "45%", "\u200e+1.8", "\u200e-0.7"),
    ],
)
def test_signs_stand_where_the_language_puts_them(app, language, share, rise, fall):
    with force_locale(language):
        found = pieces.percent(0.454), pieces.signed(1.8), pieces.signed(-0.7), pieces.written(-0.7)
        assert found == (share, rise, fall, fall)


def test_a_draft_says_that_it_is_one_in_its_files(client, make):
    programme = make.programme()
    writer = make.user((programme, Role.COORDINATOR))
    report = begun(edition(programme), writer)
    db.session.commit()
    client.sign_in(writer)
    assert "do not quote it" in words_of_docx(client.get(f"/reports/{report.id}/report.docx").data)
    assert "Draft" in words_of_pdf(client.get(f"/reports/{report.id}/report.pdf").data)


def test_charts_of_a_docx_are_drawn_also_of_nobody_and_of_all():
    for part in (0.0, 0.5, 1.0):
        assert drawing.share(part, 0.0, 1.0).startswith(b"\x89PNG")
    assert drawing.bar((0, 0, 0)).startswith(b"\x89PNG")
    assert drawing.bar((3,)).startswith(b"\x89PNG")


def test_a_count_that_is_less_than_a_pixel_of_its_bar_is_drawn_too():
    for counts in ((5, 3000, 1), (1, 3000, 5), (0, 1, 9999)):
        assert drawing.bar(counts).startswith(b"\x89PNG")


def test_what_no_file_holds_is_left_out_of_a_docx_and_long_names_are_cut():
    odd = "Slide\x0b one\x0c\x00\ud800\uffff"
    document = frozen(title=odd, subject="Programme " * 40, about=[["Day", odd]])
    document["sections"][0]["pieces"] = [pieces.quotes([pieces.quote(odd, "en", odd, odd)]), pieces.note(odd)]
    document["sections"][0]["pieces"].append(pieces.table(odd, [odd], [[pieces.cell(odd, odd)]], [odd]))
    written = word_file.written(document)
    assert words_of_docx(written).count("Slide one") == 11
    assert len(docx.Document(io.BytesIO(written)).core_properties.subject) == 255
