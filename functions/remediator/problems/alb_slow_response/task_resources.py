"""Row `alb_slow_response.task_resources`.

CPU or memory was short in the minutes that were slow, and no table was late.
"""

from ...core.plan import WATCH_S, Advise, Decision, Watch
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.ecs.model import Service
from ...resources.ecs.plans.scale_out import StepOut, plan_step_out
from ...resources.ecs.scaling import CountOwner, one_step
from ...resources.load_balancing.target_health import failing
from .evidence import Evidence
from .facts import (
    FAILING_PCT,
    ID,
    NOT_SLOW,
    busy_minutes,
    late_tables,
    load_facts,
    service,
    short_of_cpu,
    slow_minutes,
    time_facts,
)
from .hand_over import RELEASE_S

TIMES = "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime --dimensions Name=TargetGroup,Value=<targetgroup/NAME/ID> Name=LoadBalancer,Value=<app/NAME/ID> --start-time <from> --end-time <to> --period 60 --extended-statistics p95"


LOAD = "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name CPUUtilization --dimensions Name=ClusterName,Value=<cluster> Name=ServiceName,Value=<service> --start-time <from> --end-time <to> --period 60 --statistics Average"


CEILING = "aws ecs update-service --cluster <cluster> --service <service> --desired-count <count>"


NO_CEILING = Text(
    "No ceiling for the number of tasks is declared (task_ceiling in cdk.json), so no fix may run more of them.",
    "タスク数の上限（cdk.json の task_ceiling）が宣言されていないため、自動では増やせません。",
)


MEMORY_ALONE = Text(
    "Memory is short and CPU is not: more tasks do not make one request need less of it.",
    "不足しているのはメモリのみで、タスクを増やしても 1 リクエストあたりの使用量は減りません。",
)


DEPLOYING = Text(
    "A deployment is in progress; how fast its tasks are is known once it is over.",
    "デプロイが進行中です。完了後に応答時間を確認します。",
)


STARTING = Text("Tasks that were asked for already are still on their way.", "要求済みのタスクがまだ起動していません。")


FAILING = Text(
    "Requests or targets fail, which another runbook looks into; more tasks are no answer to that.",
    "リクエストまたはターゲットに異常があり、別のランブックの対象です。タスクを増やしても解決しません。",
)


OVER = Text("It is not slow any more at this moment.", "現時点では遅延は収まっています。")


def at_ceiling(count: int) -> Text:
    """The ceiling, or autoscaling's maximum, is reached."""
    return Text(
        f"{count} tasks run: the declared ceiling, or autoscaling's maximum, is reached.",
        f"{count} タスクが稼働中で、宣言された上限または Auto Scaling の最大値に達しています。",
    )


def scaling_already(said: str) -> Text:
    """Autoscaling is at it."""
    return Text(f"Autoscaling is at work: {said}", f"Auto Scaling が実行中です: {said}")


def holds(e: Evidence, _: Setting) -> Finding:
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


CAUSE = Cause(
    id="task_resources",
    title=Text("tasks short of resources", "タスクのリソース不足"),
    holds=holds,
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
