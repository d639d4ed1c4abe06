"""Health of targets: each is asked every interval as its target group says, over the network that EC2's API holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services import alb

from . import agenda, interfaces, network, programs, tasks
from .admin import view
from .patches import patch, silent

ALB = "ministack.services.alb"
FIRST_CHECK_S = 10.0
DRAINED_S = 300.0  # deregistration_delay.timeout_seconds by default
UNDER_WAY = "Initial health checks in progress"
Key = tuple[str, str, int]


@dataclass(slots=True)
class Target:
    """One registration in a target group.

    Attributes:
        state, reason, description: as DescribeTargetHealth words them.
        good, bad: checks in a row.
        error: whether a request to it ends in a connection error: network or port.
    """

    group: str
    id: str
    port: int
    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"
    good: int = 0
    bad: int = 0
    registered_at: float = field(default_factory=agenda.now)

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.group, self.id, self.port

    def become(self, state: str, reason: str = "", description: str = "") -> None:
        """Its state, in AWS's words."""
        self.state, self.reason, self.description = state, reason, description


_targets: dict[Key, Target] = {}


def of_group(arn: str) -> list[Target]:
    """All registrations of a target group, those that drain too."""
    return [t for t in _targets.values() if t.group == arn]


def state_of(group: str, address: str, port: int) -> Target | None:
    """One registration."""
    return _targets.get((group, address, port))


def register(group: str, address: str, port: int) -> None:
    """A target that is asked from now on; one that is there already stays as it is, unless it drains."""
    there = _targets.get((group, address, port))
    if there is not None and there.state != "draining":
        return
    target = Target(group, address, port)
    _targets[target.key] = target
    _publish(group)
    agenda.after(FIRST_CHECK_S, lambda: _check(target))


def deregister(group: str, address: str, port: int | None = None) -> None:
    """The target gets no new requests; it is listed as draining for a while."""
    for target in of_group(group):
        if target.id == address and port in (None, target.port) and target.state != "draining":
            target.become("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
            _publish(group)
            agenda.after(DRAINED_S, lambda t=target: _forget(t))


def answer_of(target: Target, path: str) -> int | None:
    """What a GET of it gives now: a status code, `programs.LATE`, None where nothing answers at all."""
    group = alb._tgs[target.group]
    if not is_reached(group, target):
        return None
    task = tasks.at_address(target.id)
    if task is None:  # a plain address: the portfolio's program runs behind it, unless it was a task's
        return programs.PATHS.get(path, 404) if _plain(target) else None
    program: programs.Program = task["_program"]
    return program.answers(path, tasks.ran_s(task))


def _publish(group: str) -> None:
    used = [t for t in of_group(group) if t.state != "draining"]
    alb._targets[group] = [{"Id": t.id, "Port": t.port} for t in used]


def _forget(target: Target) -> None:
    if _targets.get(target.key) is target:
        del _targets[target.key]


def _check(target: Target) -> None:
    group = alb._tgs.get(target.group)
    if group is None or _targets.get(target.key) is not target or target.state == "draining":
        return
    agenda.after(group["HealthCheckIntervalSeconds"], lambda: _check(target))
    if not group["LoadBalancerArns"]:
        target.become(
            "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
        )
        return
    fault = _fault(group, target)
    target.good, target.bad = (target.good + 1, 0) if fault is None else (0, target.bad + 1)
    if fault is None and (target.state in ("initial", "unused") or target.good >= group["HealthyThresholdCount"]):
        target.become("healthy")
    elif fault is not None and (target.bad >= group["UnhealthyThresholdCount"] or target.state == "unhealthy"):
        target.become("unhealthy", *fault)
    elif target.state in ("initial", "unused"):
        target.become("initial", "Elb.InitialHealthChecking", UNDER_WAY)


def _fault(group: Mapping[str, Any], target: Target) -> tuple[str, str] | None:
    """Reason and description of a failed check, None where it is passed."""
    port = _checked_port(group, target)
    if not _route(group, target, port):
        return "Target.Timeout", "Request timed out"
    if not _listens(target, port):
        return "Target.FailedHealthChecks", "Health checks failed"
    code = answer_of(Target(target.group, target.id, port), group["HealthCheckPath"])
    if code is None:
        return "Target.FailedHealthChecks", "Health checks failed"
    if code == programs.LATE:
        return "Target.Timeout", "Request timed out"
    if not _matches(group["Matcher"]["HttpCode"], code):
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]"
    return None


def is_reached(group: Mapping[str, Any], target: Target) -> bool:
    """Whether requests of users get to it at all."""
    return _listens(target, target.port) and _route(group, target, target.port)


def _route(group: Mapping[str, Any], target: Target, port: int) -> bool:
    balancers = (alb._lbs.get(arn) for arn in group["LoadBalancerArns"])
    return all(network.reaches(b, target.id, port, group["VpcId"]) for b in balancers if b)


def _listens(target: Target, port: int) -> bool:
    there = tasks.at_address(target.id) is not None or _plain(target)
    return port == programs.PORT and there


def _plain(target: Target) -> bool:
    """Whether an address is no task's: no interface has it."""
    return interfaces.at(target.id) is None and target.id not in _once_tasks


def _checked_port(group: Mapping[str, Any], target: Target) -> int:
    asked = group["HealthCheckPort"]
    return target.port if asked == "traffic-port" else int(asked)


def _matches(matcher: str, code: int) -> bool:
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if int(low) <= code <= int(high or low):
            return True
    return False


_once_tasks: set[str] = set()


def _remember(task: Mapping[str, Any]) -> None:
    _once_tasks.add(interfaces.address_of(task))


tasks.listeners.append(_remember)


@view("targets")
def targets() -> list[dict[str, Any]]:
    """Every registration with its health."""
    with agenda.LOCK:
        return [{n: getattr(t, n) for n in Target.__slots__} for t in _targets.values()]


# -- what the load balancer's own API lacks ----------------------------------------------------------------------------


@patch(
    of=f"{ALB}._ACTION_MAP",
    at=("RegisterTargets",),
    lacks="takes one port per address only, and checks no target's health",
    still=silent(f"{ALB}._register_targets", "initial"),
)
def register_by_port(_original: Any) -> Any:
    """A target is an address and a port."""

    def answer(params: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            group = alb._tgs.get(alb._p(params, "TargetGroupArn"))
            if group is None:
                return _unknown(params)
            for target in alb._parse_targets_param(params):
                register(group["TargetGroupArn"], target["Id"], target.get("Port", group["Port"]))
            return alb._empty("RegisterTargets")

    return answer


@patch(
    of=f"{ALB}._ACTION_MAP",
    at=("DeregisterTargets",),
    lacks="takes all ports of an address away at once, without draining",
    still=silent(f"{ALB}._deregister_targets", "draining"),
)
def deregister_by_port(_original: Any) -> Any:
    """A target drains; without a port all of the address do."""

    def answer(params: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            group = alb._tgs.get(alb._p(params, "TargetGroupArn"))
            if group is None:
                return _unknown(params)
            for target in alb._parse_targets_param(params):
                deregister(group["TargetGroupArn"], target["Id"], target.get("Port"))
            return alb._empty("DeregisterTargets")

    return answer


@patch(
    of=f"{ALB}._ACTION_MAP",
    at=("DescribeTargetHealth",),
    lacks="calls every target healthy",
    still=silent(f"{ALB}._describe_target_health", "unhealthy"),
)
def tell_health(_original: Any) -> Any:
    """State, reason and description as AWS words them; one that is asked for and not registered is `unused`."""

    def answer(params: dict[str, Any]) -> Any:
        with agenda.LOCK:
            agenda.catch_up()
            group = alb._tgs.get(alb._p(params, "TargetGroupArn"))
            if group is None:
                return _unknown(params)
            text = "".join(_described(group, t) for t in _asked(group, alb._parse_targets_param(params)))
            inner = f"<TargetHealthDescriptions>{text}</TargetHealthDescriptions>"
            return alb._xml(200, "DescribeTargetHealth", inner)

    return answer


def _asked(group: Mapping[str, Any], wanted: list[dict[str, Any]]) -> Iterator[Target]:
    arn = group["TargetGroupArn"]
    if not wanted:
        yield from of_group(arn)
    for each in wanted:
        found = [t for t in of_group(arn) if t.id == each["Id"] and each.get("Port") in (None, t.port)]
        unknown = Target(arn, each["Id"], each.get("Port", group["Port"]))
        unknown.become("unused", "Target.NotRegistered", "Target is not registered to the target group")
        yield from found or [unknown]


def _described(group: Mapping[str, Any], target: Target) -> str:
    found = interfaces.zone_at(target.id)
    zone = f"<AvailabilityZone>{found}</AvailabilityZone>" if found else ""
    why = f"<Reason>{target.reason}</Reason>" if target.reason else ""
    words = f"<Description>{alb._esc(target.description)}</Description>" if target.description else ""
    return (
        f"<member><Target><Id>{target.id}</Id><Port>{target.port}</Port>{zone}</Target>"
        f"<HealthCheckPort>{_checked_port(group, target)}</HealthCheckPort>"
        f"<TargetHealth><State>{target.state}</State>{why}{words}</TargetHealth></member>"
    )


def _unknown(params: Mapping[str, Any]) -> Any:
    return alb._error("TargetGroupNotFound", f"Target groups '{alb._p(params, 'TargetGroupArn')}' not found")
