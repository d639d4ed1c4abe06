"""What is read of tasks that crash-loop: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources import cloudformation
from ...resources import endpoint as health_endpoint
from ...resources.cloudformation import Stack
from ...resources.ecs.model import RunningTask, Service, ServiceDeployment, TaskDefinition, TaskStop
from ...resources.ecs.readers import application_log as ecs_application_log
from ...resources.ecs.readers import backends as ecs_backends
from ...resources.ecs.readers import images as ecs_images
from ...resources.ecs.readers import scaling as ecs_scaling
from ...resources.ecs.readers import service as ecs_service
from ...resources.ecs.readers import service_context as ecs_service_context
from ...resources.ecs.scaling import Scaling
from ...resources.endpoint import Endpoint
from ...resources.load_balancing import readers as load_balancing_readers
from ...resources.load_balancing.model import TargetGroup, Traffic
from ...resources.logs.digest import LogExcerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    service: Reading[Service] = reading(ecs_service.service, recheck=True)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_service.stops, recheck=True)
    deployments: Reading[tuple[ServiceDeployment, ...]] = reading(ecs_service.deployments, recheck=True)
    definition: Reading[TaskDefinition] = reading(ecs_service.definition)
    memory_peak_pct: Reading[float] = reading(ecs_service_context.memory_peak_pct)
    scaling: Reading[Scaling] = reading(ecs_scaling.scaling)
    stack: Reading[Stack] = reading(cloudformation.stack)
    good_definition: Reading[TaskDefinition] = reading(ecs_service.good_definition, after=("deployments",))
    good_images: Reading[tuple[str, ...]] = reading(ecs_images.good_images, after=("deployments",))
    same_images: Reading[bool] = reading(ecs_images.same_images, after=("deployments", "definition"))
    last_words: Reading[LogExcerpt] = reading(ecs_application_log.last_words, after=("stops", "definition"))
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.service_traffic, after=("target_groups",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a fix: the tasks' own fate, the targets, the traffic and the endpoint."""

    service: Reading[Service] = reading(ecs_service.service)
    stops: Reading[tuple[TaskStop, ...]] = reading(ecs_service.stops)
    tasks: Reading[tuple[RunningTask, ...]] = reading(ecs_service.running)
    endpoint: Reading[Endpoint] = reading(health_endpoint.endpoint)
    target_groups: Reading[tuple[TargetGroup, ...]] = reading(ecs_backends.target_groups, after=("service",))
    traffic: Reading[Traffic] = reading(load_balancing_readers.service_traffic, after=("target_groups",))
