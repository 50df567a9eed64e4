"""What a posted page says besides the answers: which fields were touched on this device, and when."""

from collections.abc import Collection
from datetime import datetime

from flask import request

from trainingapp.responses import devices
from trainingapp.responses.actions import Filled
from trainingapp.responses.devices import Device
from trainingapp.responses.forms import Page
from trainingapp.responses.queries import Sheet


def read(form: Page, now: datetime, *, is_draft: bool = False, is_final: bool = False) -> Filled:
    """`only` lists fields as "name@seconds ago", for a device's clock may be wrong. A draft has no others."""
    if not form.sheet.is_anonymous:
        form.take(request.files, now)
    ages = dict(_age(item) for item in request.form.getlist("only"))
    filled = form.read(set(ages) if is_draft else None, is_final=is_final)
    second = int(now.timestamp())
    names = _names(form.sheet)
    touched = {key: second - ages[name] for key, name in names.items() if name in ages}
    filled.proposal = request.form.get("proposal", "")
    filled.device = Device(_whole(request.form.get("seen", "")), touched if "only" in request.form else None)
    return filled


def fields(sheet: Sheet, keys: Collection[str], language: str) -> dict[str, list[tuple[str, str]]]:
    """Field -> what is in it and its parts, as a page posts it."""
    typed = list(Page(sheet, language).fill().typed.items(multi=True))
    return {
        name: [
            (part, text) for part, text in typed if part == name or part.startswith((f"{name}~", f"{name}-"))
        ]
        for key, name in _names(sheet).items()
        if key in keys
    }


def _names(sheet: Sheet) -> dict[str, str]:
    """As devices.py calls a field -> as the page does."""
    questions = {f"q{one.id}": f"q-{one.key}" for one in sheet.questions}
    lines = [f"a-{one.id}" for one in sheet.activities] + [f"i-{one.id}" for one in sheet.indicators]
    return questions | {devices.key(name): name for name in lines}


def _age(item: str) -> tuple[str, int]:
    name, _at, seconds = item.partition("@")
    return name, _whole(seconds)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
