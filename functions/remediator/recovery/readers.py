"""Readers that a recovery procedure's own verification needs besides those of its runbook."""

from dataclasses import dataclass

from ..core.errors import NotFound
from ..core.ports import Aws, Permission, Scope, reads
from ..core.timestamps import after, iso, moment
from ..redaction.redact import outside
from ..resources.dynamodb.kind import DYNAMODB_TABLE, table_name
from ..resources.dynamodb.readers import TABLE
from ..resources.ecs.model import TaskDefinition
from ..resources.logs.digest import error_lines

LINES_READ = 100
LINE_CHARS = 300
GROUPS_READ = 3  # of one task definition; more than that is no longer one application
PATTERN = "?ERROR ?Exception ?FATAL ?CRITICAL"  # CloudWatch Logs' words for: any of these terms


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedErrors:
    """Lines of a service's logs that tell of an error, within the window that was read.

    Attributes:
        groups: log groups that were read; empty where no container logs to CloudWatch Logs.
        count: how many lines were found, up to the bound of the reader.
        last_at: ISO 8601, empty where there is none.
        last: the newest one, redacted and bounded.
    """

    groups: tuple[str, ...] = ()
    count: int = 0
    last_at: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a scan that may count one item said: how many it counted; no item is read."""

    count: int


@reads(Permission("logs:FilterLogEvents", "arn:{partition}:logs:{region}:{account}:log-group:*"))
def logged_errors(aws: Aws, scope: Scope, definition: TaskDefinition) -> LoggedErrors:
    """Error lines that the service's containers have logged within the window; none where they log elsewhere."""
    groups = tuple(dict.fromkeys(c.log_group for c in definition.containers if c.log_group))[:GROUPS_READ]
    found: list[tuple[int, str]] = []
    for group in groups:
        response = aws.call(
            "logs:FilterLogEvents",
            logGroupName=group,
            startTime=_milliseconds(after(scope.now, -scope.window_s)),
            endTime=_milliseconds(scope.now),
            filterPattern=PATTERN,
            limit=LINES_READ,
        )
        found += [(e["timestamp"], str(e["message"])) for e in response["events"] if error_lines([str(e["message"])])]
    if not found:
        return LoggedErrors(groups=groups)
    at, line = max(found)
    return LoggedErrors(groups=groups, count=len(found), last_at=_moment(at), last=outside(line, LINE_CHARS))


def _milliseconds(at: str) -> int:
    return int(moment(at).timestamp() * 1000)


def _moment(milliseconds: int) -> str:
    return iso(moment(after("1970-01-01T00:00:00Z", milliseconds / 1000)))


@reads(Permission("dynamodb:Scan", TABLE))
def counted(aws: Aws, scope: Scope) -> Counted:
    """Whether the table serves: one item is counted and none is read.

    `Select=COUNT` lets DynamoDB answer with numbers alone, and `Limit=1` lets it evaluate one item. Both stand here as
    literals; a contract test holds them, and the function's own IAM policy admits no other Select.

    Raises:
        NotFound: the resource is no table, or it is gone.
    """
    resource = scope.incident.resource
    if not DYNAMODB_TABLE.is_kind_of(resource):
        raise NotFound(f"{resource.name} is no table")
    name = table_name(resource)
    response = aws.call("dynamodb:Scan", TableName=name, Limit=1, Select="COUNT")
    return Counted(count=response["Count"])
