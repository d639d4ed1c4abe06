"""An Application Load Balancer answers 5xx itself, or passes on those of the application.

Guide: Application Load Balancer, error codes 502 (target does not answer properly), 503 (no healthy target), 504
(target too slow); and, added to them, 5xx that the application itself answers.
May change: the desired count of a service that was scaled to zero, back to what it was; the load balancer's idle timeout
(always asked). What lies behind another problem is handed over to that one's runbook.
Never: counts above what ran before, autoscaling's bounds, targets, listeners, schedules.
"""

from dataclasses import dataclass

from ..aws.evidence import counts, surroundings
from ..aws.evidence import gateway as balancing
from ..core.behind import lately, looks_into, of_service
from ..core.ecs import TaskStop
from ..core.edge import Permission
from ..core.evidence import Reading, reading
from ..core.fixes.gateway import plan_idle_timeout, plan_restored_count
from ..core.gateway import (
    Backend,
    CountBounds,
    CountSchedule,
    CountSets,
    Gateway,
    GatewayAnswers,
    at_zero,
    services,
)
from ..core.gateway_advice import (
    HEALTH,
    MAXIMUM_ZERO,
    NO_SERVICE,
    NONE_AT_ZERO,
    NOT_OPTED_IN,
    NOTHING_BEHIND,
    OTHER_CONTROLLER,
    OVER,
    SCHEDULES,
    SERVICE,
    SEVERAL_AT_ZERO,
    metric_command,
)
from ..core.gateway_behind import WATCH_S, behind_it, of_balancer
from ..core.gateway_count import bounds_of, wanted, why_ask
from ..core.gateway_verdict import judge
from ..core.gateway_view import (
    about,
    behind_facts,
    image,
    mode,
    name_of,
    seen,
    split_facts,
    stack,
    time_facts,
    troubled,
)
from ..core.load_balancing import TargetGroup
from ..core.model import Advise, Decision, HandOver, Resource, Watch
from ..core.problems import GATEWAY_ERRORS, RESTARTING, SLOW_RESPONSE
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Endpoint, Stack
from ..core.target_health import HostCounts, in_use
from ..core.text import Text
from ..core.triggers import alarm_on

ID = "alb_gateway_errors"
STEP_S = 30  # idle timeouts are set in half minutes: a plan is still the same a moment later
MARGIN = 1.2  # so much above the p99 that was measured
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"
BALANCER_ARN = "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(balancing.groups, recheck=True)
    gateway: Reading[Gateway] = reading(balancing.gateway, after=("groups",), recheck=True)
    backends: Reading[tuple[Backend, ...]] = reading(balancing.backends, after=("groups",), recheck=True)
    answers: Reading[GatewayAnswers] = reading(balancing.answers, after=("groups",), recheck=True)
    stops: Reading[tuple[TaskStop, ...]] = reading(balancing.stops, after=("backends",), recheck=True)
    bounds: Reading[tuple[CountBounds, ...]] = reading(counts.bounds, after=("backends",), recheck=True)
    schedules: Reading[tuple[CountSchedule, ...]] = reading(counts.schedules, after=("backends",))
    hosts: Reading[HostCounts] = reading(counts.hosts_before_zero, after=("groups", "backends"))
    count_sets: Reading[CountSets] = reading(counts.count_sets, after=("backends",))
    stack: Reading[Stack] = reading(balancing.stack, after=("groups", "backends"))


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a fix: the load balancer's own metrics, the targets and the endpoint."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(balancing.groups)
    answers: Reading[GatewayAnswers] = reading(balancing.answers, after=("groups",))
    endpoint: Reading[Endpoint] = reading(surroundings.endpoint)


# -- causes ------------------------------------------------------------------------------------------------------------


def bad_gateway(e: Evidence, setting: Setting) -> Finding:
    """The load balancer answers 502: a target broke the connection off or answered no valid HTTP."""
    return _answered(e, setting, 502)


def unavailable(e: Evidence, setting: Setting) -> Finding:
    """The load balancer answers 503: its target group has no target to send the request to."""
    return _answered(e, setting, 503)


def timed_out(e: Evidence, setting: Setting) -> Finding:
    """The load balancer answers 504: a target took the connection or the request too slowly."""
    return _answered(e, setting, 504)


def application_errors(e: Evidence, setting: Setting) -> Finding:
    """The targets themselves answer 5xx: no error of the load balancer."""
    told = e.answers.get()
    if not told.target_5xx:
        return RuledOut(Text("the application answered no 5xx", "アプリケーションは 5xx を返していません"))
    return Holds((*split_facts(e, 502)[1:], *behind_facts(e, setting.now)), weight=told.target_5xx)


def _answered(e: Evidence, setting: Setting, code: int) -> Finding:
    times = e.answers.get().counted(code)
    if not times:
        return RuledOut(Text(f"the load balancer answered no {code}", f"ALB は {code} を返していません"))
    facts = (*split_facts(e, code), *(time_facts(e) if code == 504 else ()), *behind_facts(e, setting.now))
    return Holds(facts, weight=times)


# -- fixes -------------------------------------------------------------------------------------------------------------


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    does=Text(
        "runs a service again that was scaled to zero (asks unless autoscaling's minimum and nobody else forbids zero)",
        "タスク数 0 のサービスを元の数に戻す（Auto Scaling の最小値が 1 以上で、意図的な停止でない場合以外は承認を求める）",
    ),
)
def restore_count(e: Evidence, setting: Setting) -> Decision:
    """The last count seen above zero, within autoscaling's bounds; alone only where nobody can have wanted the zero."""
    if to := of_balancer(e, ID):
        return to
    empty = at_zero(e.backends.get())
    if not empty:
        return Advise(NONE_AT_ZERO)
    if len(services(empty)) > 1:
        return Advise(SEVERAL_AT_ZERO, (SERVICE,))
    (service,) = services(empty)
    if service.controller != "ECS":
        return Advise(OTHER_CONTROLLER)
    bounds = bounds_of(e, service)
    count = wanted(e, bounds, setting.workload.task_ceiling if setting.workload else 0)
    if count < 1:
        return Advise(MAXIMUM_ZERO)
    return plan_restored_count(service, count, f"{ID}.503", ID, why_ask(e, service, bounds))


@writes(does=Text("hands over to the runbook of what lies behind it", "背後の問題のランブックに引き継ぐ"))
def hand_over_behind(e: Evidence, setting: Setting) -> Decision:
    """Stopping tasks first, then a release on its way, then targets that fail, then tasks that do not come up."""
    return of_balancer(e, ID) or behind_it(e, setting.now) or Advise(NOTHING_BEHIND, (HEALTH,))


@writes(
    Permission("elasticloadbalancing:ModifyLoadBalancerAttributes", BALANCER_ARN),
    does=Text(
        "asks to lengthen the idle timeout where it covers the answers that come",
        "応答時間を収められる場合に、アイドルタイムアウトの延長について承認を求める",
    ),
)
def raise_idle_timeout(e: Evidence, setting: Setting) -> Decision:
    """A longer idle timeout, where healthy targets answer later than it and earlier than the ceiling."""
    if to := of_balancer(e, ID):
        return to
    told, gateway = e.answers.get(), e.gateway.get()
    if not told.lately(504):
        return Watch(OVER, WATCH_S)
    ceiling_s, slowest = setting.settings.limits.idle_timeout_ceiling_s, told.slowest
    if lately(e.stops.get(), setting.now) or troubled(e):
        return Advise(
            Text("Targets fail, so it is not only slow.", "ターゲットに異常があり、遅延だけの問題ではありません。")
        )
    late_s = (slowest.p99_ms or 0) / 1000 if slowest else 0.0
    if not gateway.idle_timeout_s <= late_s <= ceiling_s:
        return Advise(
            Text(
                f"No idle timeout up to {ceiling_s} s would cover the answers (p99 {late_s:.1f} s).",
                f"上限 {ceiling_s} 秒までのアイドルタイムアウトでは応答（p99 {late_s:.1f} 秒）を収められません。",
            )
        )
    longer_s = min(ceiling_s, STEP_S * -int(-MARGIN * late_s // STEP_S))
    if longer_s <= gateway.idle_timeout_s:
        return Advise(
            Text(
                f"The idle timeout is at its ceiling ({ceiling_s} s).",
                f"アイドルタイムアウトは上限（{ceiling_s} 秒）です。",
            )
        )
    if gateway.tags.get("auto-remediation") not in ("approve", "auto"):
        tag = f"aws elbv2 add-tags --resource-arns {gateway.arn} --tags Key=auto-remediation,Value=approve"
        return Advise(NOT_OPTED_IN, (tag,))
    return plan_idle_timeout(gateway, longer_s, f"{ID}.504", ID)


@writes(
    does=Text(
        "hands over to slow responses, or to what keeps targets from answering", "応答遅延などの問題として引き継ぐ"
    )
)
def hand_over_slow(e: Evidence, setting: Setting) -> Decision:
    """Stopping tasks and failing targets first; else the requests are simply slow."""
    behind = hand_over_behind(e, setting)
    if not isinstance(behind, Advise):
        return behind
    slowest = e.answers.get().slowest
    group = slowest.group if slowest else next((g.arn for g in e.groups.get() if in_use(g)), "")
    if not group:
        return behind
    late = f"p99 {slowest.p99_ms} ms" if slowest else "-"
    why = Text(
        f"targets of {name_of(group)} answer too late for the load balancer ({late})",
        f"{name_of(group)} のターゲットの応答が ALB の待ち時間に間に合いません（{late}）",
    )
    return HandOver(why, SLOW_RESPONSE.id, Resource("target_group", group))


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
    return HandOver(why, looks_into(bad) if bad else RESTARTING.id, Resource("ecs_service", service.arn))


HTTP_502_ROW = Cause(
    id="502",
    title=Text("502: a target does not answer properly", "502: ターゲットが正しく応答しない"),
    holds=bad_gateway,
    fixes=(hand_over_behind,),
    advice=Text(
        "Look why targets break connections off: they crash, answer malformed HTTP or close idle connections earlier than "
        "the load balancer (keep the application's keep-alive longer than the idle timeout).",
        "ターゲットが接続を切断する理由を調べてください。クラッシュ、不正な HTTP 応答のほか、アプリケーションの keep-alive が "
        "ALB のアイドルタイムアウトより短い場合にも起こります。",
    ),
    confirm=Text(
        "HTTPCode_ELB_502_Count has data and HTTPCode_Target_5XX_Count does not rise with it: the load balancer answered "
        "itself. TargetConnectionErrorCount and stopped tasks in the same minutes say which side broke off.",
        "HTTPCode_ELB_502_Count にデータがあり、HTTPCode_Target_5XX_Count が同時に増えていなければ、ALB 自身の応答です。"
        "同じ時間帯の TargetConnectionErrorCount と停止タスクから、切断した側が分かります。",
    ),
    look=(
        metric_command("HTTPCode_ELB_502_Count"),
        metric_command("TargetConnectionErrorCount", "TargetGroup"),
        HEALTH,
        "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    ),
)

HTTP_503_ROW = Cause(
    id="503",
    title=Text("503: no healthy target", "503: 正常なターゲットがない"),
    holds=unavailable,
    fixes=(restore_count, hand_over_behind),
    advice=Text(
        "Bring a healthy target back: look at the listener's target group, at the count of its service and at stopped tasks.",
        "正常なターゲットを復旧してください。リスナーのターゲットグループ、サービスのタスク数、停止したタスクを確認します。",
    ),
    confirm=Text(
        "HTTPCode_ELB_503_Count has data and the target group has no registered target that is healthy. Where all are "
        "unhealthy the load balancer still sends requests to them, so unhealthy targets alone are no proof.",
        "HTTPCode_ELB_503_Count にデータがあり、正常な登録ターゲットがありません。全ターゲットが異常な場合は ALB が"
        "リクエストを送り続けるため、異常なターゲットだけでは証拠になりません。",
    ),
    look=(
        metric_command("HTTPCode_ELB_503_Count"),
        HEALTH,
        SERVICE,
        SCHEDULES,
    ),
)

HTTP_504_ROW = Cause(
    id="504",
    title=Text("504: a target is too slow", "504: ターゲットの応答が遅すぎる"),
    holds=timed_out,
    fixes=(raise_idle_timeout, hand_over_slow),
    advice=Text(
        "Find what makes requests slow, or closes the way to the targets; a longer idle timeout only hides the first.",
        "リクエストが遅い原因、またはターゲットまでの経路を調べてください。タイムアウトの延長は遅さを隠すだけです。",
    ),
    confirm=Text(
        "HTTPCode_ELB_504_Count has data, and TargetResponseTime reaches the idle timeout (slow) or "
        "TargetConnectionErrorCount rises (no connection within ten seconds).",
        "HTTPCode_ELB_504_Count にデータがあり、TargetResponseTime がアイドルタイムアウトに達している（応答遅延）か、"
        "TargetConnectionErrorCount が増えています（10 秒以内に接続できない）。",
    ),
    look=(
        metric_command("HTTPCode_ELB_504_Count"),
        metric_command("TargetResponseTime", "TargetGroup", "--extended-statistics p99"),
        "aws elbv2 describe-load-balancer-attributes --load-balancer-arn <load balancer ARN>",
    ),
)

TARGET_5XX_ROW = Cause(
    id="target_5xx",
    title=Text("the application itself answers 5xx", "アプリケーション自身が 5xx を返す"),
    holds=application_errors,
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

TRIGGERS = (
    alarm_on(
        "AWS/ApplicationELB",
        "HTTPCode_ELB_502_Count",
        "HTTPCode_ELB_503_Count",
        "HTTPCode_ELB_504_Count",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
    ),
)
RUNBOOK = Runbook(
    id=ID,
    title=GATEWAY_ERRORS.title,
    symptom=GATEWAY_ERRORS.symptom,
    guide="Application Load Balancer: error codes",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(HTTP_502_ROW, HTTP_503_ROW, HTTP_504_ROW, TARGET_5XX_ROW),
    outcome=After,
    judge=judge,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
    seen=seen,
)
