"""Who may ask for an address. Deny by default: a view without one of these marks stops the start.

The mark is checked before the view runs. It answers "may this person do such a thing at all?"; whether
they may do it to this object is asked again where the object is loaded (programmes/roles.py).
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, request
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Check = Callable[[], ResponseReturnValue | None]  # an answer stops the request

_MARK = "_access_check"


def guarded_by(check: Check) -> Callable[[View], View]:
    """Marks a view with the check that runs before it."""

    def mark(view: View) -> View:
        setattr(view, _MARK, check)
        return view

    return mark


def _anyone() -> None:
    return None


def public(view: View) -> View:
    """For anyone: the door, health, and pages that a personal link opens (which check it themselves)."""
    return guarded_by(_anyone)(view)


def is_public(view: object) -> bool:
    return getattr(view, _MARK, None) is _anyone


def enforce(app: Flask) -> None:
    """Call last. Raises RuntimeError when an endpoint has no mark."""
    public(cast("Any", app.view_functions["static"]))
    unmarked = sorted(name for name, view in app.view_functions.items() if not hasattr(view, _MARK))
    if unmarked:
        raise RuntimeError(f"These addresses do not say who may ask for them: {', '.join(unmarked)}")

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        check: Check = getattr(app.view_functions[request.endpoint], _MARK)
        return check()
