"""Whether a recovery by hand has worked: each procedure's own verification, in the words of the guide's last step."""

from typing import Any

from ..core.evidence import Reading
from ..core.model import Fact, Verdict
from ..core.plan import Change
from ..core.runbook import Judgement, VerificationContext
from ..core.text import Text
from ..core.timestamps import seconds_between
from ..problems.alb_targets_unhealthy.evidence import Outcome as TargetsRecovered
from ..problems.alb_targets_unhealthy.verification import judge as judge_group
from ..problems.dynamodb_throttling.evidence import Outcome
from ..problems.dynamodb_throttling.verification import judge as judge_throttling
from ..resources.dynamodb.model import values
from ..resources.ecs.model import Service, TaskStop
from ..resources.ecs.stops import REPEATED
from ..resources.ecs.verification import bad_stops
from ..resources.endpoint import Endpoint
from ..resources.load_balancing.target_health import in_use, registered
from .outcome import ServiceRecovered, TableRecovered

STEADY_S = 180  # ECS needs about two minutes to start a Fargate task and to notice that it fails
NO_ERROR_S = 120  # ours: what still fails after a restart logs it within two minutes


def judge_service(after: ServiceRecovered, context: VerificationContext[Any]) -> Judgement:
    """Fixed means, three minutes after the change: all wanted tasks run and are of the newest deployment.

    All targets in use are healthy, the endpoint answers below 400, no task has stopped badly since, and no error was
    logged for two minutes. What could not be read is no pass; fresh tasks that keep stopping are no recovery.
    """
    service, groups, errors = after.service.get(), after.target_groups.get(), after.errors.get()
    endpoint = after.endpoint.get()
    since_s = seconds_between(context.since, context.now)
    bad = [s for s in bad_stops(after.stops.get()) if s.started_at > context.since]
    quiet_s = seconds_between(max(errors.last_at, context.since), context.now)
    facts = _service_facts(after, bad, quiet_s, context.since)
    moved = _moved(service, context)
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


def _moved(service: Service, context: VerificationContext[Any]) -> bool:
    """Whether only the newest deployment has tasks, and it is another than before where a new one was asked for."""
    primary, plan = service.primary, context.change.plan if context.change else None
    if primary is None or primary.rollout not in ("COMPLETED", "") or len(service.deployments) > 1:
        return False
    if plan and "deployment" in plan.before:
        return bool(primary.id != plan.before["deployment"])
    return plan is None or "desiredCount" not in plan.after or str(service.desired) == plan.after["desiredCount"]


def _service_facts(after: ServiceRecovered, bad: list[TaskStop], quiet_s: float, since: str) -> tuple[Fact, ...]:
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
    found = read.or_none()
    label = Text("endpoint answered", "エンドポイントの応答")
    if found is None or not found.url:
        return read.fact(label, f"- ({read.gap})" if read.gap else "- (none declared)")
    return read.fact(label, f"HTTP {found.status}, {found.took_ms} ms")


def judge_table(after: TableRecovered, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: the new values are in effect, one item can be counted, and nothing is throttled for five minutes."""
    table, counted = after.table.get(), after.counted.get()
    throttling = Outcome(table=after.table, throttles=after.throttles, other_throttles=after.other_throttles)
    judged = judge_throttling(throttling, context)
    now = values(table, after.scaling.get())
    wanted = context.change.plan.after if context.change else {}
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
    return Judgement(_of_the_asked(judged, context.change), facts, persists=judged.persists)


def _works(judged: Judgement) -> bool:
    """Whether it is well, with whatever help."""
    return judged.verdict is not None and judged.verdict.over


def _of_the_asked(judged: Judgement, change: Change | None) -> Verdict | None:
    """The verdict on a change that a person asked for: that it was not the first to help is no verdict on it."""
    return Verdict.FIXED if _works(judged) and change else judged.verdict


def judge_targets(after: TargetsRecovered, context: VerificationContext[Any]) -> Judgement:
    """Fixed means: exactly the planned targets are registered, all in use are healthy, and the endpoint answers."""
    judged = judge_group(after, context)
    now = registered(after.group.get())
    wanted = context.change.plan.after["registered"] if context.change else now
    facts = (after.group.fact(Text("registered / planned", "登録済み / 予定"), f"{now} / {wanted}"), *judged.facts)
    if _works(judged) and now != wanted:
        return Judgement(None, facts, persists=True)
    return Judgement(_of_the_asked(judged, context.change), facts, persists=judged.persists)
