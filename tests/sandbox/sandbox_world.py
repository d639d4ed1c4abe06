"""Worlds for the sandbox's own tests: opened without the product's handlers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sandbox.clock import VirtualClock
from sandbox.environment import connected_clients, environment
from sandbox.world import World


@contextmanager
def open_world() -> Iterator[World]:
    """A world with nothing in it but the portfolio's names."""
    with environment(), World(connected_clients(), VirtualClock()) as world:
        yield world


def let_pass(world: World, seconds: float) -> None:
    """Virtual time passes."""
    world.clock.move_to(world.clock.now() + timedelta(seconds=seconds))
    world.moment()
