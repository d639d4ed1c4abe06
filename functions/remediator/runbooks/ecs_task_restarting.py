"""ECS starts a service's tasks and they stop again and again.

Guide: ECS/Fargate, tasks restart often: health check failing, out of memory, application error.
May change: the service's task definition (roll back, or a copy with more memory), its health-check grace period,
a new deployment of the same definition. Never: task counts, networks, images, roles.
"""

from dataclasses import dataclass

from ..aws.evidence import ecs, surroundings
from ..core.behind import to_the_other
from ..core.ecs import SIGKILL, RunningTask, Service, ServiceDeployment, TaskDefinition, TaskStop, meaning
from ..core.edge import Permission
from ..core.evidence import Reading, reading
from ..core.fixes.ecs_service import GRACE_AT_LEAST_S, plan_fresh_tasks, plan_grace
from ..core.fixes.memory import Shortage, plan_memory
from ..core.fixes.roll_back import changed_by_deployment, plan_roll_back, short
from ..core.load_balancing import TargetGroup, Traffic
from ..core.logs import LogExcerpt
from ..core.model import Advise, Decision, Watch
from ..core.problems import RESTARTING
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_stops import REACTION_S, REPEATED, WATCH_S, lived_s, stop_facts, stops_as, why_not_now
from ..core.service_view import Endpoint, Scaling, Stack, about, image, judge, losing_tasks, mode, stack
from ..core.stop_advice import (
    ADVICE_APPLICATION_ERROR,
    ADVICE_HEALTH_CHECK_FAILING,
    STOPPED,
    with_last_words,
)
from ..core.text import Text
from ..core.triggers import ecs_deployment_failed, ecs_task_stopped

ID = "ecs_task_restarting"
MEMORY_FULL_PCT = 95.0  # exit 137 without a reason counts as memory only where the tasks were nearly full
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    service: Reading[Service] = reading(ecs.service, recheck=True)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs.stops, recheck=True)
    deployments: Reading[tuple[ServiceDeployment, ...]] = reading(ecs.deployments, recheck=True)
    definition: Reading[TaskDefinition] = reading(ecs.definition)
    memory_peak_pct: Reading[float] = reading(surroundings.memory_peak_pct)
    scaling: Reading[Scaling] = reading(surroundings.scaling)
    stack: Reading[Stack] = reading(surroundings.stack)
    good_definition: Reading[TaskDefinition] = reading(ecs.good_definition, after=("deployments",))
    good_images: Reading[tuple[str, ...]] = reading(surroundings.good_images, after=("deployments",))
    same_images: Reading[bool] = reading(surroundings.same_images, after=("deployments", "definition"))
    last_words: Reading[LogExcerpt] = reading(surroundings.last_words, after=("stops", "definition"))
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(surroundings.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(surroundings.traffic, after=("target_groups",))


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a fix: the tasks' own fate, the targets, the traffic and the endpoint."""

    service: Reading[Service] = reading(ecs.service)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs.stops)
    tasks: Reading[tuple[RunningTask, ...]] = reading(ecs.running)
    endpoint: Reading[Endpoint] = reading(surroundings.endpoint)
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(surroundings.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(surroundings.traffic, after=("target_groups",))


def _killed_for_memory(e: Evidence) -> tuple[TaskStop, ...]:
    told = stops_as(e, "out_of_memory")
    silent = [s for s in stops_as(e, "unknown") if any(c.exit_code == SIGKILL for c in s.containers)]
    if silent and (e.memory_peak_pct.get() if not told else e.memory_peak_pct.or_none() or 0) >= MEMORY_FULL_PCT:
        return tuple(sorted((*told, *silent), key=lambda s: s.stopped_at, reverse=True))
    return told


def out_of_memory(e: Evidence, _: Setting) -> Finding:
    """ECS says OutOfMemory, or a container ended with 137 while the tasks were nearly full."""
    killed = _killed_for_memory(e)
    if not killed:
        return RuledOut(Text("no container was killed for memory", "メモリ不足で停止したコンテナはありません"))
    facts = list(stop_facts(e, killed))
    if (peak := e.memory_peak_pct.or_none()) is not None:
        facts.append(
            e.memory_peak_pct.fact(Text("highest MemoryUtilization", "MemoryUtilization 最大値"), f"{peak:.0f} %")
        )
    if (definition := e.definition.or_none()) and (limits := definition.memory_limits()):
        facts.append(e.definition.fact(Text("task memory", "タスクのメモリ"), f"{limits} ({short(definition.arn)})"))
    return Holds(tuple(facts), weight=len(killed))


def health_check_failing(e: Evidence, _: Setting) -> Finding:
    """ECS stopped tasks because the load balancer's or the container's health check failed."""
    failed = stops_as(e, "health_check")
    if not failed:
        return RuledOut(Text("no task was stopped by a health check", "ヘルスチェックで停止したタスクはありません"))
    lives = [lived_s(s) for s in failed if s.started_at]
    facts = list(stop_facts(e, failed))
    if lives:
        lived = f"{min(lives):.0f}-{max(lives):.0f} s"
        facts.append(e.stops.fact(Text("those tasks lived", "停止までの時間"), lived))
    if (service := e.service.or_none()) and service.target_groups:
        facts.append(e.service.fact(Text("grace period", "猶予期間"), f"{service.grace_s or 0} s"))
    return Holds(tuple(facts), weight=len(failed))


def application_error(e: Evidence, _: Setting) -> Finding:
    """An essential container ended with an error of its own."""
    failed = stops_as(e, "application_error")
    if not failed:
        return RuledOut(
            Text(
                "no container ended with an error of its own",
                "アプリケーション自身のエラーで終了したコンテナはありません",
            )
        )
    facts = list(stop_facts(e, failed))
    if (words := e.last_words.or_none()) and (said := words.trace or words.errors):
        facts.append(e.last_words.fact(Text("last words in " + words.stream, "最後のログ " + words.stream), said[-1]))
    return Holds(tuple(facts), weight=len(failed))


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("ecs:StopServiceDeployment", "arn:{partition}:ecs:{region}:{account}:service-deployment/*"),
    does=Text("rolls the service back to its last good revision", "直近の正常なリビジョンへロールバック"),
)
def roll_back(e: Evidence, setting: Setting) -> Decision:
    """Back to the last good revision, where the symptom came with a deployment."""
    stops = stops_as(e, "health_check", "application_error")
    if (wait := why_not_now(e, stops, setting)) is not None:
        return wait
    first, ran = min(s.stopped_at for s in stops), stops[0].task_definition
    deployment = changed_by_deployment(e, first, ran, setting.now)
    if deployment is None:
        return Advise(Text("No deployment came with it.", "直前のデプロイはありません。"))
    return plan_roll_back(e, deployment, f"{ID}.{meaning_row(stops[0])}", ID)


def meaning_row(stop: TaskStop) -> str:
    """The guide row that a stop's meaning belongs to."""
    return {"health_check": "health_check_failing"}.get(meaning(stop), meaning(stop))


@writes(
    Permission("ecs:RegisterTaskDefinition", "arn:{partition}:ecs:{region}:{account}:task-definition/*:*"),
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("iam:PassRole", "arn:{partition}:iam::{account}:role/*", called=False),
    does=Text(
        "raises the memory to the next valid size (on EC2 it asks)",
        "メモリを次の有効な値に増やす（EC2 では承認を求める）",
    ),
)
def raise_memory(e: Evidence, setting: Setting) -> Decision:
    """A copy of the revision with the next valid memory, and the service moved to it."""
    killed = _killed_for_memory(e)
    if (wait := why_not_now(e, killed, setting)) is not None:
        return wait
    service, definition = e.service.get(), e.definition.get()
    if service.task_definition != definition.arn:
        return Watch(
            Text(
                "The killed tasks ran an older definition than the service has now.",
                "停止したタスクは、サービスの現在の定義より古い定義のものです。",
            ),
            WATCH_S,
        )
    if service.primary and service.primary.rollout == "IN_PROGRESS" and service.breaker_rolls_back:
        return Watch(
            Text(
                "A deployment is in progress and rolls back by itself.",
                "進行中のデプロイは自動でロールバックされます。",
            ),
            WATCH_S,
        )
    scaling = e.scaling.or_none()
    tasks = max(service.desired, scaling.maximum if scaling and scaling.owned else 0)
    plan = plan_memory(Shortage(service, definition, killed[0], tasks), setting.settings.limits, ID)
    if plan is None:
        return Advise(
            Text(
                "No larger memory is valid or allowed: the ceiling or twice the memory is reached.",
                "上限または 2 倍に達しており、これ以上メモリを増やせません。",
            )
        )
    return plan


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    does=Text("lengthens the health-check grace period", "ヘルスチェックの猶予期間を延長"),
)
def lengthen_grace(e: Evidence, setting: Setting) -> Decision:
    """A longer health-check grace period, where tasks that can become healthy are killed while they start."""
    stops = stops_as(e, "health_check")
    if (wait := why_not_now(e, stops, setting)) is not None:
        return wait
    service, groups = e.service.get(), e.target_groups.get()
    grace_s, gives_up_s = service.grace_s or 0, max((g.gives_up_after_s for g in groups), default=0)
    by_balancer = [s for s in stops if "elb" in s.reason.lower() and s.started_at]
    if not groups or len(by_balancer) < REPEATED:
        return Advise(Text("The container's own health check fails.", "コンテナ自身のヘルスチェックが失敗しています。"))
    longest_s = max(lived_s(s) for s in by_balancer)
    if longest_s > grace_s + gives_up_s + REACTION_S:
        return Advise(Text("The tasks lived longer than their start-up.", "起動時間を過ぎてから停止しています。"))
    if not _was_healthy_before(e):
        return Advise(
            Text("No task of this definition was ever healthy.", "この定義のタスクが正常になった実績がありません。")
        )
    if e.last_words.get().errors:
        return Advise(Text("The tasks log errors while they start.", "起動中にエラーログが出ています。"))
    ceiling_s = setting.settings.limits.grace_ceiling_s
    longer_s = min(max(2 * grace_s, int(longest_s) + gives_up_s, GRACE_AT_LEAST_S), ceiling_s)
    if longer_s <= grace_s:
        return Advise(
            Text(f"The grace period is at its ceiling ({ceiling_s} s).", f"猶予期間は上限（{ceiling_s} 秒）です。")
        )
    return plan_grace(service, longer_s, f"{ID}.health_check_failing", ID)


def _was_healthy_before(e: Evidence) -> bool:
    running = e.service.get().task_definition
    proved = any(
        d.status == "SUCCESSFUL" and d.revision and d.revision.task_definition == running for d in e.deployments.get()
    )
    return proved or any(g.healthy for g in e.target_groups.get())


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    does=Text(
        "replaces all tasks by fresh ones (asks where an image may have changed)",
        "全タスクを新しいタスクに入れ替え（イメージが変わっている可能性があれば承認を求める）",
    ),
)
def force_new_deployment(e: Evidence, setting: Setting) -> Decision:
    """Fresh tasks of the same definition, where they were healthy before and log no error of their own."""
    stops = stops_as(e, "health_check")
    if (wait := why_not_now(e, stops, setting)) is not None:
        return wait
    words = e.last_words.or_none()
    if (words and words.errors) or not _was_healthy_before(e):
        return with_last_words(ADVICE_HEALTH_CHECK_FAILING, words)
    same = e.same_images.or_none() or False  # what cannot be checked asks
    return plan_fresh_tasks(e.service.get(), f"{ID}.health_check_failing", ID, same_images=same)


@writes(
    does=Text("tells the first stack trace", "最初のスタックトレースを通知"),
)
def tell(e: Evidence, setting: Setting) -> Decision:
    """The application's own error: a person reads the stack trace."""
    stops = stops_as(e, "application_error")
    wait = why_not_now(e, stops, setting)
    return wait or with_last_words(ADVICE_APPLICATION_ERROR, e.last_words.or_none())


HEALTH_CHECK_FAILING_ROW = Cause(
    id="health_check_failing",
    title=Text("health check failing", "ヘルスチェック失敗"),
    holds=health_check_failing,
    fixes=(roll_back, lengthen_grace, force_new_deployment),
    advice=ADVICE_HEALTH_CHECK_FAILING,
    confirm=Text(
        "The stopped reason says that health checks failed, and no container had ended by itself or for memory before that.",
        "停止理由にヘルスチェック失敗と記録され、それより前にコンテナ自身の終了もメモリ不足による停止もありません。",
    ),
    look=(
        *STOPPED,
        "aws elbv2 describe-target-health --target-group-arn <target-group-arn>",
        "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].healthCheckGracePeriodSeconds'",
        "curl -f http://<task-ip>:<port>/health",
    ),
)

OUT_OF_MEMORY_ROW = Cause(
    id="out_of_memory",
    title=Text("out of memory", "メモリ不足"),
    holds=out_of_memory,
    fixes=(raise_memory,),
    advice=Text(
        "Find out what takes the memory: compare MemoryUtilization with requests; look for a leak before raising it again.",
        "メモリを消費している原因を調べてください。MemoryUtilization とリクエスト数を比較し、再度増やす前にリークを疑います。",
    ),
    confirm=Text(
        "The container's reason says OutOfMemory (exit code 137 alone does not: a scale-in ends so, too), and "
        "MemoryUtilization was near 100 % when it stopped.",
        "コンテナの理由に OutOfMemory と記録され（終了コード 137 だけでは判断できません。スケールインでも同じです）、"
        "停止時の MemoryUtilization が 100 % 近くです。",
    ),
    look=(
        *STOPPED,
        (
            "aws cloudwatch get-metric-statistics --namespace AWS/ECS --metric-name MemoryUtilization "
            "--dimensions Name=ClusterName,Value=<cluster> Name=ServiceName,Value=<service> "
            "--statistics Maximum --period 60 --start-time <start> --end-time <end>"
        ),
        (
            "aws ecs describe-task-definition --task-definition <family> "
            "--query 'taskDefinition.[memory,containerDefinitions[].[name,memory,memoryReservation]]'"
        ),
    ),
)

APPLICATION_ERROR_ROW = Cause(
    id="application_error",
    title=Text("application error", "アプリケーションエラー"),
    holds=application_error,
    fixes=(roll_back, tell),
    advice=ADVICE_APPLICATION_ERROR,
    confirm=Text(
        "An essential container ended by itself with an exit code that is neither 0 nor a signal's, and the task's log "
        "stream ends with its error.",
        "必須コンテナが 0 でもシグナルでもない終了コードで自ら終了し、そのタスクのログストリームがエラーで終わっています。",
    ),
    look=(
        *STOPPED,
        "aws logs get-log-events --log-group-name <log-group> --log-stream-name <prefix>/<container>/<task> --limit 200",
        "aws logs filter-log-events --log-group-name <log-group> --filter-pattern ERROR --start-time <milliseconds>",
    ),
)

TRIGGERS = (
    ecs_task_stopped("out_of_memory", "health_check", "application_error", "unknown"),
    ecs_deployment_failed(),
)
RUNBOOK = Runbook(
    id=ID,
    title=RESTARTING.title,
    symptom=RESTARTING.symptom,
    guide="ECS/Fargate: tasks restart often",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(HEALTH_CHECK_FAILING_ROW, OUT_OF_MEMORY_ROW, APPLICATION_ERROR_ROW),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
    seen=losing_tasks,
    elsewhere=lambda e, setting: to_the_other(ID, e, setting),
)
