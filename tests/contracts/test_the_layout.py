"""The layout is held by tests: a row is a module of its package, folders and files stay small, rows know nothing of each other."""

import ast
from pathlib import Path

import pytest

from remediator.problems import ids, load_all

ROOT = Path(__file__).parents[2]
PROBLEMS = ROOT / "functions" / "remediator" / "problems"
CODE = ("functions", "ops", "infra", "sandbox")
FILES_AT_MOST, LINES_AT_MOST = 15, 300
GRAMMAR = {"__init__", "runbook", "triggers", "evidence", "facts", "verification"}
RUNBOOKS = load_all()


def module_of(row):
    """A module's name cannot begin with a digit."""
    return f"http_{row}" if row[0].isdigit() else row


def python_folders():
    found = {p.parent for top in CODE for p in (ROOT / top).rglob("*.py") if "__pycache__" not in p.parts}
    return sorted(found)


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_each_row_is_a_module_of_its_package_and_holds_its_cause(runbook):
    for cause in runbook.causes:
        module = PROBLEMS / runbook.id / f"{module_of(cause.id)}.py"
        names = {t.id for n in ast.parse(module.read_text()).body if isinstance(n, ast.Assign) for t in n.targets}
        assert "CAUSE" in names, module


@pytest.mark.parametrize("problem", ids())
def test_each_package_has_the_files_of_the_grammar(problem):
    assert {p.stem for p in (PROBLEMS / problem).glob("*.py")} >= GRAMMAR


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda r: r.id)
def test_rows_do_not_import_each_other(runbook):
    rows = {module_of(c.id) for c in runbook.causes}
    for row in rows:
        tree = ast.parse((PROBLEMS / runbook.id / f"{row}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                named = {node.module} if node.module else {a.name for a in node.names}
                assert not named & (rows - {row}), f"{row} imports {named & rows}"


@pytest.mark.parametrize("problem", ids())
def test_triggers_import_nothing_but_triggers_and_names(problem):
    tree = ast.parse((PROBLEMS / problem / "triggers.py").read_text())
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    allowed = {"events.triggers", "core.runbook", "resources.dynamodb.throttle_metrics", "resources.ecs.stop_codes"}
    assert modules <= allowed


@pytest.mark.parametrize("folder", python_folders(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_folder_holds_more_than_fifteen_files_of_python(folder):
    assert len(list(folder.glob("*.py"))) <= FILES_AT_MOST


def test_no_file_is_longer_than_three_hundred_lines():
    files = (p for top in CODE for p in (ROOT / top).rglob("*.py") if "__pycache__" not in p.parts)
    lengths = {p.relative_to(ROOT).as_posix(): len(p.read_text().splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > LINES_AT_MOST} == {}
