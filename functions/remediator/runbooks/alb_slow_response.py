"""Responses through an Application Load Balancer are slow.

Guide: Application Load Balancer, response time over 100 ms: tasks short of resources, DynamoDB latency, network congestion.
May change: the number of tasks by one step, or autoscaling's minimum where autoscaling owns the number; both only within
the declared ceiling.
Never: task definitions, autoscaling's maximum or policies, tables (handed over), zones, routes, rules.
"""

from dataclasses import dataclass

from ..aws.evidence import gateway as balancing
from ..aws.evidence import slowness, surroundings
from ..core.behind import ends, lately, looks_into
from ..core.clocks import seconds_between
from ..core.ecs import Service, TaskStop
from ..core.edge import Permission
from ..core.evidence import Reading, Unchecked, reading
from ..core.fixes.step_out import StepOut, plan_step_out
from ..core.flow_logs import Flows
from ..core.gateway import Backend
from ..core.load_balancing import TargetGroup, Traffic
from ..core.model import Advise, Decision, HandOver, Resource, Watch
from ..core.problems import GATEWAY_ERRORS, SLOW_RESPONSE
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Endpoint, Stack
from ..core.slow_advice import (
    ADVICE_NETWORK_CONGESTION,
    CEILING,
    DEPLOYING,
    FAILING,
    LOAD,
    LOOK_NETWORK_CONGESTION,
    MEMORY_ALONE,
    NO_CEILING,
    OVER,
    SLOW_NOT_THROTTLED,
    STARTING,
    TABLE,
    TIMES,
    at_ceiling,
    scaling_already,
)
from ..core.slow_verdict import judge
from ..core.slow_view import (
    about,
    busy_minutes,
    image,
    late_tables,
    load_facts,
    mode,
    network_facts,
    seen,
    service,
    short_of_cpu,
    slow_minutes,
    stack,
    table_facts,
    time_facts,
)
from ..core.slowness import CountOwner, Load, NatTrouble, ResponseTimes, TableSpeed, TaskSize, one_step
from ..core.target_health import HostCounts, failing
from ..core.text import Text
from ..core.triggers import alarm_on
from ..core.ways_out import Place

ID = "alb_slow_response"
THROTTLING = "dynamodb_throttling"
WATCH_S = 900
RELEASE_S = 3600  # a release within the hour before is the first suspect
FAILING_PCT = 5.0  # requests that fail are another runbook's business; single ones are not
NOT_SLOW = Text("responses are within the target", "応答時間は目標内です")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(balancing.groups, recheck=True)
    tables: Reading[tuple[TableSpeed, ...]] = reading(slowness.tables, recheck=True)
    backends: Reading[tuple[Backend, ...]] = reading(balancing.backends, after=("groups",), recheck=True)
    times: Reading[ResponseTimes] = reading(slowness.times, after=("groups",), recheck=True)
    load: Reading[Load] = reading(slowness.load, after=("backends", "times"), recheck=True)
    owner: Reading[CountOwner] = reading(slowness.owner, after=("backends", "times"), recheck=True)
    size: Reading[TaskSize] = reading(slowness.size, after=("backends", "times"))
    place: Reading[Place] = reading(slowness.place, after=("backends", "times"))
    nats: Reading[tuple[NatTrouble, ...]] = reading(slowness.nats, after=("place",))
    stops: Reading[tuple[TaskStop, ...]] = reading(balancing.stops, after=("backends",))
    flows: Reading[Flows] = reading(slowness.flows, after=("groups",))
    traffic: Reading[Traffic] = reading(surroundings.traffic, after=("groups",), recheck=True)
    stack: Reading[Stack] = reading(slowness.stack, after=("backends", "times"))


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a fix: the load balancer's own clock, the targets and the endpoint."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(balancing.groups)
    times: Reading[ResponseTimes] = reading(slowness.times, after=("groups",))
    hosts: Reading[HostCounts] = reading(slowness.hosts, after=("groups", "times"))
    endpoint: Reading[Endpoint] = reading(surroundings.endpoint)


# -- causes ------------------------------------------------------------------------------------------------------------


def task_resources(e: Evidence, _: Setting) -> Finding:
    """CPU or memory was short in the minutes that were slow, and no table was late."""
    slow = slow_minutes(e)
    if not slow:
        return RuledOut(NOT_SLOW)
    busy = busy_minutes(e)
    if not busy:
        return RuledOut(
            Text(
                "the tasks had CPU and memory to spare while it was slow",
                "遅延中もタスクの CPU・メモリには余裕がありました",
            )
        )
    if late_tables(e):
        return RuledOut(Text("a table of the workload answers late", "ワークロードのテーブルの応答が遅延しています"))
    return Holds((*time_facts(e), *load_facts(e)), weight=len(busy))


def dynamodb_latency(e: Evidence, _: Setting) -> Finding:
    """A table of the workload throttles, or takes several times as long as before."""
    if not slow_minutes(e):
        return RuledOut(NOT_SLOW)
    if not e.tables.get():
        raise Unchecked("no table is declared for the workload (tables in cdk.json)")
    if not late_tables(e):
        return RuledOut(Text("the tables answer as fast as before", "テーブルの応答は以前と同じ速さです"))
    return Holds((*time_facts(e), *table_facts(e)), weight=len(slow_minutes(e)))


def network_congestion(e: Evidence, _: Setting) -> Finding:
    """Neither tasks nor tables, and one zone, a NAT gateway or refused packets stand out."""
    if not slow_minutes(e):
        return RuledOut(NOT_SLOW)
    if busy_minutes(e) or late_tables(e):
        return RuledOut(Text("tasks or tables explain it", "タスクまたはテーブルが原因です"))
    if facts := network_facts(e):
        return Holds((*time_facts(e), *facts))
    if gap := next((r.gap for r in (e.nats, e.flows) if r.gap), None):
        raise Unchecked(f"no zone stands out; {gap}")
    if (flows := e.flows.get()).unread or not flows.complete:
        raise Unchecked(
            f"no zone stands out; {flows.unread} records of the flow log could not be read, or not all were"
        )
    return RuledOut(
        Text(
            "no zone, no NAT gateway and no refused packet stands out",
            "ゾーン、NAT ゲートウェイ、拒否パケットに異常はありません",
        )
    )


# -- fixes -------------------------------------------------------------------------------------------------------------


@writes(
    Permission("ecs:UpdateService", "arn:{partition}:ecs:{region}:{account}:service/*"),
    Permission(
        "application-autoscaling:RegisterScalableTarget",
        "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*",
    ),
    does=Text(
        "runs more tasks by one step within the declared ceiling, or raises autoscaling's minimum (asks above the cost ceiling)",
        "宣言された上限内で 1 段階タスクを増やす、または Auto Scaling の最小値を上げる（費用上限を超える場合は承認を求める）",
    ),
)
def step_out(e: Evidence, setting: Setting) -> Decision:
    """Half as many tasks again, at least one; never above the ceiling or autoscaling's maximum."""
    found, owner = service(e), e.owner.get()
    if (wait := _not_now(e, found, owner)) is not None:
        return wait
    if not short_of_cpu(e):
        return Advise(MEMORY_ALONE)
    ceiling = setting.workload.task_ceiling if setting.workload else 0
    if not ceiling:
        return Advise(NO_CEILING, (CEILING,))
    most = min(ceiling, owner.maximum) if owner.owned else ceiling
    count = min(found.desired + one_step(found.desired), most)
    if count <= found.desired:
        return Advise(at_ceiling(found.desired), (CEILING,))
    doubts = _doubts(e, found, owner)
    more = StepOut(runbook=ID, service=found, owner=owner, size=e.size.get(), count=count, doubts=doubts)
    return plan_step_out(more, setting.settings.limits)


def _not_now(e: Evidence, found: Service, owner: CountOwner) -> Watch | None:
    """Why nothing is changed at this moment: it is over, or something else is at work on it."""
    times = e.times.get()
    if times.newest is None or not times.newest.slow(times.target_ms):
        return Watch(OVER, WATCH_S)
    if found.primary and found.primary.rollout == "IN_PROGRESS":
        return Watch(DEPLOYING, WATCH_S)
    if owner.under_way:
        return Watch(scaling_already(owner.under_way), WATCH_S)
    if found.running < found.desired:
        return Watch(STARTING, WATCH_S)
    if e.traffic.get().recent_failed_pct >= FAILING_PCT or any(failing(g) for g in e.groups.get()):
        return Watch(FAILING, WATCH_S)
    return None


def _doubts(e: Evidence, found: Service, owner: CountOwner) -> tuple[Text, ...]:
    """What makes it a person's decision: suspended scaling, or a release that came right before."""
    doubts = []
    if owner.suspended:
        listed = ", ".join(owner.suspended)
        doubts.append(Text(f"autoscaling is suspended ({listed})", f"Auto Scaling が一時停止中です（{listed}）"))
    slow, began = slow_minutes(e), found.primary.created_at if found.primary else ""
    if began and slow and 0 <= seconds_between(began, slow[0].at) <= RELEASE_S:
        doubts.append(
            Text(
                f"a deployment came right before ({began}): rolling it back may be the better answer",
                f"直前にデプロイがあります（{began}）。ロールバックが適切な可能性があります",
            )
        )
    return tuple(doubts)


@writes(
    does=Text(
        "hands over to throttling where the table refuses, else tells", "スロットリングなら引き継ぎ、それ以外は知らせる"
    )
)
def hand_over_table(e: Evidence, _: Setting) -> Decision:
    """A table that throttles is looked into by its own runbook; one that is only slow is told."""
    first = late_tables(e)[0]
    if not first.throttled:
        return Advise(SLOW_NOT_THROTTLED, (TABLE.replace("<table>", first.name),))
    why = Text(
        f"the table {first.name} refused {first.throttled} requests while responses were slow",
        f"応答の遅延中にテーブル {first.name} が {first.throttled} 件のリクエストを拒否しました",
    )
    return HandOver(why, THROTTLING, Resource("table", first.arn))


@writes(does=Text("tells which zone, gateway or path stands out", "異常なゾーン、ゲートウェイ、経路を知らせる"))
def tell_network(e: Evidence, _: Setting) -> Decision:
    """What stands out, for a person."""
    del e
    return Advise(ADVICE_NETWORK_CONGESTION, LOOK_NETWORK_CONGESTION)


def stopping_tasks(e: Evidence, setting: Setting) -> HandOver | None:
    """Where tasks behind it stop, it is slow because too few are left: their runbook goes on."""
    bad = lately(e.stops.get(), setting.now)
    if not bad:
        return None
    why = Text(
        f"responses are slow while tasks stop: {ends(bad)}", f"応答の遅延中にタスクが停止しています: {ends(bad)}"
    )
    return HandOver(why, looks_into(bad), Resource("ecs_service", service(e).arn))


def cut_off(e: Evidence, _: Setting) -> HandOver | None:
    """Where the load balancer answers 504, what is slow is cut off: one trouble with those errors."""
    times = e.times.get()
    if not times.cut_off:
        return None
    why = Text(
        f"responses are so slow that the load balancer answered {times.cut_off} of them with 504",
        f"応答が遅く、ALB が {times.cut_off} 件に 504 を返しています",
    )
    return HandOver(why, GATEWAY_ERRORS.id, Resource("load_balancer", times.balancer))


def elsewhere(e: Evidence, setting: Setting) -> HandOver | None:
    """Whose trouble it is where no row here explains it; raises `Unchecked` where no reading tells."""
    try:
        behind = stopping_tasks(e, setting)
    except Unchecked:
        behind = None
    return behind or cut_off(e, setting)


TASK_RESOURCES_ROW = Cause(
    id="task_resources",
    title=Text("tasks short of resources", "タスクのリソース不足"),
    holds=task_resources,
    fixes=(step_out,),
    advice=Text(
        "Give the tasks more CPU or memory, or run more of them; then find what made them busy: more requests, or a "
        "release that costs more.",
        "タスクの CPU・メモリを増やすかタスク数を増やし、負荷の原因（リクエスト増、処理の重いリリース）を調べてください。",
    ),
    confirm=Text(
        "CPU or memory of the service is high in the same minutes in which the response time is, and the tables answer "
        "as fast as before.",
        "応答が遅い分と同じ時刻にサービスの CPU またはメモリが高く、テーブルの応答は以前と同じ速さです。",
    ),
    look=(TIMES, LOAD),
)

DYNAMODB_LATENCY_ROW = Cause(
    id="dynamodb_latency",
    title=Text("DynamoDB answers late", "DynamoDB の応答遅延"),
    holds=dynamodb_latency,
    fixes=(hand_over_table,),
    advice=Text(
        "Look at the table: the operation that became slow, large items, scans, and whether the client retries.",
        "テーブルを確認してください。遅くなった操作、大きな項目、スキャン、クライアントの再試行が手がかりです。",
    ),
    confirm=Text(
        "The table refuses requests, or SuccessfulRequestLatency is several times that of the hour before; the tasks "
        "themselves have room.",
        "テーブルがリクエストを拒否している、または SuccessfulRequestLatency が 1 時間前の数倍で、タスク自体には余裕があります。",
    ),
    look=(TABLE,),
)

NETWORK_CONGESTION_ROW = Cause(
    id="network_congestion",
    title=Text("network congestion", "ネットワークの輻輳"),
    holds=network_congestion,
    fixes=(tell_network,),
    advice=ADVICE_NETWORK_CONGESTION,
    confirm=Text(
        "Tasks and tables are as before; one zone alone is slow, or a NAT gateway or a rule drops packets.",
        "タスクとテーブルに変化はなく、特定のゾーンだけが遅い、または NAT ゲートウェイやルールがパケットを破棄しています。",
    ),
    look=LOOK_NETWORK_CONGESTION,
)

TRIGGERS = (alarm_on("AWS/ApplicationELB", "TargetResponseTime"),)
RUNBOOK = Runbook(
    id=ID,
    title=SLOW_RESPONSE.title,
    symptom=SLOW_RESPONSE.symptom,
    guide="Application Load Balancer: slow responses",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(TASK_RESOURCES_ROW, DYNAMODB_LATENCY_ROW, NETWORK_CONGESTION_ROW),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
    seen=seen,
    elsewhere=elsewhere,
)
