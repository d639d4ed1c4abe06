"""What a cluster's EC2 container instances have left for a task."""

from dataclasses import dataclass

from .model import TaskDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One container instance; CPU in units (1024 a vCPU), memory in MiB."""

    id: str
    status: str = "ACTIVE"
    connected: bool = True
    cpu_left: int = 0
    memory_left_mib: int = 0
    cpu: int = 0
    memory_mib: int = 0

    @property
    def usable(self) -> bool:
        """Whether ECS places tasks on it."""
        return self.status == "ACTIVE" and self.connected


def wanted(definition: TaskDefinition) -> tuple[int, int]:
    """CPU units and MiB that ECS sets aside for a task: its own figures, else those of its containers together.

    Source: AWS, ECS developer guide: a container's soft limit (`memoryReservation`) is set aside where it has one.
    """
    each = definition.containers
    cpu = definition.cpu_units or sum(c.cpu_units for c in each)
    return cpu, definition.memory_mib or sum(c.reserved_mib or c.memory_mib or 0 for c in each)


def room(instances: tuple[Instance, ...], cpu: int, memory_mib: int) -> int:
    """How many usable instances have room for one more such task."""
    return sum(i.usable and i.cpu_left >= cpu and i.memory_left_mib >= memory_mib for i in instances)


def largest_left(instances: tuple[Instance, ...]) -> tuple[int, int]:
    """The most CPU and the most memory that one usable instance has left; not of the same one necessarily."""
    usable = [i for i in instances if i.usable]
    return max((i.cpu_left for i in usable), default=0), max((i.memory_left_mib for i in usable), default=0)
