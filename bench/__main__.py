"""`make bench`; for a quick look `python -m bench --people 1000 --answers 5000 --plans 20 --rows 1000
--mails 300 --due 1000 --sleeping 1000`."""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench import answering, boards, dashboards, followups, imports, mails, pages, weight
from bench.databases import Place
from bench.server import ask_floor, load, served_floor
from bench.table import Measurements, Table, write
from tests.servers import Missing, PostgreSQL

TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def main(arguments: Sequence[str] | None = None) -> None:
    options = _options(arguments)
    tables: list[Table] = []
    with tempfile.TemporaryDirectory(prefix="lanjut-bench-") as name:
        for kind in options.on:
            try:
                with _place(kind, Path(name)) as place:
                    tables.append(_measure(TITLES[kind], place, options))
            except Missing as missing:
                print(f"{TITLES[kind]} is left out: apt-get install {missing}")
        with _place("sqlite", Path(name)) as place:
            tables.append(weight.measure(place))
    if options.markdown:
        write(options.markdown, tables)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m bench")
    asked.add_argument("--people", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    asked.add_argument("--answers", type=int, nargs="*", default=[0, 100_000, 1_000_000])
    asked.add_argument("--plans", type=int, nargs="*", default=[20, 20_000], help="on one board")
    asked.add_argument("--alumni", type=int, nargs="*", default=[100_000], help="on one dashboard")
    asked.add_argument("--rows", type=int, nargs="*", default=[1_000, 10_000])
    asked.add_argument("--mails", type=int, nargs="*", default=[2_000])
    asked.add_argument("--due", type=int, nargs="*", default=[100_000], help="invitations to plan")
    asked.add_argument("--sleeping", type=int, nargs="*", default=[1_000, 1_000_000])
    asked.add_argument("--times", type=int, default=300, help="requests a measurement")
    asked.add_argument("--on", nargs="*", choices=TITLES, default=list(TITLES))
    asked.add_argument("--markdown", type=Path, help="write the tables there too")
    return asked.parse_args(arguments)


@contextmanager
def _place(kind: str, folder: Path) -> Iterator[Place]:
    if kind == "sqlite":
        yield Place(f"sqlite:///{folder}/{{}}.sqlite3", folder)
        return
    data = folder / "postgresql"
    data.mkdir()
    server = PostgreSQL(data, is_durable=True)
    try:
        yield Place(server.url("{}"), folder)
    finally:
        server.stop()


def _measure(title: str, place: Place, options: argparse.Namespace) -> Measurements:
    table = Measurements(title)
    with served_floor(place) as bare:
        floor = load(bare, bare, "floor: a bare Flask view", ask_floor, times=options.times, size=None)
        table.add(replace(floor, queries=1))
        for size in options.people:
            pages.lists(place, table, bare, size, options.times)
        for size in options.answers:
            pages.answering(place, table, bare, size, options.times)
        answering.long_page(place, table, bare, options.times)
        answering.rate(place, table, options.times)
        for size in options.plans:
            boards.measure(place, table, bare, size, options.times)
        for size in options.alumni:
            dashboards.measure(place, table, bare, size, options.times)
    for size in options.rows:
        imports.measure(place, table, size)
    for size in options.mails:
        mails.measure(place, table, size)
    for size in options.due:
        followups.plan(place, table, size)
    for size in options.sleeping:
        mails.measure_many(place, table, size, options.times)
        followups.tick(place, table, size, options.times)
    return table


if __name__ == "__main__":
    main()
