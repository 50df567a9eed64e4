"""The bench runs, small: a measurement that nobody can repeat is none."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SIZES = (
    "--people 60 --answers 80 --plans 20 --alumni 60 --rows 30 --mails 10 --due 40 --sleeping 40 --times 3"
)


@pytest.mark.timeout(300)
def test_the_bench_measures_everything_on_a_small_scale(tmp_path):
    tables = tmp_path / "tables.md"
    command = [sys.executable, "-m", "bench", *SIZES.split(), "--on", "sqlite", "--markdown", str(tables)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=270)
    measured, _, weighed = tables.read_text().partition("**Weight")
    found = {cells[0]: cells for cells in map(_cells, measured.splitlines())}
    for what in (
        "people, first page",
        "alumna's page",
        "alumna's answer (POST)",
        "results, new answers",
        "results by country, nothing new",
        "board, stalled",
        "dashboard of a programme",
    ):
        _what, _size, p50, p95, floors, _growth, cpu, queries, _rate, _share, memory = found[what]
        assert 0 < float(p50) <= float(p95)
        assert float(floors) > 0
        assert float(cpu) >= 0
        assert int(queries) > 0
        assert float(memory) > 0
    assert float(found["mails from one process, of the floor"][8]) > 0
    assert found["mails from one process, of the floor"][9].endswith("%")
    assert float(found["claim of nothing, all asleep"][3]) > 0
    assert float(found["sending process, all due"][10]) > 0
    assert float(_cells(next(line for line in weighed.splitlines() if "alumna" in line))[3]) <= 14
    assert float(found["planning due invitations"][8]) > 0
    assert float(found["follow-up tick, all asleep"][2]) > 0
    assert any(what.startswith("rows of an XLSX, written") for what in found)


def _cells(line):
    """Without the commas in thousands."""
    return [re.sub(r"(?<=\d),(?=\d{3})", "", cell.strip()) for cell in line.strip("|").split("|")]
