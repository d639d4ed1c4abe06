"""What is read of a load balancer that answers 5xx: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources import endpoint as health_endpoint
from ...resources.cloudformation import Stack
from ...resources.ecs.backends import Backend
from ...resources.ecs.model import TaskStop
from ...resources.ecs.readers import backends as ecs_backends
from ...resources.endpoint import Endpoint
from ...resources.load_balancing.model import TargetGroup
from ...resources.load_balancing.target_health import HostCounts
from . import readers, task_count_readers
from .model import CountBounds, CountSchedule, CountSets, Gateway, GatewayAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.groups, recheck=True)
    gateway: Reading[Gateway] = reading(readers.gateway, after=("groups",), recheck=True)
    backends: Reading[tuple[Backend, ...]] = reading(ecs_backends.backends, after=("groups",), recheck=True)
    answers: Reading[GatewayAnswers] = reading(readers.answers, after=("groups",), recheck=True)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_backends.stops, after=("backends",), recheck=True)
    bounds: Reading[tuple[CountBounds, ...]] = reading(task_count_readers.bounds, after=("backends",), recheck=True)
    schedules: Reading[tuple[CountSchedule, ...]] = reading(task_count_readers.schedules, after=("backends",))
    hosts: Reading[HostCounts] = reading(task_count_readers.hosts_before_zero, after=("groups", "backends"))
    count_sets: Reading[CountSets] = reading(task_count_readers.count_sets, after=("backends",))
    stack: Reading[Stack] = reading(readers.stack, after=("groups", "backends"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a fix: the load balancer's own metrics, the targets and the endpoint."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.groups)
    answers: Reading[GatewayAnswers] = reading(readers.answers, after=("groups",))
    endpoint: Reading[Endpoint] = reading(health_endpoint.endpoint)
