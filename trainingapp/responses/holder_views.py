"""Whoever holds a personal link: the cookie that stands for it, their language, the frame of their pages.

`/r/<token>` puts the token into a cookie that only goes to that page's address, and redirects there, so
that it stays out of history, referrers and logs. A GET notes nothing: scanners open every link.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from trainingapp import clock
from trainingapp.followups import calendar
from trainingapp.followups import queries as invitations
from trainingapp.followups.audience import TOPIC
from trainingapp.followups.due.models import DueNotice
from trainingapp.followups.models import ContactCheck, Invitation
from trainingapp.followups.yearly import queries as yearly
from trainingapp.outbox import unsubscribe
from trainingapp.responses.words import LANGUAGE_NAMES
from trainingapp.tokens import fingerprint
from trainingapp.web import LANGUAGES, browsers_language, limiter

# Guesses at links; a link that works costs nothing. Many alumni share one address of one ministry.
GONE = 410
guesses = limiter.limit("20/minute;100/hour", deduct_when=lambda response: response.status_code == GONE)
SHORTEST = 3600  # seconds that the cookie lives, so that what she is typing can still be explained


class Addressed(Protocol):
    """Whatever a personal link stands for: somebody, in a language."""

    @property
    def language(self) -> str: ...


Held = TypeVar("Held", bound=Addressed)


def follow(token: str, endpoint: str, **query: Any) -> ResponseReturnValue:
    """From the link in a mail to one of the pages about its invitation."""
    g.is_personal = True
    found = invitations.invitation_for(token)
    if found is None:
        return no_such_link(token)
    return go_on(token, ".page", endpoint, calendar.ends(found.wave.closes_on), **query)


def go_on(token: str, root: str, endpoint: str, ends: datetime, **query: Any) -> ResponseReturnValue:
    """To the page without the token in its address. `root` is the endpoint under which the cookie goes."""
    number = page_id(token)
    response = redirect(url_for(endpoint, page_id=number, l=request.args.get("l"), **query), 303)
    response.set_cookie(
        _cookie_name(),
        token,
        max_age=max(SHORTEST, int((ends - clock.now()).total_seconds())),
        path=url_for(root, page_id=number),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(page: str, number: str) -> ResponseReturnValue:
    """The page, after which this browser no longer holds the link."""
    response = make_response(page)
    secure = current_app.config["SESSION_COOKIE_SECURE"]  # else a browser keeps one whose name says so
    response.delete_cookie(_cookie_name(), path=url_for(".page", page_id=number), secure=secure)
    return response


def page_id(token: str) -> str:
    """Not secret, and no help in guessing the token: half of its digest."""
    return fingerprint(token)[:32]


def _cookie_name() -> str:
    """`__Host-` would demand the path "/"; this cookie goes to one page only."""
    return "__Secure-link" if current_app.config["SESSION_COOKIE_SECURE"] else "link"


def token_of(number: str) -> str | None:
    """The token in the cookie, if it belongs to this page."""
    g.is_personal = True
    token = request.cookies.get(_cookie_name(), "")
    return token if token and page_id(token) == number else None


def invitation(number: str) -> Invitation | None:
    """Whom the cookie speaks for; also settles the language."""
    return held(number, invitations.invitation_for)


def hold(number: str) -> Invitation | None:
    """As `invitation`, locked: for a POST that writes how things stand with it."""
    return held(number, invitations.hold_for)


def check(number: str) -> ContactCheck | None:
    """As `invitation`, for the yearly question."""
    return held(number, lambda token: yearly.check_for(token, clock.now()))


def held(number: str, find: Callable[[str], Held | None]) -> Held | None:
    """What the cookie speaks for, found by its token; also settles the language."""
    token = token_of(number)
    found = find(token) if token else None
    if found is not None:
        speak(found.language)
    return found


def speak(usual: str) -> None:
    """In the language that was chosen on the page, else in theirs."""
    asked = request.form.get("l") or request.form.get("language") or request.args.get("l")
    g.usual_language, g.language = usual, asked if asked in LANGUAGES else usual


def address(endpoint: str, number: str, **query: Any) -> str:
    """In the language she chose, where it is not her usual one."""
    chosen = None if g.language == g.usual_language else g.language
    return url_for(endpoint, page_id=number, l=chosen, **query)


def stranger() -> None:
    """Nobody we know: the language comes from the browser."""
    g.is_personal = True
    asked = request.values.get("language")
    g.language = asked if asked in LANGUAGES else browsers_language()


def no_such_link(token: str = "", *, may_ask: bool = True) -> ResponseReturnValue:
    """`may_ask` offers a new link by mail: a wave's may be asked for, the yearly one comes again."""
    stranger()
    return render_template("responses/no_link.html", token=token, may_ask=may_ask, **frame()), GONE


def frame(found: Invitation | ContactCheck | DueNotice | None = None, number: str = "") -> dict[str, Any]:
    """What every page behind a link says at its head and foot."""
    stop = unsubscribe.link(found.address, TOPIC, g.language) if found and found.address else None
    return {
        "invitation": found,
        "cohort": found.enrolment.cohort if found else None,
        "page_id": number,
        "languages": LANGUAGE_NAMES,
        "chosen": g.language,
        "stop": stop,
    }
