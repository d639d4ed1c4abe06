"""VPC Flow Logs: what was let through and what was refused between two addresses, counted. Pure.

Source: AWS, VPC user guide, "Flow log records": the default format of version 2 is fourteen fields in a fixed order;
a record whose `log-status` is not OK holds no flow.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

V2 = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
PATHS_KEPT = 10
LINE_CHARS = 1000


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
