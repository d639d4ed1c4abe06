"""What is read of slow responses: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources import endpoint as health_endpoint
from ...resources.cloudformation import Stack
from ...resources.ecs.backends import Backend
from ...resources.ecs.model import TaskStop
from ...resources.ecs.readers import backends as ecs_backends
from ...resources.ecs.readers import scaling as ecs_scaling
from ...resources.ecs.scaling import CountOwner, Load, TaskSize
from ...resources.endpoint import Endpoint
from ...resources.load_balancing import latency_readers
from ...resources.load_balancing import readers as load_balancing_readers
from ...resources.load_balancing.latency import ResponseTimes
from ...resources.load_balancing.model import TargetGroup, Traffic
from ...resources.load_balancing.target_health import HostCounts
from ...resources.vpc.egress import NetworkPlacement
from ...resources.vpc.flow_logs import Flows
from . import readers
from .latency import NatTrouble, TableSpeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.groups, recheck=True)
    tables: Reading[tuple[TableSpeed, ...]] = reading(readers.tables, recheck=True)
    backends: Reading[tuple[Backend, ...]] = reading(ecs_backends.backends, after=("groups",), recheck=True)
    times: Reading[ResponseTimes] = reading(latency_readers.times, after=("groups",), recheck=True)
    load: Reading[Load] = reading(ecs_scaling.load, after=("backends", "times"), recheck=True)
    owner: Reading[CountOwner] = reading(ecs_scaling.owner, after=("backends", "times"), recheck=True)
    size: Reading[TaskSize] = reading(ecs_scaling.size, after=("backends", "times"))
    place: Reading[NetworkPlacement] = reading(readers.place, after=("backends", "times"))
    nats: Reading[tuple[NatTrouble, ...]] = reading(readers.nats, after=("place",))
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_backends.stops, after=("backends",))
    flows: Reading[Flows] = reading(readers.flows, after=("groups",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.service_traffic, after=("groups",), recheck=True)
    stack: Reading[Stack] = reading(readers.stack, after=("backends", "times"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a fix: the load balancer's own clock, the targets and the endpoint."""

    groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.groups)
    times: Reading[ResponseTimes] = reading(latency_readers.times, after=("groups",))
    hosts: Reading[HostCounts] = reading(readers.hosts, after=("groups", "times"))
    endpoint: Reading[Endpoint] = reading(health_endpoint.endpoint)
