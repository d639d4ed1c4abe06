"""Row `alb_gateway_errors.target_5xx`. The targets themselves answer 5xx: no error of the load balancer."""

from ...core.model import Resource
from ...core.plan import Advise, Decision, HandOver
from ...core.problem_titles import RESTARTING
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.ecs.stops import lately, of_service, owning_problem
from .evidence import Evidence
from .facts import HEALTH, behind_facts, metric_command, split_facts

NO_SERVICE = Text("No service is known behind the targets.", "ターゲットの背後にあるサービスを特定できません。")


def holds(e: Evidence, setting: Setting) -> Finding:
    """The targets themselves answer 5xx: no error of the load balancer."""
    found = e.answers.get()
    if not found.target_5xx:
        return RuledOut(Text("the application answered no 5xx", "アプリケーションは 5xx を返していません"))
    return Holds((*split_facts(e, 502)[1:], *behind_facts(e, setting.now)), weight=found.target_5xx)


@writes(does=Text("hands over to the application's service", "アプリケーションのサービスに引き継ぐ"))
def hand_over_application(e: Evidence, setting: Setting) -> Decision:
    """It is no error of the load balancer; the service that answered is looked into."""
    answered = {g.group: g.target_5xx for g in e.answers.get().groups if g.target_5xx}
    owners = [b for b in e.backends.get() if b.service and b.group in answered]
    if not owners:
        return Advise(NO_SERVICE, (HEALTH,))
    first = max(owners, key=lambda b: answered[b.group])
    service = first.service
    if service is None:
        return Advise(NO_SERVICE, (HEALTH,))
    bad = lately(of_service(e.stops.get(), service.name), setting.now)
    times = answered[first.group]
    why = Text(
        f"the application itself answers 5xx ({times} in 15 min); the load balancer only passes them on",
        f"アプリケーション自身が 5xx を返しています（15 分間に {times} 件）。ALB は中継しているだけです",
    )
    return HandOver(why, owning_problem(bad) if bad else RESTARTING.id, Resource("ecs_service", service.arn))


CAUSE = Cause(
    id="target_5xx",
    title=Text("the application itself answers 5xx", "アプリケーション自身が 5xx を返す"),
    holds=holds,
    fixes=(hand_over_application,),
    advice=Text(
        "Read the application's log: the load balancer only passes on what it answers.",
        "アプリケーションのログを確認してください。ALB はアプリケーションの応答を中継しているだけです。",
    ),
    confirm=Text(
        "HTTPCode_Target_5XX_Count has data and the HTTPCode_ELB_5XX counts do not: the code comes from the application.",
        "HTTPCode_Target_5XX_Count にデータがあり、HTTPCode_ELB_5XX 系にはない場合、コードはアプリケーションの応答です。",
    ),
    look=(
        metric_command("HTTPCode_Target_5XX_Count", "TargetGroup"),
        metric_command("HTTPCode_ELB_5XX_Count"),
        "aws logs filter-log-events --log-group-name <log group> --filter-pattern '?ERROR ?Exception'",
    ),
)
