"""Gate: a person changed these resources recently; and its CloudTrail readers."""

from collections.abc import Collection
from dataclasses import dataclass

from ..core.evidence import Unchecked
from ..core.ports import GLOBAL_REGION, Aws, Permission, Reader, Scope, reads
from ..core.text import Text, same
from ..core.timestamps import after
from ..resources.cloudtrail.callers import CallerKind
from ..resources.cloudtrail.history import BEFORE_S, LAG_S, ApiEvent, History, changes
from ..resources.cloudtrail.readers import names_of, window
from ..resources.kinds import kind_of
from .answers import TOLD, Ask, GateAnswer, Permit, same_moment, unknown
from .automation_in_progress import Rollout, rollouts
from .gate import FIXES, Check, Gate, GateFacts, resting_on
from .past_changes import PAST_CHANGES

NAME = "person_at_work"
COUNTED: Collection[CallerKind] = ("person", "pipeline", "unknown")  # services and our own roles never count
_TITLE = Text("recent change by a person", "人による最近の変更")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentCalls:
    """Changes of the incident's resources as CloudTrail has them, newest first; nothing before `since` is known."""

    calls: tuple[ApiEvent, ...] = ()
    since: str = ""


def person_at_work(  # each is one fact of the gate
    recent: RecentCalls,
    rollouts: tuple[Rollout, ...],
    now: str,
    window_s: int,
    named_at: str = "",
    ours_at: Collection[str] = (),
) -> GateAnswer:
    """Whether somebody has changed these resources lately: then a person is asked, and nothing is refused.

    CloudTrail is up to a quarter of an hour late, so a younger deployment counts although nobody knows whose it is.

    Args:
        recent: CloudTrail's calls.
        rollouts: of the service.
        now: ISO 8601.
        window_s: how long "lately" is.
        named_at: when the change began that the cause names and the plan takes back; empty where there is none.
        ours_at: moments of this program's own changes.
    """
    since = after(now, -window_s)
    if recent.since > since:
        return Ask(
            NAME,
            Text(
                f"who changed what is known from {recent.since} on only",
                f"変更履歴は {recent.since} 以降しか読めません",
            ),
        )
    known = [m for m in (named_at, *ours_at) if m]
    calls = [c for c in recent.calls if c.at >= since and c.kind in COUNTED and not same_moment(c.at, (named_at,))]
    if calls:
        text = "; ".join(f"{c.name} {c.at[11:16]} UTC {c.by}" for c in calls[:TOLD])
        return Ask(NAME, Text("changed lately by others: ", "直近に他者による変更があります: ") + same(text))
    young = [r for r in rollouts if r.created_at >= after(now, -min(LAG_S, window_s))]
    whose = [r for r in young if not r.rolling_back and not same_moment(r.created_at, known)]
    if whose:
        at = whose[0].created_at[11:16]
        return Ask(
            NAME,
            Text(
                f"a deployment began at {at} UTC and nobody knows yet whose it is",
                f"{at} UTC に開始したデプロイの実行者がまだ分かりません",
            ),
        )
    return Permit(NAME)


@reads(Permission("cloudtrail:LookupEvents"))
def recent_calls(aws: Aws, scope: Scope) -> RecentCalls:
    """Changes of the written resource and its workload in its own region."""
    return _recent(window(aws, scope, scope.incident.resource.region or "home"), scope)


@reads(Permission("cloudtrail:LookupEvents", region=GLOBAL_REGION))
def recent_global_calls(aws: Aws, scope: Scope) -> RecentCalls:
    """The same of what CloudTrail records in us-east-1; nothing of anything else."""
    if kind_of(scope.incident.resource).recorded_in != GLOBAL_REGION:
        return RecentCalls()
    return _recent(window(aws, scope, GLOBAL_REGION), scope)


def _recent(read: History, scope: Scope) -> RecentCalls:
    begins = read.since or after(scope.incident.opened_at, -BEFORE_S)
    if read.cut and read.events:  # the newest ones are there: nothing is known before the oldest of them
        begins = max(begins, read.events[-1].at)
    return RecentCalls(calls=changes(read, names_of(scope)), since=begins)


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    """One answer for each of CloudTrail's regions; one that could not be read asks a person."""
    is_global = kind_of(facts.plan.resource).recorded_in == GLOBAL_REGION
    windows = (recent_calls, recent_global_calls) if is_global else (recent_calls,)
    return tuple(_judge_window(window, facts) for window in windows)


def _judge_window(window: Reader[..., RecentCalls], facts: GateFacts) -> GateAnswer:
    past, limits, plan = facts.reading(PAST_CHANGES).or_none(), facts.settings.limits, facts.plan
    ours = past.changed_at if past else ()
    try:
        recent, deployments = facts.get(window), facts.get(rollouts)
    except Unchecked as gap:
        return unknown(NAME, str(gap))
    answer = person_at_work(recent, deployments, facts.now, limits.person_window_s, plan.named_at, ours)
    since = after(facts.now, -limits.person_window_s)
    lately = [c for c in recent.calls if c.at >= since and c.kind in COUNTED]
    label = Text("changes by others", "他者による変更")
    shown = "; ".join(f"{c.name} {c.at[11:16]} UTC" for c in lately[:TOLD]) or "0"
    return resting_on(answer, facts.reading(window).fact(label, f"{shown} ({limits.person_window_s} s)"))


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    asked_of=FIXES,
    checks=(
        Check(
            title=_TITLE,
            permits=Text(
                "nobody else changed these resources in the last half hour",
                "直近 30 分間に、ほかの誰も対象リソースを変更していない",
            ),
            asks=Text(
                "somebody did, and is named; a deployment is so young that CloudTrail does not know whose it is; unreadable",
                "誰かが変更した（変更者を示す）、デプロイが直前で CloudTrail からはまだ実行者が分からない、読めない",
            ),
            refuses=Text("never", "なし"),
            read_from=(recent_calls.source, rollouts.source),
        ),
    ),
)
