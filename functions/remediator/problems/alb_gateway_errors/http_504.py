"""Row `alb_gateway_errors.http_504`.

The load balancer answers 504: a target took the connection or the request too slowly.
"""

from ...core.model import OPT_IN_TAG, Resource, opted_in
from ...core.plan import WATCH_S, Advise, Call, Decision, HandOver, Plan, Watch
from ...core.ports import Permission
from ...core.problem_titles import SLOW_RESPONSE
from ...core.runbook import Cause, Finding, Setting, writes
from ...core.text import Text
from ...resources.ecs.stops import lately
from ...resources.load_balancing.target_health import in_use
from .evidence import Evidence
from .facts import ID, answered, metric_command, name_of, troubled
from .hand_over import hand_over_behind, of_balancer
from .model import IDLE_TIMEOUT, Gateway

STEP_S = 30  # idle timeouts are set in half minutes: a plan is still the same a moment later
MARGIN = 1.2  # so much above the p99 that was measured
BALANCER_ARN = "arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/*"
NOT_OPTED_IN = Text(
    "The load balancer has not opted in (tag auto-remediation).",
    "ロードバランサーがオプトインされていません（auto-remediation タグ）。",
)
OVER = Text("The errors seem to have ended; watching.", "エラーは収まったようです。監視を続けます。")


def plan_idle_timeout(gateway: Gateway, longer_s: int, cause: str, runbook: str) -> Plan:
    """The load balancer waits longer for its targets. Always asked: every client and connection of it is concerned."""
    was_s = gateway.idle_timeout_s
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="raise_idle_timeout",
        title=Text(
            f"Longer idle timeout: {was_s} -> {longer_s} s", f"アイドルタイムアウトを延長: {was_s} -> {longer_s} 秒"
        ),
        resource=Resource("load_balancer", gateway.arn),
        calls=(_set_idle(gateway, longer_s),),
        before={IDLE_TIMEOUT: str(was_s)},
        after={IDLE_TIMEOUT: str(longer_s)},
        undo=(_set_idle(gateway, was_s),),
        response="ask",
        ask_because=Text(
            "all clients of the load balancer then wait longer, and slow answers stay slow",
            "ロードバランサー全体の待ち時間が延び、応答の遅さ自体は解消しません",
        ),
        keep=Text(
            f"attribute {IDLE_TIMEOUT} of the AWS::ElasticLoadBalancingV2::LoadBalancer",
            f"AWS::ElasticLoadBalancingV2::LoadBalancer の属性 {IDLE_TIMEOUT}",
        ),
    )


def _set_idle(gateway: Gateway, seconds: int) -> Call:
    return Call(
        action="elasticloadbalancing:ModifyLoadBalancerAttributes",
        parameters={"LoadBalancerArn": gateway.arn, "Attributes": [{"Key": IDLE_TIMEOUT, "Value": str(seconds)}]},
        arn=gateway.arn,
    )


def holds(e: Evidence, setting: Setting) -> Finding:
    """The load balancer answers 504: a target took the connection or the request too slowly."""
    return answered(e, setting, 504)


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
    found, gateway = e.answers.get(), e.gateway.get()
    if not found.lately(504):
        return Watch(OVER, WATCH_S)
    ceiling_s, slowest = setting.settings.limits.idle_timeout_ceiling_s, found.slowest
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
    if not opted_in(gateway.tags):
        tag = f"aws elbv2 add-tags --resource-arns {gateway.arn} --tags Key={OPT_IN_TAG},Value=approve"
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


CAUSE = Cause(
    id="504",
    title=Text("504: a target is too slow", "504: ターゲットの応答が遅すぎる"),
    holds=holds,
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
