"""Valid CPU and memory pairs on Fargate. Source: ECS developer guide, task CPU and memory."""

from collections.abc import Mapping

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
