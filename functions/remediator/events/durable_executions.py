"""What Lambda tells of the program's own durable executions.

Source: AWS, Lambda Developer Guide, "Monitoring durable functions": `Durable Execution Status Change`.
"""

import re
from dataclasses import dataclass

from ..core.event_fields import ARN_CHARACTERS, Part
from ..core.model import Ignored

SOURCE = "aws.lambda"
STATUS_CHANGE = "Durable Execution Status Change"
DIED = ("FAILED", "TIMED_OUT", "STOPPED")
QUALIFIED = re.compile(r"(arn:[^:]+:lambda:[^:]*:\d{12}:function:[^:]+)(?::[^:]+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """An execution that ended and closed nothing.

    Attributes:
        incident: its name, which is its incident's id.
        function: ARN without a version.
        status: `FAILED`, `TIMED_OUT` or `STOPPED`.
    """

    incident: str
    function: str
    status: str


def status_change(event: Part) -> Died | Ignored:
    """Executions that ended well close their incidents themselves."""
    detail = event.needed_part("detail")
    status = detail.needed("status")
    if status not in DIED:
        return Ignored(f"a durable execution is {status}")
    function = QUALIFIED.fullmatch(detail.needed("functionArn", ARN_CHARACTERS))
    name = detail.needed("durableExecutionName")
    return Died(incident=name, function=function[1] if function else "", status=status)
