"""Stories about targets that fail the load balancer's health check.

The service's grace period is long, so that ECS does not end tasks for it: what is seen is the load balancer's side alone.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from remediator.core.text import Text

from .. import applications as programs
from .. import names
from ..acts import APPROVED, approve
from ..applications import Application
from ..cloudtrail.people import changes
from ..cloudwatch import alarms
from ..laptop import Act, Laptop
from ..vpc.network import denial, rule_for
from ..world import World
from . import Ending, Scenario, handed_over

WRONG_PATH = "alb_targets_unhealthy.wrong_path"
WRONG_PORT = "alb_targets_unhealthy.wrong_port"
CLOSED = "alb_targets_unhealthy.security_group_closed"
FAILING = "alb_targets_unhealthy.application_failing"
TRAIL_LATE_S = 600  # within what AWS allows itself: on average five minutes, up to fifteen
LONG_GRACE_S = 7 * 24 * 3600
OTHER_PORT = 8080
PLAIN = ("10.0.9.11", "10.0.9.12", "10.0.9.13")


def _served(world: World, *, muted: bool = False) -> None:
    """A healthy service behind the load balancer, and the stack's alarm on its targets."""
    world.run_service(grace_s=LONG_GRACE_S)
    world.around.watch(alarms.targets_unhealthy(world.portfolio, muted=muted))


def _checked(*, muted: bool = False, trail_late_s: float = TRAIL_LATE_S, **check: Any) -> Callable[[World], None]:
    """Someone sets the health check of a healthy service otherwise; CloudTrail tells of it later."""

    def begin(world: World) -> None:
        _served(world, muted=muted)
        world.account.trail_late_s = trail_late_s
        _set_check(world, check)

    return begin


def _to_be_approved(world: World) -> None:
    """The same, where the target group's owner wants to be asked."""
    tag = {"Key": "auto-remediation", "Value": "approve"}
    world.someone("elbv2", "add_tags", ResourceArns=[world.portfolio.target_group], Tags=[tag])
    _checked(HealthCheckPath="/healthz")(world)


def _set_check(world: World, check: Mapping[str, Any]) -> None:
    changes(world, "elbv2", "ModifyTargetGroup", TargetGroupArn=world.portfolio.target_group, **check)


def _by_contributor(world: World) -> None:
    world.run_service(grace_s=LONG_GRACE_S)
    world.account.trail_late_s = TRAIL_LATE_S
    world.around.watch(alarms.targets_unhealthy(world.portfolio, form="contributor"))
    _set_check(world, {"HealthCheckPath": "/healthz"})


def _closed(world: World) -> None:
    """Someone removes the rule that admits the load balancer."""
    _served(world)
    place = world.portfolio.network
    rule = rule_for(place.balancer_group)
    changes(world, "ec2", "RevokeSecurityGroupIngress", GroupId=place.task_group, IpPermissions=[rule])


def _denied(world: World) -> None:
    _served(world)
    changes(world, "ec2", "CreateNetworkAclEntry", **denial(world.portfolio.network))


def _ill(application: Application) -> Callable[[World], None]:
    """The application changes for the worse without a deployment."""

    def begin(world: World) -> None:
        _served(world)
        world.fall_ill(application)

    return begin


def _plain(*moved: str) -> Callable[[World], None]:
    """Addresses that someone registered by hand since yesterday; those of `moved` have just got another port."""

    def begin(world: World) -> None:
        now, targets = world.clock.now(), world.around.targets
        world.around.watch(alarms.targets_unhealthy(world.portfolio))
        world.run_service(balanced=False)
        for address in PLAIN:
            targets.place(address, names.PORT, now - timedelta(days=1))
        group = {"TargetGroupArn": world.portfolio.target_group}
        there = [{"Id": a, "Port": OTHER_PORT} for a in moved]
        world.someone("elbv2", "register_targets", **group, Targets=there)
        here = [{"Id": a, "Port": names.PORT} for a in moved]
        world.someone("elbv2", "deregister_targets", **group, Targets=here)

    return begin


def _set_back(laptop: Laptop) -> None:
    _set_check(laptop.world, {"HealthCheckPath": names.HEALTH_PATH})


SCENARIOS = (
    Scenario(
        name="wrong-path",
        title=Text("The health check asks a path that is not there", "ヘルスチェックパスが存在しない"),
        shows=Text(
            "the declared path is set back, because targets were healthy with it",
            "宣言されたパスで正常だった実績があるため、パスを元に戻す",
        ),
        begin=_checked(HealthCheckPath="/healthz"),
        expected=Ending(cause=WRONG_PATH, action="set_health_path", verdict="fixed"),
    ),
    Scenario(
        name="wrong-path-by-a-person",
        title=Text(
            "The same, and CloudTrail knows already who did it", "同じ障害で、変更者が CloudTrail で判明している"
        ),
        shows=Text(
            "somebody may be at work on it: they are named, and a person is asked",
            "作業中の可能性があるため、変更者を示して人の承認を求める",
        ),
        begin=_checked(HealthCheckPath="/healthz", trail_late_s=0),
        acts=APPROVED,
        expected=Ending(cause=WRONG_PATH, action="set_health_path", verdict="fixed"),
    ),
    Scenario(
        name="wrong-path-redirects",
        title=Text(
            "The path redirects, and the matcher wants 200", "パスがリダイレクトし、期待コード 200 と一致しない"
        ),
        shows=Text("301 is a wrong path too", "301 も誤ったパスとして扱う"),
        begin=_checked(HealthCheckPath="/users/"),
        expected=Ending(cause=WRONG_PATH, action="set_health_path", verdict="fixed"),
        looks_like=FAILING,
    ),
    Scenario(
        name="route-lost",
        title=Text("404, but the path is the declared one", "404 だが、パスは宣言どおり"),
        shows=Text(
            "looks like a wrong path; the application has lost its route, so its service is looked into",
            "誤ったパスに見えるが、アプリケーションがルートを失っているため、サービスの調査に引き継ぐ",
        ),
        begin=_ill(programs.ANSWERS_404),
        expected=handed_over(FAILING),
        looks_like=WRONG_PATH,
    ),
    Scenario(
        name="wrong-check-port",
        title=Text("The check asks a port on which nobody listens", "ヘルスチェックポートで待ち受けがない"),
        shows=Text(
            "looks like a closed security group; the port alone is wrong and is set back",
            "セキュリティグループの遮断に見えるが、ポートのみが誤りのため元に戻す",
        ),
        begin=_checked(HealthCheckPort=str(OTHER_PORT)),
        expected=Ending(cause=WRONG_PORT, action="set_health_port", verdict="fixed"),
        looks_like=CLOSED,
    ),
    Scenario(
        name="registered-on-wrong-port",
        title=Text("Plain targets registered on a wrong port", "手動登録ターゲットのポート誤り"),
        shows=Text(
            "the right port is registered first, then the wrong one goes; one target was healthy all the time",
            "正しいポートを登録してから誤った登録を解除する（正常なターゲットを常に 1 つ以上維持）",
        ),
        begin=_plain(*PLAIN[1:]),
        expected=Ending(cause=WRONG_PORT, action="register_right_port", verdict="fixed"),
    ),
    Scenario(
        name="all-registered-on-wrong-port",
        title=Text("The same with no target left that is healthy", "正常なターゲットがない場合"),
        shows=Text("a person is asked first", "先に人の承認を求める"),
        begin=_plain(*PLAIN),
        acts=APPROVED,
        expected=Ending(cause=WRONG_PORT, action="register_right_port", verdict="fixed"),
    ),
    Scenario(
        name="security-group-closed",
        title=Text("The targets' group does not admit the load balancer", "SG がロードバランサーを許可していない"),
        shows=Text(
            "one rule from one group on one port, after a person approved",
            "承認後に、1 つのグループから 1 ポートのみを許可するルールを追加する",
        ),
        begin=_closed,
        acts=(Act(after_question_s=180, do=approve),),
        expected=Ending(cause=CLOSED, action="admit_load_balancer", verdict="fixed"),
        looks_like=WRONG_PORT,
    ),
    Scenario(
        name="network-acl",
        title=Text("A network ACL denies the port", "ネットワーク ACL がポートを拒否"),
        shows=Text("told; the program changes no ACL", "報告のみ（ACL は変更しない）"),
        begin=_denied,
        expected=Ending(cause=CLOSED, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="answers-late",
        title=Text("Checks time out, but the way is open", "タイムアウトだが、経路は開いている"),
        shows=Text(
            "looks like a closed security group; the application is too slow, so its service is looked into",
            "SG の遮断に見えるが、アプリケーションの応答が遅いため、サービスの調査に引き継ぐ",
        ),
        begin=_ill(programs.ANSWERS_LATE),
        expected=handed_over(FAILING),
        looks_like=CLOSED,
    ),
    Scenario(
        name="application-failing",
        title=Text("The application answers 5xx", "アプリケーションが 5xx を返す"),
        shows=Text("handed over to the service's own runbook", "サービス自体のランブックに引き継ぐ"),
        begin=_ill(programs.ANSWERS_500),
        expected=handed_over(FAILING),
    ),
    Scenario(
        name="path-set-back",
        title=Text("Someone sets the path back and then approves", "人がパスを戻した後に承認"),
        shows=Text(
            "the plan is stale; the targets recovered without the program, and that is said",
            "計画は古くなったため破棄し、自動変更なしで回復したことを報告する",
        ),
        begin=_to_be_approved,
        acts=(Act(after_question_s=120, do=_set_back), Act(after_question_s=420, do=approve)),
        expected=Ending(cause=WRONG_PATH, action="held back", verdict="recovered_without_us", refusal="plan"),
    ),
    Scenario(
        name="targets-contributor",
        title=Text("A query's alarm names the target group", "クエリのアラームがターゲットグループを特定"),
        shows=Text("a contributor is a signal like any other", "コントリビューターも通常のシグナルとして扱う"),
        begin=_by_contributor,
        expected=Ending(cause=WRONG_PATH, action="set_health_path", verdict="fixed"),
    ),
    Scenario(
        name="targets-muted",
        title=Text("The alarm is muted", "アラームがミュート中"),
        shows=Text("nothing starts within a mute window", "ミュート期間中は何も開始しない"),
        begin=_checked(muted=True, HealthCheckPath="/healthz"),
        lasts_s=900,
        expected=Ending(incidents=0),
    ),
)
