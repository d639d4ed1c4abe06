"""Whether responses are fast again: by TargetResponseTime over minutes with requests."""

from typing import Any

from ...core.attribution import MINUTE_S, RecoveryTimeline, attribute, course_of_minutes, last_of
from ...core.model import Fact
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ...core.timestamps import after as later
from ...resources.load_balancing.latency import QUIET_MINUTES, Minute
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.target_health import in_use
from .evidence import Outcome


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: in each of the newest minutes somebody asked, and p99 was within the target; targets pass.

    A minute in which nobody asked tells nothing.
    """
    times, groups, endpoint = after.times.get(), after.groups.get(), after.endpoint.or_none()
    newest = tuple(m for m in times.minutes if m.at >= context.since)[-QUIET_MINUTES:]
    known = len(newest) == QUIET_MINUTES and all(m.late_ms is not None and m.requests for m in newest)
    slow = [m for m in newest if m.slow(times.target_ms)]
    used = [t for g in groups for t in in_use(g)]
    healthy = bool(used) and all(t.state == "healthy" for t in used)
    answered = endpoint is not None and (not endpoint.url or 200 <= endpoint.status < 300)
    facts = _facts(after, newest, groups)
    if known and not slow and healthy and answered:
        earned = attribute(context.change, course(after, context), context.now)
        return Judgement(earned.verdict, (*earned.facts, *facts))
    return Judgement(None, facts, persists=bool(slow))


def course(after: Outcome, context: VerificationContext[Any]) -> RecoveryTimeline:
    """When responses were slow last, and when the added tasks took traffic: the first minute with more healthy targets.

    CloudWatch is behind: a target that the load balancer alone shows came after the newest minute that is counted.
    Where neither shows more of them, the change is not in effect yet.
    """
    times, was = after.times.get(), context.before.times.or_none()
    minutes = (*(was.minutes if was and was.group == times.group else ()), *times.minutes)
    had = _healthy(context.before.groups.or_none() or (), times.group)
    hosts = after.hosts.or_none()
    counted = hosts.healthy if hosts and had is not None else ()
    now = _healthy(after.groups.get(), times.group)
    more = min((c.at for c in counted if c.at >= context.since and c.hosts > (had or 0)), default="")
    pending = bool(counted) and not more and now is not None and now <= (had or 0)
    not_before = last_of(later(c.at, MINUTE_S) for c in counted)
    return course_of_minutes(
        bad=[m.at for m in minutes if m.slow(times.target_ms)],
        counted=(m.at for m in minutes if m.requests and m.late_ms is not None),
        source=f"{after.times.source}, {after.hosts.source}",
        effect_at=context.now if pending else more or not_before,
        pending=pending,
    )


def _healthy(groups: tuple[TargetGroup, ...], arn: str) -> int | None:
    return next((g.healthy for g in groups if g.arn == arn), None)


def _facts(after: Outcome, newest: tuple[Minute, ...], groups: tuple[TargetGroup, ...]) -> tuple[Fact, ...]:
    text = ", ".join("-" if m.late_ms is None else f"{m.late_ms:.0f}" for m in newest) or "-"
    label = Text("response time p99, newest minutes / target", "応答時間 p99（直近の各分）/ 目標")
    facts = [after.times.fact(label, f"{text} ms / {after.times.get().target_ms} ms")]
    healthy = f"{sum(g.healthy for g in groups)} / {sum(len(in_use(g)) for g in groups)}"
    facts.append(after.groups.fact(Text("healthy targets / in use", "正常 / 使用中のターゲット"), healthy))
    endpoint = after.endpoint.or_none()
    if endpoint is None or endpoint.url:
        said = f"HTTP {endpoint.status}" if endpoint else "nothing"
        facts.append(after.endpoint.fact(Text("endpoint answered", "エンドポイントの応答"), said))
    return tuple(facts)
