"""What a task can get to run with: the sizes of Fargate, and what EC2 container instances have left."""

from collections.abc import Mapping
from dataclasses import dataclass

from .model import TaskDefinition

# Valid Fargate pairs, CPU units -> MiB. Source: AWS, "Task CPU and memory" for Fargate.
FARGATE_MIB: Mapping[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
    32768: (61440, 122880, 249856),
}


def next_fargate_mib(cpu_units: int, memory_mib: int, ceiling_mib: int) -> int | None:
    """The next valid memory above `memory_mib`, at most double and at most the ceiling; None where there is none."""
    bound = min(2 * memory_mib, ceiling_mib)
    return min((m for m in FARGATE_MIB.get(cpu_units, ()) if memory_mib < m <= bound), default=None)


def valid_on_fargate(cpu_units: int | None, memory_mib: int | None) -> bool:
    """Whether Fargate runs tasks of that size."""
    return memory_mib in FARGATE_MIB.get(cpu_units or 0, ())


def nearest_fargate(cpu_units: int, memory_mib: int) -> tuple[int, int]:
    """The smallest valid size that gives at least both; the largest there is where none does."""
    pairs = [(cpu, mib) for cpu, sizes in FARGATE_MIB.items() for mib in sizes]
    enough = [(cpu, mib) for cpu, mib in pairs if cpu >= cpu_units and mib >= memory_mib]
    return min(enough, default=max(pairs))


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
