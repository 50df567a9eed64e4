"""A real web server under load from this process: times, CPU and memory of its workers."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import psutil

from bench.table import Row
from tests.servers import free_port

WARM = 20


@dataclass
class Server:
    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor time that the workers have used."""
        return sum(sum(child.cpu_times()[:2]) for child in self.process.children())

    def memory(self) -> float:
        """The largest worker, in MB."""
        return max(child.memory_info().rss for child in self.process.children()) / 1e6


@contextmanager
def served(app: str, environ: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        app,
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "--log-level",
        "error",
    ]
    started = subprocess.Popen(command, env={**os.environ, **environ}, cwd=Path(__file__).parent.parent)
    try:
        _wait(port)
        yield Server(port, psutil.Process(started.pid))
    finally:
        started.terminate()
        started.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


Request = Callable[
    [int], tuple[str, str, bytes | None, dict[str, str]]
]  # number -> method, path, body, headers


def load(
    server: Server,
    what: str,
    request: Request,
    *,
    size: str = "",
    times: int = 300,
    ok: tuple[int, ...] = (200,),
) -> Row:
    """One request after the other over one connection; a status that is not ok ends the run."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for number in range(WARM):
        _ask(connection, request(number), ok)
    before, taken = server.cpu(), []
    for number in range(WARM, WARM + times):
        asked = request(number)
        began = time.perf_counter()
        _ask(connection, asked, ok)
        taken.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(taken, n=100)
    cpu = (server.cpu() - before) * 1000 / times
    return Row(
        what,
        size,
        p50=cuts[49],
        p95=cuts[94],
        cpu=cpu,
        memory=server.memory(),
        rate=f"{1000 * times / sum(taken):.0f}/s",
    )


def _ask(
    connection: http.client.HTTPConnection,
    asked: tuple[str, str, bytes | None, dict[str, str]],
    ok: tuple[int, ...],
) -> None:
    method, path, body, headers = asked
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in ok:
        raise SystemExit(f"{method} {path} answered {answer.status}: {text[:300]!r}")
