"""Files as people send them: photos of a telephone, documents, and what pretends to be one."""

import io
import zipfile

from PIL import Image

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF"


def picture(size=(40, 20), form="JPEG", mode="RGB", **how_):
    made = io.BytesIO()
    Image.new(mode, size, "teal").save(made, form, **how_)
    return made.getvalue()


def from_a_phone(size=(40, 20), turned=6):
    """With the place, the camera, and which way the phone was held."""
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[2] = (8.0, 39.0, 30.0)
    exif[0x8825] = exif.get_ifd(0x8825)
    return picture(size, exif=exif, comment=b"in the office of the minister")


def office(types=WORD, **parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types><Override ContentType="{types}"/></Types>')
        for name, data in parts.items():
            package.writestr(name.replace("__", "/"), data)
    return made.getvalue()
