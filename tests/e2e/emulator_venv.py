"""The emulator's own environment, `.venv-e2e`: made on first use, left alone where it is as it should be.

`python -m tests.e2e.emulator_venv` makes it and says in one sentence where it cannot be made.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from infra.bundle.interpreter import find_interpreter

ROOT = Path(__file__).parents[2]
PINS = Path(__file__).parent / "requirements.txt"
FOLDER = ROOT / ".venv-e2e"
GIVEN = "EMULATOR_PYTHON"  # names an interpreter that has the pins already
PREFERRED = "3.13"  # the Lambda's own; its workers run on the emulator's interpreter
WITHIN_S = 300


class NotInstalledError(RuntimeError):
    """The emulator cannot be installed here; the message is one sentence for people."""


def emulator_python() -> Path:
    """The interpreter that has the emulator; its environment is made where it is missing or has other pins.

    Raises:
        NotInstalledError: it cannot be made.
    """
    if given := os.environ.get(GIVEN):
        return Path(given)
    python, stamp = FOLDER / "bin" / "python", FOLDER / ".installed"
    wanted = sha256(PINS.read_bytes()).hexdigest()
    with _alone():
        if not (stamp.is_file() and stamp.read_text() == wanted and python.exists()):
            _make(python)
            stamp.write_text(wanted)
    return python


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time: test workers ask together."""
    lock = ROOT / "out" / "emulator-venv.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _make(python: Path) -> None:
    interpreter = find_interpreter(PREFERRED) or sys.executable
    sys.stderr.write("installing the emulator into .venv-e2e (half a minute, once) ...\n")
    _run(interpreter, "-m", "venv", "--clear", str(FOLDER))
    _run(str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r", str(PINS))


def _run(*command: str) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(f"The emulator cannot be installed: {error}") from error
    if ran.returncode:
        said = [line for line in ran.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise NotInstalledError(f"The emulator cannot be installed: {said[-1].strip()}")


def main() -> int:
    """Makes the environment. Exit status: 0 where it stands, 1 where it cannot be made."""
    try:
        emulator_python()
    except NotInstalledError as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
