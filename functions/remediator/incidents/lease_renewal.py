"""What becomes of a loan when a hand-back is over: the one place that decides whether anybody comes back to it. Pure."""

from ..core.lease import RUNBOOK, Lease, extended, lease_of
from ..core.model import Verdict
from ..core.settings import Limits
from .case import Case

NOT_OURS = f"{RUNBOOK}.not_ours_any_more"
SPENT = f"{RUNBOOK}.decreases_spent"
EXTENDED, LET_GO = "extended", "let_go"  # how such an incident ended, in place of a verdict


def is_outstanding(case: Case) -> bool:
    """Whether the loan, or a part of it, is still lent and not put down for later yet.

    Refused, not approved, not read, taken back, of unknown outcome: each leaves it lent, and it must not be forgotten.
    """
    if lease_of(case.incident.signals) is None or case.incident.origin != "event":
        return False
    if case.diagnosis.cause == NOT_OURS:
        return False
    if case.change is None:
        return True
    put_down_already = bool(case.change.plan.lease_s)
    return case.verdict is Verdict.NOT_FIXED and not put_down_already


def postponed(case: Case, limits: Limits) -> Lease | None:
    """The lease put off; None where it was put off too often, and the template should say so instead."""
    lease = lease_of(case.incident.signals)
    if lease is None:
        return None
    tomorrow = case.diagnosis.cause == SPENT
    return extended(lease, lease.step, case.at, limits, tomorrow=tomorrow)


def ending(case: Case) -> str | None:
    """How a hand-back without a verdict ended; None where it has one."""
    if lease_of(case.incident.signals) is None or case.verdict:
        return None
    return LET_GO if case.diagnosis.cause == NOT_OURS else EXTENDED
