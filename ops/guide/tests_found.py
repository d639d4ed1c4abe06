"""Which tests name a row of the guide: found in the sources of the tests, so that a test that is gone is no longer counted."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ops import ROOT

TESTS = ROOT / "tests"


def tests_of(row: str) -> tuple[str, ...]:
    """Ids of the test functions that name the row, `tests/problems/<problem>/test_<row>.py::test_y`.

    What stands behind the problem's name is enough in the tests of that problem, or of the error codes, alone.
    """
    problem, _, suffix = row.partition(".")
    own = {"error": "tests/ops/explain/"}.get(problem, f"tests/problems/{problem}/")
    found = [f"{p}::{name}" for p, name, texts in _all() if row in texts or (p.startswith(own) and suffix in texts)]
    return tuple(dict.fromkeys(found))


@cache
def _all() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Contract tests name rows without testing what they do, so they do not count."""
    paths = (p for p in sorted(TESTS.rglob("test_*.py")) if p.parent.name != "contracts")
    return tuple(found for path in paths for found in _in(path))


def _in(path: Path) -> Iterator[tuple[str, str, frozenset[str]]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named: dict[str, frozenset[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            named |= _shared(node, path)
        elif isinstance(node, ast.Assign):
            named |= {n: _texts(v, named) for n, v in _assigned(node)}
    relative = path.relative_to(TESTS.parent).as_posix()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield relative, node.name, _texts(node, named)


@cache
def _constants(path: Path) -> Mapping[str, frozenset[str]]:
    """The texts of the constants of a module of the tests."""
    named: dict[str, frozenset[str]] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body if path.exists() else ():
        if isinstance(node, ast.Assign):
            named |= {n: _texts(v, named) for n, v in _assigned(node)}
    return named


def _shared(node: ast.ImportFrom, path: Path) -> Mapping[str, frozenset[str]]:
    """What a test module imports of the constants that the tests of its folder share."""
    if node.level != 1 or not node.module:
        return {}
    known = _constants(path.parent / f"{node.module}.py")
    return {a.asname or a.name: known[a.name] for a in node.names if a.name in known}


def _assigned(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """Names of module constants with what stands for each."""
    for target in node.targets:
        if isinstance(target, ast.Name):
            yield target.id, node.value
        elif isinstance(target, ast.Tuple):
            names = [t.id for t in target.elts if isinstance(t, ast.Name)]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value] * len(names)
            yield from zip(names, values, strict=False)


def _texts(node: ast.AST, named: dict[str, frozenset[str]]) -> frozenset[str]:
    """The texts in it, those of the module's constants that it names included."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            found.add(inner.value)
        elif isinstance(inner, ast.Name):
            found |= named.get(inner.id, frozenset())
    return frozenset(found)
