"""The gates before a right is taken: the kill switch is read last, and stays closed where it cannot be read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediator.aws.runtime import Runtime
from remediator.core.gates import KILL_SWITCH, OPTED_IN, UNCHANGED, Answer, Passed, Permit, Refusal
from remediator.work import Work, allowed
from tests.samples import incident, plan

BEGAN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Gated(Work):
    """Work whose readings say what a test wants; `took_s` passes while they are read."""

    said: Iterator[str | None]
    took_s = 0.0
    acquired = 0
    order: list[str]

    def _switch(self) -> str | None:
        self.order.append("switch")
        return next(self.said)

    def _fresh(self, evidence: Any, at: str) -> Any:
        self.order.append("fresh")
        later = BEGAN + timedelta(seconds=self.took_s)
        self.runtime = replace(self.runtime, now=lambda: later)
        return evidence

    def consider(self, *_: Any) -> Any:
        return type("Case", (), {"answers": (Permit(OPTED_IN),)})

    def _still(self, *_: Any) -> Answer:
        return Permit(UNCHANGED)

    def _acquire(self, *_: Any) -> tuple[Answer, ...]:
        self.acquired += 1
        return (Permit("lock"),)


def gated(runtime: Runtime, *said: str | None, took_s: float = 0.0) -> tuple[Gated, tuple[Answer, ...]]:
    work = Gated(replace(runtime, now=lambda: BEGAN), incident())
    work.said, work.took_s, work.order = iter(said), took_s, []
    return work, work.gates(None, plan(), Permit(OPTED_IN), approved=False)


def test_all_permit_and_the_right_is_taken(runtime):
    work, answers = gated(runtime, "auto")
    assert allowed(answers)
    assert work.acquired == 1


@pytest.mark.parametrize("said", [None, "off", "observe", "atuo"])
def test_a_switch_that_is_not_on_takes_no_right(runtime, said):
    work, answers = gated(runtime, said)
    refusal = Passed(answers).refusal
    assert isinstance(refusal, Refusal)
    assert refusal.gate == KILL_SWITCH
    assert work.acquired == 0


def test_the_switch_is_the_last_thing_read(runtime):
    work, answers = gated(runtime, "auto", took_s=3.0)
    assert work.order == ["fresh", "switch"]
    assert allowed(answers)
