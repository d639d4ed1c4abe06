"""Whether a recovery by hand has worked: each procedure's own verification, in the words of the guide's last step."""

from dataclasses import dataclass
from typing import Any, Protocol

from ..clocks import seconds_between
from ..dynamodb import Bounds, Flow, Table, values
from ..ecs import Service, TaskStop
from ..ecs_verdict import bad_stops
from ..evidence import Reading
from ..load_balancing import TargetGroup, Traffic
from ..model import Change, Fact, Verdict
from ..runbook import Aftermath, Judgement
from ..service_stops import REPEATED
from ..service_view import Endpoint
from ..target_health import HostCounts, in_use, registered
from ..target_verdict import judge as judge_group
from ..text import Text
from ..throttle_verdict import judge as judge_throttling

STEADY_S = 180  # ECS needs about two minutes to start a Fargate task and to notice that it fails
NO_ERROR_S = 120  # ours: what still fails after a restart logs it within two minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedErrors:
    """Lines of a service's logs that tell of an error, within the window that was read.

    Attributes:
        groups: log groups that were read; empty where no container logs to CloudWatch Logs.
        count: how many lines were found, up to the bound of the reader.
        last_at: ISO 8601, empty where there is none.
        last: the newest one, redacted and bounded.
    """

    groups: tuple[str, ...] = ()
    count: int = 0
    last_at: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a scan that may count one item said: how many it counted; no item is read."""

    count: int


class ServiceProof(Protocol):
    """What is read to prove the recovery of a service."""

    @property
    def service(self) -> Reading[Service]:
        """With its deployments."""

    @property
    def stops(self) -> Reading[tuple[TaskStop, ...]]:
        """Newest first."""

    @property
    def target_groups(self) -> Reading[tuple[TargetGroup, ...]]:
        """With the health of each target."""

    @property
    def endpoint(self) -> Reading[Endpoint]:
        """What the declared health path answers."""

    @property
    def errors(self) -> Reading[LoggedErrors]:
        """Of the last minutes."""


class TableProof(Protocol):
    """What is read to prove the recovery of a table."""

    @property
    def table(self) -> Reading[Table]:
        """The table now."""

    @property
    def scaling(self) -> Reading[tuple[Bounds, ...]]:
        """Who owns its capacity."""

    @property
    def counted(self) -> Reading[Counted]:
        """One item, counted."""

    @property
    def throttles(self) -> Reading[tuple[Flow, ...]]:
        """Of the table and the named index."""

    @property
    def other_throttles(self) -> Reading[tuple[Flow, ...]]:
        """Of its other indexes."""


class GroupProof(Protocol):
    """What is read to prove the recovery of a target group."""

    @property
    def group(self) -> Reading[TargetGroup]:
        """With the health of each target."""

    @property
    def hosts(self) -> Reading[HostCounts]:
        """Over the last minutes."""

    @property
    def endpoint(self) -> Reading[Endpoint]:
        """What the declared health path answers."""

    @property
    def traffic(self) -> Reading[Traffic]:
        """Of the target group."""


def judge_service(after: ServiceProof, told: Aftermath[Any]) -> Judgement:
    """Fixed means, three minutes after the change: all wanted tasks run and are of the newest deployment.

    All targets in use are healthy, the endpoint answers below 400, no task has stopped badly since, and no error was
    logged for two minutes. What could not be read is no pass; fresh tasks that keep stopping are no recovery.
    """
    service, groups, errors = after.service.get(), after.target_groups.get(), after.errors.get()
    endpoint = after.endpoint.get()
    since_s = seconds_between(told.since, told.now)
    bad = [s for s in bad_stops(after.stops.get()) if s.started_at > told.since]
    quiet_s = seconds_between(max(errors.last_at, told.since), told.now)
    facts = _service_facts(after, bad, quiet_s, told.since)
    moved = _moved(service, told)
    well = (
        moved
        and service.running >= service.desired > 0
        and all(g.healthy >= 1 and g.healthy == len(in_use(g)) for g in groups)
        and answers(endpoint)
        and not bad
        and quiet_s >= NO_ERROR_S
    )
    if well and since_s >= STEADY_S:
        return Judgement(Verdict.FIXED, facts)
    over = len(bad) >= REPEATED and since_s >= STEADY_S
    return Judgement(Verdict.NOT_FIXED if over else None, facts, persists=not well)


def _moved(service: Service, told: Aftermath[Any]) -> bool:
    """Whether only the newest deployment has tasks, and it is another than before where a new one was asked for."""
    primary, plan = service.primary, told.change.plan if told.change else None
    if primary is None or primary.rollout not in ("COMPLETED", "") or len(service.deployments) > 1:
        return False
    if plan and "deployment" in plan.before:
        return bool(primary.id != plan.before["deployment"])
    return plan is None or "desiredCount" not in plan.after or str(service.desired) == plan.after["desiredCount"]


def _service_facts(after: ServiceProof, bad: list[TaskStop], quiet_s: float, since: str) -> tuple[Fact, ...]:
    service, groups, errors = after.service.get(), after.target_groups.get(), after.errors.get()
    newest = service.primary.running if service.primary else 0
    facts = [
        after.service.fact(
            Text("tasks running / desired", "実行中 / 必要タスク数"), f"{service.running} / {service.desired}"
        ),
        after.service.fact(Text("of the newest deployment", "うち最新デプロイのタスク"), str(newest)),
        after.stops.fact(Text("tasks that stopped badly since", "その後の異常停止"), str(len(bad))),
    ]
    if groups:
        healthy = f"{sum(g.healthy for g in groups)} / {sum(len(in_use(g)) for g in groups)}"
        facts.append(after.target_groups.fact(Text("healthy targets / in use", "正常 / 使用中のターゲット"), healthy))
    facts.append(endpoint_fact(after.endpoint))
    where = ", ".join(errors.groups) or "-"
    label = Text(f"no error in {where} for / needed", f"{where} のエラーなし時間 / 必要時間")
    facts.append(after.errors.fact(label, f"{quiet_s:.0f} / {NO_ERROR_S} s"))
    if errors.last and errors.last_at > since:
        facts.append(after.errors.fact(Text("newest error", "最新のエラー"), errors.last))
    return tuple(facts)


def answers(endpoint: Endpoint) -> bool:
    """Whether the health path answers well; where none is declared, there is nothing to ask."""
    return not endpoint.url or 0 < endpoint.status < 400


def endpoint_fact(read: Reading[Endpoint]) -> Fact:
    """What the endpoint said to one GET."""
    told = read.or_none()
    label = Text("endpoint answered", "エンドポイントの応答")
    if told is None or not told.url:
        return read.fact(label, f"- ({read.gap})" if read.gap else "- (none declared)")
    return read.fact(label, f"HTTP {told.status}, {told.took_ms} ms")


def judge_table(after: TableProof, told: Aftermath[Any]) -> Judgement:
    """Fixed means: the new values are in effect, one item can be counted, and nothing is throttled for five minutes."""
    table, counted = after.table.get(), after.counted.get()
    judged = judge_throttling(after, told)
    now = values(table, after.scaling.get())
    wanted = told.change.plan.after if told.change else {}
    there = all(now.get(name) == value for name, value in wanted.items())
    facts = (
        *(after.table.fact(Text(name, name), f"{now.get(name, '-')} / {value}") for name, value in wanted.items()),
        after.counted.fact(
            Text("items counted by a scan of one (none is read)", "1 件のスキャンによる件数（内容は読まない）"),
            str(counted.count),
        ),
        *judged.facts,
    )
    if _works(judged) and not there:
        return Judgement(None, facts, persists=True)
    return Judgement(_of_the_asked(judged, told.change), facts, persists=judged.persists)


def _works(judged: Judgement) -> bool:
    """Whether it is well, with whatever help."""
    return judged.verdict is not None and judged.verdict.over


def _of_the_asked(judged: Judgement, change: Change | None) -> Verdict | None:
    """The verdict on a change that a person asked for: that it was not the first to help is no verdict on it."""
    return Verdict.FIXED if _works(judged) and change else judged.verdict


def judge_targets(after: GroupProof, told: Aftermath[Any]) -> Judgement:
    """Fixed means: exactly the planned targets are registered, all in use are healthy, and the endpoint answers."""
    judged = judge_group(after, told)
    now = registered(after.group.get())
    wanted = told.change.plan.after["registered"] if told.change else now
    facts = (after.group.fact(Text("registered / planned", "登録済み / 予定"), f"{now} / {wanted}"), *judged.facts)
    if _works(judged) and now != wanted:
        return Judgement(None, facts, persists=True)
    return Judgement(_of_the_asked(judged, told.change), facts, persists=judged.persists)
