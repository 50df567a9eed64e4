"""A site in which everything exists twice. Authorisation asks no dialect, so SQLite stands for both."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import world as worlds
from clients import Browser, settings
from flask import Flask

from trainingapp import clock, create_app
from trainingapp.access import public
from trainingapp.db import db
from trainingapp.web import limiter


class Site:
    """The product with a world in its database, which is put back whenever a test asks."""

    def __init__(self, folder: Path, empty: Path) -> None:
        self.kept, self.live = folder / "kept.sqlite3", folder / "live.sqlite3"
        shutil.copy(empty, self.live)
        self.app: Flask = create_app(settings(f"sqlite:///{self.live}", VAR_DIR=str(folder)))
        # Not `testing`: a page that breaks is a 500 in the table of results, and its log is shown beside it.
        self.app.test_client_class = Browser
        with self.app.app_context():
            self.world = worlds.build()
            db.session.remove()
            db.engine.dispose()
        shutil.copy(self.live, self.kept)

    def put_back(self) -> None:
        with self.app.app_context():
            db.engine.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self.live}{ending}").unlink(missing_ok=True)
        shutil.copy(self.kept, self.live)
        limiter.reset()

    def browser(self, role: str) -> Any:
        client = self.app.test_client()
        if role != "anonymous":
            with self.app.app_context(), client.session_transaction() as carried:
                carried["_user_id"] = worlds.session_token(self.world.users[role])
                carried["_fresh"] = True
                carried["seen"] = int(clock.now().timestamp())
        return client

    def ask(self, role: str, method: str, address: str, **more: Any) -> Any:
        with self.app.app_context():
            return self.browser(role).open(address, method=method, **more)

    def routes(self) -> list[tuple[Any, str]]:
        """Every rule with each method that means something of its own."""
        rules = sorted(self.app.url_map.iter_rules(), key=lambda rule: rule.rule)
        return [
            (rule, method)
            for rule in rules
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]

    def address(self, rule: Any, values: dict[str, Any]) -> str:
        missing = sorted(rule.arguments - set(values))
        assert not missing, f"{rule.rule}: tests/security/world.py gives no {', '.join(missing)}"
        with self.app.test_request_context():
            return self.app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})


@pytest.fixture(scope="session")
def the_site(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Site:
    return Site(tmp_path_factory.mktemp("site"), empty_sqlite)


@pytest.fixture
def site(the_site: Site) -> Site:
    the_site.put_back()
    return the_site


@pytest.fixture
def https(tmp_path: Path) -> Iterator[Flask]:
    """As in production, with one page that breaks."""
    app = create_app(
        settings(
            f"sqlite:///{tmp_path}/x.sqlite3", BASE_URL="https://lanjut.example.org", VAR_DIR=str(tmp_path)
        )
    )

    @public
    def broken() -> str:
        raise ZeroDivisionError("the secret of the house")

    app.add_url_rule("/broken", view_func=broken)
    app.test_client_class = Browser
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()
