"""docs/sandbox.md against the code: each fake stands in its table, in the file that the table names."""

import re
from pathlib import Path

import pytest

from sandbox.laptop import Laptop

ROOT = Path(__file__).parents[2]
SANDBOX = ROOT / "sandbox"
SERVICE = re.compile(r"\b([a-z][a-z0-9-]*) ((?:`\w+`(?:, )?)+)")


def _rows():
    """Of the table of fakes: operations by service, and the files that are named beside them."""
    lines = (ROOT / "docs" / "sandbox.md").read_text("utf-8").splitlines()
    first = lines.index("| operation | fake | why not moto | what the fake leaves out |") + 2
    for line in lines[first:]:
        if not line.startswith("|"):
            return
        operations, files, why, leaves_out = (cell.strip() for cell in line.strip("|").split(" | ", 3))
        assert why
        assert leaves_out
        named = {(s, o) for s, listed in SERVICE.findall(operations) for o in re.findall(r"`(\w+)`", listed)}
        yield named, set(re.findall(r"`([\w/]+\.py)`", files))


@pytest.fixture(scope="module")
def fakes():
    with Laptop() as laptop:
        return dict(laptop.world.fakes)


def test_every_fake_is_in_the_table_and_nothing_else_is(fakes):
    assert {operation for named, _ in _rows() for operation in named} == set(fakes)


def test_a_fake_is_in_the_file_that_the_table_names(fakes):
    for named, files in _rows():
        assert files <= _known()
        for operation in named:
            assert fakes[operation].__module__.removeprefix("sandbox.").replace(".", "/") + ".py" in files, operation


def test_every_file_that_the_page_names_is_there():
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", page))
    assert {n for n in named if not n.startswith("tests/")} <= _known()


def _known():
    return {path.relative_to(SANDBOX).as_posix() for path in SANDBOX.rglob("*.py")}
