"""Defects that are put into the product while a context is open: each proof must turn red for its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from remediator.aws import runtime
from remediator.core.evidence import Reading
from remediator.core.model import Verdict
from remediator.core.plan import Plan
from remediator.core.runbook import Judgement
from remediator.core.timestamps import epoch_s
from remediator.gates.change_limits import not_locked
from remediator.incidents.apply_result import Applied
from remediator.ledger import change_lock as change_right
from remediator.ledger.table import put_step
from remediator.remediation import durable, gate_facts
from remediator.remediation import steps as work
from remediator.remediation import workflow as remediate


@contextmanager
def replaced(owner: Any, name: str, by: Any) -> Iterator[None]:
    """`owner.name` is `by` while this is open."""
    kept = vars(owner)[name]
    setattr(owner, name, by)
    try:
        yield
    finally:
        setattr(owner, name, kept)


@contextmanager
def lock_removed() -> Iterator[None]:
    """The lock is written whoever holds it."""

    def taken(incident: Any, plan: Any, now: str, held_s: int) -> Any:
        held = {
            "pk": change_right.lock_key(incident, plan),
            "incident": incident.id,
            "expires_at": epoch_s(now) + held_s,
        }
        return put_step(held), not_locked("never", "なし")

    with replaced(change_right.ChangeLock, "_lock", staticmethod(taken)):
        yield


@contextmanager
def gate_skipped() -> Iterator[None]:
    """The kill switch is not asked."""
    with replaced(gate_facts, "switch", lambda *_: Reading(value="auto")):
        yield


@contextmanager
def undo_twice() -> Iterator[None]:
    """A change that made things worse is taken back and, as if the first time had not been, once more."""
    once = work.RemediationSteps.undo

    def twice(self: work.RemediationSteps, plan: Plan) -> Applied:
        once(self, plan)
        return once(self, plan)

    with replaced(work.RemediationSteps, "undo", twice):
        yield


@contextmanager
def undo_repeated() -> Iterator[None]:
    """Changes and undos are steps that are made again after a crash."""
    with replaced(remediate, "ONCE", durable.AGAIN):
        yield


@contextmanager
def retry_on() -> Iterator[None]:
    """Writes are repeated as reads are."""
    with replaced(runtime, "WRITES", runtime.READS):
        yield


@contextmanager
def no_data_passes() -> Iterator[None]:
    """An outcome that could not be read counts as proved."""
    honest = work.RemediationSteps.observe

    def observe(self: work.RemediationSteps, evidence: Any, change: Any) -> work.OutcomeObservation:
        looked = honest(self, evidence, change)
        if change and any(f.label == work.NOT_READ for f in looked.judgement.facts):
            return work.OutcomeObservation(
                Judgement(Verdict.FIXED, looked.judgement.facts), looked.at, looked.signal_count
            )
        return looked

    with replaced(work.RemediationSteps, "observe", observe):
        yield
