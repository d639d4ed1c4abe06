"""What several rows say of failed starts: situation, pre-image, changes since the last good revision."""

from ...core.model import Fact
from ...core.text import Text
from ...resources.ecs.situation import current_values as service_image
from ...resources.ecs.situation import situation as service_about
from ...resources.ecs.stop_codes import FAILED_STARTS
from ...resources.ecs.task_setup import TaskSetup, difference_facts, differences
from ...resources.ecs.verification import bad_stops
from ...resources.vpc.ingress_plans import ingress_of
from .evidence import Evidence
from .failed_starts import refused_at

FACTS_SHOWN = 6
LOOK_AT_STOPS = (
    "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    (
        "aws ecs describe-tasks --cluster <cluster> --tasks <task> "
        "--query 'tasks[].[stopCode,stoppedReason,containers[].reason]'"
    ),
)
ID = "ecs_task_not_starting"
SERVICE_ARN = "arn:{partition}:ecs:{region}:{account}:service/*"
NONE_SUCH = Text("no failed start says so", "そのような起動失敗はありません")
THERE_BUT = Text(
    "The registry holds the image. If the reason speaks of the platform, build it for that one or set runtimePlatform;"
    " if it speaks of too many requests, pull with a login or through a pull-through cache.",
    "イメージはレジストリに存在します。停止理由がプラットフォームに関するものなら、対応するイメージをビルドするか"
    " runtimePlatform を設定してください。取得回数の超過なら、認証して取得するかプルスルーキャッシュを利用してください。",
)


def current_values(e: Evidence) -> dict[str, str]:
    """What plans replace, as it is now."""
    ingress = {ingress_of(g): g.ingress_text for g in e.way_groups.or_none() or ()}
    return {**service_image(e), **ingress}


def change_facts(e: Evidence) -> tuple[Fact, ...]:
    """What the failing revision has otherwise than the last good one, where both are known."""
    bad, good = e.setup.or_none(), e.good_setup.or_none()
    if bad is None or good is None or not good.arn or good.arn == bad.arn:
        return ()
    return difference_facts(differences(good, bad), e.good_setup.source, e.good_setup.read_at)


def image_changed(bad: TaskSetup, good: TaskSetup) -> bool:
    """Whether the failing revision names other images than the last good one."""
    return bool(good.arn) and set(bad.images) != set(good.images)


def situation(e: Evidence) -> tuple[Fact, ...]:
    """Since when starts fail, who is affected, how the service stands."""
    facts = service_about(e, FAILED_STARTS)
    said = refused_at(e.said.or_none() or ())
    if said and not bad_stops(e.stops.or_none() or (), FAILED_STARTS):
        return e.said.fact(Text("since", "発生時刻"), said[0]), *facts
    return facts


def symptom_present(e: Evidence) -> bool:
    """Whether a start is known to have failed."""
    return bool(bad_stops(e.stops.or_none() or (), FAILED_STARTS) or refused_at(e.said.or_none() or ()))
