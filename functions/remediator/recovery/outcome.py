"""What is read to verify a recovery procedure: one dataclass each."""

from dataclasses import dataclass

from ..core.evidence import Reading, reading
from ..resources import endpoint as health_endpoint
from ..resources.dynamodb import readers as dynamodb
from ..resources.dynamodb.model import Bounds, Flow, Table
from ..resources.ecs.model import Service, TaskDefinition, TaskStop
from ..resources.ecs.readers import backends as ecs_backends
from ..resources.ecs.readers import service as ecs
from ..resources.endpoint import Endpoint
from ..resources.load_balancing.model import TargetGroup
from . import readers as recovery
from .readers import Counted, LoggedErrors


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecovered:
    """Proof of the ECS procedure: its tasks, their deployment, the targets, the endpoint and the log."""

    service: Reading[Service] = reading(ecs.service)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs.stops)
    endpoint: Reading[Endpoint] = reading(health_endpoint.endpoint)
    definition: Reading[TaskDefinition] = reading(ecs.definition)
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.target_groups, after=("service",))
    errors: Reading[LoggedErrors] = reading(recovery.logged_errors, after=("definition",))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRecovered:
    """Proof of the DynamoDB procedure: the new values, one item counted, the throttle metric."""

    table: Reading[Table] = reading(dynamodb.table)
    counted: Reading[Counted] = reading(recovery.counted)
    throttles: Reading[tuple[Flow, ...]] = reading(dynamodb.throttles)
    other_throttles: Reading[tuple[Flow, ...]] = reading(dynamodb.other_throttles, after=("table",))
    scaling: Reading[tuple[Bounds, ...]] = reading(dynamodb.scaling, after=("table",))
