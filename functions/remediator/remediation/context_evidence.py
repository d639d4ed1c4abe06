"""What is read around an incident for its report: the application's log and CloudTrail. Nothing is decided on it."""

from dataclasses import dataclass

from ..core.evidence import Reading, declared, reading
from ..core.ports import Permission
from ..resources.cloudtrail import readers as trail
from ..resources.cloudtrail.history import History
from ..resources.ecs.readers.application_log import log_digest
from ..resources.logs.digest import LogDigest

WITHIN_S = 20.0  # ours: a report waits no longer for it


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEvidence:
    """Read side by side, once per incident."""

    log: Reading[LogDigest] = reading(log_digest)
    history: Reading[History] = reading(trail.history)
    global_history: Reading[History] = reading(trail.global_history)

    @staticmethod
    def reads() -> tuple[Permission, ...]:
        """Every permission that it declares, for the function's derived policy."""
        found = {p for d in declared(ContextEvidence) for p in d.reader.permissions}
        return tuple(sorted(found, key=lambda p: (p.action, p.on, p.region)))
