"""Real servers for tests: PostgreSQL, a Redis-protocol server and the product, each private."""

import os
import pwd
import random
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Debian's package is called chromium; the tests with a browser are left out without it.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

DOVECOT = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")  # of the package dovecot-imapd


class Missing(Exception):
    """The machine lacks the programs; the text names the Debian package."""


_dice = random.SystemRandom()  # the usual one is seeded alike in all processes of a run


def free_port() -> int:
    """None that an outgoing connection is given: some of our servers stop and start again."""
    while True:
        port = _dice.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def two_free_ports() -> int:
    """The first of two side by side, as `make run` takes them."""
    while True:
        first = free_port()
        with socket.socket() as other, suppress(OSError):
            other.bind(("127.0.0.1", first + 1))
            return first


class PostgreSQL:
    """initdb and postgres refuse root, so root runs them as the user postgres that Debian's package makes."""

    def __init__(self, folder: Path, *, is_durable: bool = False) -> None:
        """Tests need no commit to survive a power cut; measurements do."""
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not binaries:
            raise Missing("postgresql")
        self.bin = binaries[-1].parent
        self.folder = folder
        self.is_durable = is_durable
        self.port = free_port()
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            for parent in folder.parents:
                if parent.stat().st_uid == 0 and parent != Path("/"):
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run(
            "initdb", "-D", str(folder / "data"), "-A", "trust", "-E", "UTF8", "--no-sync", "-U", "postgres"
        )
        self.start()

    def _run(self, program: str, *args: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*as_user, str(self.bin / program), *args],
            check=True,
            capture_output=True,
            cwd=self.folder,
            timeout=60,
        )

    def start(self) -> None:
        place = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        quick = "" if self.is_durable else "-c fsync=off -c full_page_writes=off"
        options = f"{place} {quick} -c max_connections=200"
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"


class Redis:
    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise Missing("redis-server")
        self.program = program
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen([self.program, *place, "--save", ""], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("redis-server did not answer in 10 seconds")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


class Line:
    """A line between a browser and a server that can be cut in the middle of whatever goes over it, or that
    breaks off just before an answer.
    """

    def __init__(self, target: str) -> None:
        self.breaks_off = threading.Event()
        self.answers_lost = 0
        self.target = int(target.rpartition(":")[2])
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.mend()

    def mend(self) -> None:
        self.ends: list[socket.socket] = []
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._answer, args=(self.door,), daemon=True).start()

    def cut(self) -> None:
        for end in (self.door, *self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _answer(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _ = door.accept()
                there = socket.create_connection(("127.0.0.1", self.target))
                self.ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other, one is there), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if is_answer and self.breaks_off.is_set():
                    self.answers_lost += 1
                    break
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


def _unknown_to_this_machine() -> ssl.SSLContext:
    """Whoever asks takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def web(environ: Mapping[str, str], certificate: Path | None = None) -> Iterator[str]:
    """The product in a process of its own; its address. `certificate`: PEM with its key, to speak HTTPS."""
    port = free_port()
    address = f"{'https' if certificate else 'http'}://127.0.0.1:{port}"
    encrypted = ["--certfile", str(certificate), "--keyfile", str(certificate)] if certificate else []
    told = {**environ, "BASE_URL": address, "REDIS_URL": ""}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "trainingapp:create_app()"),
            *("-b", f"127.0.0.1:{port}", "--threads", "4", *encrypted),
        ],
        env={**os.environ, **told},
        cwd=ROOT,
        stderr=subprocess.DEVNULL if os.environ.get("QUIET", "1") == "1" else None,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2, context=_unknown_to_this_machine())
            break
        except OSError:
            time.sleep(0.1)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(30)
