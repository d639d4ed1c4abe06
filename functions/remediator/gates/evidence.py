"""What the gates read beside the plan's own evidence: others who change the same, and AWS itself."""

from dataclasses import dataclass

from ..core.evidence import Reading, declared, reading
from ..core.ports import Permission
from . import automation_in_progress, person_at_work, wider_outage
from .automation_in_progress import Rollout
from .person_at_work import RecentCalls
from .wider_outage import AwsHealth

WITHIN_S = 20.0  # ours: what is not read by then asks a person


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEvidence:
    """Read side by side, right before a change."""

    calls: Reading[RecentCalls] = reading(person_at_work.recent_calls)
    global_calls: Reading[RecentCalls] = reading(person_at_work.recent_global_calls)
    rollouts: Reading[tuple[Rollout, ...]] = reading(automation_in_progress.rollouts)
    scaling: Reading[str] = reading(automation_in_progress.scaling)
    health: Reading[AwsHealth] = reading(wider_outage.aws_health)

    @staticmethod
    def reads() -> tuple[Permission, ...]:
        """Every permission that it declares, for the function's derived policy."""
        found = {p for d in declared(GateEvidence) for p in d.reader.permissions}
        return tuple(sorted(found, key=lambda p: (p.action, p.on, p.region)))
