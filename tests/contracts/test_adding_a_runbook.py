"""The page that shows how to add a problem is followed to the letter, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding-a-runbook.md"
CONTRACTS = "tests/contracts/test_every_runbook.py"
LAYOUT = "tests/contracts/test_the_layout.py"
PROBLEM = "ecs_service_scaled_to_zero"
DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)  # readers and planners: the contract's tests are named for them
FILE = re.compile(r"^## `(?P<path>[^`]+)`\n\n```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_one_folder_and_its_test_are_all_that_a_problem_needs(tmp_path):
    for part in ("functions", "tests", "pyproject.toml"):
        source = ROOT / part
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / part)
    files = {m["path"]: m["text"] for m in FILE.finditer(PAGE.read_text())}
    assert len({Path(path).parent for path in files}) == 2
    for path, text in files.items():
        assert not (tmp_path / path).exists()
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    test = next(p for p in files if p.startswith("tests/"))
    new = {name for text in files.values() for name in DEFINED.findall(text)} | {PROBLEM, Path(test).stem}
    told = _tested(tmp_path, test, CONTRACTS, LAYOUT, "-k", " or ".join(sorted(new)))
    assert f"PASSED {test}::" in told
    assert re.search(rf"PASSED {CONTRACTS}::\w+\[{PROBLEM}\]", told), "its contract holds"


def _tested(where: Path, *what: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rp", "-p", "no:cacheprovider", *what],
        cwd=where,
        env={**os.environ, "PYTHONPATH": f"{where / 'functions'}:{where}", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    return ran.stdout
