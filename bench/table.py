"""One row a measurement, printed as it comes."""

from dataclasses import dataclass

COLUMNS = ("what", "size", "p50 ms", "p95 ms", "floors", "CPU ms", "queries", "rate", "peak MB")
WIDTHS = (34, 9, 8, 8, 8, 8, 8, 14, 8)


@dataclass(frozen=True)
class Row:
    what: str
    size: str = ""
    p50: float | None = None
    p95: float | None = None
    cpu: float | None = None
    queries: int | None = None
    rate: str = ""
    memory: float | None = None


def heading(database: str) -> None:
    print(f"\n{database}\n" + _line(COLUMNS))


def show(row: Row, floor: Row | None = None) -> None:
    """The column floors is the p50 against the bare Flask view of the same run."""
    times = f"{row.p50 / floor.p50:.1f}" if floor and floor.p50 and row.p50 else ""
    cells = (
        row.what,
        row.size,
        _number(row.p50),
        _number(row.p95),
        times,
        _number(row.cpu),
        "" if row.queries is None else str(row.queries),
        row.rate,
        "" if row.memory is None else f"{row.memory:.0f}",
    )
    print(_line(cells), flush=True)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _line(cells: tuple[str, ...]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return first[0].ljust(first[1]) + "".join(cell.rjust(width) for cell, width in rest)
