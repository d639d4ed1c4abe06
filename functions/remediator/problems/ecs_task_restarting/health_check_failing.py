"""Row `ecs_task_restarting.health_check_failing`.

ECS stopped tasks because the load balancer's or the container's health check failed.
"""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.ecs.plans.service import GRACE_AT_LEAST_S, plan_fresh_tasks, plan_grace
from ...resources.ecs.stops import REACTION_S, REPEATED, lived_s, preconditions, stop_facts, stops_as
from .evidence import Evidence
from .facts import ID, SERVICE_ARN, STOPPED, roll_back, with_last_words

ADVICE = Text(
    "Find out why the health check fails: read the log of the newest stopped task, then call the health path itself.",
    "ヘルスチェックが失敗する理由を調べてください。最新の停止タスクのログを確認し、ヘルスチェックパスを直接呼び出します。",
)


def holds(e: Evidence, _: Setting) -> Finding:
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


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    does=Text("lengthens the health-check grace period", "ヘルスチェックの猶予期間を延長"),
)
def lengthen_grace(e: Evidence, setting: Setting) -> Decision:
    """A longer health-check grace period, where tasks that can become healthy are killed while they start."""
    stops = stops_as(e, "health_check")
    if (wait := preconditions(e, stops, setting)) is not None:
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
    if (wait := preconditions(e, stops, setting)) is not None:
        return wait
    words = e.last_words.or_none()
    if (words and words.errors) or not _was_healthy_before(e):
        return with_last_words(ADVICE, words)
    same = e.same_images.or_none() or False  # what cannot be checked asks
    return plan_fresh_tasks(e.service.get(), f"{ID}.health_check_failing", ID, same_images=same)


CAUSE = Cause(
    id="health_check_failing",
    title=Text("health check failing", "ヘルスチェック失敗"),
    holds=holds,
    fixes=(roll_back, lengthen_grace, force_new_deployment),
    advice=ADVICE,
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
