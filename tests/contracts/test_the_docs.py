"""The docs name files that are there: after a move they are corrected, or this is red."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMED = re.compile(r"`((?:[a-z0-9_]+/)+[a-z0-9_]+\.py)`")
FOLDERS = ("", "functions/remediator/", "sandbox/", "tests/e2e/", "tests/e2e/emulator/")
EXAMPLE = "ecs_service_scaled_to_zero"  # docs/adding-a-runbook.md makes its files; a test follows it


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_file_of_code_that_a_page_names_is_there(page):
    named = {name for name in NAMED.findall(page.read_text("utf-8")) if EXAMPLE not in name}
    assert {n for n in named if not any((ROOT / folder / n).is_file() for folder in FOLDERS)} == set()
