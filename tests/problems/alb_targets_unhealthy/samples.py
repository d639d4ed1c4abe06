"""Evidence of `alb_targets_unhealthy` built by hand: a healthy portfolio target group, to which each test does one thing."""

from dataclasses import replace
from typing import Any

from remediator.core.evidence import Reading
from remediator.core.timestamps import after
from remediator.problems.alb_targets_unhealthy.evidence import Evidence
from remediator.problems.alb_targets_unhealthy.evidence import Outcome as After
from remediator.resources.cloudformation import Stack
from remediator.resources.ecs.backends import Behind, ContainerPort
from remediator.resources.ecs.model import Service
from remediator.resources.endpoint import Endpoint
from remediator.resources.load_balancing.model import TargetGroup, TargetState, Traffic
from remediator.resources.load_balancing.target_health import HealthProbeResult, HostCount, HostCounts
from remediator.resources.vpc.network_path import (
    AclEntry,
    Interface,
    Interfaces,
    LoadBalancer,
    NetworkAcl,
    Rule,
    SecurityGroup,
)
from tests.samples import DEFINITION, NOW, SERVICE_ARN

GROUP_ARN = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/portfolio-api/73e2d6bc24d8a067"
BALANCER_ARN = (
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/portfolio-alb/50dc6c495c0c9188"
)
BALANCER_SG, TASK_SG = "sg-0balancer", "sg-0task"
ADDRESSES = ("10.0.1.10", "10.0.2.10")


def known(value: Any) -> Reading[Any]:
    return Reading(value=value, source="test", read_at=NOW)


def gap(why: str = "Denied: no") -> Reading[Any]:
    return Reading(gap=why, source="test", read_at=NOW)


def readings(changes: dict[str, Any]) -> dict[str, Reading[Any]]:
    return {name: value if isinstance(value, Reading) else known(value) for name, value in changes.items()}


def code(number: int) -> dict[str, str]:
    described = f"Health checks failed with these codes: [{number}]"
    return {"state": "unhealthy", "reason": "Target.ResponseCodeMismatch", "description": described}


TIMEOUT = {"state": "unhealthy", "reason": "Target.Timeout", "description": "Request timed out"}
REFUSED = {"state": "unhealthy", "reason": "Target.FailedHealthChecks", "description": "Health checks failed"}
HEALTHY = {"state": "healthy"}


def target(n: int, port: int = 8000, **told: str) -> TargetState:
    return TargetState(id=ADDRESSES[n], port=port, **{"state": "healthy", **told})


def group(*targets: dict[str, str] | TargetState, **changes: Any) -> TargetGroup:
    states = targets or (HEALTHY, HEALTHY)
    listed = tuple(t if isinstance(t, TargetState) else target(n, **t) for n, t in enumerate(states))
    steady = TargetGroup(
        arn=GROUP_ARN,
        load_balancers=(BALANCER_ARN,),
        health_path="/health",
        targets=listed,
        port=8000,
        protocol="HTTP",
        health_protocol="HTTP",
        matcher="200",
        target_type="ip",
        vpc="vpc-1",
        tags={"auto-remediation": "auto"},
    )
    return replace(steady, **changes)


def service(**changes: Any) -> Service:
    mapping = {"targetGroupArn": GROUP_ARN, "containerName": "api", "containerPort": 8000}
    steady = Service(
        arn=SERVICE_ARN,
        name="portfolio-api-service",
        cluster="portfolio-cluster",
        desired=2,
        running=2,
        task_definition=f"{DEFINITION}:42",
        target_groups=(GROUP_ARN,),
        load_balancers=(mapping,),
    )
    return replace(steady, **changes)


OF_ECS = Behind(managed=True, service=service())
PLAIN = Behind()
ANYWHERE = Rule(protocol="-1", cidrs=("0.0.0.0/0",))
FROM_BALANCER = Rule(protocol="tcp", from_port=8000, to_port=8000, groups=(BALANCER_SG,))


def task_group(*ingress: Rule, **changes: Any) -> SecurityGroup:
    tags = {"auto-remediation": "approve"}
    made = SecurityGroup(id=TASK_SG, owner="123456789012", ingress=ingress, egress=(ANYWHERE,), tags=tags)
    return replace(made, **changes)


def balancer_group(*egress: Rule) -> SecurityGroup:
    return SecurityGroup(id=BALANCER_SG, owner="123456789012", egress=egress or (ANYWHERE,))


def groups(*ingress: Rule) -> tuple[SecurityGroup, ...]:
    return (task_group(*ingress), balancer_group())


def acl(*entries: AclEntry, id: str = "acl-open", subnets: tuple[str, ...] = ("s-a", "s-b", "s-c")) -> NetworkAcl:
    every = tuple(AclEntry(number=100, egress=e, allow=True) for e in (True, False))
    return NetworkAcl(id=id, subnets=subnets, entries=(*entries, *every))


def interfaces() -> Interfaces:
    tasks = tuple(
        Interface(address=a, subnet=s, groups=(TASK_SG,)) for a, s in zip(ADDRESSES, ("s-a", "s-b"), strict=True)
    )
    nodes = (Interface(address="10.0.3.5", subnet="s-c", groups=(BALANCER_SG,)),)
    return Interfaces(targets=tasks, balancer=nodes)


def hosts(*, healthy_before: bool = True, unhealthy_minutes: int = 10) -> HostCounts:
    """A day in five-minute steps, of which the last minutes are bad."""
    back = [60 * minutes for minutes in range(120, 0, -5)]
    good = 2.0 if healthy_before else 0.0
    bad_s = 60 * unhealthy_minutes
    return HostCounts(
        healthy=tuple(HostCount(at=after(NOW, -s), hosts=0.0 if s <= bad_s else good) for s in back),
        unhealthy=tuple(HostCount(at=after(NOW, -s), hosts=2.0 if s <= bad_s else 2.0 - good) for s in back),
    )


def evidence(*targets: dict[str, str] | TargetState, **changes: Any) -> Evidence:
    whole = Evidence(
        group=known(group(*targets)),
        stack=known(Stack(name="portfolio")),
        balancer=known(LoadBalancer(arn=BALANCER_ARN, groups=(BALANCER_SG,), subnets=("s-c",))),
        interfaces=known(interfaces()),
        behind=known(OF_ECS),
        hosts=known(hosts()),
        answers=known(HealthProbeResult(target_5xx=3, slowest_ms=120)),
        traffic=known(Traffic(window_s=900, requests=1000, failed=10, recent_requests=300, recent_failed=3)),
        container_ports=known((ContainerPort(container="api", port=8000),)),
        stops=known(()),
        security_groups=known(groups(FROM_BALANCER)),
        acls=known((acl(),)),
    )
    return replace(whole, **readings(changes))


def outcome(*targets: dict[str, str] | TargetState, minutes: float = 6, **changes: Any) -> After:
    newest = HostCount(at=after(NOW, 60 * minutes - 60), hosts=2.0)
    whole = After(
        group=known(group(*targets)),
        endpoint=known(Endpoint()),
        hosts=known(HostCounts(healthy=(newest,))),
        traffic=known(Traffic(window_s=300, requests=100, recent_requests=100)),
    )
    return replace(whole, **readings(changes))
