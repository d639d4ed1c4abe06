"""Whether the targets recovered: by their health, host counts, the endpoint and the traffic."""

from dataclasses import dataclass
from typing import Any

from ...core.attribution import RecoveryTimeline, attribute, course_of_minutes
from ...core.model import Fact, Verdict
from ...core.plan import Change
from ...core.runbook import Judgement, VerificationContext
from ...core.text import Text
from ...core.timestamps import after as later
from ...core.timestamps import seconds_between
from ...resources.endpoint import Endpoint
from ...resources.load_balancing.model import TargetGroup, Traffic
from ...resources.load_balancing.target_health import HostCount, HostCounts, failing, in_use, reasons
from .evidence import Outcome

SETTLED_S = 60  # one more look than a good target needs to be admitted


SLACK_S = 120  # a setting of a load balancer takes a minute or two to reach every node


WORSE_BY_PCT = 5.0  # percentage points of failed requests


CHECK_SETTINGS = frozenset(("healthCheckPath", "healthCheckPort"))


TELLING_REQUESTS = 20  # fewer requests say nothing about a share


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetObservation:
    """What was read to prove a fix; a part that is None could not be read. An endpoint without URL is not declared."""

    group: TargetGroup
    hosts: HostCounts | None
    endpoint: Endpoint | None
    traffic: Traffic | None
    source: str
    read_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the proof is measured against; a part that was a gap is None. `read_at` is when the group was read."""

    group: TargetGroup | None
    traffic: Traffic | None
    change: Change | None
    since: str
    read_at: str = ""


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Whether the targets are healthy again: see `judge_targets`."""
    outcome = TargetObservation(
        group=after.group.get(),
        hosts=after.hosts.or_none(),
        endpoint=after.endpoint.or_none(),
        traffic=after.traffic.or_none(),
        source=f"{after.group.source}, {after.hosts.source}",
        read_at=after.group.read_at,
    )
    before = Before(
        group=context.before.group.or_none(),
        traffic=context.before.traffic.or_none(),
        change=context.change,
        since=context.since,
        read_at=context.before.group.read_at,
    )
    return judge_targets(outcome, before, context.now)


def judge_targets(outcome: TargetObservation, before: Before, now: str) -> Judgement:
    """Fixed means: all targets in use are healthy, the endpoint answers and no more requests fail than before.

    That a minute after the time that a target needs to be admitted, and with CloudWatch counting healthy ones since.
    No targets and no data are no pass.
    """
    elapsed_s = seconds_between(before.since, now)
    wanted_s = outcome.group.admits_after_s + SETTLED_S
    facts = _facts(outcome, before, elapsed_s, wanted_s)
    worse, ill = _worse(outcome, before, elapsed_s), bool(failing(outcome.group))
    if ill:
        over = before.change is not None and elapsed_s >= _gives_up_s(outcome.group) and _same_reason(outcome, before)
        return Judgement(Verdict.NOT_FIXED if over else None, facts, persists=True, worse=worse)
    if worse or elapsed_s < wanted_s or not _all_well(outcome, before):
        return Judgement(None, facts, worse=worse)
    earned = attribute(before.change, course(outcome, before), now)
    return Judgement(earned.verdict, (*earned.facts, *facts))


def course(outcome: TargetObservation, before: Before) -> RecoveryTimeline:
    """When a target was unhealthy last, by the minute. A changed check is used from the next one on, an interval later."""
    hosts = outcome.hosts or HostCounts()
    known = {c.at for c in hosts.unhealthy}  # a minute without a count of the unhealthy tells nothing
    change = before.change
    checks = change is not None and bool(CHECK_SETTINGS & set(change.plan.after))
    return course_of_minutes(
        bad=[c.at for c in hosts.unhealthy if c.hosts >= 1],
        counted=(c.at for c in hosts.healthy if c.hosts >= 1 and c.at in known),
        source=outcome.source,
        seen_at=before.read_at if before.group and failing(before.group) else "",
        effect_at=later(change.applied_at, outcome.group.interval_s) if change and checks else "",
    )


def _gives_up_s(group: TargetGroup) -> int:
    return 2 * max(group.gives_up_after_s, group.admits_after_s) + SLACK_S


def _same_reason(outcome: TargetObservation, before: Before) -> bool:
    was = {t.reason for t in failing(before.group)} if before.group else set()
    return bool(was & {t.reason for t in failing(outcome.group)})


def _all_well(outcome: TargetObservation, before: Before) -> bool:
    used, counted = in_use(outcome.group), _counted(outcome, before)
    healthy = bool(used) and outcome.group.healthy == len(used)
    metric = bool(counted) and counted[-1].hosts >= 1
    return healthy and metric and _answers(outcome.endpoint) and not _fails_more(outcome.traffic, before.traffic)


def _counted(outcome: TargetObservation, before: Before) -> tuple[HostCount, ...]:
    counts = outcome.hosts.healthy if outcome.hosts else ()
    return tuple(c for c in counts if c.at >= before.since)


def _answers(endpoint: Endpoint | None) -> bool:
    return endpoint is not None and (not endpoint.url or 0 < endpoint.status < 400)


def _fails_more(traffic: Traffic | None, was: Traffic | None) -> bool:
    """A share that could not be read is not taken for a good one."""
    if traffic is None:
        return True
    was_pct = was.recent_failed_pct if was else 0.0
    return traffic.requests >= TELLING_REQUESTS and traffic.recent_failed_pct > was_pct + WORSE_BY_PCT


def _worse(outcome: TargetObservation, before: Before, elapsed_s: float) -> bool:
    """Fewer healthy targets than before, once those that cannot pass have had the time to fail."""
    if before.change is None or before.change.plan.worse is None or before.group is None:
        return False
    return elapsed_s >= outcome.group.gives_up_after_s and outcome.group.healthy < before.group.healthy


def _facts(outcome: TargetObservation, before: Before, elapsed_s: float, wanted_s: float) -> tuple[Fact, ...]:
    group = outcome.group
    healthy = f"{group.healthy} / {len(in_use(group))}"
    found = [(Text("healthy targets / in use", "正常 / 使用中のターゲット"), healthy)]
    found.extend((Text("still unhealthy", "まだ異常なターゲット"), f"{n} x {why}") for why, n in reasons(group).items())
    counted = _counted(outcome, before)
    newest = f"{counted[-1].hosts:.0f} ({counted[-1].at})" if counted else "-"
    found.append((Text("newest HealthyHostCount since", "その後の最新 HealthyHostCount"), newest))
    found.append((Text("time passed / needed", "経過時間 / 必要時間"), f"{elapsed_s:.0f} / {wanted_s:.0f} s"))
    found.extend(_endpoint_told(outcome.endpoint))
    if outcome.traffic and (outcome.traffic.requests or outcome.traffic.failed):
        was = f"{before.traffic.recent_failed_pct:.1f} % -> " if before.traffic else ""
        label = Text("failed requests, last 5 min", "失敗リクエスト（直近 5 分）")
        found.append((label, f"{was}{outcome.traffic.recent_failed_pct:.1f} %"))
    return tuple(Fact(label, value, outcome.source, outcome.read_at) for label, value in found)


def _endpoint_told(endpoint: Endpoint | None) -> tuple[tuple[Text, str], ...]:
    label = Text("endpoint answered", "エンドポイントの応答")
    if endpoint is None:
        return ((label, "nothing"),)
    return ((label, f"HTTP {endpoint.status}"),) if endpoint.url else ()
