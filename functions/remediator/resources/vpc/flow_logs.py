"""VPC Flow Logs: accepted and rejected flows between two addresses, counted; and their reader."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import after, epoch_s

V2 = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip


PATHS_KEPT = 10


LINE_CHARS = 1000
RECORDS_READ = 1000  # ours: one page of FilterLogEvents has up to 10,000
REJECTED = "REJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Refused flows from one address to one port of another."""

    source: str
    target: str
    port: int
    flows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """What a flow log says of a window.

    Attributes:
        rejected: flows that a security group or a network ACL refused.
        refused: the most frequent of them by source, target and port.
        unread: records in another format than the default one; nothing is known of them.
        complete: False where more records were there than are read.
    """

    accepted: int = 0
    rejected: int = 0
    refused: tuple[Path, ...] = ()
    unread: int = 0
    complete: bool = True


def record(line: str) -> Mapping[str, str] | None:
    """The fields of one record of the default format, None for any other."""
    values = line[:LINE_CHARS].split()
    if len(values) != len(V2) or values[0] != "2" or values[12] not in ("ACCEPT", "REJECT", "-"):
        return None
    return dict(zip(V2, values, strict=True))


def counted(lines: Iterable[str], addresses: Sequence[str] = (), *, complete: bool = True) -> Flows:
    """The flows of these records.

    Args:
        lines: records of a flow log.
        addresses: only flows from or to one of them count; all where none is given.
        complete: whether these are all records of the window.
    """
    read = [record(line) for line in lines]
    known = [r for r in read if r is not None and r["log-status"] == "OK"]
    mine = [r for r in known if not addresses or {r["srcaddr"], r["dstaddr"]} & set(addresses)]
    refused = [r for r in mine if r["action"] == "REJECT"]
    paths = Counter((r["srcaddr"], r["dstaddr"], int(r["dstport"])) for r in refused if r["dstport"].isdigit())
    return Flows(
        accepted=sum(r["action"] == "ACCEPT" for r in mine),
        rejected=len(refused),
        refused=tuple(Path(source=s, target=t, port=p, flows=n) for (s, t, p), n in paths.most_common(PATHS_KEPT)),
        unread=sum(r is None for r in read),
        complete=complete,
    )


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
