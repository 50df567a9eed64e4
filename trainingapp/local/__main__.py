"""`make run`: the database made ready, the demo loaded the first time, then every process until Ctrl-C.

PORT (5050) is where the pages are, VAR_DIR (var) what is kept. docs/running.md names the other variables.
"""

import argparse
import os
import sys
import threading
import time
import urllib.request
from typing import TextIO

import flask_migrate
from honcho.manager import Manager
from honcho.printer import Printer

from trainingapp import config, create_app, demo
from trainingapp.local.processes import CannotStart, Stack, compose, prepare

PATIENCE = 120  # seconds until pages, broker, worker and beat must all be at work


def main() -> int:
    var = config.folder(os.environ)
    try:
        prepare(var)
        stack = compose(os.environ, var)
        sign_ins = _make_ready(stack)
        stack = compose(os.environ, var)  # the demo took a while: choose ports that are free now
    except (CannotStart, config.ConfigError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - this is a command
        return 1
    with (var / "log" / "lanjut.log").open("a", encoding="utf-8") as log:
        manager = Manager(Printer(log, colour=False))
        for name, command in stack.commands.items():
            manager.add_process(
                name, f"exec {_with_settings(command)}", env=stack.environ, cwd=str(config.ROOT)
            )
        greeter = threading.Thread(target=_greet, args=(stack, sign_ins, log), daemon=True)
        greeter.start()
        manager.loop()
    stopped_by_hand = manager.returncode in {130, 143}
    if not stopped_by_hand:
        print(f"A process ended by itself. What it said: {log.name}", file=sys.stderr)  # noqa: T201
    return 0 if stopped_by_hand else 1


def _with_settings(command: str) -> str:
    """VARIABLE=value before a command needs `env` behind exec."""
    return f"env {command}" if "=" in command.split(" ", 1)[0] else command


def _make_ready(stack: Stack) -> list[demo.SignIn]:
    """Migrates, and loads the demo into an empty database; returns the sign-ins it made."""
    app = create_app(config.load(stack.environ))
    with app.app_context():
        flask_migrate.upgrade()
        if demo.is_loaded():
            return []
        print("Loading the demo: the editions since 2016 and their alumni …", flush=True)  # noqa: T201
        return demo.load()


def _greet(stack: Stack, sign_ins: list[demo.SignIn], log: TextIO) -> None:
    """Waits until everything is at work, then says where it is."""
    address = f"http://127.0.0.1:{stack.environ['PORT']}"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310 - our own address
                break
        except OSError:
            time.sleep(0.1)
    else:
        print(f"Not ready after {PATIENCE} seconds. What happened: {log.name}", file=sys.stderr)  # noqa: T201
        return
    lines = ["", f"  Lanjut is ready:  {address}/"]
    if stack.mailbox:
        lines.append(f"  Mail it sends:    {stack.mailbox}")
    if sign_ins:
        lines += ["", "  Sign in as (shown this once):"]
        lines += [f"    {made.role:<14} {made.email:<32} {made.password}" for made in sign_ins]
    else:
        lines += ["", "  The sign-ins were shown at the first start. New passwords: make passwords"]
    lines += ["", "  Ctrl-C stops everything.", ""]
    print("\n".join(lines), flush=True)  # noqa: T201


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m trainingapp.local", description=__doc__).parse_args()
    sys.exit(main())
