"""Plan: roll a service back to its last good revision, and the conditions for it."""

from typing import Protocol

from ....core.evidence import Reading
from ....core.model import Resource
from ....core.plan import Advise, Call, Decision, Plan, Watch
from ....core.text import Text
from ....core.timestamps import seconds_between
from ..model import Revision, Service, ServiceDeployment, TaskDefinition, last_good

FRESH_S = 24 * 3600  # rows.md, "Roll back": the deployment is under 24 hours old


WATCH_S = 1800
IN_PROGRESS = ("PENDING", "IN_PROGRESS")
ROLLING_BACK = ("STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")


class Deployed(Protocol):
    """Evidence that a roll-back is decided on."""

    @property
    def service(self) -> Reading[Service]:
        """The service now."""

    @property
    def deployments(self) -> Reading[tuple[ServiceDeployment, ...]]:
        """Newest first."""

    @property
    def good_definition(self) -> Reading[TaskDefinition]:
        """Of the last good revision."""

    @property
    def good_images(self) -> Reading[tuple[str, ...]]:
        """Of the last good revision, as far as the registry still holds them."""


def changed_by_deployment(e: Deployed, first_bad_at: str, bad_definition: str, now: str) -> ServiceDeployment | None:
    """The deployment that the symptom came with, None where it did not come with one.

    Args:
        e: the evidence.
        first_bad_at: when the symptom was first seen.
        bad_definition: ARN of the task definition that the failing tasks run.
        now: ISO 8601.
    """
    newest = next((d for d in e.deployments.get() if d.revision), None)
    if newest is None or newest.revision is None or not newest.started_at:
        return None
    began_after = seconds_between(newest.started_at, first_bad_at) >= 0
    fresh = seconds_between(newest.started_at, now) < FRESH_S
    return newest if began_after and fresh and newest.revision.task_definition == bad_definition else None


def plan_roll_back(e: Deployed, deployment: ServiceDeployment, cause: str, runbook: str) -> Decision:
    """Back to the last good revision, where every condition holds; else a Watch or the reason against it.

    Raises:
        Unchecked: a condition could not be checked, so nothing is rolled back.
    """
    service = e.service.get()
    if service.controller != "ECS":
        return Advise(
            _against(
                f"deployments are made by {service.controller}", f"デプロイは {service.controller} が管理しています"
            )
        )
    if deployment.status in ROLLING_BACK:
        return Watch(Text("ECS is rolling the deployment back", "ECS がデプロイをロールバック中です"), WATCH_S)
    if deployment.revision and service.task_definition != deployment.revision.task_definition:
        return Watch(
            Text("the service has left that revision already", "サービスはすでにそのリビジョンから切り替わっています"),
            WATCH_S,
        )
    if deployment.status in IN_PROGRESS and service.breaker_rolls_back:
        return Watch(
            Text(
                "the service's own circuit breaker rolls back; the program does not fight it",
                "サービス自身のサーキットブレーカーがロールバックするため、様子を見ます",
            ),
            WATCH_S,
        )
    good = last_good(e.deployments.get())
    if good is None:
        return Advise(_against("no earlier deployment succeeded", "以前に成功したデプロイがありません"))
    against = _unlike(deployment.revision, good, e)
    return Advise(against) if against else _plan(e, deployment, good, cause, runbook)


def _unlike(current: Revision | None, good: Revision, e: Deployed) -> Text | None:
    if current is None or good.task_definition == current.task_definition:
        return _against(
            "the last good revision has the same task definition", "直近の正常なリビジョンも同じタスク定義です"
        )
    if good.network != current.network or good.load_balancers != current.load_balancers:
        return _against(
            "network or load-balancer settings changed with the deployment",
            "デプロイでネットワークまたはロードバランサーの設定も変わっています",
        )
    if not e.good_definition.get().active:
        return _against("the last good task definition is deregistered", "直近の正常なタスク定義は登録解除されています")
    if len(e.good_images.get()) < len(good.images):
        return _against("an image of the last good revision is gone", "直近の正常なリビジョンのイメージがありません")
    return None


def _against(en: str, ja: str) -> Text:
    return Text(f"Not rolled back: {en}.", f"ロールバックしません: {ja}。")


def _plan(e: Deployed, deployment: ServiceDeployment, good: Revision, cause: str, runbook: str) -> Plan:
    service = e.service.get()
    assert deployment.revision is not None  # noqa: S101  # `_unlike` has checked it
    bad = deployment.revision.task_definition
    stopping = deployment.status in IN_PROGRESS
    where = {"cluster": service.cluster, "service": service.name}
    update = Call(
        action="ecs:UpdateService", parameters={**where, "taskDefinition": good.task_definition}, arn=service.arn
    )
    stop = Call(
        action="ecs:StopServiceDeployment",
        parameters={"serviceDeploymentArn": deployment.arn, "stopType": "ROLLBACK"},
        arn=deployment.arn,
    )
    again = Call(action="ecs:UpdateService", parameters={**where, "taskDefinition": bad}, arn=service.arn)
    back = f"{short(bad)} -> {short(good.task_definition)}"
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="roll_back",
        title=Text(f"Roll the service back: {back}", f"サービスをロールバック: {back}"),
        resource=Resource("ecs_service", service.arn),
        calls=(stop if stopping else update,),
        before={"taskDefinition": short(bad)},
        after={"taskDefinition": short(good.task_definition)},
        undo=(again,),
        named_at=deployment.started_at,
        keep=Text(
            "the image or task definition of the AWS::ECS::Service (TaskDefinition)",
            "AWS::ECS::Service の TaskDefinition（イメージまたはタスク定義）",
        ),
    )


def short(task_definition: str) -> str:
    """`portfolio-api:42` of a task definition's ARN."""
    return task_definition.rsplit("/", 1)[-1]
