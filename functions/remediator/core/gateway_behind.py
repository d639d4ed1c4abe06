"""What lies behind a load balancer's errors, and who looks into that."""

from .behind import ends, lately, looks_into, of_service
from .clocks import seconds_between
from .ecs import Service
from .gateway import services
from .gateway_advice import RELEASE
from .gateway_view import GatewayEvidence, name_of, troubled
from .load_balancing import TargetGroup
from .model import Decision, HandOver, Resource, Watch
from .problems import NOT_STARTING, TARGETS_UNHEALTHY
from .target_health import in_use, reasons
from .text import Text

WATCH_S = 900  # guide, emergency flow step 2: first response within 15 minutes


def of_balancer(e: GatewayEvidence, runbook: str) -> HandOver | None:
    """Errors of the load balancer's own that a target group's alarm led to: the load balancer shows all its groups."""
    gateway, told = e.gateway.get(), e.answers.get()
    if not gateway.noticed_on:
        return None
    name, code = name_of(gateway.noticed_on), told.leading
    why = Text(
        f"the load balancer of {name} answers {code} itself ({told.failed} errors in 15 min)",
        f"{name} の ALB 自身が {code} を返しています（15 分間に {told.failed} 件）",
    )
    return HandOver(why, runbook, Resource("load_balancer", gateway.arn))


def _released(service: Service, now: str) -> bool:
    """A release that is on its way, or has come up only now: the errors may end with it."""
    primary = service.primary
    if primary is None or primary.rollout not in ("IN_PROGRESS", "COMPLETED") or not primary.created_at:
        return False
    return seconds_between(primary.created_at, now) <= WATCH_S


def _to_service(service: Service, runbook: str, told: str) -> HandOver:
    why = Text(
        f"requests fail because tasks of {service.name} do not stay up ({told})",
        f"{service.name} のタスクが起動を維持できず、リクエストが失敗しています（{told}）",
    )
    return HandOver(why, runbook, Resource("ecs_service", service.arn))


def _to_targets(group: TargetGroup) -> HandOver:
    told = "; ".join((f"{group.healthy} / {len(in_use(group))}", *(f"{n} x {w}" for w, n in reasons(group).items())))
    why = Text(
        f"requests fail because targets of {name_of(group.arn)} are not healthy ({told})",
        f"{name_of(group.arn)} に正常なターゲットが足りず、リクエストが失敗しています（{told}）",
    )
    return HandOver(why, TARGETS_UNHEALTHY.id, Resource("target_group", group.arn))


def behind_it(e: GatewayEvidence, now: str) -> Decision | None:
    """What lies behind the errors: stopping tasks first, then a release, then targets that fail, then tasks that do not come up."""
    told = services(e.backends.get())
    for service in told:
        if bad := lately(of_service(e.stops.get(), service.name), now):
            return _to_service(service, looks_into(bad), ends(bad))
    if any(_released(s, now) for s in told):
        return Watch(RELEASE, WATCH_S)
    if ill := (*troubled(e), *(g for g in e.groups.get() if in_use(g) and not g.healthy)):
        return _to_targets(ill[0])
    for service in told:
        if service.running < service.desired and service.status == "ACTIVE":
            return _to_service(service, NOT_STARTING.id, f"{service.running} / {service.desired}")
    return None
