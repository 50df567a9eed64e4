"""What a file is, by its content: its name and what the browser says of it prove nothing."""

import io
import zipfile
import zlib
from dataclasses import dataclass

from flask_babel import gettext as _

from trainingapp.files import pictures
from trainingapp.refusals import Refusal

MB = 1024 * 1024
LARGEST_DOCUMENT = 5 * MB
LARGEST_PICTURE = 15 * MB  # as it leaves the telephone; what is kept is far smaller
MOST_PARTS = 2000  # of an office file
MOST_UNPACKED = 100 * MB
MOST_TYPES = MB  # of [Content_Types].xml

_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAIN_PARTS = {
    f"{_OFFICE}wordprocessingml.document.main+xml": (f"{_OFFICE}wordprocessingml.document", ".docx"),
    f"{_OFFICE}spreadsheetml.sheet.main+xml": (f"{_OFFICE}spreadsheetml.sheet", ".xlsx"),
    f"{_OFFICE}presentationml.presentation.main+xml": (f"{_OFFICE}presentationml.presentation", ".pptx"),
}
_PROGRAMS = ("vbaproject", "vbadata", "activex", "macroenabled", "oleobject")  # in names or types of parts


class FileRefused(Refusal):
    """It is too large, damaged, of a kind we do not take, or holds a program."""


@dataclass(frozen=True)
class Judged:
    """What is kept of a file."""

    data: bytes
    media_type: str
    ending: str
    width: int | None = None
    height: int | None = None


def judge(data: bytes) -> Judged:
    """Pictures are made anew; documents stay as they are. Raises FileRefused."""
    if not data:
        raise FileRefused(_("There is nothing in this file."))
    if pictures.is_picture(data):
        if len(data) > LARGEST_PICTURE:
            raise FileRefused(_too_large(LARGEST_PICTURE))
        return _picture(data)
    if len(data) > LARGEST_DOCUMENT:
        raise FileRefused(_too_large(LARGEST_DOCUMENT))
    if data.startswith(b"%PDF-"):
        return Judged(data, "application/pdf", ".pdf")
    if data.startswith(b"PK\x03\x04"):
        return Judged(data, *_office(data))
    raise FileRefused(_unknown())


def _picture(data: bytes) -> Judged:
    try:
        made, (width, height) = pictures.anew(data)
    except pictures.TooManyPixels as bomb:
        raise FileRefused(_("This picture is far too large. Send a smaller copy of it.")) from bomb
    except pictures.Broken as broken:
        raise FileRefused(_("This picture is damaged, or was cut off on the way. Send it again.")) from broken
    return Judged(made, "image/jpeg", ".jpg", width, height)


def _office(data: bytes) -> tuple[str, str]:
    """Media type and ending of a Word, Excel or PowerPoint file without programs in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise FileRefused(_("This file unpacks to far more than a document holds. Send it as PDF."))
            with package.open("[Content_Types].xml") as listed:
                types = listed.read(MOST_TYPES).decode("utf-8", "replace")
    # zipfile raises each of these for one sort of damage
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, OSError, ValueError, EOFError) as problem:
        raise FileRefused(_unknown()) from problem
    told = f"{types} {' '.join(part.filename for part in parts)}".lower()
    if any(word in told for word in _PROGRAMS):
        raise FileRefused(_("This file holds a program (a macro). Save it without, or send it as PDF."))
    found = next((kind for part, kind in _MAIN_PARTS.items() if part in types), None)
    if found is None:
        raise FileRefused(_unknown())
    return found


def _too_large(most: int) -> str:
    return _("A file may have %(most)d MB. Send a smaller one, or a link to it.", most=most // MB)


def _unknown() -> str:
    return _("We take photos (JPEG, PNG, WebP), PDF, Word, Excel and PowerPoint files. This is none of them.")
