"""Whether a step back holds: the values are back, and no throttling or slow response since."""

from typing import Any

from ...core.lease import whole_numbers
from ...core.model import Fact, Verdict
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ...core.timestamps import after as after_s
from ...core.timestamps import seconds_between
from ...resources.dynamodb.model import MINUTE_S
from .evidence import Outcome
from .loan import busy, now_of
from .model import Usage

QUIET_S = 300  # ours: five datapoints of a minute, as for the raise itself


AGAIN_MINUTES = 2  # ours: SDKs send a throttled request again, so one bad minute alone harms nobody


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: the values are the plan's, and requests were served for five minutes without trouble.

    Worse: throttled, or slow by the declared target, in two minutes since. Minutes without requests tell nothing.
    """
    if context.change is None:
        return Judgement(None, ())
    usage, held = after.lately.get(), after.held.get()
    wanted = whole_numbers(context.change.plan.after)
    back = busy(held) is None and now_of(after.loan.get(), held) == wanted
    bad = bad_minutes(usage, context.since)
    known = _known_until(usage)
    quiet_from = max((context.since, *(after_s(at, MINUTE_S) for at in bad)))
    quiet_s = max(0.0, seconds_between(quiet_from, min(known, context.now))) if known else 0.0
    facts = _facts(after, context, bad, quiet_s, back=back)
    if len(bad) >= AGAIN_MINUTES:
        return Judgement(None, facts, persists=True, worse=True)
    if back and quiet_s >= QUIET_S:
        return Judgement(Verdict.FIXED, facts)
    return Judgement(None, facts, persists=bool(bad))


def bad_minutes(usage: Usage, since: str) -> tuple[str, ...]:
    """Starts of the minutes after `since` in which requests were throttled or slow."""
    slow = tuple(m.at for m in usage.times.slow) if usage.times else ()
    return tuple(sorted({at for at in (*usage.throttled, *slow) if at >= since}))


def _known_until(usage: Usage) -> str:
    if usage.times is None:
        return usage.served_until
    return max((m.at for m in usage.times.minutes if m.late_ms is not None and m.requests), default="")


def _facts(
    after: Outcome, context: VerificationContext[Any], bad: tuple[str, ...], quiet_s: float, *, back: bool
) -> tuple[Fact, ...]:
    now = now_of(after.loan.get(), after.held.get())
    values = ", ".join(f"{name} {value}" for name, value in now.items()) or "-"
    state = values if back or context.change is None else f"{values} (not yet)"
    return (
        after.held.fact(Text("now", "現在の値"), state),
        after.lately.fact(Text("bad minutes since", "その後の悪化（分）"), str(len(bad))),
        after.lately.fact(
            Text("served without trouble for / needed", "問題なく処理した時間 / 必要時間"),
            f"{quiet_s:.0f} / {QUIET_S} s",
        ),
    )
