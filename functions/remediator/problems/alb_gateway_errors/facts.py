"""What the readings say of a load balancer that answers 5xx, whatever the code; pre-image and situation."""

from collections.abc import Mapping

from ...core.model import OPT_IN_TAG, Fact
from ...core.runbook import Finding, Holds, RuledOut, Setting
from ...core.text import Text
from ...resources.ecs.backends import at_zero, services
from ...resources.ecs.stops import ends, lately
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.target_health import failing, in_use, reasons
from .evidence import Evidence
from .model import CODES, IDLE_TIMEOUT
from .task_count import last_count

HEALTH = "aws elbv2 describe-target-health --target-group-arn <target group ARN>"
ID = "alb_gateway_errors"


def opt_in_tag(e: Evidence) -> str | None:
    """The opt-in tag of what would be written to: the service that runs nothing, else the load balancer."""
    if e.answers.get().leading != 504 and (empty := at_zero(e.backends.get())):
        service = empty[0].service
        return service.tags.get(OPT_IN_TAG) if service else None
    return e.gateway.get().tags.get(OPT_IN_TAG)


def current_values(e: Evidence) -> Mapping[str, str]:
    """What plans replace, as it is now."""
    found = {IDLE_TIMEOUT: str(e.gateway.get().idle_timeout_s)}
    counts = {str(s.desired) for s in services(e.backends.get())}
    return {**found, "desiredCount": "0" if "0" in counts else ", ".join(sorted(counts))}


def situation(e: Evidence) -> tuple[Fact, ...]:
    """Since when, who is affected, how targets and services stand."""
    facts: list[Fact] = []
    if found := e.answers.or_none():
        if found.since:
            facts.append(e.answers.fact(Text("since", "発生時刻"), found.since))
        label = Text(
            "users: requests / failed at the load balancer / at the application, last 15 min",
            "利用者への影響: リクエスト数 / ALB の 5xx / アプリの 5xx（15 分）",
        )
        facts.append(e.answers.fact(label, f"{found.requests} / {found.failed} / {found.target_5xx}"))
    for group in e.groups.or_none() or ():
        label = Text("healthy targets / in use", "正常 / 使用中のターゲット")
        facts.append(e.groups.fact(label, f"{name_of(group.arn)}: {group.healthy} / {len(in_use(group))}"))
    for service in services(e.backends.or_none() or ()):
        running = f"{service.name}: {service.running} / {service.desired}"
        facts.append(e.backends.fact(Text("tasks running / desired", "実行中 / 必要タスク数"), running))
    return tuple(facts)


def split_facts(e: Evidence, code: int) -> tuple[Fact, ...]:
    """Who answered what: this code, the others, and the application's own errors."""
    found = e.answers.get()
    every = " / ".join(str(found.counted(c)) for c in CODES)
    return (
        e.answers.fact(
            Text(f"{code} of the load balancer: last 15 min / 5 min", f"ALB の {code}: 直近 15 分 / 5 分"),
            f"{found.counted(code)} / {found.lately(code)}",
        ),
        e.answers.fact(
            Text(
                "502 / 503 / 504 of the load balancer; 5xx of the application", "ALB の 502 / 503 / 504、アプリの 5xx"
            ),
            f"{every}; {found.target_5xx}",
        ),
    )


def behind_facts(e: Evidence, now: str) -> tuple[Fact, ...]:
    """What stands behind it: targets that fail, tasks that stop, services that run nothing, releases on their way."""
    facts: list[Fact] = []
    for group in e.groups.or_none() or ():
        named = Text("unhealthy targets", "異常なターゲット")
        facts.extend(e.groups.fact(named, f"{name_of(group.arn)}: {n} x {why}") for why, n in reasons(group).items())
    if bad := lately(e.stops.or_none() or (), now):
        facts.append(
            e.stops.fact(Text("tasks that stopped in the last 15 min", "直近 15 分に停止したタスク"), ends(bad))
        )
    for service in services(e.backends.or_none() or ()):
        if service.primary and service.primary.rollout == "IN_PROGRESS":
            since = f"{service.name}: {service.primary.created_at}"
            facts.append(e.backends.fact(Text("deployment in progress since", "デプロイ進行中（開始時刻）"), since))
    return (*facts, *_zero_facts(e))


def _zero_facts(e: Evidence) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    for backend in at_zero(e.backends.or_none() or ()):
        named = backend.service.name if backend.service else ""
        facts.append(
            e.backends.fact(Text("service that is asked to run nothing", "必要タスク数が 0 のサービス"), named)
        )
    if not facts:
        return ()
    if last := last_count(e.hosts.or_none()):
        seen = f"{last.hosts:.0f} ({last.at})"
        facts.append(e.hosts.fact(Text("last count seen above zero", "0 になる前のタスク数"), seen))
    for bounds in e.bounds.or_none() or ():
        text = f"{bounds.minimum}-{bounds.maximum}" + (f", {', '.join(bounds.suspended)}" if bounds.suspended else "")
        value = text if bounds.owned else "no"
        facts.append(e.bounds.fact(Text("autoscaling owns the count", "タスク数は Auto Scaling が管理"), value))
    label = Text("scheduled scaling", "スケジュールスケーリング")
    facts.extend(e.schedules.fact(label, f"{s.name}: {s.when}") for s in (e.schedules.or_none() or ())[:3])
    sets = e.count_sets.or_none()
    for by in sets.calls[:2] if sets else ():
        text = f"{by.by}: {by.count} ({by.at})"
        facts.append(e.count_sets.fact(Text("the count was set by", "タスク数を設定した人"), text))
    return tuple(facts)


def time_facts(e: Evidence) -> tuple[Fact, ...]:
    """How slowly targets answer against what the load balancer waits."""
    found = e.answers.get()
    facts = []
    if gateway := e.gateway.or_none():
        facts.append(e.gateway.fact(Text("idle timeout", "アイドルタイムアウト"), f"{gateway.idle_timeout_s} s"))
    for group in found.groups:
        if group.p99_ms is not None:
            label = Text("TargetResponseTime p99 / slowest", "TargetResponseTime p99 / 最大")
            slow = f"{name_of(group.group)}: {group.p99_ms} ms / {group.slowest_ms} ms"
            facts.append(e.answers.fact(label, slow))
        if group.connection_errors:
            label = Text("connections that targets did not take", "ターゲットへの接続エラー")
            facts.append(e.answers.fact(label, f"{name_of(group.group)}: {group.connection_errors}"))
    return tuple(facts)


def symptom_present(e: Evidence) -> bool:
    """Whether requests are known to fail."""
    found = e.answers.or_none()
    return bool(found and (found.failed or found.target_5xx or any(found.counted(c) for c in CODES)))


def name_of(arn: str) -> str:
    """`portfolio-api` of a target group's ARN."""
    parts = arn.rsplit(":", 1)[-1].split("/")
    return parts[1] if len(parts) > 1 else arn


def troubled(e: Evidence) -> tuple[TargetGroup, ...]:
    """Groups with unhealthy targets, those without a healthy one first; raises `Unchecked` through a gap."""
    ill = [g for g in e.groups.get() if failing(g)]
    return tuple(sorted(ill, key=lambda g: g.healthy))


def metric_command(name: str, dimensions: str = "LoadBalancer", stat: str = "--statistics Sum") -> str:
    """How a person reads one of the metrics."""
    named = {
        "LoadBalancer": "Name=LoadBalancer,Value=<app/NAME/ID>",
        "TargetGroup": "Name=LoadBalancer,Value=<app/NAME/ID> Name=TargetGroup,Value=<targetgroup/NAME/ID>",
    }[dimensions]
    return (
        f"aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name {name} "
        f"--dimensions {named} --start-time <from> --end-time <to> --period 60 {stat}"
    )


def answered(e: Evidence, setting: Setting, code: int) -> Finding:
    """Whether the load balancer itself answered with `code` in the last 15 minutes."""
    times = e.answers.get().counted(code)
    if not times:
        return RuledOut(Text(f"the load balancer answered no {code}", f"ALB は {code} を返していません"))
    facts = (*split_facts(e, code), *(time_facts(e) if code == 504 else ()), *behind_facts(e, setting.now))
    return Holds(facts, weight=times)
