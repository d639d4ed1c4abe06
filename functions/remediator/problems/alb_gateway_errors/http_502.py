"""Row `alb_gateway_errors.http_502`.

The load balancer answers 502: a target broke the connection off or answered no valid HTTP.
"""

from ...core.runbook import Cause, Finding, Setting
from ...core.text import Text
from .evidence import Evidence
from .facts import HEALTH, answered, metric_command
from .hand_over import hand_over_behind


def holds(e: Evidence, setting: Setting) -> Finding:
    """The load balancer answers 502: a target broke the connection off or answered no valid HTTP."""
    return answered(e, setting, 502)


CAUSE = Cause(
    id="502",
    title=Text("502: a target does not answer properly", "502: ターゲットが正しく応答しない"),
    holds=holds,
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
