"""Reader of a service's memory peak from CloudWatch."""

from ....core.errors import NotFound
from ....core.ports import Aws, Permission, Scope, reads
from ....core.timestamps import after, moment
from ...cloudwatch import query

MEMORY_WINDOW_S = 3600  # ECS remembers stopped tasks for about an hour


@reads(Permission("cloudwatch:GetMetricData"))
def memory_peak_pct(aws: Aws, scope: Scope) -> float:
    """Highest MemoryUtilization of the service over the last hour, in percent of what its tasks reserve.

    Raises:
        NotFound: CloudWatch has no data.
    """
    resource = scope.incident.resource
    named = {"ClusterName": resource.cluster, "ServiceName": resource.name}
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[query("memory", "AWS/ECS", "MemoryUtilization", named, "Maximum")],
        StartTime=moment(after(scope.now, -MEMORY_WINDOW_S)),
        EndTime=moment(scope.now),
    )
    values = answer["MetricDataResults"][0]["Values"]
    if not values:
        raise NotFound("CloudWatch has no MemoryUtilization of this service in the last hour")
    return float(max(values))
