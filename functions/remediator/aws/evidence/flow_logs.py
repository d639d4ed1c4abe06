"""Reader of VPC Flow Logs in CloudWatch Logs, where the workload names their log group.

FilterLogEvents and not Logs Insights: it answers at once and is bounded by pages; Insights is billed by what it scans.
"""

from ...core.clocks import after, epoch_s
from ...core.edge import Aws, Permission, Scope, reads
from ...core.errors import NotFound
from ...core.flow_logs import Flows, counted

RECORDS_READ = 1000  # ours: one page of FilterLogEvents has up to 10,000
REJECTED = "REJECT"


@reads(Permission("logs:FilterLogEvents", "arn:{partition}:logs:{region}:{account}:log-group:*"))
def refused_flows(aws: Aws, scope: Scope, addresses: tuple[str, ...]) -> Flows:
    """Flows from or to these addresses that were refused within the scope's window.

    Raises:
        NotFound: no flow log group is declared, or it does not exist.
    """
    if scope.workload is None or not scope.workload.flow_log_group:
        raise NotFound("no flow log group is declared for the workload (flow_log_group in cdk.json)")
    events = aws.pages(
        "logs:FilterLogEvents",
        "events",
        RECORDS_READ + 1,
        logGroupName=scope.workload.flow_log_group,
        startTime=1000 * epoch_s(after(scope.now, -scope.window_s)),
        endTime=1000 * epoch_s(scope.now),
        filterPattern=REJECTED,
    )
    lines = [str(e.get("message", "")) for e in events[:RECORDS_READ]]
    return counted(lines, addresses, complete=len(events) <= RECORDS_READ)
