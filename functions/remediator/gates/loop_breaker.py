"""Gate: recurrence limit; the same fix was tried too often on the same resource."""

from ..core.text import Text
from ..core.timestamps import after
from .answers import GateAnswer, Permit, Refusal
from .gate import FIXES, Check, Gate, GateFacts, resting_on
from .past_changes import PAST_CHANGES, Attempt

NAME = "loop_breaker"
_TITLE = Text("recurrence limit", "再発回数の上限")


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
        return Permit(NAME)
    text = "; ".join(f"{a.at[:16].replace('T', ' ')} UTC {a.verdict} ({a.incident})" for a in lately)
    return Refusal(
        NAME,
        Text(
            f"{len(lately)} changes did not last, a person has to find out why it comes back: {text}",
            f"{len(lately)} 回の変更でも再発しています。再発の原因を人が調べてください: {text}",
        ),
    )


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    past, limits = facts.get(PAST_CHANGES), facts.settings.limits
    window_s = limits.strikes_window_s
    lately = sum(a.at >= after(facts.now, -window_s) for a in past.attempts)
    label = Text("earlier changes that did not last", "効果が続かなかった変更")
    read = facts.reading(PAST_CHANGES).fact(label, f"{lately} / {limits.strikes} ({window_s // 86400} d)")
    return (resting_on(loop_breaker(past.attempts, facts.now, limits.strikes, window_s), read),)


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    asked_of=FIXES,
    escalates=True,
    checks=(
        Check(
            title=_TITLE,
            permits=Text(
                "fewer than three changes of the last week did not last",
                "直近 1 週間に効果が続かなかった変更が 3 回未満",
            ),
            asks=Text("unreadable", "読めない"),
            refuses=Text("three; told on the high topic", "3 回に達した（トピック `high` に知らせる）"),
            read_from=(PAST_CHANGES.source,),
        ),
    ),
)
