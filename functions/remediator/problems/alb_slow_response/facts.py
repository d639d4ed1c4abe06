"""What the readings say of slow responses: since when, for whom, and what was busy; pre-image."""

from collections.abc import Mapping

from ...core.evidence import Unchecked
from ...core.model import OPT_IN_TAG, Fact
from ...core.text import Text
from ...resources.ecs.model import Service
from ...resources.ecs.plans.scale_out import COUNT, MINIMUM
from ...resources.load_balancing.latency import SEVERAL_MINUTES, Minute, most_of
from ...resources.load_balancing.target_health import in_use
from .evidence import Evidence
from .latency import TableSpeed

REFUSED_FLOWS = 10  # ours: single refused flows are everybody's background noise
ID = "alb_slow_response"
FAILING_PCT = 5.0  # requests that fail are another runbook's business; single ones are not
NOT_SLOW = Text("responses are within the target", "応答時間は目標内です")


def slow_minutes(e: Evidence) -> tuple[Minute, ...]:
    """The slow minutes of the window; none where it was one alone."""
    slow = e.times.get().slow
    return slow if len(slow) >= SEVERAL_MINUTES else ()


def busy_minutes(e: Evidence) -> tuple[Minute, ...]:
    """The slow minutes in which CPU or memory was short as well; none where those were few."""
    slow, load = slow_minutes(e), e.load.get()
    busy = tuple(m for m in slow if load.busy(m.at))
    return busy if most_of(busy, slow) else ()


def short_of_cpu(e: Evidence) -> bool:
    """Whether it was CPU in most of the slow minutes, and not memory alone."""
    slow, load = slow_minutes(e), e.load.get()
    return most_of(tuple(m for m in slow if load.short_of_cpu(m.at)), slow)


def late_tables(e: Evidence) -> tuple[TableSpeed, ...]:
    """Tables that kept callers waiting in most of the slow minutes, those that throttle first."""
    slow = slow_minutes(e)
    late = [t for t in e.tables.get() if most_of(tuple(m for m in slow if t.late(m.at)), slow)]
    return tuple(sorted(late, key=lambda t: -t.throttled))


def service(e: Evidence) -> Service:
    """The service behind the slow group; raises `Unchecked` where none is known."""
    group = e.times.get().group
    found = next((b.service for b in e.backends.get() if b.group == group and b.service), None)
    if found is None:
        raise Unchecked("no ECS service is known behind these targets")
    return found


def opt_in_tag(e: Evidence) -> str | None:
    """The opt-in tag of the service, which is what a fix writes to."""
    return service(e).tags.get(OPT_IN_TAG)


def current_values(e: Evidence) -> Mapping[str, str]:
    """What plans replace, as it is now."""
    return {COUNT: str(service(e).desired), MINIMUM: str(e.owner.get().minimum)}


def situation(e: Evidence) -> tuple[Fact, ...]:
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


def time_facts(e: Evidence) -> tuple[Fact, ...]:
    """How slow, since when, and how it was before."""
    times = e.times.get()
    slow = times.slow
    worst = max((m.late_ms or 0.0 for m in slow), default=0.0)
    facts = [
        e.times.fact(
            Text("response time p99: worst minute / target", "応答時間 p99: 最大 / 目標"),
            f"{worst:.0f} ms / {times.target_ms} ms ({len(slow)} / {len(times.minutes)} min)",
        )
    ]
    if slow:
        facts.append(e.times.fact(Text("slow since", "遅延の開始"), slow[0].at))
    if times.before_ms is not None:
        facts.append(e.times.fact(Text("p99 of the hour before", "その前 1 時間の p99"), f"{times.before_ms:.0f} ms"))
    return tuple(facts)


def load_facts(e: Evidence) -> tuple[Fact, ...]:
    """CPU and memory of the service over the window."""
    load = e.load.get()
    each = (("CPU", load.cpu_pct), ("memory", load.memory_pct))
    text = ", ".join(f"{name} {max(values.values()):.0f} %" for name, values in each if values)
    return (e.load.fact(Text("highest minute of the service", "サービスの最大値（1 分平均）"), text),)


def table_facts(e: Evidence) -> tuple[Fact, ...]:
    """How each late table answers, against the hour before, and what it refused."""
    facts = []
    for table in late_tables(e):
        was = "-" if table.before_ms is None else f"{table.before_ms:.1f}"
        now = max(table.slow_ms.values(), default=None)
        text = f"{table.name}: {'-' if now is None else f'{now:.1f}'} / {was} ms, {table.throttled}"
        label = Text("table: slowest minute / before, throttled", "テーブル: 最大応答時間 / 以前、スロットリング")
        facts.append(e.tables.fact(label, text))
    return tuple(facts)


def network_facts(e: Evidence) -> tuple[Fact, ...]:
    """What stands out of zones, NAT gateways and refused flows; empty where nothing does."""
    facts: list[Fact] = []
    times = e.times.get()
    if times.odd_zone:
        text = ", ".join(f"{zone} {ms:.0f} ms" for zone, ms in sorted(times.by_zone.items()))
        facts.append(
            e.times.fact(
                Text("p99 by Availability Zone, slow minutes", "アベイラビリティーゾーン別 p99（遅延した分）"), text
            )
        )
    for nat in e.nats.or_none() or ():
        if nat.ill:
            label = Text("NAT gateway: ports refused / packets dropped", "NAT ゲートウェイ: ポート不足 / 破棄パケット")
            facts.append(e.nats.fact(label, f"{nat.id}: {nat.ports_refused} / {nat.packets_dropped}"))
    flows = e.flows.or_none()
    for path in [p for p in flows.refused if p.flows >= REFUSED_FLOWS][:3] if flows else ():
        label = Text("refused flows", "拒否された通信")
        facts.append(e.flows.fact(label, f"{path.flows} x {path.source} -> {path.target}:{path.port}"))
    return tuple(facts)


def symptom_present(e: Evidence) -> bool:
    """Whether responses are known to be slow by the guide's measure."""
    times = e.times.or_none()
    return bool(times and times.slow)
