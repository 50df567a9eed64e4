"""What `make run` does with the machine: what it refuses, what it starts, what it leaves behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest
import servers
from product import ROOT

from trainingapp.config import ConfigError, load

pytestmark = pytest.mark.timeout(300)

TAKEN_FROM_SHELL = ("REDIS_URL", "DATABASE_URL", "SMTP_URL", "SECRET_KEY", "BASE_URL", "PORT")
READY = 120


def environ(folder, **settings):
    own = {name: value for name, value in os.environ.items() if name not in TAKEN_FROM_SHELL}
    return {**own, "VAR_DIR": str(folder), "PORT": str(servers.two_free_ports()), **settings}


def refused(folder, *words, **settings):
    """(exit code, what was said) of a start that cannot be."""
    done = subprocess.run(
        [sys.executable, "-m", "trainingapp.local", *words],
        env=environ(folder, **settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=READY,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.fixture
def started():
    """started(folder, **settings): (process, what it said until it was ready)."""
    running = []

    def start(folder, **settings):
        process = subprocess.Popen(
            [sys.executable, "-m", "trainingapp.local"],
            env=environ(folder, **settings),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        said = "".join(lines)
        assert "Lanjut is ready" in said, said
        return process, said

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
        process.stdout.close()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_all_work(address):
    """The web answers first; worker and beat say within seconds that they are there."""
    deadline = time.monotonic() + READY
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as page:
                assert page.status == 200
                return
        except urllib.error.HTTPError as answer:
            said = answer.read().decode()
            if time.monotonic() > deadline:
                raise AssertionError(f"not all parts came up: {said}") from answer
        time.sleep(0.5)


def test_who_asks_for_help_is_told_what_can_be_set_and_nothing_starts(tmp_path):
    code, said = refused(tmp_path / "var", "--help")
    assert code == 0
    assert "PORT" in said
    assert not (tmp_path / "var").exists()


def test_a_busy_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = refused(tmp_path, PORT=str(port))
    assert code == 1
    assert said == f"Port {port} is in use. Stop what uses it, or choose another: make run PORT=5070"


def test_a_port_that_is_no_number_is_one_sentence(tmp_path):
    code, said = refused(tmp_path, PORT="five")
    assert code == 1
    assert said == "PORT must be a number between 1 and 65535, not 'five'."


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    """A file where the folder should be: nobody can write below it, root neither."""
    (tmp_path / "file").touch()
    code, said = refused(tmp_path / "file" / "var")
    assert code == 1
    assert said.count("\n") == 0
    assert said.startswith(f"{tmp_path / 'file' / 'var'} cannot be written")
    assert said.endswith("Set VAR_DIR to another folder.")


def test_the_demo_is_for_this_machine_alone(tmp_path):
    code, said = refused(tmp_path, BASE_URL="https://training.example.org")
    assert code == 1
    assert said.count("\n") == 0
    assert "BASE_URL" in said
    with pytest.raises(ConfigError, match="BASE_URL"):
        load({"DEMO": "1", "SECRET_KEY": "x" * 40, "BASE_URL": "http://10.0.0.5:5050"})


def test_ctrl_c_stops_what_it_started_and_a_second_start_is_quick(tmp_path, started):
    with servers_of_someone_else() as bystander:
        first, said = started(tmp_path)
        assert "Loading the demo" in said
        assert len(re.findall(r"^ {4}[a-z ]+ +\S+@\S+ +\S+$", said, re.MULTILINE)) == 7
        port = int(re.search(r"ready:  http://127\.0\.0\.1:(\d+)/", said)[1])
        everyone = psutil.Process(first.pid).children(recursive=True)
        names = " ".join(" ".join(child.cmdline()) for child in everyone)
        for part in ("gunicorn", "worker.app worker", "worker.app beat", "trainingapp.local.mailbox"):
            assert part in names
        ports = {port, port + 1} | {
            connection.laddr.port
            for child in everyone
            for connection in child.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }
        assert all(answers(one) for one in ports)
        wait_until_all_work(f"http://127.0.0.1:{port}/readyz")

        first.send_signal(signal.SIGINT)
        assert first.wait(40) == 0
        gone, alive = psutil.wait_procs(everyone, timeout=10)
        assert alive == []
        assert len(gone) == len(everyone)
        assert not any(answers(one) for one in ports)
        assert bystander.poll() is None

    began = time.monotonic()
    second, said = started(tmp_path)
    took = time.monotonic() - began
    assert "Loading the demo" not in said
    assert "make passwords" in said
    assert "@" not in said
    assert took < 60, f"the second start took {took:.0f} seconds"
    second.send_signal(signal.SIGTERM)
    assert second.wait(40) == 0


class servers_of_someone_else:  # noqa: N801 - reads as a sentence where it is used
    """A process like ours that `make run` did not start."""

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, "-m", "http.server", str(servers.free_port())])
        return self.process

    def __exit__(self, *problem):
        self.process.terminate()
        self.process.wait(10)
