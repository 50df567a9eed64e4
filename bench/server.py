"""A real web server under load from this process: times, CPU and memory of its workers."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import psutil

from bench import floor
from bench.databases import Place
from bench.table import Row
from tests.servers import free_port

ROOT = Path(__file__).parent.parent
WARM = 20


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200  # any other ends the run


Numbered = Callable[[int], Request]  # the number of the request -> what is asked


@dataclass
class Server:
    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor time that the workers have used."""
        return sum(sum(worker.cpu_times()[:2]) for worker in self.process.children())

    def memory(self) -> float:
        """The peak of the largest worker, in MB."""
        return max(peak(worker.pid) for worker in self.process.children())


def peak(pid: int) -> float:
    """The most memory a process ever held, in MB. What getrusage tells of a child begins at its parent's."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    raise LookupError(f"process {pid} has no peak")


@contextmanager
def served(app: str, environ: dict[str, str]) -> Iterator[Server]:
    """As `make run` serves, with two workers."""
    port = free_port()
    options = f"--workers 2 --threads 4 --worker-class gthread -b 127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", app, *options.split(), "--log-level", "error"]
    started = subprocess.Popen(command, env={**os.environ, **environ}, cwd=ROOT)
    try:
        wait(port)
        yield Server(port, psutil.Process(started.pid))
    finally:
        started.send_signal(signal.SIGINT)  # at once: nobody waits for an answer any more
        started.wait(20)


@contextmanager
def served_floor(place: Place) -> Iterator[Server]:
    url = place.create("floor")
    floor.fill(url)
    with served("bench.floor:create_app()", {"DATABASE_URL": url}) as server:
        yield server


def wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers on port {port}")


def always(asked: Request) -> Numbered:
    return lambda _number: asked


def ask_floor(number: int) -> Request:
    return Request(f"/{number % floor.ROWS + 1}")


def load(server: Server, bare: Server, what: str, request: Numbered, *, times: int, size: int | None) -> Row:
    """One request after the other, each followed by one of the bare view: what disturbs one disturbs both."""
    for number in range(WARM):
        _timed(server, request(number))
        _timed(bare, ask_floor(number))
    used, took, floors = server.cpu(), [], []
    for number in range(WARM, WARM + times):
        took.append(_timed(server, request(number)))
        floors.append(_timed(bare, ask_floor(number)))
    cuts = quantiles(took, n=100)
    return Row(
        what,
        size,
        p50=cuts[49],
        p95=cuts[94],
        floors=cuts[49] / median(floors),
        cpu=(server.cpu() - used) * 1000 / times,
        memory=server.memory(),
    )


def _timed(server: Server, asked: Request) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    fetch(server, asked)
    return (time.perf_counter() - began) * 1000


def fetch(server: Server, asked: Request) -> bytes:
    """The body as it comes over the line, which is a new one each time: a proxy in front keeps none."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    line.request(asked.method, asked.path, asked.body, asked.headers)
    answer = line.getresponse()
    text = answer.read()
    line.close()
    if answer.status != asked.status:
        raise SystemExit(f"{asked.method} {asked.path} answered {answer.status}: {text[:300]!r}")
    return text
