"""What the form itself asks: nothing left out, lengths, codes of its lists, whole addresses. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import gettext as _

from trainingapp import dates
from trainingapp.submissions import fields as fields_
from trainingapp.submissions.checks.findings import Entry, Finding, Weight
from trainingapp.submissions.fields import Choice, Codes, Need, Options
from trainingapp.submissions.lists import Lists


def complete(entry: Entry) -> Iterator[Finding]:
    for one in entry.fields:
        if entry.texts.get(one.key):
            continue
        if one.need is Need.PLATFORM:
            yield Finding(one.key, Weight.MISSING, _("The platform asks for it, and it is empty."))
        elif one.need is Need.PRACTICE:
            yield Finding(one.key, Weight.LOOK, _("It is empty. Readers look for it here."))


def lengths(entry: Entry) -> Iterator[Finding]:
    for one, text in entry.prose():
        count = fields_.words(text)
        if one.most and count > one.most:
            words = _("%(count)d words; %(most)d are enough.", count=count, most=one.most)
            yield Finding(one.key, Weight.WRONG, words)
        elif count < one.least:
            words = _("%(count)d words; readers need %(least)d or more.", count=count, least=one.least)
            yield Finding(one.key, Weight.LOOK, words)


def options_known(entry: Entry) -> Iterator[Finding]:
    """Of lists and choices: what was typed or pasted is among them on that day."""
    for one in entry.fields:
        if not isinstance(one, Codes | Choice):
            continue
        known = codes_of(one.options, entry.lists)
        value = entry.texts.get(one.key) or []
        odd = [code for code in ([value] if isinstance(value, str) else value) if code not in known]
        if odd:
            text = _(
                "Not on the list that holds on %(day)s: %(codes)s.",
                day=dates.day(entry.lists.day),
                codes=", ".join(odd),
            )
            yield Finding(one.key, Weight.WRONG, text)


def codes_of(options: Options, lists: Lists) -> set[str]:
    return {code for _heading, group in options(lists) for code, _text in group}


@dataclass(frozen=True)
class AddressSound:
    field: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        text = entry.text(self.field)
        if text and not is_address(text):
            yield Finding(
                self.field,
                Weight.WRONG,
                _("Write a whole address that begins with https://, without spaces or a password."),
            )


def is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        return False
    host = parts.hostname or ""
    labels = host.split(".")
    return (
        parts.scheme == "https"
        and port_is_one
        and "@" not in parts.netloc
        and not any(letter.isspace() for letter in text)
        and len(labels) > 1
        and all(label and not label.startswith("-") and not label.endswith("-") for label in labels)
        and all(letter.isalnum() or letter in "-." for letter in host)
    )
