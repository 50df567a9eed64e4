"""The import rules of the house. Change both together: here, and in the README's map."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import sharing

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "trainingapp"

# A package may use the models, queries and actions of those listed before it: imports follow foreign keys.
PACKAGES = [
    "outbox",
    "inbound",
    "accounts",
    "files",
    "programmes",
    "participants",
    "cohorts",
    "imports",
    "visits",
    "plans",
    "cases",
    "surveys",
    "followups",
    "responses",
    "voices",
    "replies",
    "archives",
    "feedback",
    "impact",
    "reports",
    "submissions",
    "datasets",
]
# These stand at the edge: they may look at any package, and no package's inside looks at them.
# `pages` put together what a page shows.
# cohorts/overview.py and to_do.py are the first page of an edition: it shows what later packages know of it.
EDGES = {"views", "forms", "words", "pages", "commands", "navigation", "overview", "to_do"}
OUTSIDE = {"__init__", "cli", "navigation", "web", "local", "demo"}
# The only readers of the clock, and the only places that commit.
# The sender commits three times a message: before the network, at the fence, and after the reply.
# The intake commits each mail before it moves it out of the inbox.
MAY_COMMIT = {"views", "commands", "cli", "tasks", "sender", "intake"}


def kind(module: str) -> str:
    """Of a module by its name: wave_views holds views."""
    return module.rpartition("_")[2] if module.endswith("_views") else module


def modules() -> list[Path]:
    return sorted(APP.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def module_of(target: list[str]) -> list[str]:
    """`trainingapp.plans.progress.words`, in parts, of that or of a name in it."""
    here = ROOT.joinpath(*target)
    return target if here.is_dir() or here.with_suffix(".py").exists() else target[:-1]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    parts = path.relative_to(APP).with_suffix("").parts
    is_edge = kind(parts[-1]) in EDGES
    for name in imports(path):
        target = name.split(".")
        assert target[0] not in {"worker", "celery"}, "the app never knows the worker"
        if target[0] != "trainingapp" or parts[0] not in PACKAGES or len(target) < 2:
            continue
        if target[1] not in PACKAGES:
            assert target[1] not in OUTSIDE or is_edge, f"{name} is outside of every package"
        elif target[1] != parts[0] and not is_edge:
            assert PACKAGES.index(target[1]) < PACKAGES.index(parts[0]), f"{name} is a later package"
            assert not EDGES & set(map(kind, module_of(target)[2:])), f"{name} is another package's edge"
        elif target[1] == parts[0] and parts[-1] == "models":
            assert "actions" not in target, f"{name}: models know no verbs"


@pytest.mark.parametrize("package", PACKAGES)
def test_parts_of_a_package_do_not_import_in_a_circle(package):
    """But for edges, which look at any part as they look at any package."""
    inner = {init.parent for init in APP.glob(f"{package}/*/__init__.py")}
    looks_at = {
        part.name: {
            target[2]
            for path in part.rglob("*.py")
            if kind(path.stem) not in EDGES
            for target in (name.split(".") for name in imports(path))
            if target[:2] == ["trainingapp", package] and APP / package / target[2] in inner - {part}
        }
        for part in inner
    }
    list(TopologicalSorter(looks_at).static_order())  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_edges_commit(path):
    if kind(path.stem) not in MAY_COMMIT and "local" not in path.parts and "demo" not in path.parts:
        assert "session.commit(" not in path.read_text()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_clock_reads_the_clock(path):
    if path.stem != "clock":
        text = path.read_text()
        for reader in ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time("):
            assert reader not in text, f"use trainingapp.clock instead of {reader})"


def test_no_file_has_a_name_that_says_nothing():
    empty = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}
    named = {
        path.stem
        for top in ("trainingapp", "worker", "tests", "bench")
        for path in (ROOT / top).rglob("*.py")
    }
    assert not named & empty


def test_every_package_is_in_the_order():
    assert set(PACKAGES) == {path.parent.name for path in APP.glob("*/models.py")}


def test_the_readme_names_every_package_and_module():
    read_me = (ROOT / "README.md").read_text()
    places = re.findall(r"`([\w/.]+)`", read_me.split("## The map")[1].split("\n## ")[0])
    named = {place.removeprefix("trainingapp/").strip("/") for place in places}
    there = {path.parent.name for path in APP.glob("*/__init__.py")}
    there |= {path.name for path in APP.glob("*.py")} - {"__init__.py"}
    assert there <= named, f"The map of the README lacks {sorted(there - named)}"


def test_the_readme_lists_packages_in_the_order_of_their_imports():
    rows = re.findall(r"^\| `trainingapp/(\w+)/` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == PACKAGES


def test_no_file_is_too_long_to_read():
    longest = 360  # lines; what comes near splits by noun
    for top in ("trainingapp", "worker"):
        for path in (ROOT / top).rglob("*.py"):
            is_data = path.name == "facts.py"
            assert is_data or len(path.read_text().splitlines()) <= longest, path


def test_each_group_of_tests_is_there():
    assert [path for path in sharing.GROUPS if not (ROOT / path).exists()] == []
