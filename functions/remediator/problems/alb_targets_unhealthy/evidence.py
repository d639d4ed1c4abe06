"""What is read of unhealthy targets: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources import cloudformation
from ...resources import endpoint as health_endpoint
from ...resources.cloudformation import Stack
from ...resources.ecs.backends import Behind, ContainerPort
from ...resources.ecs.model import TaskStop
from ...resources.ecs.readers import backends as ecs_backends
from ...resources.endpoint import Endpoint
from ...resources.load_balancing import readers as load_balancing_readers
from ...resources.load_balancing.model import TargetGroup, Traffic
from ...resources.load_balancing.target_health import HealthProbeResult, HostCounts
from ...resources.vpc import readers as vpc_readers
from ...resources.vpc.network_path import Interfaces, LoadBalancer, NetworkAcl, SecurityGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    group: Reading[TargetGroup] = reading(load_balancing_readers.target_group, recheck=True)
    stack: Reading[Stack] = reading(cloudformation.stack)
    balancer: Reading[LoadBalancer] = reading(vpc_readers.load_balancer, after=("group",))
    interfaces: Reading[Interfaces] = reading(vpc_readers.interfaces, after=("group",), recheck=True)
    behind: Reading[Behind] = reading(ecs_backends.behind, after=("group",))
    hosts: Reading[HostCounts] = reading(load_balancing_readers.hosts_of_the_day, after=("group",))
    answers: Reading[HealthProbeResult] = reading(load_balancing_readers.answers, after=("group",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.group_traffic, after=("group",))
    container_ports: Reading[tuple[ContainerPort, ...]] = reading(ecs_backends.container_ports, after=("behind",))
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_backends.stops_behind, after=("behind",))
    security_groups: Reading[tuple[SecurityGroup, ...]] = reading(
        vpc_readers.security_groups, after=("balancer", "interfaces"), recheck=True
    )
    acls: Reading[tuple[NetworkAcl, ...]] = reading(vpc_readers.network_acls, after=("interfaces",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a fix: the targets' own health, the metric, the endpoint and the traffic."""

    group: Reading[TargetGroup] = reading(load_balancing_readers.target_group)
    endpoint: Reading[Endpoint] = reading(health_endpoint.endpoint)
    hosts: Reading[HostCounts] = reading(load_balancing_readers.hosts_lately, after=("group",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.group_traffic, after=("group",))
