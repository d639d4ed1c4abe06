"""Earlier changes as the ledger has them: what the recurrence limit, the change limits and the person check judge."""

from dataclasses import dataclass

from .gate import Given


@dataclass(frozen=True, slots=True, order=True)
class Attempt:
    """A change that was made before, of the same problem on the same resource, and how its incident ended."""

    at: str
    verdict: str
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChanges:
    """Earlier changes as the ledger has them.

    Attributes:
        attempts: of the plan's runbook on its resource, with how they ended.
        in_cooldown: the resource was changed a moment ago.
        used: changes of today: of the resource, by the runbook.
        changed_at: when this program last changed the resource, and the service beside it.
    """

    attempts: tuple[Attempt, ...] = ()
    in_cooldown: bool = False
    used: tuple[int, ...] = (0, 0)
    changed_at: tuple[str, ...] = ()


PAST_CHANGES: Given[PastChanges] = Given("past changes", "ledger (dynamodb:BatchGetItem)")
