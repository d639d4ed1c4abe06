"""What is read of tasks that do not start: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources import cloudformation
from ...resources import endpoint as health_endpoint
from ...resources.cloudformation import Stack
from ...resources.cloudtrail import readers as cloudtrail_readers
from ...resources.cloudtrail.history import History
from ...resources.ecs.capacity import Instance
from ...resources.ecs.model import RunningTask, Service, ServiceDeployment, TaskDefinition, TaskStop
from ...resources.ecs.readers import backends as ecs_backends
from ...resources.ecs.readers import egress as ecs_egress
from ...resources.ecs.readers import images as ecs_images
from ...resources.ecs.readers import roles as role_readers
from ...resources.ecs.readers import scaling as ecs_scaling
from ...resources.ecs.readers import service as ecs_service
from ...resources.ecs.scaling import Scaling
from ...resources.ecs.task_setup import TaskSetup, WantedImage
from ...resources.endpoint import Endpoint
from ...resources.iam.role_rights import Role
from ...resources.load_balancing import readers as load_balancing_readers
from ...resources.load_balancing.model import TargetGroup, Traffic
from ...resources.vpc.egress import NetworkPlacement
from ...resources.vpc.network_path import NetworkAcl, SecurityGroup
from . import readers
from .readers import ServiceMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    service: Reading[Service] = reading(ecs_service.service, recheck=True)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_service.stops, recheck=True)
    said: Reading[tuple[ServiceMessage, ...]] = reading(readers.said, recheck=True)
    deployments: Reading[tuple[ServiceDeployment, ...]] = reading(ecs_service.deployments, recheck=True)
    definition: Reading[TaskDefinition] = reading(ecs_service.definition)
    scaling: Reading[Scaling] = reading(ecs_scaling.scaling)
    stack: Reading[Stack] = reading(cloudformation.stack)
    setup: Reading[TaskSetup] = reading(readers.setup, after=("definition",))
    images: Reading[tuple[WantedImage, ...]] = reading(readers.wanted_images, after=("setup",))
    roles: Reading[tuple[Role, ...]] = reading(role_readers.roles, after=("definition",))
    refused: Reading[History] = reading(cloudtrail_readers.refused_reads)
    instances: Reading[tuple[Instance, ...]] = reading(readers.instances, after=("service",))
    place: Reading[NetworkPlacement] = reading(ecs_egress.place, after=("service",), recheck=True)
    way_groups: Reading[tuple[SecurityGroup, ...]] = reading(ecs_egress.way_groups, after=("place",), recheck=True)
    way_acls: Reading[tuple[NetworkAcl, ...]] = reading(ecs_egress.way_acls, after=("place",))
    good_definition: Reading[TaskDefinition] = reading(ecs_service.good_definition, after=("deployments",))
    good_setup: Reading[TaskSetup] = reading(readers.good_setup, after=("good_definition",))
    good_images: Reading[tuple[str, ...]] = reading(ecs_images.good_images, after=("deployments",))
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.service_traffic, after=("target_groups",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to see whether tasks start again: the tasks' own fate, ECS's words, targets and the endpoint."""

    service: Reading[Service] = reading(ecs_service.service)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_service.stops)
    tasks: Reading[tuple[RunningTask, ...]] = reading(ecs_service.running)
    said: Reading[tuple[ServiceMessage, ...]] = reading(readers.said)
    endpoint: Reading[Endpoint] = reading(health_endpoint.endpoint)
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.service_traffic, after=("target_groups",))
