"""The `trainingapp` command as it is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from clients import REAL

COMMAND = Path(sys.executable).parent / "trainingapp"
OURS = ("DATABASE_URL", "SECRET_KEY", "REDIS_URL", "SMTP_URL", "DEMO", "BASE_URL", "VAR_DIR")


def trainingapp(*arguments, **environ):
    clean = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [COMMAND, *arguments],
        env={**clean, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def try_out(tmp_path_factory):
    """A folder as `make run` leaves it."""
    folder = str(tmp_path_factory.mktemp("var"))
    loaded = trainingapp("demo", VAR_DIR=folder)
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.count("@lanjut.example") == 7
    return folder


def test_the_demo_is_not_loaded_twice(try_out):
    again = trainingapp("demo", VAR_DIR=try_out)
    assert again.returncode == 1
    assert "not empty" in again.stderr


def test_without_settings_the_command_works_on_the_try_out_and_says_so(try_out):
    listed = trainingapp("users", "list", VAR_DIR=try_out)
    assert listed.returncode == 0
    assert "organiser@lanjut.example" in listed.stdout
    assert "try-out" in listed.stderr


def test_a_dry_run_prints_an_object_a_row(try_out, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("Country;Full name;E-mail\nBurma;Thiri Test;thiri@test.example\nAtlantis;Nobody;x\n")
    edition = "Eleventh edition, Mataram"
    done = trainingapp(
        "participants", "import", str(people), "--cohort", edition, "--dry-run", "--json", VAR_DIR=try_out
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert '"verdict": "new"' in lines[0]
    assert '"verdict": "wrong"' in lines[1]


def test_a_server_without_a_secret_says_what_to_set(tmp_path):
    refused = trainingapp("users", "list", DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}")
    assert refused.returncode == 1
    assert "Set SECRET_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_demo_is_not_for_servers(tmp_path):
    refused = trainingapp("demo", **REAL, DATABASE_URL=f"sqlite:///{tmp_path / 'x.sqlite3'}")
    assert refused.returncode == 1
    assert "DEMO=1" in refused.stderr


def test_an_export_before_the_database_is_set_up_says_what_to_do(tmp_path):
    refused = trainingapp("impact", "export-iati", VAR_DIR=str(tmp_path))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "trainingapp db upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr
