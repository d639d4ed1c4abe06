"""A Python of the Lambda's own minor version, to compile the bundle with."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ANSWER_WITHIN_S = 20


def find_interpreter(version: str) -> str | None:
    """The path of an interpreter of `version` (`3.13`) that really runs, None where the machine has none."""
    return next((path for path in _candidates(version) if _runs(path, version)), None)


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}*"), reverse=True):
        yield str(folder / "bin" / "python")
    for prefix in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
        yield f"{prefix}/python{version}"
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    yield from map(str, uv.glob(f"cpython-{version}*/bin/python{version}"))


def _runs(path: str, version: str) -> bool:
    """Whether it starts and is of that version: a pyenv shim on PATH may be neither."""
    ask = "import sys, py_compile; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([path, "-c", ask], capture_output=True, text=True, timeout=ANSWER_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and found.stdout.strip() == version
