"""What a report says of slow responses: when, for whom, and what stood beside it; and what plans would replace."""

from collections.abc import Mapping
from typing import Protocol

from .ecs import Service
from .evidence import Reading, Unchecked
from .fixes.step_out import COUNT, MINIMUM
from .flow_logs import Flows
from .gateway import Backend
from .load_balancing import TargetGroup
from .model import Fact
from .service_view import Stack
from .slowness import SEVERAL_MINUTES, CountOwner, Load, Minute, NatTrouble, ResponseTimes, TableSpeed
from .target_health import in_use
from .text import Text


class SlowEvidence(Protocol):
    """Evidence about slow responses of a load balancer's targets."""

    @property
    def groups(self) -> Reading[tuple[TargetGroup, ...]]:
        """With the health of each target."""

    @property
    def backends(self) -> Reading[tuple[Backend, ...]]:
        """Whose the targets are."""

    @property
    def times(self) -> Reading[ResponseTimes]:
        """Of the slowest group."""

    @property
    def load(self) -> Reading[Load]:
        """Of the service behind it."""

    @property
    def owner(self) -> Reading[CountOwner]:
        """Of its count."""

    @property
    def tables(self) -> Reading[tuple[TableSpeed, ...]]:
        """Of the workload."""

    @property
    def nats(self) -> Reading[tuple[NatTrouble, ...]]:
        """On the tasks' way out."""

    @property
    def flows(self) -> Reading[Flows]:
        """That were refused."""

    @property
    def stack(self) -> Reading[Stack]:
        """Who would overwrite a change."""


def slow_minutes(e: SlowEvidence) -> tuple[Minute, ...]:
    """The slow minutes of the window; none where it was one alone."""
    slow = e.times.get().slow
    return slow if len(slow) >= SEVERAL_MINUTES else ()


def busy_minutes(e: SlowEvidence) -> tuple[Minute, ...]:
    """The slow minutes in which CPU or memory was short as well."""
    load = e.load.get()
    return tuple(m for m in slow_minutes(e) if load.busy(m.at))


def late_tables(e: SlowEvidence) -> tuple[TableSpeed, ...]:
    """Tables that throttle, then tables that are slow."""
    return tuple(t for t in sorted(e.tables.get(), key=lambda t: -t.throttled) if t.throttled or t.slow)


def service(e: SlowEvidence) -> Service:
    """The service behind the slow group; raises `Unchecked` where none is known."""
    group = e.times.get().group
    found = next((b.service for b in e.backends.get() if b.group == group and b.service), None)
    if found is None:
        raise Unchecked("no ECS service is known behind these targets")
    return found


def mode(e: SlowEvidence) -> str | None:
    """The opt-in tag of the service, which is what a fix writes to."""
    return service(e).tags.get("auto-remediation")


def image(e: SlowEvidence) -> Mapping[str, str]:
    """What plans replace, as it is now."""
    return {COUNT: str(service(e).desired), MINIMUM: str(e.owner.get().minimum)}


def stack(e: SlowEvidence) -> str | None:
    """The CloudFormation stack that owns the service."""
    owner = e.stack.or_none()
    return owner.name if owner and owner.name else None


def about(e: SlowEvidence) -> tuple[Fact, ...]:
    """How many asked, how late they were answered, how targets and tasks stand."""
    facts: list[Fact] = []
    if times := e.times.or_none():
        label = Text("users: requests, last 15 min", "利用者への影響: リクエスト数（15 分）")
        facts.append(e.times.fact(label, str(times.requests)))
    for group in e.groups.or_none() or ():
        label = Text("healthy targets / in use", "正常 / 使用中のターゲット")
        facts.append(e.groups.fact(label, f"{group.healthy} / {len(in_use(group))}"))
    for backend in e.backends.or_none() or ():
        if backend.service:
            running = f"{backend.service.running} / {backend.service.desired}"
            facts.append(e.backends.fact(Text("tasks running / desired", "実行中 / 必要タスク数"), running))
    return tuple(facts)


def time_facts(e: SlowEvidence) -> tuple[Fact, ...]:
    """How slow, since when, and how it was before."""
    times = e.times.get()
    slow = times.slow
    worst = max((m.late_ms or 0.0 for m in slow), default=0.0)
    facts = [
        e.times.fact(
            Text("response time p95: worst minute / target", "応答時間 p95: 最大 / 目標"),
            f"{worst:.0f} ms / {times.target_ms} ms ({len(slow)} / {len(times.minutes)} min)",
        )
    ]
    if slow:
        facts.append(e.times.fact(Text("slow since", "遅延の開始"), slow[0].at))
    if times.before_ms is not None:
        facts.append(e.times.fact(Text("p95 of the hour before", "その前 1 時間の p95"), f"{times.before_ms:.0f} ms"))
    return tuple(facts)


def load_facts(e: SlowEvidence) -> tuple[Fact, ...]:
    """CPU and memory of the service over the window."""
    load = e.load.get()
    each = (("CPU", load.cpu_pct), ("memory", load.memory_pct))
    told = ", ".join(f"{name} {max(values.values()):.0f} %" for name, values in each if values)
    return (e.load.fact(Text("highest minute of the service", "サービスの最大値（1 分平均）"), told),)


def table_facts(e: SlowEvidence) -> tuple[Fact, ...]:
    """How each late table answers, against the hour before, and what it refused."""
    facts = []
    for table in late_tables(e):
        was = "-" if table.before_ms is None else f"{table.before_ms:.1f}"
        now = "-" if table.now_ms is None else f"{table.now_ms:.1f}"
        label = Text("table: latency now / before, throttled", "テーブル: 応答時間 現在 / 以前、スロットリング")
        facts.append(e.tables.fact(label, f"{table.name}: {now} / {was} ms, {table.throttled}"))
    return tuple(facts)


def network_facts(e: SlowEvidence) -> tuple[Fact, ...]:
    """What stands out of zones, NAT gateways and refused flows; empty where nothing does."""
    facts: list[Fact] = []
    times = e.times.get()
    if times.odd_zone:
        told = ", ".join(f"{zone} {ms:.0f} ms" for zone, ms in sorted(times.zones.items()))
        facts.append(e.times.fact(Text("p95 by Availability Zone", "アベイラビリティーゾーン別 p95"), told))
    for nat in e.nats.or_none() or ():
        if nat.ports_refused or nat.packets_dropped:
            label = Text("NAT gateway: ports refused / packets dropped", "NAT ゲートウェイ: ポート不足 / 破棄パケット")
            facts.append(e.nats.fact(label, f"{nat.id}: {nat.ports_refused} / {nat.packets_dropped}"))
    flows = e.flows.or_none()
    for path in flows.refused[:3] if flows else ():
        label = Text("refused flows", "拒否された通信")
        facts.append(e.flows.fact(label, f"{path.flows} x {path.source} -> {path.target}:{path.port}"))
    return tuple(facts)


def seen(e: SlowEvidence) -> bool:
    """Whether responses are known to be slow by the guide's measure."""
    times = e.times.or_none()
    return bool(times and times.slow)
