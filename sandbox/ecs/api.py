"""ECS's operations on services, tasks and deployments. Clusters and task definitions are moto's."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..names import CLUSTER, ecs_arn
from ..wire import AwsError, Fake, Parameters
from . import shapes
from .fleet import Fleet
from .service import Service
from .tasks import SIGTERM, Definition, Ending, Task

SHOWN_FOR = timedelta(hours=1)  # ECS forgets stopped tasks after an hour
Answer = dict[str, Any]


class EcsApi:
    """Operations by name, each a function from parameters to an answer."""

    def __init__(self, fleet: Fleet, definition_of: Callable[[str], Definition], now: Callable[[], datetime]) -> None:
        self._fleet = fleet
        self._definition_of = definition_of
        self._now = now

    def fakes(self) -> Mapping[str, Fake]:
        """What moto does not model, or not as ECS does."""
        return {
            "DescribeServices": self.describe_services,
            "UpdateService": self.update_service,
            "ListServices": self.list_services,
            "ListTasks": self.list_tasks,
            "DescribeTasks": self.describe_tasks,
            "StopTask": self.stop_task,
            "ListServiceDeployments": self.list_service_deployments,
            "DescribeServiceDeployments": self.describe_service_deployments,
            "DescribeServiceRevisions": self.describe_service_revisions,
            "StopServiceDeployment": self.stop_service_deployment,
        }

    def describe_services(self, asked: Parameters) -> Answer:
        """Known ones; unknown ones as failures, as ECS does."""
        _in_cluster(asked)
        with_tags = "TAGS" in asked.get("include", ())
        found, missing = [], []
        for name in map(_last, asked["services"]):
            service = self._fleet.services.get(name)
            if service is None:
                missing.append(ecs_arn(f"service/{CLUSTER}/{name}"))
            else:
                tags = {"tags": shapes.tags(service.tags)} if with_tags else {}
                found.append({**shapes.service(service, self._live(service)), **tags})
        return {"services": found, "failures": _missing(missing)}

    def update_service(self, asked: Parameters) -> Answer:
        """Really changes the service; a deployment starts only where the definition changes or it is forced."""
        service, now = self._named(asked, asked["service"]), self._now()
        definition = service.primary.definition
        if "taskDefinition" in asked:
            definition = self._definition_of(asked["taskDefinition"])
        if "healthCheckGracePeriodSeconds" in asked:
            service.grace_s = asked["healthCheckGracePeriodSeconds"]
        if "desiredCount" in asked:
            self._fleet.scale(service, asked["desiredCount"], now)
        if definition.arn != service.primary.definition.arn or asked.get("forceNewDeployment"):
            self._fleet.deploy(service, definition, now)
        return {"service": shapes.service(service, self._live(service))}

    def list_services(self, asked: Parameters) -> Answer:
        """All of the cluster's."""
        _in_cluster(asked)
        return {"serviceArns": [s.arn for s in self._fleet.services.values()]}

    def list_tasks(self, asked: Parameters) -> Answer:
        """By service, family, starter and desired status, newest first; stopped ones for an hour."""
        _in_cluster(asked)
        if "serviceName" in asked:
            self._named(asked, asked["serviceName"])
        found = [t for t in reversed(self._fleet.tasks) if self._listed(t, asked)]
        return {"taskArns": [shapes.task_arn(t) for t in found[: asked.get("maxResults", 100)]]}

    def describe_tasks(self, asked: Parameters) -> Answer:
        """Known ones; unknown ones as failures."""
        _in_cluster(asked)
        known = {shapes.task_arn(t): t for t in self._fleet.tasks if self._remembered(t)}
        arns = [a if ":" in a else ecs_arn(f"task/{CLUSTER}/{a}") for a in asked["tasks"]]
        found = [shapes.task(known[a], self._fleet.service_of(known[a])) for a in arns if a in known]
        return {"tasks": found, "failures": _missing(a for a in arns if a not in known)}

    def stop_task(self, asked: Parameters) -> Answer:
        """Ends it as a person does."""
        task = next((t for t in self._fleet.tasks if t.id == _last(asked["task"]) and t.live), None)
        if task is None:
            raise AwsError("InvalidParameterException", "The referenced task was not found.")
        self._fleet.stop(
            task, Ending("UserInitiated", asked.get("reason", "Task stopped by user"), SIGTERM), self._now()
        )
        return {"task": shapes.task(task, self._fleet.service_of(task))}

    def list_service_deployments(self, asked: Parameters) -> Answer:
        """Newest first, by status."""
        service, wanted = self._named(asked, asked["service"]), asked.get("status")
        listed = [d for d in reversed(service.deployments) if not wanted or d.status in wanted]
        return {"serviceDeployments": [shapes.brief(service, d) for d in listed[: asked.get("maxResults", 20)]]}

    def describe_service_deployments(self, asked: Parameters) -> Answer:
        """Known ones; unknown ones as failures."""
        every = {shapes.deployment_arn(s, d): (s, d) for s in self._fleet.services.values() for d in s.deployments}
        arns, now = asked["serviceDeploymentArns"], self._now()
        found = [shapes.deployment(s, d, self._live(s), now) for s, d in (every[a] for a in arns if a in every)]
        return {"serviceDeployments": found, "failures": _missing(a for a in arns if a not in every)}

    def describe_service_revisions(self, asked: Parameters) -> Answer:
        """Known ones; unknown ones as failures."""
        services = self._fleet.services.values()
        every = {shapes.revision_arn(s, d.definition): (s, d) for s in services for d in s.deployments}
        arns = asked["serviceRevisionArns"]
        found = [shapes.revision(*every[a]) for a in arns if a in every]
        return {"serviceRevisions": found, "failures": _missing(a for a in arns if a not in every)}

    def stop_service_deployment(self, asked: Parameters) -> Answer:
        """Rolls the deployment that is in progress back; other ways of stopping are not modelled."""
        arn = asked["serviceDeploymentArn"]
        every = {shapes.deployment_arn(s, d): (s, d) for s in self._fleet.services.values() for d in s.deployments}
        if arn not in every:
            raise AwsError("ServiceDeploymentNotFoundException", "The service deployment was not found.")
        service, deployment = every[arn]
        if deployment.status != "IN_PROGRESS":
            raise AwsError("ConflictException", f"The service deployment is {deployment.status}.")
        if asked.get("stopType", "ROLLBACK") != "ROLLBACK":
            raise NotImplementedError("the sandbox stops a deployment with ROLLBACK only")
        self._fleet.roll_back(service, "Service deployment rolled back by a user request.", self._now())
        return {"serviceDeploymentArn": arn}

    def _live(self, service: Service) -> list[Task]:
        return [t for t in self._fleet.tasks_of(service) if t.live]

    def _named(self, asked: Parameters, name: str) -> Service:
        _in_cluster(asked)
        service = self._fleet.services.get(_last(name))
        if service is None:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        return service

    def _listed(self, task: Task, asked: Parameters) -> bool:
        if "serviceName" in asked and task.group != f"service:{_last(asked['serviceName'])}":
            return False
        if task.definition.family != asked.get("family", task.definition.family):
            return False
        if task.started_by != asked.get("startedBy", task.started_by):
            return False
        stopped_wanted = asked.get("desiredStatus", "RUNNING") == "STOPPED"
        return self._remembered(task) and stopped_wanted != task.live

    def _remembered(self, task: Task) -> bool:
        if task.created_at > self._now():
            return False
        return not (task.status == "STOPPED" and task.stopped_at and task.stopped_at + SHOWN_FOR < self._now())


def _in_cluster(asked: Parameters) -> None:
    if _last(asked.get("cluster", "default")) != CLUSTER:
        raise AwsError("ClusterNotFoundException", "Cluster not found.")


def _missing(arns: Any) -> list[Answer]:
    return [{"arn": arn, "reason": "MISSING"} for arn in arns]


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1]
