"""Lines printed as they come, and kept for a Markdown table."""

from dataclasses import dataclass
from pathlib import Path

FIRST, OTHERS = 36, 10  # characters


class Table:
    def __init__(self, title: str, columns: tuple[str, ...]) -> None:
        self.title = title
        self.columns = columns
        self.lines: list[tuple[str, ...]] = []
        print(f"\n{title}\n{_aligned(columns)}", flush=True)

    def line(self, *cells: str) -> None:
        self.lines.append(cells)
        print(_aligned(cells), flush=True)

    def markdown(self) -> str:
        ruler = ("---", *["---:"] * (len(self.columns) - 1))
        lines = [f"| {' | '.join(cells)} |" for cells in (self.columns, ruler, *self.lines)]
        return "\n".join([f"**{self.title}**", "", *lines, ""])


@dataclass(frozen=True)
class Row:
    what: str
    size: int | None = None
    p50: float | None = None
    p95: float | None = None
    floors: float | None = None  # p50 in multiples of the bare view, asked in turn with it
    cpu: float | None = None  # ms a request, or a mail, of our own processes; the database's are not in it
    queries: int | None = None
    rate: float | None = None
    share: float | None = None  # of the rate that the row names
    memory: float | None = None  # the peak of the largest process, in MB


class Measurements(Table):
    def __init__(self, title: str) -> None:
        columns = (
            "size",
            "p50 ms",
            "p95 ms",
            "floors",
            "growth",
            "CPU ms",
            "queries",
            "a second",
            "share",
            "peak MB",
        )
        super().__init__(title, ("what", *columns))
        self._first: dict[str, float] = {}  # what is measured -> floors at its first size

    def add(self, row: Row) -> None:
        self.line(
            row.what,
            "" if row.size is None else f"{row.size:,}",
            _number(row.p50),
            _number(row.p95),
            _number(row.floors),
            self._growth(row),
            _number(row.cpu),
            "" if row.queries is None else str(row.queries),
            "" if row.rate is None else f"{row.rate:,.0f}",
            "" if row.share is None else f"{row.share:.0%}",
            "" if row.memory is None else f"{row.memory:.0f}",
        )

    def _growth(self, row: Row) -> str:
        """Against its first size; in floors, since whatever else the machine does slows both."""
        if row.floors is None:
            return ""
        if row.what not in self._first:
            self._first[row.what] = row.floors
            return ""
        return f"{row.floors / self._first[row.what]:.2f}"


def write(path: Path, tables: list[Table]) -> None:
    path.write_text("\n".join(table.markdown() for table in tables), encoding="utf-8")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _aligned(cells: tuple[str, ...]) -> str:
    first, *rest = cells
    return first.ljust(FIRST) + "".join(cell.rjust(OTHERS) for cell in rest)
