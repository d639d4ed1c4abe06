"""Stories of one trouble that several alarms tell of, and of two that only happen at the same time."""

from dataclasses import replace

from remediator.core.text import Text

from .. import applications as programs
from .. import names
from ..acts import APPROVED
from ..cloudwatch import alarms
from ..dynamodb.demand import Demand
from ..eventbridge.events import envelope
from ..laptop import Act, Laptop
from ..world import World
from . import Ending, Scenario

OUT_OF_MEMORY = "ecs_task_restarting.out_of_memory"
APPLICATION_FAILING = "alb_targets_unhealthy.application_failing"
UNAVAILABLE = "alb_gateway_errors.503"
WRONG_PATH = "alb_targets_unhealthy.wrong_path"
LONG_GRACE_S = 7 * 24 * 3600  # ECS ends no task for its health: what is seen is the load balancer's side alone
GRACE_S = 600  # ECS leaves tasks to their start: what ends them is memory alone


def _watched(world: World, minutes: int = 2, of: int = 3) -> None:
    """The portfolio with alarms on its targets and on its load balancer that want so many bad minutes."""
    world.run_service(grace_s=GRACE_S)
    for alarm in (alarms.targets_unhealthy(world.portfolio), alarms.gateway_errors(world.portfolio, "503")):
        world.around.watch(replace(alarm, minutes=minutes, of=of))


def _stops_first(world: World) -> None:
    """Tasks are killed before any alarm has seen four bad minutes."""
    _watched(world, 4, 5)
    world.fall_ill(programs.LEAKS_BEFORE_READY)


def _alarm_first(world: World) -> None:
    """Tasks live long enough for the targets' alarm to come before the first stop."""
    _watched(world)
    world.fall_ill(programs.LEAKS_LATE)


def _balancer_only(world: World) -> None:
    """Only the load balancer has an alarm: what stands behind it is found step by step."""
    world.run_service(grace_s=GRACE_S)
    world.around.watch(alarms.gateway_errors(world.portfolio, "503"))
    world.fall_ill(programs.LEAKS_LATE)


def _switched_off(world: World) -> None:
    """Targets fail because of their service, whose owner wants nothing to look into it."""
    world.run_service(grace_s=LONG_GRACE_S)
    world.around.watch(alarms.targets_unhealthy(world.portfolio))
    world.service.tags["auto-remediation"] = "off"
    world.fall_ill(programs.ANSWERS_500)


def _cut_off(world: World) -> None:
    """One request in twenty takes longer than the load balancer waits; how late the others are has an alarm too."""
    world.run_service(grace_s=LONG_GRACE_S)
    world.around.watch(alarms.gateway_errors(world.portfolio, "504"), alarms.slow_response(world.portfolio))
    world.fall_ill(programs.ANSWERS_IN_70_S)


def _never_starts(world: World) -> None:
    """A release whose image was never pushed."""
    world.run_service()
    world.deploy("1.5.0", programs.HEALTHY, pushed=False)


def _deployment_fails(laptop: Laptop) -> None:
    """ECS gives the deployment up: it says so, and not that no task ever ran."""
    world = laptop.world
    detail = {
        "eventType": "ERROR",
        "eventName": "SERVICE_DEPLOYMENT_FAILED",
        "deploymentId": world.service.primary.id,
        "updatedAt": f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        "reason": "ECS deployment circuit breaker: tasks failed to start.",
    }
    arn = f"arn:aws:ecs:{names.REGION}:{names.ACCOUNT}:service/{names.CLUSTER}/{names.SERVICE}"
    world.announce(envelope("aws.ecs", "ECS Deployment State Change", world.clock.now(), [arn], detail))


def _two_troubles(world: World) -> None:
    """A wrong health path, and a table that too much is asked of; who owns its capacity cannot be read."""
    world.run_service(grace_s=LONG_GRACE_S)
    world.around.watch(alarms.targets_unhealthy(world.portfolio), alarms.table_throttled("Read"))
    world.deny("application-autoscaling:DescribeScalableTargets")
    wrong = {"HealthCheckPath": "/healthz"}
    world.someone("elbv2", "modify_target_group", TargetGroupArn=world.portfolio.target_group, **wrong)


def _asks_more(laptop: Laptop) -> None:
    laptop.world.around.table.ask(Demand(read=14))


ONE_TROUBLE = Ending(
    cause=OUT_OF_MEMORY,
    action="raise_memory",
    verdict="fixed",
    noticed=(APPLICATION_FAILING, UNAVAILABLE),
    threads=1,
    fixes=1,
)

SCENARIOS = (
    Scenario(
        name="one-trouble-stops-first",
        title=Text(
            "Out of memory, unhealthy targets and 503: stops first", "メモリ不足、ターゲット異常、503: 停止イベントが先"
        ),
        shows=Text(
            "three resources tell of it; one incident, one change and one thread, whose report names all three",
            "3 つのリソースから通知されるが、インシデント、変更、スレッドは 1 つで、報告に 3 つの症状を記載する",
        ),
        begin=_stops_first,
        expected=ONE_TROUBLE,
    ),
    Scenario(
        name="one-trouble-alarm-first",
        title=Text("The same, and the targets' alarm is first", "同じ障害で、ターゲットのアラームが先"),
        shows=Text(
            "the alarm's incident becomes part of the service's one, and tells nobody by itself",
            "アラームのインシデントはサービス側に統合され、単独では報告しない",
        ),
        begin=_alarm_first,
        expected=ONE_TROUBLE,
    ),
    Scenario(
        name="one-trouble-three-steps",
        title=Text("Only the load balancer's alarm tells of it", "ALB のアラームのみ"),
        shows=Text(
            "handed over twice, from the load balancer to the targets and from there to the service, and still one thread",
            "ALB からターゲット、サービスへと 2 回引き継いでも、スレッドは 1 つ",
        ),
        begin=_balancer_only,
        expected=ONE_TROUBLE,
    ),
    Scenario(
        name="one-trouble-cut-off",
        title=Text("Answers are late, and the load balancer cuts some off", "応答が遅く、ALB が一部を打ち切る"),
        shows=Text(
            "504 answers and the alarm on the response time are one trouble: the second joins the first",
            "504 応答と応答時間のアラームは同じ障害のため、1 つのインシデントに統合する",
        ),
        begin=_cut_off,
        acts=APPROVED,
        expected=Ending(
            cause="alb_gateway_errors.504",
            action="raise_idle_timeout",
            verdict="fixed",
            threads=1,
            fixes=1,
        ),
    ),
    Scenario(
        name="one-trouble-two-words",
        title=Text("A release that never starts, and ECS gives it up", "起動しないリリースを ECS が断念"),
        shows=Text(
            "failed starts and the failed deployment are one trouble: the second joins the first",
            "起動失敗とデプロイ失敗は同じ障害のため、1 つのインシデントに統合する",
        ),
        begin=_never_starts,
        acts=(Act(at_s=60, do=_deployment_fails),),
        expected=Ending(
            cause="ecs_task_not_starting.image_unavailable",
            action="roll_back",
            verdict="fixed",
            threads=1,
            fixes=1,
        ),
    ),
    Scenario(
        name="nobody-takes-it-over",
        title=Text("The service behind is switched off", "背後のサービスは対象外（off）"),
        shows=Text(
            "a hand-over that nobody takes is told by whoever noticed it: nothing is lost",
            "引き継ぎ先がない場合は、検知した側が報告する",
        ),
        begin=_switched_off,
        expected=Ending(cause=APPLICATION_FAILING, action="told", verdict="not_fixed", incidents=2, threads=1, fixes=0),
    ),
    Scenario(
        name="two-troubles",
        title=Text("Two troubles at the same time", "同時に起きた 2 つの障害"),
        shows=Text(
            "a wrong health path and a throttled table stay two incidents with a thread each",
            "誤ったパスとテーブルのスロットリングは、別々のインシデントとスレッドで扱う",
        ),
        begin=_two_troubles,
        acts=(Act(at_s=200, do=_asks_more),),
        expected=Ending(cause=WRONG_PATH, action="set_health_path", verdict="fixed", incidents=2, threads=2, fixes=1),
    ),
)
