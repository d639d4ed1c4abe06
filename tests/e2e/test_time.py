"""The world's time: it stands still, passes as far as it is let, and says what holds it up."""

from datetime import timedelta

import pytest

from .emulator_process import Emulator, EmulatorError
from .test_platform import asked, probe_on, start, until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def world(installed):
    with Emulator(python=installed) as running:
        yield running


def test_time_stands_still_until_it_is_let_pass_and_then_passes_exactly(world):
    began = world.now()
    assert world.now() == began
    world.let_pass(90)
    assert world.now() == began + timedelta(seconds=90)


def test_an_invocation_takes_none_of_the_worlds_time(world):
    start(probe_on(world), "busy", busy_s=1)
    began = world.now()
    world.let_pass()
    assert world.now() == began
    assert asked(until(world, "busy", asked))


def test_what_does_not_end_is_named(installed):
    with Emulator(python=installed, environment={"WORLD_STUCK_S": "0.5"}) as running:
        start(probe_on(running), "stuck", busy_s=30)
        with pytest.raises(EmulatorError, match=r"StuckError: the world stands at .*; running: probe"):
            running.let_pass()
