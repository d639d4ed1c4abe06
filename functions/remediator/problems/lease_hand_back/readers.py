"""Readers of a loan that is due: what the ledger knows of it, how it stands, and how it was used. Tables and services."""

from collections.abc import Iterable
from dataclasses import replace

from ...core.errors import NotFound
from ...core.lease import Lease, Loan, lease_of, loan_from
from ...core.ports import Aws, Permission, Scope, reads
from ...core.serialization import Json
from ...resources.cloudformation import READS_STACK
from ...resources.cloudformation import stack as stack_of_service
from ...resources.dynamodb import readers as dynamodb
from ...resources.dynamodb.model import Flow, load_of
from ...resources.dynamodb.readers import other_throttles, scaling, table, tags, throttles
from ...resources.dynamodb.readers import stack as stack_of_table
from ...resources.ecs.backends import Backend, Behind
from ...resources.ecs.kind import ECS_SERVICE
from ...resources.ecs.model import Service
from ...resources.ecs.readers import backends as environment
from ...resources.ecs.readers import service as ecs
from ...resources.ecs.readers.backends import target_groups
from ...resources.ecs.readers.scaling import load, owner
from ...resources.ecs.readers.service import service
from ...resources.load_balancing.latency import ResponseTimes
from ...resources.load_balancing.latency_readers import times
from .model import BorrowedState, Usage

HOUR_S = 3600
ACTIVE = "ACTIVE"


@reads(besides="the ledger")
def loan(aws: Aws, scope: Scope) -> Loan:
    """What was lent, as the records of its incidents have it.

    Raises:
        NotFound: no signal of the incident tells of a loan.
    """
    lease = lease_of(scope.incident.signals)
    if lease is None:
        raise NotFound("no signal names a loan")
    root, step = (aws.recorded(f"incident#{id}") for id in (lease.incident, lease.step))
    return loan_from(lease, root, step, tuple(_others(aws, scope, lease)))


def _others(aws: Aws, scope: Scope, lease: Lease) -> Iterable[Json]:
    """Records of the program's other changes of the resource: the last that is over, and the one in flight."""
    workload = scope.incident.workload
    arn = scope.incident.resource.arn
    lock = f"lock#workload#{workload}" if workload else f"lock#{arn}"
    ids = dict.fromkeys(str(aws.recorded(key).get("incident", "")) for key in (f"rest#{arn}", lock))
    known = ("", lease.incident, lease.step, scope.incident.id)
    return (aws.recorded(f"incident#{id}") for id in ids if id not in known)


@reads(
    *dynamodb.table.permissions,
    *dynamodb.tags.permissions,
    *dynamodb.scaling.permissions,
    *ecs.service.permissions,
    Permission("application-autoscaling:DescribeScalingActivities"),
    READS_STACK,
)
def held(aws: Aws, scope: Scope) -> BorrowedState:
    """What it is lent to, with its tags and who owns its values; `gone` where it does not exist."""
    try:
        return _service(aws, scope) if ECS_SERVICE.is_kind_of(scope.incident.resource) else _table(aws, scope)
    except NotFound:
        return BorrowedState(gone=True)


def _table(aws: Aws, scope: Scope) -> BorrowedState:
    found = table(aws, scope)
    return BorrowedState(
        gone=found.status == "DELETING",
        table=found,
        tags=tags(aws, scope),
        scaling=scaling(aws, scope, found),
        stack=stack_of_table(aws, scope).name,
    )


def _service(aws: Aws, scope: Scope) -> BorrowedState:
    found = service(aws, scope)
    backends, alone = _alone(found)
    return BorrowedState(
        gone=found.status != ACTIVE,
        service=found,
        tags=found.tags,
        owner=owner(aws, scope, backends, alone) if found.status == ACTIVE else None,
        stack=stack_of_service(aws, scope).name,
    )


def _alone(found: Service, *groups: str) -> tuple[tuple[Backend, ...], ResponseTimes]:
    """The service as the readers of slow responses want it: behind its groups, or behind none."""
    behind = Behind(managed=True, service=found)
    return tuple(Backend(group=g, behind=behind) for g in groups or ("",)), ResponseTimes(group="")


@reads(
    Permission("cloudwatch:GetMetricData"),
    Permission("elasticloadbalancing:DescribeLoadBalancers"),
    *environment.target_groups.permissions,
)
def usage(aws: Aws, scope: Scope, held: BorrowedState) -> Usage:
    """How it was used within the last hour.

    Raises:
        NotFound: CloudWatch knows nothing of it, or it is gone.
    """
    return _usage(aws, replace(scope, window_s=HOUR_S), held)


@reads(
    Permission("cloudwatch:GetMetricData"),
    Permission("elasticloadbalancing:DescribeLoadBalancers"),
    *environment.target_groups.permissions,
)
def lately(aws: Aws, scope: Scope, held: BorrowedState) -> Usage:
    """The same since the change, as far as the window reaches."""
    return _usage(aws, scope, held)


def _usage(aws: Aws, scope: Scope, held: BorrowedState) -> Usage:
    if held.table:
        return used((*throttles(aws, scope), *other_throttles(aws, scope, held.table)))
    if held.service is None:
        raise NotFound("what was lent to is gone")
    groups = target_groups(aws, scope, held.service)
    backends, _ = _alone(held.service, *(g.arn for g in groups))
    answered = times(aws, scope, groups)
    return Usage(times=answered, load=load(aws, scope, backends, answered))


def used(flows: tuple[Flow, ...]) -> Usage:
    """What the flows of a table and its indexes come to."""
    served = [m.ends_at for f in flows for m in f.consumed if m.count > 0]
    return Usage(
        asked=tuple(load_of(f) for f in flows),
        throttled=tuple(sorted({m.at for f in flows for m in f.bad})),
        served_until=max(served, default=""),
    )
