"""What people and programs do at the portfolio, as CloudTrail records it."""

from datetime import timedelta
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from remediator.aws.client import CLIENT_OF

from .. import names
from ..dynamodb.api import ARN
from ..wire import AwsError
from ..world import World
from . import trail

ALICE = "AWSReservedSSO_Admin_0123456789abcdef/alice@example.com"
SERVICE_TASK = "portfolio-api-task/0f9b4e7c2d1a4b5c8e6f7a8b9c0d1e2f"
CALL = "dynamodb"


def changes(world: World, service: str, operation: str, who: str = ALICE, **parameters: Any) -> None:
    """Somebody changes the account, and CloudTrail's history has it at once.

    Args:
        world: it happens in, now.
        service: boto3's name of it.
        operation: AWS's name of it, `ModifyTargetGroup`.
        who: `role/session`.
        parameters: of the call.
    """
    world.someone(service, xform_name(operation), **parameters)
    prefix = next((iam for iam, boto in CLIENT_OF.items() if boto == service), service)
    at = world.clock.now()
    event = trail.record(prefix, operation, who, at, parameters, agent="Mozilla/5.0 console.amazonaws.com")
    world.account.trail.append(trail.as_item(event, at))


def delete_table(world: World, who: str = ALICE, *, denied: bool = False) -> None:
    """Somebody deletes the table, or is refused; CloudTrail tells EventBridge either way.

    Args:
        world: it happens in, now.
        who: `role/session`.
        denied: IAM does not let them.
    """
    error = None
    if denied:
        words = f"User: {who} is not authorized to perform: dynamodb:DeleteTable on resource: {ARN}"
        error = AwsError("AccessDenied", words)
    else:
        try:
            world.someone(CALL, "delete_table", TableName=names.TABLE)
        except ClientError as refused:
            found = refused.response["Error"]
            error = AwsError(found["Code"], found["Message"])
    call(world, "DeleteTable", who, error=error, to_eventbridge=True)


def call(  # noqa: PLR0913  # who did what, when, and what came of it
    world: World,
    operation: str,
    who: str,
    *,
    ago_s: float = 0,
    error: AwsError | None = None,
    read_only: bool = False,
    to_eventbridge: bool = False,
    **asked: Any,
) -> None:
    """A call on the table stands in CloudTrail's history; `to_eventbridge` sends it there too."""
    at = world.clock.now() - timedelta(seconds=ago_s)
    record = trail.record(
        CALL,
        operation,
        who,
        at,
        {"TableName": names.TABLE, **asked},
        error=error,
        read_only=read_only,
        arn=ARN,
        kind="AWS::DynamoDB::Table",
    )
    world.account.trail.append(trail.as_item(record, at))
    if to_eventbridge:
        world.announce(trail.as_event(record, at))
