import io

import factories
import pytest
import sqlalchemy as sa
from clients import counting
from factories import NOW
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from pictures import PDF, from_a_phone, office, picture
from PIL import Image

from trainingapp.db import db
from trainingapp.files import actions, kinds, pictures
from trainingapp.files.models import FileContent, StoredFile


def test_a_photo_is_kept_upright_and_small_without_the_place_it_was_taken_at(app):
    stored = actions.keep(from_a_phone((4000, 2000)), "C:\\Photos\\IMG 1.JPEG", NOW)
    kept = db.session.get_one(FileContent, stored.sha256).data
    with Image.open(io.BytesIO(kept)) as seen:
        assert seen.size == (800, 1600) == (stored.width, stored.height)
        assert not seen.getexif()
        assert not {"exif", "comment"} & set(seen.info)
    assert (stored.name, stored.media_type, stored.size) == ("IMG 1.jpg", "image/jpeg", len(kept))


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("WEBP", "RGBA"), ("JPEG", "CMYK")]
)
def test_every_form_of_picture_becomes_a_plain_one(app, form, mode):
    data = picture(form=form, mode=mode) if mode != "P" else picture(form=form, mode="RGB")
    assert pictures.anew(data)[1] == (40, 20)


@how(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    turned=st.integers(1, 8),
    note=st.binary(max_size=60),
)
def test_no_picture_keeps_what_the_camera_wrote(size, turned, note):
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x9286] = note
    exif.get_ifd(0x8825)[2] = (8.0, 39.0, 30.0)
    made, (width, height) = pictures.anew(picture(size, exif=exif))
    assert b"Exif" not in made
    assert sorted((width, height)) == sorted(size)


@how(max_examples=60, deadline=None)
@given(cut=st.integers(3, 600), where=st.integers(3, 600), with_=st.binary(max_size=8))
def test_a_broken_picture_is_refused_or_read_and_never_breaks_us(cut, where, with_):
    whole = from_a_phone()
    for data in (whole[:cut], whole[:where] + with_ + whole[where:]):
        try:
            pictures.anew(data)
        except (pictures.Broken, pictures.TooManyPixels):
            continue


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused(app):
    with pytest.raises(actions.FileRefused, match="far too large"):
        actions.keep(picture((8000, 7000), "PNG", "1"), "bomb.png", NOW)


def damaged(data, after):
    """With one other byte, the first that follows."""
    place = data.index(after) + len(after)
    return data[:place] + b"\xff" + data[place + 1 :]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "nothing in this file"),
        (b"<html><script>alert(1)</script>", "none of them"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of them"),
        (b"MZ\x90\x00", "none of them"),
        (b"GIF89a", "none of them"),
        (b"PK\x03\x04 cut off", "none of them"),
        (damaged(office(), after=b"[Content_Types].xml"), "none of them"),
        (picture()[:300], "damaged"),
        (PDF + b" " * 5 * kinds.MB, "5 MB"),
        (b"\xff\xd8\xff" + b" " * 15 * kinds.MB, "15 MB"),
        (office("application/zip"), "none of them"),
        (office(word__vbaProject_bin=b""), "none of them|macro"),
        (office(**{"word__vbaProject.bin": b"x"}), "macro"),
        (office("application/vnd.ms-word.document.macroEnabled.main+xml"), "macro"),
        (office(**{"word__activeX1.xml": b"x"}), "macro"),
        (office(**{"word__big.xml": b"0" * (kinds.MOST_UNPACKED + 1)}), "unpacks"),
    ],
    ids=range(16),
)
def test_what_we_do_not_take_is_refused_by_its_content(app, data, words):
    with pytest.raises(actions.FileRefused, match=words):
        actions.keep(data, "photo.jpg", NOW)
    assert db.session.scalar(sa.select(sa.func.count(StoredFile.id))) == 0


@pytest.mark.parametrize(("data", "name"), [(PDF, "letter.pdf"), (office(), "letter.docx")])
def test_a_document_is_kept_as_it_is_under_the_ending_of_what_it_is(app, data, name):
    stored = actions.keep(data, "../letter.exe", NOW)
    assert stored.name == name
    assert db.session.get_one(FileContent, stored.sha256).data == data
    assert not stored.is_picture


def test_equal_files_share_their_bytes_and_nothing_else(app):
    mine, hers = (
        actions.keep(PDF, name, NOW, by) for name, by in (("a.pdf", factories.user()), ("b.pdf", None))
    )
    assert mine.sha256 == hers.sha256
    assert (mine.name, hers.name) == ("a.pdf", "b.pdf")
    actions.forget([mine])
    assert db.session.get(FileContent, hers.sha256)
    actions.forget([hers])
    assert db.session.scalar(sa.select(sa.func.count(FileContent.sha256))) == 0


def test_the_bytes_are_read_only_when_a_file_is_sent(app):
    actions.keep(PDF, "a.pdf", NOW)
    db.session.commit()
    with counting() as asked:
        assert db.session.scalars(sa.select(StoredFile)).one().name == "a.pdf"
    assert len(asked) == 1
    assert not any("file_contents" in str(one) for one in asked)


@pytest.mark.parametrize("name", ["", "\x00\x1f", "\u202egpj.exe", "a" * 400, "ส่วนลด.pdf"])
def test_any_name_becomes_one_that_can_be_shown(app, name):
    kept = actions.keep(PDF, name, NOW).name
    assert kept.endswith(".pdf")
    assert 4 < len(kept) <= 120
    assert "\u202e" not in kept
