"""Whether targets are registered and checked on the port that the workload listens on."""

from dataclasses import dataclass

from ...core.evidence import Reading, Unchecked
from ...resources.ecs.backends import Behind, ContainerPort
from ...resources.load_balancing.model import TRAFFIC_PORT, TargetGroup, TargetState
from ...resources.load_balancing.target_health import in_use


@dataclass(frozen=True, slots=True, kw_only=True)
class PortDifference:
    """What is not as it should be.

    Attributes:
        right: the port that is declared, or that the container listens on; 0 where ECS chose one for each task.
        registered: targets in use that are registered on another port.
        checked: the fixed health-check port, where neither the workload nor a container names it; else None.
    """

    right: int
    registered: tuple[TargetState, ...] = ()
    checked: int | None = None


def port_difference(
    group: TargetGroup, behind: Behind, declared: int, containers: Reading[tuple[ContainerPort, ...]]
) -> PortDifference:
    """How registrations and health-check port differ from what the workload listens on.

    Args:
        group: with its targets.
        behind: whose they are.
        declared: the workload's own port, 0 where none is declared.
        containers: read only where the answer rests on it.

    Raises:
        Unchecked: nothing tells the right port.
    """
    if behind.managed and group.target_type == "instance":
        return _on_instances(group)
    right = declared or _container_port(group, behind, containers)
    other = tuple(t for t in in_use(group) if t.port != right)
    return PortDifference(right=right, registered=other, checked=_checked(group, behind, right, containers))


def _on_instances(group: TargetGroup) -> PortDifference:
    if group.health_port != TRAFFIC_PORT:
        raise Unchecked("ECS chooses a port of the instance for each task, so a fixed health-check port tells nothing")
    return PortDifference(right=0)  # registered and checked where ECS put the task


def _container_port(group: TargetGroup, behind: Behind, containers: Reading[tuple[ContainerPort, ...]]) -> int:
    if behind.service is None:
        raise Unchecked("no port is declared for the workload, and no ECS service tells one")
    if mapped := behind.mapped_port(group.arn):
        return mapped
    ports = {c.port for c in containers.get()}
    if len(ports) != 1:
        raise Unchecked("no port is declared for the workload, and its containers do not tell one")
    return ports.pop()


def _checked(
    group: TargetGroup, behind: Behind, right: int, containers: Reading[tuple[ContainerPort, ...]]
) -> int | None:
    if not group.health_port.isdigit() or int(group.health_port) == right:
        return None
    listening = {c.port for c in containers.get()} if behind.managed else set()
    return None if int(group.health_port) in listening else int(group.health_port)
