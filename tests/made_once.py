"""What takes long to make is made once in a run of the tests, whichever of its processes needs it first."""

import fcntl
import os
import pickle
from collections.abc import Callable
from typing import Any

import pytest


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[], Any]) -> Any:
    """What `make` gave in the process of this run that asked first.

    Args:
        folders: pytest's own, of which the processes of one run have one each, side by side.
        name: of a file.
        make: gives what can be pickled; whoever asks gets a copy of their own.
    """
    own = folders.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made = shared / f"{name}.pickle"
    with (shared / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not made.exists():
            made.write_bytes(pickle.dumps(make()))
    return pickle.loads(made.read_bytes())  # noqa: S301  # of this run
