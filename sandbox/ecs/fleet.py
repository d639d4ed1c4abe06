"""ECS in the sandbox: services keep their tasks running, deployments roll, tasks meet their fate. Time only moves forward."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from ..applications import HEALTHY, Application
from ..names import hexadecimal, number
from .restarts import restart_s as _restart_s
from .service import Deployment, Service
from .tasks import PULL_S, SIGKILL, Definition, Ending, Reach, Step, Task, changes_of_health, endings, scheduler_stop

PLACE_AGAIN_S = 60  # ECS tries again to place a task
BREAKER_AT_LEAST = 3  # ECS: failed tasks until the circuit breaker opens, min(0.5 x desired, ...) but never under 3


class Fleet:
    """All services and tasks.

    Args:
        application_of: the program in an image, for a task that is made now.
        on_change: told of each task that changed its state, after the change.
        on_words: told of each log line that a task writes.

    Attributes:
        pull_s: from made to running, of tasks that have not begun yet.
        reach_of: what the load balancer's checks of a service's tasks meet.
        start_fault: how the start of a task fails, None where it does not.
        unplaced: whether no task of the service can be made now; who answers that tells people of it.
    """

    def __init__(
        self,
        application_of: Callable[[str], Application],
        on_change: Callable[[Task, datetime], None],
        on_words: Callable[[Task, datetime, str], None],
    ) -> None:
        self._application_of = application_of
        self._on_change = on_change
        self._on_words = on_words
        self.services: dict[str, Service] = {}
        self.tasks: list[Task] = []
        self.now: datetime | None = None
        self.pull_s: float = PULL_S
        self.reach_of: Callable[[Service], Reach | None] = lambda _: None
        self.start_fault: Callable[[Task], Ending | None] = lambda _: None
        self.unplaced: Callable[[Service, Definition, datetime], bool] = lambda *_: False

    def tasks_of(self, service: Service) -> Iterator[Task]:
        """Every task that the service ever started, oldest first."""
        return (t for t in self.tasks if t.group == service.group)

    def add(self, service: Service, definition: Definition, at: datetime) -> None:
        """A service that has been running healthily for a while."""
        self.services[service.name] = service
        deployment = self._new_deployment(service, definition, at)
        deployment.rollout, deployment.status = "COMPLETED", "SUCCESSFUL"
        deployment.finished_at = at + timedelta(minutes=2)
        for _ in range(service.desired):
            task = self._new_task(service, deployment, at)
            task.status, task.started_at, task.version = "RUNNING", at + timedelta(seconds=PULL_S), 4
            task.healthy_at = at + timedelta(seconds=PULL_S + (HEALTHY.ready_after_s or 0))
        service.say(at + timedelta(minutes=2), "has reached a steady state.")

    def break_down(self, service: Service, program: Application, at: datetime, most: int) -> None:
        """Its first `most` tasks run `program` as if they had just started, 20 s apart."""
        for turn, task in enumerate([t for t in self.tasks_of(service) if t.live][:most]):
            task.program = program
            started = at - timedelta(seconds=20 * turn)
            task.created_at, task.started_at = started - timedelta(seconds=PULL_S), started
            task.healthy_at = task.sick_at = None
            task.well_until = started

    def run_one_off(self, definition: Definition, cluster_task_id: str, started_by: str, at: datetime) -> Task:
        """A task that no service started."""
        task = Task(
            id=cluster_task_id, group=f"family:{definition.family}", definition=definition,
            started_by=started_by, created_at=at, address="10.0.11.200", program=self._application_of(definition.image),
        )  # fmt: skip
        self.tasks.append(task)
        return task

    def deploy(self, service: Service, definition: Definition, at: datetime) -> Deployment:
        """Starts a deployment; what was primary is replaced as new tasks get healthy."""
        before = service.primary
        if before.rollout == "IN_PROGRESS" and before.status == "IN_PROGRESS":
            before.status, before.finished_at = "STOPPED", at
        deployment = self._new_deployment(service, definition, at)
        self.reconcile(service, at)
        return deployment

    def roll_back(self, service: Service, reason: str, at: datetime) -> None:
        """Moves the service back to the revision before the deployment that is in progress."""
        failing = service.primary
        target = self._last_good(service, failing)
        failing.status, failing.rollback_at, failing.rollback_reason = "ROLLBACK_IN_PROGRESS", at, reason
        failing.rollout, failing.rolls_back_to = "FAILED", target
        service.say(at, f"(deployment {failing.id}) deployment failed: {reason}")
        kept = next((d for d in service.shown[1:] if d.definition.arn == target.arn), None)
        if kept is None:
            kept = self._new_deployment(service, target, at, listed=False)
        service.shown.remove(kept)
        service.shown.insert(0, kept)
        kept.rollout = "IN_PROGRESS"
        self.reconcile(service, at)

    def stop(self, task: Task, ending: Ending, at: datetime) -> None:
        """Ends a task: first it leaves its target group, then it is STOPPED."""
        task.stopping_at, task.status = at, "DEPROVISIONING"
        task.stopped_at = at + timedelta(seconds=ending.takes_s)
        task.stop_code, task.stopped_reason = ending.stop_code, ending.reason
        task.exit_code, task.container_reason = ending.exit_code, ending.container_reason
        self._changed(task, at)

    def scale(self, service: Service, desired: int, at: datetime) -> None:
        """Sets the count; a task too many is ended and does not listen to SIGTERM (exit code 137)."""
        service.scale(desired, at)
        live = [t for t in self.tasks_of(service) if t.live]
        for task in live[: max(0, len(live) - desired)]:
            reason = f"Scaling activity initiated by (deployment {service.primary.id})"
            self.stop(task, scheduler_stop(reason, SIGKILL), at)
        self.reconcile(service, at)

    def next_moment(self) -> datetime | None:
        """When the next thing happens, None where nothing will."""
        return min((s.at for s in self._steps()), default=None)

    def catch_up(self, to: datetime) -> None:
        """Lets everything happen that happens until `to`, in order."""
        while (step := min(self._steps(), default=None)) and step.at <= to:
            self.now = step.at
            step.happen()
        self.now = to

    def _steps(self) -> Iterator[Step]:
        for service in self.services.values():
            if service.place_again_at:
                yield Step(service.place_again_at, partial(self.reconcile, service, service.place_again_at))
        for task in self.tasks:
            if task.status == "PENDING":
                begins = task.created_at + timedelta(seconds=self.pull_s)
                yield Step(begins, partial(self._begin, task, begins))
            elif task.status == "RUNNING":
                yield from self._fates(task)
            elif task.status == "DEPROVISIONING" and task.stopped_at:
                yield Step(task.stopped_at, partial(self._ended, task, task.stopped_at))

    def _fates(self, task: Task) -> Iterator[Step]:
        service = self.service_of(task)
        grace_s, target_group = (service.grace_s, service.target_group) if service else (0, "")
        for at, ending in endings(task, grace_s, target_group):
            moment = max(at, self.now or at)
            yield Step(moment, partial(self._fall, task, ending, moment))
        for at, health in changes_of_health(task):
            moment = max(at, self.now or at)
            yield Step(moment, partial(self._turn, task, health, moment))

    def _begin(self, task: Task, at: datetime) -> None:
        service = self.service_of(task)
        if fault := self.start_fault(task):
            self._fails(task, service, fault, at)
            return
        if service:
            service.starts_failed = 0
        task.status, task.started_at = "RUNNING", at
        self._on_words(task, at, f"INFO portfolio.api starting, image {task.definition.image.rsplit('/', 1)[-1]}")
        self._changed(task, at)

    def _fails(self, task: Task, service: Service | None, fault: Ending, at: datetime) -> None:
        """It never runs; its service counts the failure and tries again, a little later each time."""
        self.stop(task, fault, at)
        if service:
            service.starts_failed += 1
            deployment = next((d for d in service.shown if d.id == task.started_by), None)
            if deployment and deployment.rollout == "IN_PROGRESS":
                deployment.failed_tasks += 1
            self.reconcile(service, at)

    def _turn(self, task: Task, health: Literal["healthy", "sick"], at: datetime) -> None:
        service = self.service_of(task)
        if health == "sick":
            task.sick_at = at
            self._last_words(task, at)
            return
        task.healthy_at = at
        self._on_words(task, at, "INFO portfolio.api ready, listening on 0.0.0.0:8000")
        if service:
            self.reconcile(service, at)

    def _fall(self, task: Task, ending: Ending, at: datetime) -> None:
        if task.sick_at is None:
            self._last_words(task, at)
        service = self.service_of(task)
        if service and "health checks" in ending.reason:
            service.say(at, f"(task {task.id}) failed ELB health checks in (target-group {service.target_group})")
        self.stop(task, ending, at)
        if service:
            deployment = next((d for d in service.shown if d.id == task.started_by), None)
            if deployment and deployment.rollout == "IN_PROGRESS":
                deployment.failed_tasks += 1
            self.reconcile(service, at)

    def _last_words(self, task: Task, at: datetime) -> None:
        for words in task.program.last_words:
            self._on_words(task, at - timedelta(seconds=1), words)

    def _ended(self, task: Task, at: datetime) -> None:
        task.status = "STOPPED"
        self._changed(task, at)

    def _changed(self, task: Task, at: datetime) -> None:
        task.version += 1
        self._on_change(task, at)

    def service_of(self, task: Task) -> Service | None:
        """The service that started the task, None where none did."""
        return self.services.get(task.group.removeprefix("service:")) if task.group.startswith("service:") else None

    def _new_deployment(
        self, service: Service, definition: Definition, at: datetime, *, listed: bool = True
    ) -> Deployment:
        id = f"ecs-svc/{number(service.name, len(service.deployments), listed, at)}"
        deployment = Deployment(id=id, definition=definition, created_at=at)
        if listed:
            service.deployments.append(deployment)
        service.shown.insert(0, deployment)
        return deployment

    def _new_task(self, service: Service, deployment: Deployment, at: datetime) -> Task:
        count = len(self.tasks)
        task = Task(
            id=hexadecimal("task", service.name, count), group=service.group, definition=deployment.definition,
            started_by=deployment.id, created_at=at, address=f"10.0.{10 + count // 200 % 100}.{20 + count % 200}",
            program=self._application_of(deployment.definition.image), reach=self.reach_of(service),
        )  # fmt: skip
        self.tasks.append(task)
        return task

    def reconcile(self, service: Service, at: datetime) -> None:
        """Starts what is missing, ends what new tasks replace, closes deployments."""
        primary = service.primary
        if self._breaker_opens(service):
            self.roll_back(service, "tasks failed to start.", at)
            return
        live = [t for t in self.tasks_of(service) if t.live and t.started_by == primary.id]
        if len(live) >= service.desired:
            service.place_again_at = None
        for _ in range(service.desired - len(live)):
            if not self._placed(service, primary, at):
                break
            task = self._new_task(service, primary, at + timedelta(seconds=_restart_s(service)))
            service.say(at, f"has started 1 tasks: (task {task.id}).")
        healthy = sum(t.healthy(at) for t in live)
        self._replace_old(service, max(0, service.desired - healthy), at)
        if healthy >= service.desired and primary.rollout == "IN_PROGRESS":
            self._complete(service, at)

    def _placed(self, service: Service, primary: Deployment, at: datetime) -> bool:
        """Whether ECS can make a task now; where it cannot, it tries again in a minute."""
        if service.place_again_at and at < service.place_again_at:
            return False
        service.place_again_at = None
        if not self.unplaced(service, primary.definition, at):
            return True
        service.place_again_at = at + timedelta(seconds=PLACE_AGAIN_S)
        return False

    def _replace_old(self, service: Service, kept: int, at: datetime) -> None:
        """Ends tasks of earlier deployments, ill ones first, until `kept` are left."""
        primary = service.primary
        old = [t for t in self.tasks_of(service) if t.live and t.started_by != primary.id]
        for task in sorted(old, key=lambda t: t.healthy(at))[: max(0, len(old) - kept)]:
            self.stop(task, scheduler_stop(f"Scaling activity initiated by (deployment {primary.id})"), at)

    def _complete(self, service: Service, at: datetime) -> None:
        primary = service.primary
        primary.rollout = "COMPLETED"
        for deployment in service.deployments:
            if deployment.status == "ROLLBACK_IN_PROGRESS":
                deployment.status, deployment.finished_at = "ROLLBACK_SUCCESSFUL", at
        if primary.status == "IN_PROGRESS":
            primary.status, primary.finished_at = "SUCCESSFUL", at
        service.shown[1:] = []
        service.say(at, f"(deployment {primary.id}) deployment completed.")
        service.say(at, "has reached a steady state.")

    def _breaker_opens(self, service: Service) -> bool:
        primary = service.primary
        open_at = max(BREAKER_AT_LEAST, service.desired // 2)
        moving = primary.status == "IN_PROGRESS" and primary.rollout == "IN_PROGRESS"
        return service.breaker_rolls_back and moving and primary.failed_tasks >= open_at

    def _last_good(self, service: Service, failing: Deployment) -> Definition:
        good = [d for d in service.deployments if d.status == "SUCCESSFUL" and d is not failing]
        return good[-1].definition
