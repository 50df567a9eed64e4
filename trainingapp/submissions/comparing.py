"""What changed in our figures since an entry was handed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import format_decimal
from flask_babel import gettext as _

from trainingapp import countries
from trainingapp.impact.figures import Share
from trainingapp.submissions.held import Figure, Held


@dataclass(frozen=True)
class Change:
    what: str
    then: str
    now: str


def changes(then: Held, now: Held) -> list[Change]:
    return [one for one in _every(then, now) if one.then != one.now]


def _every(then: Held, now: Held) -> Iterator[Change]:
    yield Change(_("Editions that had begun"), str(len(then.editions)), str(len(now.editions)))
    yield Change(_("Participants"), format_decimal(then.people), format_decimal(now.people))
    yield Change(_("Countries"), _countries(then, now), _countries(now, then))
    yield Change(_("Completed the course"), _of(then.completed), _of(now.completed))
    yield Change(_("Answered a year later"), _of(then.answered), _of(now.answered))
    yield Change(_("Plans finished"), _of(then.finished), _of(now.finished))
    was = {(one.frame, one.code, one.unit): one for one in then.figures}
    is_now = {(one.frame, one.code, one.unit): one for one in now.figures}
    for key in dict.fromkeys([*was, *is_now]):
        name = (is_now.get(key) or was[key]).name
        yield Change(
            name,
            *(_amount(one) if one else "\u2013" for one in (was.get(key), is_now.get(key))),
        )


def _amount(figure: Figure) -> str:
    return f"{format_decimal(Decimal(figure.actual))} {figure.unit}"


def _of(share: Share) -> str:
    return _("%(k)s of %(n)s", k=share.k, n=share.n) if share.n else "\u2013"


def _countries(held: Held, other: Held) -> str:
    """How many, and which of them the other one lacks."""
    extra = [countries.name_of(code) for code in held.countries if code not in other.countries]
    many = format_decimal(len(held.countries))
    return _("%(many)s, with %(names)s", many=many, names=", ".join(sorted(extra))) if extra else many
