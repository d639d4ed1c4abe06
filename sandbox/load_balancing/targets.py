"""The portfolio's target group: whether its checks can pass, as a function of what is set, over time.

Settings of the check, security groups and ACLs are moto's; registrations and health are kept here. A change is seen by
the load balancer after interval times threshold, as on AWS; packets meet it at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.elbv2.models import elbv2_backends

from .. import names
from ..ecs.fleet import Fleet
from ..ecs.service import Service
from ..ecs.tasks import Task
from ..history import History
from ..vpc.network import Network
from ..wire import AwsError, Fake, Parameters

ROUTES = {names.HEALTH_PATH: 200, "/users": 200, "/users/": 301, "/admin": 403}  # all else is 404
DRAINING = timedelta(seconds=300)  # AWS's default deregistration delay
INITIAL = ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
LEAVING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
HEALTHY = ("healthy", "", "")
ALWAYS = datetime.min.replace(tzinfo=UTC)
State = tuple[str, str, str]  # state, reason, description


@dataclass(frozen=True, slots=True)
class Problem:
    """Why checks fail although the application is well, in AWS's words."""

    reason: str
    description: str

    @property
    def state(self) -> State:
        """As DescribeTargetHealth tells it."""
        return "unhealthy", self.reason, self.description


SILENT = Problem("Target.Timeout", "Request timed out")
REFUSED = Problem("Target.FailedHealthChecks", "Health checks failed")


class Reach:
    """What becomes of checks and of requests to targets registered on one port."""

    def __init__(self, problem: Problem | None, *, serves: bool) -> None:
        self.problem: History[Problem | None] = History(problem)
        self._serves = History(serves)

    def passes(self, at: datetime) -> bool:
        """Whether the load balancer held good applications for healthy."""
        return self.problem.at(at) is None

    def serves(self, at: datetime) -> bool:
        """Whether requests reached the application."""
        return self._serves.at(at)

    @property
    def unhealthy_from(self) -> datetime | None:
        """From when on targets are unhealthy for it and stay so, None where they are not."""
        since, problem = self.problem.last
        return (since or ALWAYS) if problem else None

    def change(self, problem: Problem | None, now: datetime, after_s: float, *, serves: bool) -> None:
        """What is set now; the checks show it `after_s` seconds later."""
        self.problem.set(problem, at=now + timedelta(seconds=after_s), now=now)
        self._serves.set(serves, at=now, now=now)


@dataclass(slots=True)
class PlainTarget:
    """An address that someone registered by hand; the portfolio's application runs there, on its own port."""

    address: str
    port: int
    registered_at: datetime
    left_at: datetime | None = None

    def registered(self, at: datetime) -> bool:
        """Whether it was registered at that moment."""
        return self.registered_at <= at and (self.left_at is None or at < self.left_at)


class Targets:
    """All targets of the group: those of ECS's tasks and those registered by hand."""

    def __init__(self, fleet: Fleet, network: Network, arn: str, now: Callable[[], datetime]) -> None:
        self._fleet = fleet
        self._network = network
        self.arn = arn
        self._now = now
        self._reaches: dict[int, Reach] = {}
        self.plain: list[PlainTarget] = []

    def fakes(self) -> Mapping[str, Fake]:
        """ELB's operations on targets."""
        return {
            "DescribeTargetHealth": self.describe_target_health,
            "RegisterTargets": self.register_targets,
            "DeregisterTargets": self.deregister_targets,
        }

    def reach_of(self, service: Service) -> Reach | None:
        """What checks of the service's tasks meet, None where no load balancer checks them."""
        return self.reach(service.port) if service.target_group == self.arn else None

    def reach(self, port: int) -> Reach:
        """What checks of targets on `port` meet."""
        if port not in self._reaches:
            self._reaches[port] = Reach(self._problem(port), serves=self._serves(port))
        return self._reaches[port]

    def look_again(self) -> None:
        """Something may have been set: compares what checks meet now with what they met before."""
        check, now = self._check, self._now()
        for port, reach in self._reaches.items():
            problem = self._problem(port)
            threshold = check.unhealthy_threshold_count if problem else check.healthy_threshold_count
            after_s = int(check.health_check_interval_seconds) * int(threshold)
            reach.change(problem, now, after_s, serves=self._serves(port))

    def next_moment(self) -> datetime | None:
        """When the load balancer sees the next change, None where none is on its way."""
        now = self._now()
        moments = (r.problem.next_after(now) for r in self._reaches.values())
        return min((m for m in moments if m), default=None)

    def count(self, state: str, at: datetime) -> int:
        """Targets that were in that state."""
        return sum(found[0] == state for _, _, found in self._states(at))

    def serving(self, at: datetime) -> bool:
        """Whether some target answered requests; where all are unhealthy, the load balancer still sends them."""
        by_hand = any(p.registered(at) and self.reach(p.port).serves(at) for p in self.plain)
        return by_hand or any(t.serves(at) for s in self._services() for t in self._fleet.tasks_of(s))

    def place(self, address: str, port: int, since: datetime) -> None:
        """An address that was registered at that moment."""
        self.reach(port)
        self.plain.append(PlainTarget(address, port, since))

    def describe_target_health(self, asked: Parameters) -> dict[str, Any]:
        """Each target's state, reason and description."""
        self._known(asked)
        wanted = {t["Id"] for t in asked.get("Targets", ())}
        found = [
            _described(*s, self._health_port(s[1])) for s in self._states(self._now()) if s[0] in wanted or not wanted
        ]
        return {"TargetHealthDescriptions": found}

    def register_targets(self, asked: Parameters) -> dict[str, Any]:
        """Registers addresses; those that stand already stay as they are."""
        self._known(asked)
        now = self._now()
        for target in asked["Targets"]:
            port = target.get("Port", int(self._check.port))
            if not self._standing(target["Id"], port):
                self.place(target["Id"], port, now)
        return {}

    def deregister_targets(self, asked: Parameters) -> dict[str, Any]:
        """Deregisters addresses: of one port where it is named, else of all. A task's own goes unless ECS brings it back."""
        self._known(asked)
        for target in asked["Targets"]:
            for standing in self._standing(target["Id"], target.get("Port")):
                standing.left_at = self._now()
        return {}

    def _standing(self, address: str, port: int | None) -> list[PlainTarget]:
        now = self._now()
        here = [p for p in self.plain if p.address == address and p.registered(now)]
        return [p for p in here if port is None or p.port == port]

    def _states(self, at: datetime) -> Iterator[tuple[str, int, State]]:
        for service in self._services():
            for task in self._fleet.tasks_of(service):
                if _known(task, at):
                    yield task.address, service.port, self._of_task(task, self.reach(service.port), at)
        for target in self.plain:
            if target.registered(at):
                yield target.address, target.port, self._of_plain(target, at)
            elif target.left_at and target.left_at <= at < target.left_at + DRAINING:
                yield target.address, target.port, LEAVING

    def _of_task(self, task: Task, reach: Reach, at: datetime) -> State:
        if task.gone(at):
            return LEAVING
        if task.healthy(at):
            return HEALTHY
        if task.age_s(at) < self._gives_up_s() and not task.well_until:
            return INITIAL
        if problem := reach.problem.at(at):
            return problem.state
        if task.program.answers_late:
            return SILENT.state
        code = task.program.sick_code if task.sick_at and task.sick_at <= at else 503
        return Problem("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]").state

    def _of_plain(self, target: PlainTarget, at: datetime) -> State:
        age_s = (at - target.registered_at).total_seconds()
        problem = self.reach(target.port).problem.at(at)
        if problem is None:
            return HEALTHY if age_s >= int(self._check.health_check_interval_seconds) else INITIAL
        return problem.state if age_s >= self._gives_up_s() else INITIAL

    def _gives_up_s(self) -> int:
        return int(self._check.health_check_interval_seconds) * int(self._check.unhealthy_threshold_count)

    def _services(self) -> Iterator[Service]:
        return (s for s in self._fleet.services.values() if s.target_group == self.arn)

    @property
    def _check(self) -> Any:
        return elbv2_backends[DEFAULT_ACCOUNT_ID][names.REGION].target_groups[self.arn]

    def _known(self, asked: Parameters) -> None:
        if asked["TargetGroupArn"] != self.arn or self._gone():
            raise AwsError("TargetGroupNotFound", "One or more target groups not found")

    def _gone(self) -> bool:
        return self.arn not in elbv2_backends[DEFAULT_ACCOUNT_ID][names.REGION].target_groups

    def _health_port(self, port: int) -> int:
        found = self._check.health_check_port
        return port if found in (None, "traffic-port") else int(found)

    def _serves(self, port: int) -> bool:
        return port == names.PORT and self._network.lets_through(port)

    def _problem(self, port: int) -> Problem | None:
        """What a check of a good application meets: silence, a closed port, or a code that the matcher refuses."""
        checked = self._health_port(port)
        if not self._network.lets_through(checked):
            return SILENT
        if checked != names.PORT:
            return REFUSED
        code = ROUTES.get(urlsplit(self._check.health_check_path).path, 404)
        if _matches(code, self._check.matcher["HttpCode"]):
            return None
        return Problem("Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]")


def _known(task: Task, at: datetime) -> bool:
    """Whether the load balancer had it among its targets: one that was well before its fault had been there all along."""
    if task.well_until and at < task.well_until:
        return True
    started = task.started_at is not None and task.started_at <= at
    return started and not (task.stopped_at is not None and task.stopped_at <= at)


def _matches(code: int, matcher: str) -> bool:
    ranges = (part.partition("-") for part in matcher.split(","))
    return any(int(low) <= code <= int(high or low) for low, _, high in ranges)


def _described(address: str, port: int, state: State, health_port: int) -> dict[str, Any]:
    named = {"State": state[0], "Reason": state[1], "Description": state[2]}
    return {
        "Target": {"Id": address, "Port": port, "AvailabilityZone": f"{names.REGION}a"},
        "HealthCheckPort": str(health_port),
        "TargetHealth": {k: v for k, v in named.items() if v},
    }
