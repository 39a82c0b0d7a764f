"""How large our files, methods and tests are, and whether that is too large.

Run as ``python3 setup/toolkit/sizes.py``: prints the figures, and fails above
a ceiling.
"""

import ast
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL_FOLDERS = {"models", "report", "wizard"}
BRANCHES = (
    *(ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While),
    *(ast.ExceptHandler, ast.comprehension, ast.match_case, ast.Assert),
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Size:
    """A measured thing: ``value`` lines or branches at ``place``."""

    value: int
    place: str


@dataclass(frozen=True)
class Limit:
    """What to hold: a target is reported, a ceiling fails."""

    name: str
    sizes: list
    median: int | None = None
    p90: int | None = None
    target: int | None = None
    ceiling: int | None = None

    def report(self):
        """One line of figures; those over their target carry a mark."""
        figures = [
            _figure("median", statistics.median(self.values()), self.median),
            _figure("p90", _percentile(self.values(), 0.9), self.p90),
            _figure("max", max(self.values()), self.target or self.ceiling),
        ]
        largest = max(self.sizes, key=lambda size: size.value)
        count = f"{len(self.sizes):5d} {self.name:14s}"
        return f"{count} {'  '.join(figures)}  {largest.place}"

    def values(self):
        return [size.value for size in self.sizes]

    def too_large(self):
        if self.ceiling is None:
            return []
        return [size for size in self.sizes if size.value > self.ceiling]


def _figure(name, value, allowed):
    wanted = f"/{allowed}{'!' if value > allowed else ''}" if allowed else ""
    return f"{name} {value:g}{wanted}"


def _percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(root):
    """All limits, with what was measured for each; empty ones left out."""
    files = [path for top in ("addons", "setup", "tests") for path in _files(root, top)]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
    methods, tests, branches = [], [], []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                place = f"{path.relative_to(root)}:{node.lineno} {node.name}"
                kept = tests if node.name.startswith("test_") else methods
                kept.append(Size(_lines(node), place))
                branches.append(Size(complexity(node), place))
    limits = [
        Limit("model files", _model_files(root, files), median=60, ceiling=300),
        Limit("methods", methods, median=8, p90=20, ceiling=40),
        Limit("tests", tests, median=12),
        Limit("view files", _view_files(root), target=120),
        Limit("McCabe", branches, ceiling=10),
    ]
    return [limit for limit in limits if limit.sizes]


def _files(root, top):
    return sorted((root / top).rglob("*.py"))


def _lines(node):
    return node.end_lineno - node.lineno + 1


def complexity(function):
    """McCabe's number: one, and one more for each branch."""
    inner = list(_own_nodes(function))
    bools = sum(len(n.values) - 1 for n in inner if isinstance(n, ast.BoolOp))
    return 1 + bools + sum(isinstance(node, BRANCHES) for node in inner)


def _own_nodes(function):
    """Nodes of a function without those of functions defined inside it."""
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        if not isinstance(node, FUNCTIONS):
            yield node
            todo.extend(ast.iter_child_nodes(node))


def _model_files(root, files):
    return [
        _file_size(root, path)
        for path in files
        if path.parent.name in MODEL_FOLDERS and path.name != "__init__.py"
    ]


def _view_files(root):
    return [_file_size(root, path) for path in root.glob("addons/*/views/*.xml")]


def _file_size(root, path):
    lines = path.read_text(encoding="utf-8").count("\n")
    return Size(lines, str(path.relative_to(root)))


def main(root=ROOT):
    limits = measure(root)
    for limit in limits:
        print(limit.report())
    found = [(limit, size) for limit in limits for size in limit.too_large()]
    for limit, size in found:
        print(f"TOO LARGE: {limit.name}: {size.value} > {limit.ceiling}: {size.place}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
