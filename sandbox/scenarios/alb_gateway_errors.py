"""Stories about a load balancer that answers 502, 503 or 504 itself, and about applications that answer 5xx."""

from collections.abc import Callable

from remediator.core.text import Text

from .. import applications as programs
from .. import names
from ..acts import APPROVED
from ..applications import Application
from ..cloudwatch import alarms
from ..ecs.tasks import SIGTERM
from ..ecs.tasks import Ending as TaskEnding
from ..world import World
from . import Ending, Scenario, handed_over

BAD_GATEWAY = "alb_gateway_errors.502"
UNAVAILABLE = "alb_gateway_errors.503"
TIMED_OUT = "alb_gateway_errors.504"
APPLICATION = "alb_gateway_errors.target_5xx"
UNHEALTHY = "alb_targets_unhealthy.wrong_path"
LONG_GRACE_S = 7 * 24 * 3600
PERSON = "AWSReservedSSO_Admin_0123456789abcdef/sato@example.com"
AUTOSCALER = "AWSServiceRoleForApplicationAutoScaling_ECSService/AutoScaling-UpdateDesiredCapacity"
CODES = ("502", "503", "504")


def _served(world: World) -> None:
    """A healthy service behind the load balancer, with the stack's alarms on its answers."""
    world.run_service(grace_s=LONG_GRACE_S)
    world.around.watch(*(alarms.gateway_errors(world.portfolio, code) for code in CODES))
    world.around.watch(alarms.application_errors(world.portfolio))


def _ill(application: Application) -> Callable[[World], None]:
    def begin(world: World) -> None:
        _served(world)
        world.misbehave(application)

    return begin


def _set_to_zero(
    by: str = "",
    *,
    owned: tuple[int, int] | None = None,
    scheduled: bool = False,
    application: Application | None = None,
) -> Callable[[World], None]:
    """The service is asked to run nothing; `by` is told by CloudTrail where it is given."""

    def begin(world: World) -> None:
        _served(world)
        if application:
            world.misbehave(application)
        if owned:
            world.around.scaling.own_count(*owned)
        if scheduled:
            world.around.scaling.schedule_count("night", "cron(0 12 * * ? *)", 0, 0)
        if by:
            world.account.tell_count(names.SERVICE, 0, by)
        world.fleet.scale(world.service, 0, world.clock.now())

    return begin


def _observed(world: World) -> None:
    """The same, where nobody has let the program act on the service."""
    _set_to_zero(AUTOSCALER, owned=(2, 6))(world)
    world.service.tags.clear()


def _wait_longer(seconds: int) -> Callable[[World], None]:
    """Requests take 200 seconds, and the load balancer already waits `seconds`."""

    def begin(world: World) -> None:
        _served(world)
        idle = {"Key": "idle_timeout.timeout_seconds", "Value": str(seconds)}
        world.someone(
            "elbv2", "modify_load_balancer_attributes", LoadBalancerArn=world.portfolio.load_balancer, Attributes=[idle]
        )
        world.misbehave(programs.ANSWERS_IN_200_S)

    return begin


def _unhealthy_and_closing(world: World) -> None:
    """All targets fail a check that asks a wrong path; requests reach them all the same, and some are broken off."""
    world.run_service(grace_s=LONG_GRACE_S)
    world.around.watch(alarms.gateway_errors(world.portfolio, "502"))
    world.misbehave(programs.CLOSES_CONNECTIONS)
    wrong = {"HealthCheckPath": "/healthz"}
    world.someone("elbv2", "modify_target_group", TargetGroupArn=world.portfolio.target_group, **wrong)


def _releasing(world: World) -> None:
    """A release whose first tasks take their time, after someone stopped those before it."""
    _served(world)
    world.deploy("1.5.0", programs.STARTS_VERY_SLOWLY)
    stopped = TaskEnding("UserInitiated", "Task stopped by user", SIGTERM)
    for task in [t for t in world.fleet.tasks_of(world.service) if t.live and t.status == "RUNNING"]:
        world.fleet.stop(task, stopped, world.clock.now())


SCENARIOS = (
    Scenario(
        name="connections-closed",
        title=Text("The application closes connections", "アプリケーションが接続を切断"),
        shows=Text(
            "502 with healthy targets: nothing behind it explains it, so a person is told what to look at",
            "ターゲットは正常なのに 502。背後に原因がないため、確認すべき点を報告する",
        ),
        begin=_ill(programs.CLOSES_CONNECTIONS),
        expected=Ending(cause=BAD_GATEWAY, action="told", verdict="not_fixed", threads=1, fixes=0),
    ),
    Scenario(
        name="all-unhealthy-and-closing",
        title=Text("All targets unhealthy, and yet it is no 503", "全ターゲットが異常だが 503 ではない"),
        shows=Text(
            "no target is healthy, which looks like 503; the load balancer fails open, and 502 is what it answers: the targets are handed over",
            "正常なターゲットがなく 503 に見えるが、フェイルオープンのため実際は 502。ターゲットの問題として引き継ぐ",
        ),
        begin=_unhealthy_and_closing,
        expected=Ending(
            cause=UNHEALTHY, action="set_health_path", verdict="fixed", noticed=(BAD_GATEWAY,), threads=1, fixes=1
        ),
        looks_like=UNAVAILABLE,
    ),
    Scenario(
        name="scaled-to-zero",
        title=Text("Someone set the desired count to zero", "誰かが必要タスク数を 0 に設定"),
        shows=Text(
            "the last count that was seen is proposed, and restored once a person approved",
            "0 になる前のタスク数を提案し、承認後に元に戻す",
        ),
        begin=_set_to_zero(PERSON),
        acts=APPROVED,
        expected=Ending(cause=UNAVAILABLE, action="restore_count", verdict="fixed", threads=1, fixes=1),
    ),
    Scenario(
        name="scaled-to-zero-closing",
        title=Text("Scaled to zero after connections were closed", "接続切断の後にタスク数が 0"),
        shows=Text(
            "502 was answered too, but 503 far more often: the count is the cause",
            "502 もあるが、503 が大半のためタスク数が原因と判断する",
        ),
        begin=_set_to_zero(PERSON, application=programs.CLOSES_CONNECTIONS),
        expected=Ending(cause=UNAVAILABLE, action="held back", verdict="not_fixed", refusal="expired"),
        looks_like=BAD_GATEWAY,
    ),
    Scenario(
        name="scaled-to-zero-by-schedule",
        title=Text("A schedule may have wanted the zero", "スケジュールによる停止の可能性"),
        shows=Text("it asks, and without an answer nothing is changed", "承認を求め、回答がなければ変更しない"),
        begin=_set_to_zero(AUTOSCALER, owned=(2, 6), scheduled=True),
        expected=Ending(cause=UNAVAILABLE, action="held back", verdict="not_fixed", refusal="expired"),
    ),
    Scenario(
        name="zero-below-minimum",
        title=Text("Zero although autoscaling's minimum is two", "Auto Scaling の最小値が 2 なのに 0"),
        shows=Text(
            "no schedule, no person and no pipeline wanted it: the count is restored at once",
            "スケジュールや人、パイプラインによる停止ではないため、直ちに元に戻す",
        ),
        begin=_set_to_zero(AUTOSCALER, owned=(2, 6)),
        expected=Ending(cause=UNAVAILABLE, action="restore_count", verdict="fixed", threads=1, fixes=1),
    ),
    Scenario(
        name="zero-not-opted-in",
        title=Text("The same, and the service has not opted in", "サービスがオプトインされていない場合"),
        shows=Text(
            "the tag of the service decides, not the load balancer's", "ALB ではなくサービスのタグに従い、変更しない"
        ),
        begin=_observed,
        expected=Ending(cause=UNAVAILABLE, action="held back", verdict="not_fixed", refusal="opt_in"),
    ),
    Scenario(
        name="answers-after-idle-timeout",
        title=Text("One request in twenty takes 70 seconds", "20 件に 1 件が 70 秒かかる"),
        shows=Text(
            "p99 reaches the idle timeout: a longer one is proposed, approved and proved",
            "p99 がアイドルタイムアウトに達しているため延長を提案し、承認後に効果を確認する",
        ),
        begin=_ill(programs.ANSWERS_IN_70_S),
        acts=APPROVED,
        expected=Ending(cause=TIMED_OUT, action="raise_idle_timeout", verdict="fixed", threads=1, fixes=1),
    ),
    Scenario(
        name="slower-than-any-timeout",
        title=Text("Requests take 200 seconds", "リクエストに 200 秒かかる"),
        shows=Text(
            "no idle timeout within the ceiling would cover them: they are slow, not cut off too early",
            "上限内のタイムアウトでは収まらないため、応答遅延として扱う",
        ),
        begin=_wait_longer(120),
        expected=handed_over(TIMED_OUT),
    ),
    Scenario(
        name="application-answers-5xx",
        title=Text("The application itself answers 5xx", "アプリケーション自身が 5xx を返す"),
        shows=Text(
            "no error of the load balancer, and the report says so; the service's own runbook goes on",
            "ALB のエラーではないことを明記し、サービスのランブックに引き継ぐ",
        ),
        begin=_ill(programs.ANSWERS_ERRORS),
        expected=handed_over(APPLICATION, fixes=0),
    ),
    Scenario(
        name="application-gives-up-itself",
        title=Text("The application gives up after 55 seconds", "アプリケーションが 55 秒でエラー応答"),
        shows=Text(
            "answers nearly as late as the idle timeout look like 504; the load balancer has waited, the application failed",
            "アイドルタイムアウト近くまで遅く 504 に見えるが、失敗したのはアプリケーション自身",
        ),
        begin=_ill(programs.ANSWERS_ERRORS_LATE),
        expected=handed_over(APPLICATION, fixes=0),
        looks_like=TIMED_OUT,
    ),
    Scenario(
        name="closed-more-than-failed",
        title=Text("Some 5xx of the application, more connections closed", "アプリの 5xx より接続切断が多い"),
        shows=Text(
            "the application answers 5xx too, but what users get is mostly 502",
            "アプリの 5xx もあるが、利用者が受け取るのは大半が 502",
        ),
        begin=_ill(programs.CLOSES_AND_ANSWERS_ERRORS),
        expected=Ending(
            cause=BAD_GATEWAY, action="told", verdict="not_fixed", noticed=(BAD_GATEWAY,), threads=1, fixes=0
        ),
        looks_like=APPLICATION,
    ),
    Scenario(
        name="errors-end-with-release",
        title=Text("Errors while a release comes up", "リリースの起動中にエラー"),
        shows=Text("it is watched, and it ends by itself", "監視し、自然に収束したことを報告する"),
        begin=_releasing,
        expected=Ending(cause=UNAVAILABLE, action="watched", verdict="recovered_without_us", threads=1, fixes=0),
    ),
)
