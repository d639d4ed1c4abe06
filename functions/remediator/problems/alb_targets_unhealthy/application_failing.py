"""Row `alb_targets_unhealthy.application_failing`.

The application answers 5xx, an error on its own path, or nothing although port and network are right.
"""

from ...core.evidence import Unchecked
from ...core.model import Resource
from ...core.plan import Advise, Decision, HandOver
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.ecs.stops import ends, lately, owning_problem
from ...resources.load_balancing.target_health import failing, failing_as, reasons
from .evidence import Evidence
from .facts import HEALTH, answer_facts, declared_path, look_at_targets, reason_facts
from .reachability import reachable

STOPPED = Text("tasks behind them that stopped in the last 15 min", "直近 15 分に停止した背後のタスク")
ADVICE = Text(
    "Read the application's log: it answers with errors, too late or not at all on an open port.",
    "アプリケーションのログを確認してください。エラー応答、応答遅延、または無応答の状態です。",
)


def holds(e: Evidence, setting: Setting) -> Finding:
    """The application answers 5xx, an error on its own path, or nothing although port and network are right."""
    group, declared = e.group.get(), declared_path(setting)
    failed = failing_as(group, "server_error")
    if group.health_path == declared:
        failed = (*failed, *failing_as(group, "misplaced", "other_answer"))
    elif not failed and failing_as(group, "other_answer"):
        raise Unchecked("the health check asks no declared path, so its answer tells nothing of the application")
    mute = failing_as(group, "silent", "not_connected")
    if not failed and mute and reachable(e, setting):
        failed = mute
    if not failed and not failing(group) and (bad := lately(e.stops.get(), setting.now)):
        return Holds(
            (e.stops.fact(STOPPED, ends(bad)), *answer_facts(e))
        )  # at this moment none is there that could fail
    if not failed:
        return RuledOut(
            Text(
                "no target answers with an error of its own, nor stays silent on an open and right port",
                "アプリケーション自身のエラー応答や、正しく開放されたポートでの無応答はありません",
            )
        )
    return Holds((*reason_facts(e, failed), *answer_facts(e)), weight=len(failed))


@writes(does=Text("hands over to the service's own runbook", "サービス自体のランブックに引き継ぐ"))
def hand_over(e: Evidence, setting: Setting) -> Decision:
    """The service behind the targets is looked into, in the same thread."""
    service = e.behind.get().service
    if service is None:
        return Advise(ADVICE, (look_at_targets(e.group.get()),))
    bad = lately(e.stops.get(), setting.now)
    text = "; ".join(f"{n} x {why}" for why, n in reasons(e.group.get()).items()) or ends(bad)
    return HandOver(
        Text(
            f"the application behind the targets fails ({text})",
            f"ターゲットの背後のアプリケーションに異常があります（{text}）",
        ),
        owning_problem(bad),
        Resource("ecs_service", service.arn),
    )


CAUSE = Cause(
    id="application_failing",
    title=Text("application failing", "アプリケーションの異常"),
    holds=holds,
    fixes=(hand_over,),
    advice=ADVICE,
    confirm=Text(
        "Path, port and way are right, and the target answers 5xx, too late or not at all; its log tells of errors.",
        "パス、ポート、経路は正しく、ターゲットが 5xx、遅延、または無応答です。ログにもエラーが記録されています。",
    ),
    look=(
        HEALTH,
        "curl -i http://<target-ip>:<port><health-path>",
        "aws logs filter-log-events --log-group-name <log-group> --filter-pattern ERROR --start-time <milliseconds>",
    ),
)
