"""What several rows say of stopped tasks, and their shared fix: roll the service back."""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Setting, writes
from ...core.text import Text
from ...resources.ecs.model import TaskStop
from ...resources.ecs.plans.rollback import changed_by_deployment, plan_roll_back
from ...resources.ecs.stop_codes import meaning
from ...resources.ecs.stops import preconditions, stops_as
from ...resources.logs.digest import LogExcerpt
from .evidence import Evidence

ID = "ecs_task_restarting"


SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"
STOPPED = (
    "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    (
        "aws ecs describe-tasks --cluster <cluster> --tasks <task> "
        "--query 'tasks[].[stopCode,stoppedReason,containers[].[name,exitCode,reason]]'"
    ),
)


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("ecs:StopServiceDeployment", "arn:{partition}:ecs:{region}:{account}:service-deployment/*"),
    does=Text("rolls the service back to its last good revision", "直近の正常なリビジョンへロールバック"),
)
def roll_back(e: Evidence, setting: Setting) -> Decision:
    """Back to the last good revision, where the symptom came with a deployment."""
    stops = stops_as(e, "health_check", "application_error")
    if (wait := preconditions(e, stops, setting)) is not None:
        return wait
    first, ran = min(s.stopped_at for s in stops), stops[0].task_definition
    deployment = changed_by_deployment(e, first, ran, setting.now)
    if deployment is None:
        return Advise(Text("No deployment came with it.", "直前のデプロイはありません。"))
    return plan_roll_back(e, deployment, f"{ID}.{meaning_row(stops[0])}", ID)


def meaning_row(stop: TaskStop) -> str:
    """The guide row that a stop's meaning belongs to."""
    return {"health_check": "health_check_failing"}.get(meaning(stop), meaning(stop))


def with_last_words(advice: Text, words: LogExcerpt | None) -> Advise:
    """The advice with what a task logged last, and the commands that show more of it."""
    if words is None:
        return Advise(advice)
    an_hour_ago = "$(date -d '-1 hour' +%s000)"
    return Advise(
        advice,
        commands=(
            f"aws logs get-log-events --log-group-name {words.group} --log-stream-name {words.stream} --limit 200",
            f"aws logs filter-log-events --log-group-name {words.group} --filter-pattern ERROR --start-time {an_hour_ago}",
        ),
        quote=words.trace or words.errors,
    )
