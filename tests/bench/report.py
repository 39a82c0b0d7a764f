"""What a row of the benchmark says, as a table and as JSON."""

import json
from dataclasses import asdict, dataclass, field


@dataclass
class Bound:
    """A figure that must not lie above (or, ``above``: below) its limit."""

    name: str
    value: float
    limit: float
    above: bool = False

    @property
    def holds(self):
        return self.value >= self.limit if self.above else self.value <= self.limit

    def __str__(self):
        sign = ">=" if self.above else "<="
        verdict = "ok" if self.holds else "OVER"
        return f"{self.name} {self.value:.4g} (bound {sign} {self.limit:g}): {verdict}"


@dataclass
class Row:
    """One row: ``sides`` are seconds by name, ``ratios`` ours to another side."""

    key: str
    title: str
    rows: int
    seconds: float
    statements: int
    sides: dict = field(default_factory=dict)
    ratios: dict = field(default_factory=dict)
    bounds: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    @property
    def rows_per_second(self):
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def statements_per_thousand(self):
        return 1000 * self.statements / self.rows if self.rows else 0.0

    def as_dict(self):
        return asdict(self) | {
            "rows_per_second": self.rows_per_second,
            "statements_per_thousand_rows": self.statements_per_thousand,
            "bounds": [asdict(bound) | {"holds": bound.holds} for bound in self.bounds],
        }


def against(name, ours, other):
    """Ratios of two samples: by the clock and by processor time."""
    ratios = {name: ours.seconds / other.seconds}
    if other.processor:
        ratios[f"{name}, processor time"] = ours.processor / other.processor
    return ratios


def print_row(row):
    print(f"\n{row.title}")
    print(
        f"  {row.rows:,} rows, {row.seconds:.3f} s: {row.rows_per_second:,.0f} rows/s,"
        f" {row.statements_per_thousand:.3g} statements per 1,000 rows"
    )
    for name, seconds in row.sides.items():
        print(f"  {name}: {seconds:.4g} s")
    for name, ratio in row.ratios.items():
        print(f"  ratio to {name}: {ratio:.4g}")
    for line in (*row.notes, *row.bounds):
        print(f"  {line}")


def print_table(rows):
    """One line per row of the benchmark."""
    heads = ("rows/s", "stmt/1k", "x floor", "x peer")
    widths = (10, 8, 8, 8)
    cells = [f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)]
    print(f"\n{'row':44} {' '.join(cells)}  bounds")
    for row in rows:
        floor, peer = (row.ratios.get(name) for name in ("floor", "peer"))
        cells = [f"{value:8.2g}" if value else f"{'-':>8}" for value in (floor, peer)]
        bounds = "; ".join(map(str, row.bounds)) or "-"
        print(
            f"{row.title[:44]:44} {row.rows_per_second:10,.0f}"
            f" {row.statements_per_thousand:8.3g} {' '.join(cells)}  {bounds}"
        )


def write_json(path, about, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"about": about, "rows": [row.as_dict() for row in rows]}
    path.write_text(json.dumps(content, indent=2, default=str) + "\n")
