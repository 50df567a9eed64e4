"""Forms on paper: a short code says whose one is, so that whoever types it in finds the right page."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from trainingapp import tokens
from trainingapp.db import db
from trainingapp.followups.models import MAY_ANSWER, Invitation, Wave
from trainingapp.followups.queries import WHOLE
from trainingapp.responses import queries
from trainingapp.responses.forms import Page

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are mistaken for another on paper
CHECK = 3  # letters: a slip of the pen finds nobody
MOST = 500  # people at once


@dataclass(frozen=True)
class Paper:
    invitation: Invitation
    page: Page
    code: str


def code_of(invitation_id: int) -> str:
    """As "7KQ-M4X": the number, and a check that a mistyped letter does not pass."""
    digits, number = "", invitation_id
    while number or not digits:
        number, digit = divmod(number, len(LETTERS))
        digits = LETTERS[digit] + digits
    return f"{digits}-{_check(digits)}"


def _check(digits: str) -> str:
    seen = tokens.issue("paper", digits).encode()
    return "".join(LETTERS[seen[place] % len(LETTERS)] for place in range(CHECK))


def number_of(code: str) -> int | None:
    """None for a code that none of our forms bears. Small letters, blanks and dashes do not matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    digits, check = plain[:-CHECK], plain[-CHECK:]
    is_ours = digits and set(plain) <= set(LETTERS) and hmac.compare_digest(check, _check(digits))
    if not is_ours or len(digits) > 12:  # noqa: PLR2004 - beyond any number of a row
        return None
    number = 0
    for letter in digits:
        number = number * len(LETTERS) + LETTERS.index(letter)
    return number


def paper(invitation: Invitation) -> Paper:
    page = Page(queries.sheet(invitation), invitation.language)
    return Paper(invitation, page, code_of(invitation.id))


def missing(wave: Wave) -> list[Invitation]:
    """Who has not answered, by name; at most MOST of them."""
    query = sa.select(Invitation).where(Invitation.wave_id == wave.id, Invitation.state.in_(MAY_ANSWER))
    return list(db.session.scalars(query.options(*WHOLE).order_by(Invitation.id).limit(MOST)))


def papers(wave: Wave) -> Iterator[Paper]:
    return (paper(invitation) for invitation in missing(wave))
