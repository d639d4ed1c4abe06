"""Fix: roll the service back, where the failing image or setting came with a deployment."""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Setting, writes
from ...core.text import Text
from ...resources.ecs.plans.rollback import changed_by_deployment, plan_roll_back
from ...resources.ecs.task_setup import TaskSetup
from .evidence import Evidence
from .facts import ID, SERVICE_ARN, image_changed
from .failed_starts import Starts, preconditions, starts_as

SAME_NAMED = Text(
    "The last good revision names the same thing, so going back to it would not help.",
    "直近の正常なリビジョンも同じものを参照しているため、戻しても解消しません。",
)

NOT_CHANGED_IMAGE = Text(
    "The last good revision names the same image.", "直近の正常なリビジョンも同じイメージを指定しています。"
)


NO_DEPLOYMENT = Text("No deployment came with it.", "直前のデプロイはありません。")


@writes(
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("ecs:StopServiceDeployment", "arn:{partition}:ecs:{region}:{account}:service-deployment/*"),
    does=Text("rolls the service back to its last good revision", "直近の正常なリビジョンへロールバック"),
)
def roll_back(e: Evidence, setting: Setting) -> Decision:
    """Back to the last good revision, where the failing image or setting came with a deployment."""
    by_image, by_setting = image_starts(e), starts_as(e, "invalid_task_definition")
    of_image = by_image.count > 0 and by_image.weight >= (by_setting.weight if by_setting.count else 0)
    found = by_image if of_image else by_setting
    if (wait := preconditions(e, found, setting)) is not None:
        return wait
    failing = found.definition or e.service.get().task_definition
    deployment = changed_by_deployment(e, found.first_at, failing, setting.now)
    if deployment is None:
        return Advise(NO_DEPLOYMENT)
    good = e.good_setup.get()
    if of_image and not image_changed(e.setup.get(), good):
        return Advise(NOT_CHANGED_IMAGE)
    if not of_image and same_named(found, good):
        return Advise(SAME_NAMED)
    row = "image_unavailable" if of_image else "invalid_task_definition"
    return plan_roll_back(e, deployment, f"{ID}.{row}", ID)


def image_starts(e: Evidence) -> Starts:
    """Starts that failed for an image: by AWS's words, or unclear ones where the registry lacks an image.

    Raises:
        Unchecked: there are unclear ones, and the registry could not be asked.
    """
    starts = starts_as(e, "image_unavailable")
    if starts.count:
        return starts
    unclear = starts_as(e, None)
    gone = unclear.count and any(i.found is False for i in e.images.get())
    return unclear if gone else Starts()


def same_named(starts: Starts, good: TaskSetup) -> bool:
    """Whether what AWS's words name as missing is named by the last good revision too."""
    missing = {
        starts.named[kind] for kind in ("secret", "parameter", "log_group", "file_system") if kind in starts.named
    }
    return any(name in value for name in missing for value in good.fields.values())
