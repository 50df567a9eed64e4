"""Everything around a request: headers, language, sessions of the database."""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.headers import Headers

from babel import Locale
from flask import (
    Flask,
    Request,
    Response,
    abort,
    g,
    has_request_context,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from trainingapp import clock, countries, dates, problems
from trainingapp.config import ROOT, Config
from trainingapp.db import db, reading
from trainingapp.letters import holdable

# English and Indonesian are complete. The others serve the pages behind a personal link.
STAFF_LANGUAGES = ("en", "id")
LANGUAGES = ("en", "id", "fr", "fa_AF")

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

FRAMED_BY_US = {**CSP, "frame-ancestors": "'self'"}  # for a page that another of ours shows inside itself

REDIS_SECONDS = 0.3

csrf = CSRFProtect()
babel = Babel()
compress = Compress()
talisman = Talisman()  # marks views that differ
limiter = Limiter(get_remote_address)


class Typed(ImmutableMultiDict[str, Any]):
    """What an address or a form says, without what no keyboard writes and no file holds."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__(
            (name, holdable(text) if isinstance(text, str) else text) for name, text in pairs or ()
        )


class OurRequest(Request):
    parameter_storage_class = Typed


def settle(app: Flask, config: Config) -> None:
    """Headers, language, database transactions and error pages, before the first view is added."""
    app.request_class = OurRequest
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "trainingapp" / "translations")
    app.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/css",
        "text/javascript",
        "application/json",
        "text/csv",
    ]
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    if config.redis_url:  # it only counts tries: when it is silent, pages do not wait for it
        patience = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
        app.config["RATELIMIT_STORAGE_OPTIONS"] = patience
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    csrf.init_app(app)
    babel.init_app(app, locale_selector=choose_language)
    compress.init_app(app)
    limiter.init_app(app)
    _privacy(app)  # before Talisman, so that it runs after it and has the last word
    Talisman(  # one for each app: it answers with the settings it was given last
        app,
        force_https=config.is_https,
        strict_transport_security=config.is_https,
        content_security_policy=CSP,
        referrer_policy="strict-origin-when-cross-origin",
        session_cookie_secure=config.is_https,
        # Where she is, a page asks only when she presses the button for it (static/questions.js).
        permissions_policy={"geolocation": "(self)", "camera": "()", "microphone": "()"},
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=ROOT / "static",
        prefix="static/",
        max_age=3600,
        add_headers_function=_protect_files(config.is_https),
    )
    _guard_host(app, config)
    _transactions(app)
    _words(app)
    problems.settle(app, browsers_language)


def _protect_files(is_https: bool) -> Callable[[Headers, str, str], None]:
    """WhiteNoise answers before Flask does, so its files get their headers here."""

    def protect(headers: Headers, _path: str, _url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        if is_https:
            headers["Strict-Transport-Security"] = "max-age=31556926; includeSubDomains"

    return protect


def choose_language() -> str:
    """A page behind a personal link sets g.language; else the user's, else the browser's."""
    if "language" in g:
        chosen: str = g.language
        return chosen
    if not has_request_context():
        return "en"  # a command or a worker; mail sets its own language
    if current_user and current_user.is_authenticated:
        language: str = current_user.language
        return language if language in LANGUAGES else "en"
    asked = request.args.get("l", "").replace("-", "_")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(STAFF_LANGUAGES, "en")


def browsers_language() -> str:
    """Of somebody we do not know, for a page that is written in all of LANGUAGES."""
    asked = request.args.get("l")
    if asked in LANGUAGES:
        return asked
    best = request.accept_languages.best_match(["en", "id", "fr", "fa-AF", "fa", "prs"], "en")
    return "fa_AF" if best.startswith(("fa", "prs")) else best


def _guard_host(app: Flask, config: Config) -> None:
    known = {config.host, "127.0.0.1", "localhost"} if config.demo else {config.host}

    @app.before_request
    def refuse_strange_hosts() -> ResponseReturnValue | None:
        if config.demo and not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
            return Response("The demo serves only this machine.\n", 403, mimetype="text/plain")
        host = urlsplit(f"//{request.host}").hostname
        if host in known or request.path in {"/healthz", "/readyz"}:
            return None
        return Response("This server does not answer to that name.\n", 400, mimetype="text/plain")


def _transactions(app: Flask) -> None:
    """A request that only looks takes no write lock; whatever was not committed is dropped."""

    @app.before_request
    def begin() -> None:
        if "\0" in request.path:
            abort(404)  # not even asked for: PostgreSQL refuses the question
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            g.reading = reading()
            g.reading.__enter__()

    @app.teardown_request
    def finish(_error: BaseException | None) -> None:
        db.session.remove()
        if "reading" in g:
            g.pop("reading").__exit__(None, None, None)


def _privacy(app: Flask) -> None:
    @app.after_request
    def keep_private(response: Response) -> Response:
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if "is_personal" in g:  # what a personal link opened: its address goes nowhere
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Robots-Tag"] = "noindex"
        if "content_policy" in g:  # a file that somebody gave is held tighter than our own pages
            response.headers["Content-Security-Policy"] = g.content_policy
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


def _words(app: Flask) -> None:
    """What every template may say."""
    for written in (dates.day, dates.hour, dates.moment):
        app.add_template_filter(written)

    @app.template_filter("initials")
    def initials(name: str) -> str:
        words = [word for word in name.split() if word[0].isalpha()] or [name or "?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @app.template_filter("country")
    def country(code: str) -> str:
        """As the reader's language names it; the code itself when nobody knows it."""
        return countries.name_of(code)

    @app.context_processor
    def words() -> dict[str, object]:
        locale = get_locale() or Locale("en")
        theme = request.cookies.get("theme")
        return {
            "now": clock.now,
            "language": str(locale).replace("_", "-"),
            "direction": locale.text_direction,
            "theme": theme if theme in {"light", "dark"} else None,
            "is_demo": app.config["DEMO"],
        }

    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """A static file's address; it changes when its content does, so that browsers may keep it."""
    path = ROOT / "static" / name
    return f"/static/{name}?v={_version(path, path.stat().st_mtime_ns)}"


@cache
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
