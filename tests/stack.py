"""Real workers and beats, each a process group of its own, around one broker and one relay."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Stack:
    """`include` names modules that the workers import besides the product's."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], include: str, app: str = "worker.app"
    ) -> None:
        self.folder = folder
        self.environ = {**os.environ, "BASE_URL": "http://localhost", "VAR_DIR": str(folder), **environ}
        self.include = include
        self.app = app
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """A Python module and its arguments."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=self.environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def worker(self, name: str = "w1", processes: int = 2, level: str = "INFO") -> None:
        arguments = f"-A {self.app} worker -n {name}@test -c {processes} -I {self.include} -l {level}"
        self.start(name, "celery", *arguments.split())

    def beat(self, name: str = "beat", level: str = "INFO") -> None:
        self.start(name, "celery", *f"-A {self.app} beat -l {level}".split())

    def signal(self, name: str, number: signal.Signals) -> None:
        """To the process and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, number)

    def kill(self, name: str) -> None:
        """As the kernel does when memory runs out: no goodbye, children included."""
        self.signal(name, signal.SIGKILL)
        self.processes.pop(name).wait(10)

    def kill_all(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()
