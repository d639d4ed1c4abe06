"""Evidence of `ecs_task_not_starting` built by hand: a sound portfolio service, to which each test does one thing."""

from dataclasses import replace
from typing import Any

from remediator.core.evidence import Reading
from remediator.core.timestamps import after
from remediator.problems.ecs_task_not_starting.evidence import Evidence
from remediator.problems.ecs_task_not_starting.evidence import Outcome as After
from remediator.problems.ecs_task_not_starting.readers import ServiceMessage
from remediator.resources.cloudformation import Stack
from remediator.resources.cloudtrail.history import ApiEvent, History
from remediator.resources.ecs.model import ContainerEnd, TaskStop
from remediator.resources.ecs.scaling import Scaling
from remediator.resources.ecs.task_setup import LogTarget, SecretRef, TaskSetup, WantedImage
from remediator.resources.endpoint import Endpoint
from remediator.resources.iam.role_rights import Role, Statement
from remediator.resources.load_balancing.model import Traffic
from remediator.resources.vpc.egress import Endpoint as VpcEndpoint
from remediator.resources.vpc.egress import NetworkPlacement, Route, Subnet
from remediator.resources.vpc.network_path import AclEntry, NetworkAcl, Rule, SecurityGroup
from tests.problems.ecs_task_restarting.samples import (
    IMAGE,
    definition,
    known,
    service,
    service_deployment,
    target_group,
)
from tests.samples import DEFINITION, NOW

REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
NEW_IMAGE = f"{REGISTRY}/portfolio-api:1.5.0"
OLD_IMAGE = f"{REGISTRY}/portfolio-api:1.4.2"
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:portfolio/db-8Kx2Qa"  # its name
EXECUTION_ROLE = "arn:aws:iam::123456789012:role/portfolio-execution"
TASK_GROUP, ENDPOINT_GROUP, SUBNET = "sg-0tasks", "sg-0endpoints", "subnet-0a"
CALLER = "arn:aws:sts::123456789012:assumed-role/portfolio-execution/0c1a5f7c2f4e"

NOT_FOUND = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {NEW_IMAGE}: {NEW_IMAGE}: not found"
REFUSED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    f"to retrieve ecr registry auth: AccessDeniedException: User: {CALLER} is not authorized to perform: "
    "ecr:GetAuthorizationToken on resource: * because no identity-based policy allows it"
)
SECRET_REFUSED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: failed to "
    f"fetch secret {SECRET} from secrets manager: AccessDeniedException: User: {CALLER} is not authorized to perform: "
    f"secretsmanager:GetSecretValue on resource: {SECRET}"
)
TIMED_OUT = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon "
    "ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. "
    'RequestError: send request failed caused by: Post "https://api.ecr.ap-northeast-1.amazonaws.com/": dial tcp '
    "10.0.9.5:443: i/o timeout"
)
NO_SECRET = (
    "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: failed to "
    f"fetch secret {SECRET} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
)
CUT_OFF = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed"
NO_ROOM = "(service portfolio-api-service) was unable to place a task. Reason: Capacity is unavailable at this time."


def failed(minutes_ago: float, reason: str, **changes: Any) -> TaskStop:
    """A task that stopped before it ran."""
    stopped_at = after(NOW, -60 * minutes_ago)
    task = TaskStop(
        task_arn=f"arn:aws:ecs:ap-northeast-1:123456789012:task/portfolio-cluster/f{minutes_ago}",
        task_definition=f"{DEFINITION}:42",
        group="service:portfolio-api-service",
        stop_code="TaskFailedToStart",
        reason=reason,
        created_at=after(stopped_at, -20),
        stopped_at=stopped_at,
        containers=(ContainerEnd(name="api"),),
    )
    return replace(task, **changes)


def refusal(by: str = "portfolio-execution/0c1a5f7c2f4e", **changes: Any) -> History:
    """CloudTrail with one call that was refused to a role."""
    call = ApiEvent(at=NOW, name="GetSecretValue", source="secretsmanager", by=by, error_code="AccessDeniedException")
    return History(since=NOW, until=NOW, events=(replace(call, **changes),))


def loop(reason: str) -> tuple[TaskStop, ...]:
    """Three of them, the newest a minute ago."""
    return failed(1, reason), failed(3, reason), failed(5, reason)


def said(minutes_ago: float, text: str, event: str = "") -> ServiceMessage:
    return ServiceMessage(at=after(NOW, -60 * minutes_ago), text=text, event=event)


def setup(**changes: Any) -> TaskSetup:
    of_new = TaskSetup(
        arn=f"{DEFINITION}:42",
        fields={"api.image": NEW_IMAGE, "cpu": "256"},
        images=(NEW_IMAGE,),
        logs=(LogTarget(group="/aws/ecs/portfolio-api"),),
    )
    return replace(of_new, **changes)


def with_secret() -> TaskSetup:
    return setup(
        secrets=(SecretRef(container="api", name="DATABASE_URL", source=SECRET),),
        fields={"api.image": NEW_IMAGE, "cpu": "256", "api.secret DATABASE_URL": SECRET},
    )


def role(*actions: str, **changes: Any) -> Role:
    """The execution role with a policy that allows these actions on everything."""
    allowing = (Statement(allow=True, actions=actions, resources=("*",)),) if actions else ()
    return replace(Role(use="execution", arn=EXECUTION_ROLE, statements=allowing), **changes)


def group(id: str, *ingress: Rule, egress: bool = True, **changes: Any) -> SecurityGroup:
    out = (Rule(protocol="-1", cidrs=("0.0.0.0/0",)),) if egress else ()
    tagged = SecurityGroup(id=id, owner="123456789012", ingress=ingress, egress=out, tags={"auto-remediation": "auto"})
    return replace(tagged, **changes)


def https_from(peer: str) -> Rule:
    return Rule(protocol="tcp", from_port=443, to_port=443, groups=(peer,))


def place(*routes: Route, endpoints: tuple[VpcEndpoint, ...] = (), **changes: Any) -> NetworkPlacement:
    """One subnet with these routes besides the local one."""
    local = Route(to="10.0.0.0/16", via="local")
    subnet = Subnet(id=SUBNET, cidr="10.0.8.0/21", table="rtb-0a", routes=(*routes, local))
    return replace(
        NetworkPlacement(vpc="vpc-0a", subnets=(subnet,), groups=(TASK_GROUP,), endpoints=endpoints), **changes
    )


NAT = Route(to="0.0.0.0/0", via="nat-0a")


def endpoint(service: str, **changes: Any) -> VpcEndpoint:
    private = VpcEndpoint(id=f"vpce-{service}", service=service, private_dns=True, groups=(ENDPOINT_GROUP,))
    return replace(private, **changes)


def gateway() -> VpcEndpoint:
    return VpcEndpoint(id="vpce-s3", service="s3", gateway=True, tables=("rtb-0a",))


ALL_ENDPOINTS = (endpoint("ecr.api"), endpoint("ecr.dkr"), endpoint("logs"), gateway())


def acl(*entries: AclEntry) -> NetworkAcl:
    """What a subnet's ACL is by default: all allowed, after `entries`."""
    both = tuple(AclEntry(number=100, egress=egress, allow=True) for egress in (True, False))
    return NetworkAcl(id="acl-0a", subnets=(SUBNET,), entries=(*entries, *both))


def evidence(*stops: TaskStop, **changes: Any) -> Evidence:
    whole = Evidence(
        service=known(service(running=2, desired=3)),
        stops=known(stops),
        said=known(()),
        deployments=known((service_deployment(42, 60 * 24 * 7), service_deployment(41, 60 * 24 * 30))),
        definition=known(definition()),
        scaling=known(Scaling(owned=False)),
        stack=known(Stack()),
        setup=known(setup()),
        images=known((WantedImage(image=NEW_IMAGE, found=True),)),
        roles=known((role("ecr:*", "logs:*"),)),
        refused=known(History(since=NOW, until=NOW)),
        instances=known(()),
        place=known(place(NAT)),
        way_groups=known((group(TASK_GROUP), group(ENDPOINT_GROUP))),
        way_acls=known((acl(),)),
        good_definition=known(definition(arn=f"{DEFINITION}:41")),
        good_setup=known(
            setup(arn=f"{DEFINITION}:41", images=(OLD_IMAGE,), fields={"api.image": OLD_IMAGE, "cpu": "256"})
        ),
        good_images=known((IMAGE,)),
        target_groups=known((target_group(),)),
        traffic=known(Traffic(window_s=900, requests=1000, failed=10, recent_requests=300, recent_failed=3)),
    )
    return replace(whole, **{k: v if isinstance(v, Reading) else known(v) for k, v in changes.items()})


def outcome(*stops: TaskStop, **changes: Any) -> After:
    whole = After(
        service=known(service()),
        stops=known(stops),
        said=known(()),
        endpoint=known(Endpoint()),
        target_groups=known((target_group(),)),
        traffic=known(Traffic(window_s=900, requests=1000)),
    )
    return replace(whole, **{k: v if isinstance(v, Reading) else known(v) for k, v in changes.items()})
