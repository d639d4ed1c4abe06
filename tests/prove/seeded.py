"""Which proof notices which defect: each in a process of its own, on the smallest story that shows it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sandbox import applications as programs

from . import crash_matrix, defects, fault_matrix, matrices, model_check, storm
from .crash_matrix import Crashes
from .fault_matrix import Faults


def _storm() -> tuple[str, ...]:
    return storm.raged(storm.BOUNDED_EVENTS, storm.BOUNDED_RESOURCES).violations


def _while_off() -> tuple[str, ...]:
    def orders(machine: model_check.Machine) -> None:
        machine.switch("off")
        machine.fall_ill(programs.LEAKS)
        machine.time_passes(900)

    return _ordered(orders)


def _made_worse() -> tuple[str, ...]:
    def orders(machine: model_check.Machine) -> None:
        machine.fall_ill(programs.WARMS_AND_BLOCKS)
        machine.time_passes(3700)

    return _ordered(orders)


def _ordered(orders: Callable[[model_check.Machine], None]) -> tuple[str, ...]:
    machine = model_check.Machine()
    try:
        orders(machine)
    except model_check.Broken as broken:
        return (str(broken),)
    finally:
        machine.laptop.__exit__(None, None, None)
    return ()


def _faults(*only: tuple[str, str]) -> tuple[str, ...]:
    (found,) = matrices.of_stories(("out-of-memory",), None, Faults(only=only, brief=False), 0)
    return found.violations(fault_matrix.NAME)


def _killed_around_the_undo() -> tuple[str, ...]:
    (found,) = matrices.of_stories(("worse",), Crashes(around="undo"), None, 0)
    return found.violations(crash_matrix.NAME)


@dataclass(frozen=True, slots=True)
class Seeded:
    """One defect, the proof that must turn red, and how it is asked."""

    defect: Callable[[], AbstractContextManager[None]]
    proof: str
    violations: Callable[[], tuple[str, ...]]


SEEDED: Mapping[str, Seeded] = {
    "lock_removed": Seeded(defects.lock_removed, storm.NAME, _storm),
    "gate_skipped": Seeded(defects.gate_skipped, model_check.NAME, _while_off),
    "retry_on": Seeded(
        defects.retry_on, fault_matrix.NAME, lambda: _faults(("ecs:UpdateService", fault_matrix.AFTERWARDS))
    ),
    "no_data_passes": Seeded(
        defects.no_data_passes, fault_matrix.NAME, lambda: _faults(("ecs:DescribeServices", fault_matrix.DENIED))
    ),
    "undo_twice": Seeded(defects.undo_twice, model_check.NAME, _made_worse),
    "undo_repeated": Seeded(defects.undo_repeated, crash_matrix.NAME, _killed_around_the_undo),
}


def play_defect(name: str) -> tuple[str, str, str]:
    """The defect, the proof, and its first violation; empty where nothing was noticed."""
    seeded = SEEDED[name]
    with seeded.defect():
        found = seeded.violations()
    return name, seeded.proof, found[0] if found else ""
