"""The emulator's patches: each names what ministack lacks, replaces a name that exists, and is needed still."""

import json
import os
import subprocess

import pytest

from .emulator_process import HERE

full, short = pytest.mark.e2e, pytest.mark.e2e_short


def run(python, code_or_module, folder, *, module=False):
    return subprocess.run(
        [str(python), "-m" if module else "-c", code_or_module],
        env={"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def patches(installed, tmp_path_factory):
    """Every patch, as a process tells that applied none."""
    ran = run(installed, "emulator.still_needed", tmp_path_factory.mktemp("bare"), module=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@full
def test_every_patched_name_exists(patches):
    assert [p["name"] for p in patches if p["needed"] is None] == []


@full
def test_every_patch_is_needed_still(patches):
    mended = [f"{p['name']}: ministack no longer {p['lacks']}" for p in patches if p["needed"] is False]
    assert mended == [], "take these patches out"


@full
def test_every_patch_says_what_is_lacking_and_can_tell_when_it_is_not(patches):
    assert len({p["name"] for p in patches}) == len(patches) > 20
    assert [p["name"] for p in patches if not p["lacks"] or not p["asked"]] == []


@full
def test_a_name_that_is_gone_stops_the_emulator_with_a_word(installed, tmp_path):
    code = """
from emulator import __main__, patches
patches.patch(of="ministack.services.ecs._gone", lacks="does something")(lambda original: original)
__main__.load = lambda: patches
import sys; sys.argv = ["emulator", "--port", "1", "--dir", "DIR"]
__main__.main()
""".replace("DIR", str(tmp_path))
    ran = run(installed, code, tmp_path)
    assert ran.returncode == 1
    assert "The emulator cannot start: ministack has no ministack.services.ecs._gone" in ran.stderr
    assert "does something" in ran.stderr


@full
def test_nothing_is_applied_when_one_name_is_gone(installed, tmp_path):
    code = """
from emulator import patches
import ministack.services.ecs as ecs
before = ecs._stop_task
patches.patch(of="ministack.services.ecs._stop_task", lacks="x")(lambda original: None)
patches.patch(of="ministack.services.ecs._gone", lacks="y")(lambda original: None)
try:
    patches.apply_all()
except patches.MissingNameError:
    assert ecs._stop_task is before
else:
    raise SystemExit("applied")
"""
    ran = run(installed, code, tmp_path)
    assert ran.returncode == 0, ran.stderr


@short
def test_the_docs_list_every_patch(installed, tmp_path):
    ran = run(installed, "emulator.in_words", tmp_path, module=True)
    assert ran.stdout.strip() in (HERE.parents[1] / "docs" / "emulator.md").read_text(encoding="utf-8")
