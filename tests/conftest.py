"""What the tests of several folders need."""

import pytest

from tests.made_once import made_once


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    """Gives how the scenario of a name went; each is played once in a run, by whichever process asks first."""
    from tests.ops.played import play

    def of(story):
        return made_once(tmp_path_factory, f"played-{story}", lambda: play(story))

    return of
