"""Hand-over to the problem of what is behind the load balancer."""

from ...core.model import Resource
from ...core.plan import WATCH_S, Advise, Decision, HandOver, Watch
from ...core.problem_titles import NOT_STARTING, TARGETS_UNHEALTHY
from ...core.runbook import Setting, writes
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.ecs.backends import services
from ...resources.ecs.model import Service
from ...resources.ecs.stops import ends, lately, of_service, owning_problem
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.target_health import in_use, reasons
from .evidence import Evidence
from .facts import HEALTH, ID, name_of, troubled

NOTHING_BEHIND = Text(
    "Nothing behind it explains the errors: targets pass, tasks run, no release is on its way.",
    "背後に原因は見つかりません（ターゲットは正常、タスクは実行中、デプロイもありません）。",
)
RELEASE = Text(
    "A deployment began in the last 15 minutes and may explain it; watching whether the errors end with it.",
    "直近 15 分以内のデプロイが原因の可能性があるため、収束するか監視します。",
)


def of_balancer(e: Evidence, runbook: str) -> HandOver | None:
    """Errors of the load balancer's own that a target group's alarm led to: the load balancer shows all its groups."""
    gateway, found = e.gateway.get(), e.answers.get()
    if not gateway.noticed_on:
        return None
    name, code = name_of(gateway.noticed_on), found.leading
    why = Text(
        f"the load balancer of {name} answers {code} itself ({found.failed} errors in 15 min)",
        f"{name} の ALB 自身が {code} を返しています（15 分間に {found.failed} 件）",
    )
    return HandOver(why, runbook, Resource("load_balancer", gateway.arn))


def _released(service: Service, now: str) -> bool:
    """A release that is on its way, or has come up only now: the errors may end with it."""
    primary = service.primary
    if primary is None or primary.rollout not in ("IN_PROGRESS", "COMPLETED") or not primary.created_at:
        return False
    return seconds_between(primary.created_at, now) <= WATCH_S


def _to_service(service: Service, runbook: str, text: str) -> HandOver:
    why = Text(
        f"requests fail because tasks of {service.name} do not stay up ({text})",
        f"{service.name} のタスクが起動を維持できず、リクエストが失敗しています（{text}）",
    )
    return HandOver(why, runbook, Resource("ecs_service", service.arn))


def _to_targets(group: TargetGroup) -> HandOver:
    text = "; ".join((f"{group.healthy} / {len(in_use(group))}", *(f"{n} x {w}" for w, n in reasons(group).items())))
    why = Text(
        f"requests fail because targets of {name_of(group.arn)} are not healthy ({text})",
        f"{name_of(group.arn)} に正常なターゲットが足りず、リクエストが失敗しています（{text}）",
    )
    return HandOver(why, TARGETS_UNHEALTHY.id, Resource("target_group", group.arn))


def behind_it(e: Evidence, now: str) -> Decision | None:
    """What lies behind the errors: stopping tasks first, then a release, then targets that fail, then tasks that do not come up."""
    found = services(e.backends.get())
    for service in found:
        if bad := lately(of_service(e.stops.get(), service.name), now):
            return _to_service(service, owning_problem(bad), ends(bad))
    if any(_released(s, now) for s in found):
        return Watch(RELEASE, WATCH_S)
    if ill := (*troubled(e), *(g for g in e.groups.get() if in_use(g) and not g.healthy)):
        return _to_targets(ill[0])
    for service in found:
        if service.running < service.desired and service.status == "ACTIVE":
            return _to_service(service, NOT_STARTING.id, f"{service.running} / {service.desired}")
    return None


@writes(does=Text("hands over to the runbook of what lies behind it", "背後の問題のランブックに引き継ぐ"))
def hand_over_behind(e: Evidence, setting: Setting) -> Decision:
    """Stopping tasks first, then a release on its way, then targets that fail, then tasks that do not come up."""
    return of_balancer(e, ID) or behind_it(e, setting.now) or Advise(NOTHING_BEHIND, (HEALTH,))
