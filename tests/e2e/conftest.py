"""What the tests of the deployment share: one after another, an emulator of its own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .emulator_process import Emulator
from .emulator_venv import NotInstalledError, emulator_python

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))  # two emulators beside other tests would be too slow


@pytest.fixture(scope="session")
def installed() -> Path:
    """The emulator's interpreter; where it cannot be installed, its tests are left out with that word."""
    try:
        return emulator_python()
    except NotInstalledError as reason:
        pytest.skip(f"LEFT OUT, nothing was deployed: {reason}")


@pytest.fixture
def emulator(installed: Path) -> Iterator[Emulator]:
    with Emulator(python=installed) as running:
        yield running


@pytest.fixture
def bare(installed: Path) -> Iterator[Emulator]:
    """Without our patches."""
    with Emulator(python=installed, bare=True) as running:
        yield running
