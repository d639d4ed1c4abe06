"""Gate: recurrence limit; the same fix was tried too often on the same resource."""

from dataclasses import dataclass

from ..core.text import Text
from ..core.timestamps import after
from .answers import GateAnswer, Permit, Refusal

LOOP_BREAKER = "loop_breaker"


@dataclass(frozen=True, slots=True, order=True)
class Attempt:
    """A change that was made before, of the same problem on the same resource, and how its incident ended."""

    at: str
    verdict: str
    incident: str


def loop_breaker(attempts: tuple[Attempt, ...], now: str, strikes: int, window_s: int) -> GateAnswer:
    """Whether to go on trying.

    An earlier change that worked but came back is a strike, and so is one that did not help or whose outcome nobody
    could tell. Where this is asked the trouble is back, so each attempt of the window is one.

    Args:
        attempts: earlier changes, in any order.
        now: ISO 8601.
        strikes: so many and no more; then a person has to find what makes it come back.
        window_s: older attempts are forgotten.
    """
    since = after(now, -window_s)
    lately = sorted(a for a in attempts if a.at >= since)
    if len(lately) < strikes:
        return Permit(LOOP_BREAKER)
    text = "; ".join(f"{a.at[:16].replace('T', ' ')} UTC {a.verdict} ({a.incident})" for a in lately)
    return Refusal(
        LOOP_BREAKER,
        Text(
            f"{len(lately)} changes did not last, a person has to find out why it comes back: {text}",
            f"{len(lately)} 回の変更でも再発しています。再発の原因を人が調べてください: {text}",
        ),
    )
