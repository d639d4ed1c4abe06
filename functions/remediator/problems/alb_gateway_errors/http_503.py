"""Row `alb_gateway_errors.http_503`.

The load balancer answers 503: its target group has no target to send the request to.
"""

from collections.abc import Sequence
from dataclasses import replace

from ...core.plan import Advise, Decision, Plan
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Setting, writes
from ...core.text import Text
from ...resources.ecs.backends import at_zero, services
from ...resources.ecs.model import Service
from ...resources.ecs.plans.service import plan_count
from .evidence import Evidence
from .facts import HEALTH, ID, answered, metric_command
from .hand_over import hand_over_behind, of_balancer
from .task_count import bounds_of, wanted, why_ask

SERVICE = "aws ecs describe-services --cluster <cluster> --services <service>"
SCHEDULES = (
    "aws application-autoscaling describe-scheduled-actions --service-namespace ecs "
    "--resource-id service/<cluster>/<service>"
)
SEVERAL_AT_ZERO = Text(
    "Several services behind it run nothing; a person must say which should run.",
    "タスク数 0 のサービスが複数あります。どれを起動するかは人の判断が必要です。",
)
NONE_AT_ZERO = Text("No service behind it is scaled to zero.", "タスク数が 0 のサービスはありません。")
OTHER_CONTROLLER = Text(
    "The service is not deployed by ECS itself, so its count is set by another controller.",
    "サービスのデプロイは ECS 以外が管理しているため、タスク数も別の仕組みで設定されます。",
)
MAXIMUM_ZERO = Text(
    "Autoscaling's maximum is zero: raise the bounds first.",
    "Auto Scaling の最大値が 0 です。先に上限と下限を変更してください。",
)
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"


def plan_restored_count(service: Service, count: int, cause: str, runbook: str, ask: Sequence[Text]) -> Plan:
    """The service runs `count` tasks again; arguments as `plan_count` has them."""
    title = Text(
        f"Run {count} tasks of {service.name} again (desired count {service.desired} -> {count})",
        f"{service.name} のタスクを再び {count} 個実行（必要タスク数 {service.desired} -> {count}）",
    )
    return replace(plan_count(service, count, cause, runbook, ask), fix="restore_count", title=title)


def holds(e: Evidence, setting: Setting) -> Finding:
    """The load balancer answers 503: its target group has no target to send the request to."""
    return answered(e, setting, 503)


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


CAUSE = Cause(
    id="503",
    title=Text("503: no healthy target", "503: 正常なターゲットがない"),
    holds=holds,
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
