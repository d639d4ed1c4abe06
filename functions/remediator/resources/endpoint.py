"""The declared health endpoint of a workload: its answer, and the reader that requests it."""

from dataclasses import dataclass

from ..core.ports import Aws, Scope, reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What the declared health path answered; empty URL where none is declared."""

    url: str = ""
    status: int = 0
    took_ms: int = 0


@reads()
def endpoint(aws: Aws, scope: Scope) -> Endpoint:
    """One GET of the workload's declared health path."""
    workload = scope.workload
    if workload is None or not workload.endpoint:
        return Endpoint()
    url = workload.endpoint.rstrip("/") + workload.health_path
    answer = aws.get(url)
    return Endpoint(url=url, status=answer.status, took_ms=answer.took_ms)
