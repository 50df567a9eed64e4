"""Pages for what went wrong. Each says what happened, what is safe, and one way on."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask import Flask, current_app, g, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from trainingapp.db import db, is_away, reading
from trainingapp.refusals import Refusal

TRY_AGAIN = "60"  # seconds

Problem = TypeVar("Problem", bound=Exception)
Handler = Callable[[Problem], ResponseReturnValue]


def settle(app: Flask, browsers_language: Callable[[], str]) -> None:
    """All languages have these pages: a link may not have said yet whose it is, when something goes wrong."""

    def spoken(handler: Handler[Problem]) -> Handler[Problem]:
        @wraps(handler)
        def answer(error: Problem) -> ResponseReturnValue:
            if "language" not in g and "_user_id" not in session:
                g.language = browsers_language()
                refresh()
            return handler(error)

        return answer

    app.register_error_handler(Refusal, spoken(_refused))
    app.register_error_handler(StaleDataError, spoken(_stale))
    app.register_error_handler(CSRFError, spoken(_csrf_failed))
    app.register_error_handler(HTTPException, spoken(_http))
    app.register_error_handler(OperationalError, spoken(_busy))
    app.register_error_handler(Exception, spoken(_broke))


def _page(status: int, title: str, text: str) -> ResponseReturnValue:
    return render_template("problem.html", title=title, text=text), status


def _refused(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    return _page(409, _("That cannot be done"), str(refusal))


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    db.session.rollback()
    text = _("Someone else changed this at the same moment. Nothing was saved: go back and look again.")
    return _page(409, _("Someone else was quicker"), text)


def _csrf_failed(_error: CSRFError) -> ResponseReturnValue:
    text = _(
        "This page was open for a long time, or in two windows. Nothing was saved. "
        "Go back: your browser usually still shows what you typed. Reload, then send it again."
    )
    return _page(400, _("This page is too old to send"), text)


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return _broke(error.original_exception)  # while another page of these was made
    if error.response is not None:
        return error.response
    texts = {
        403: (_("This is not yours to see"), _("Ask your administrator if you need it for your work.")),
        404: (
            _("There is no page at this address"),
            _("It may have moved, or a letter is missing. Nothing was changed or lost."),
        ),
        413: (_("The file is too large"), _("Send a file of at most 20 MB. Nothing was saved.")),
        429: (
            _("Too many tries"),
            _("To keep accounts safe we wait a little between tries. Try again in a minute."),
        ),
    }
    other = (
        _("That cannot be done"),
        _("The page you sent this from may be out of date. Go back, load it again, and try once more."),
    )
    status = error.code or 500
    return _page(status, *texts.get(status, other))


def _busy(error: OperationalError) -> ResponseReturnValue:
    """SQLite has one writer at a time; who waited too long is told so."""
    if "locked" not in str(error.orig):
        return _broke(error)
    db.session.rollback()
    with reading():  # the page must not wait for the same lock again
        text = _(
            "Much is being written at this moment. Nothing was saved: go back and try again in a minute."
        )
        page = render_template("problem.html", title=_("One moment"), text=text)
    return page, 503, {"Retry-After": TRY_AGAIN}


def _broke(error: Exception) -> ResponseReturnValue:
    """Asks the database nothing: it may be what broke."""
    if current_app.testing:
        raise error
    reference = secrets.token_hex(4)
    current_app.logger.error("request failed, reference %s", reference, exc_info=error)
    db.session.rollback()
    g._login_user = AnonymousUserMixin()  # noqa: SLF001 - Flask-Login's: who is asked for language and menu
    text = _("It was not you. What you saved before is safe. Try again in a minute.")
    title = _("Something broke on our side")
    page = render_template("problem.html", title=title, text=text, reference=reference)
    return (page, 503, {"Retry-After": TRY_AGAIN}) if is_away(error) else (page, 500)
