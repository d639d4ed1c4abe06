"""How many stop reasons `explain` reads in a second on one core."""

import itertools
import time
from collections.abc import Iterator

from ops.explain.inputs import explain

from .aims import Figure

REASONS = 10_000
AT_LEAST_PER_S = 2_000

# Shapes of reasons that ECS gives; what is in brackets varies, so that no two of the reasons are alike.
_PULL = "ResourceInitializationError: unable to pull secrets or registry auth: "
SHAPES = (
    _PULL
    + "execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried {few} "
    "time(s): failed to fetch secret arn:aws:secretsmanager:{region}:111122223333:secret:app/{n}-AbCdEf from secrets manager: "
    "RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network "
    "configuration.",
    "CannotPullContainerError: pull image manifest has been retried {few} time(s): failed to resolve ref "  # noqa: ISC004
    "111122223333.dkr.ecr.{region}.amazonaws.com/app:{n}: not found",
    _PULL
    + "AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/exec-{n}/x is not authorized to perform: "
    "ssm:GetParameters on resource: arn:aws:ssm:{region}:111122223333:parameter/p{n} because no identity-based policy allows "
    "the ssm:GetParameters action",
    'CannotStartContainerError: OCI runtime create failed: exec: "/app/{n}.sh": executable file not found in $PATH: unknown',
    "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:{region}:111122223333:targetgroup/tg/{n})",
    "Scaling activity initiated by (deployment ecs-svc/{n})",
    "Essential container in task exited",
    "OutOfMemoryError: Container killed due to memory usage ({n})",
    "RESOURCE:MEMORY {n}",
    "something nobody documented {n}: password=hunter{n}x!",
)
REGIONS = ("eu-west-1", "ap-northeast-1", "us-east-1", "sa-east-1")


def stop_reasons(count: int = REASONS) -> Iterator[dict[str, object]]:
    """`count` stopped tasks, each told of by another text."""
    varied = zip(itertools.cycle(SHAPES), itertools.cycle(REGIONS[:3]), range(count), strict=False)
    for shape, region, n in varied:
        reason = shape.format(n=n, few=n % 5 + 1, region=region)
        yield {"stoppedReason": reason, "containers": [{"name": f"c{n}", "exitCode": n % 3 or 143}]}


def explained_per_s() -> Figure:
    """One pass over all of them, CPU time of this process alone."""
    given = [{"ecs_stopped_task": stop} for stop in stop_reasons()]
    began_s = time.process_time()
    for stop in given:
        explain(stop)
    took_s = time.process_time() - began_s
    return Figure(
        of="explain",
        what=f"{len(given):,} varied stop reasons on one core",
        value=round(len(given) / took_s),
        unit="per s",
        aim=AT_LEAST_PER_S,
        better="more",
    )
