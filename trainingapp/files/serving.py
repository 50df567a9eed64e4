"""A file on its way out. Whoever owns the object it belongs to checks first who asks."""

import io

from flask import Response, g, send_file
from flask_babel import gettext as _

from trainingapp.db import db
from trainingapp.files.models import FileContent, StoredFile

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def send(stored: StoredFile) -> Response:
    """Pictures, which we made ourselves, are shown; everything else is only downloaded."""
    content = db.session.get_one(FileContent, stored.sha256)
    g.content_policy = POLICY
    response = send_file(
        io.BytesIO(content.data),
        stored.media_type,
        as_attachment=not stored.is_picture,
        download_name=stored.name,
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def described(stored: StoredFile) -> str:
    """Its kind and size: JPG, 210 KB."""
    kind = stored.name.rpartition(".")[2].upper()
    size = max(1, round(stored.size / 1024))
    return _("%(kind)s, %(size)d KB", kind=kind, size=size)
