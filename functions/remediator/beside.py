"""What the gates read beside the plan's own evidence: others who change the same, and AWS itself."""

from dataclasses import dataclass

from .aws.evidence import others
from .core.edge import Permission
from .core.evidence import Reading, declared, reading
from .core.others import AwsHealth, RecentCalls, Rollout

WITHIN_S = 20.0  # ours: what is not read by then asks a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Read side by side, right before a change."""

    calls: Reading[RecentCalls] = reading(others.recent_calls)
    global_calls: Reading[RecentCalls] = reading(others.recent_global_calls)
    rollouts: Reading[tuple[Rollout, ...]] = reading(others.rollouts)
    scaling: Reading[str] = reading(others.scaling)
    health: Reading[AwsHealth] = reading(others.aws_health)

    @staticmethod
    def reads() -> tuple[Permission, ...]:
        """Every permission that it declares, for the function's derived policy."""
        found = {p for d in declared(Beside) for p in d.reader.permissions}
        return tuple(sorted(found, key=lambda p: (p.action, p.on, p.region)))
