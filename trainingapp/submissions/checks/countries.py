"""The countries that the texts name, those that the list names, and those from which people came."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from trainingapp import countries, dates
from trainingapp.submissions.checks.findings import Entry, Finding, Weight
from trainingapp.submissions.checks.mentions import named_in
from trainingapp.submissions.fields import Rows

MOST_NAMED = 12  # in one sentence


@dataclass(frozen=True)
class CountriesAgree:
    """Both ways; who supports or carries out the work need not be in the list."""

    listed: str
    besides: tuple[str, ...]  # fields that name partners

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        names = entry.many(self.listed)
        read = [(name, countries.find(name)) for name in names]
        listed = {code for _name, code in read if code}
        yield from self._unread(read)
        if not names:
            return
        partners = {code for key in self.besides for code in named_in(_all_of(entry, key))}
        every: dict[str, str] = {}
        for prose, text in entry.prose():
            own = named_in(text)
            extra = [own[code] for code in own if code not in listed | partners | set(every)]
            every |= own
            if extra:
                words = _("Named here and not in the list of countries: %(names)s.", names=_some(extra))
                yield Finding(prose.key, Weight.WRONG, words)
        silent = [name for name, code in read if code and code not in every and code not in partners]
        if silent and (listed & set(every)) - partners:
            text = _("In the list and in none of the texts: %(names)s.", names=_some(silent))
            yield Finding(self.listed, Weight.LOOK, text)
        yield from self._against_record(entry, listed, partners)

    def _unread(self, read: list[tuple[str, str | None]]) -> Iterator[Finding]:
        for name, code in read:
            if code is None:
                meant = [countries.name_of(one) for one in countries.suggestions(name)]
                text = (
                    _("“%(name)s” is no country we know. Is it %(meant)s?", name=name, meant=", ".join(meant))
                    if meant
                    else _("“%(name)s” is no country we know.", name=name)
                )
                yield Finding(self.listed, Weight.WRONG, text)
        often = Counter(code for _name, code in read if code)
        twice = [name for name, code in read if code and often[code] > 1]
        if twice:
            text = _("The same country stands there more than once: %(names)s.", names=_some(twice))
            yield Finding(self.listed, Weight.WRONG, text)

    def _against_record(self, entry: Entry, listed: set[str], partners: set[str]) -> Iterator[Finding]:
        if entry.held is None or not entry.held.countries:
            return
        came = set(entry.held.countries)
        day = dates.day(entry.held.day)
        missing = [countries.name_of(code) for code in entry.held.countries if code not in listed]
        if missing:
            text = _("People came from here too, as of %(day)s: %(names)s.", day=day, names=_some(missing))
            yield Finding(self.listed, Weight.WRONG, text)
        extra = sorted(countries.name_of(code) for code in listed - came - partners)
        if extra:
            text = _("Nobody came from here, as of %(day)s: %(names)s.", day=day, names=_some(extra))
            yield Finding(self.listed, Weight.LOOK, text)


@dataclass(frozen=True)
class OneCountry:
    """A field that holds the name of one."""

    field: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        name = entry.text(self.field)
        if name and countries.find(name) is None:
            yield Finding(self.field, Weight.WRONG, _("“%(name)s” is no country we know.", name=name))


@dataclass(frozen=True)
class SimilarDiffer:
    """Published entries show their own countries beside every similar solution: an error of the page."""

    field: str
    listed: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        own = {countries.find(name) or name for name in entry.many(self.listed)}
        copied = [
            row["name"] or "\u2013"
            for row in entry.rows(self.field)
            if own and set(_codes(row.get("countries", ""))) == own
        ]
        if copied:
            text = _(
                "Its countries are those of this entry, probably by mistake: %(names)s.", names=_some(copied)
            )
            yield Finding(self.field, Weight.LOOK, text)


def _codes(text: str) -> Iterable[str]:
    return (
        countries.find(part) or part.strip() for part in text.replace(";", ",").split(",") if part.strip()
    )


def _all_of(entry: Entry, key: str) -> str:
    value = entry.texts.get(key, "")
    if isinstance(entry.field_of(key), Rows):
        return "\n".join(text for row in value for text in row.values())
    return value if isinstance(value, str) else "\n".join(value)


def _some(names: list[str]) -> str:
    """The first ones; a dot for each that is left out would say less than their number."""
    more = len(names) - MOST_NAMED
    text = ", ".join(names[:MOST_NAMED])
    return _("%(names)s and %(more)d more", names=text, more=more) if more > 0 else text
