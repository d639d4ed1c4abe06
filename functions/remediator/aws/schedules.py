"""When a loan is looked at again: one schedule for each, made once, that sends the program's own event to intake."""

from ..core.errors import Rejected, RemediatorError
from ..core.lease import Lease, ScheduledLease, at_expression, schedule_name
from ..core.ports import Permission
from ..core.serialization import canonical
from ..events.internal import lease_event
from ..redaction.redact import outside
from .client import AwsClient
from .runtime import Runtime

CREATE = Permission("scheduler:CreateSchedule")
THERE_ALREADY = "ConflictException"
RETRIED_FOR_S = 86400  # EventBridge Scheduler's own most; what is lent stays lent until then, and then the dead letters' alarm tells
RETRIES = 185  # its most: the age decides
LOST_CHARS = 200


def schedule_lease_check(runtime: Runtime, incident: str, lease: Lease) -> ScheduledLease:
    """Puts the loan down for later; never fails, since the change is made already: `lost` says why nobody comes back.

    The schedule's name and token follow from `incident`, so a repeated step makes no second one.

    Args:
        runtime: clients and the names of group, role, queue and dead-letter queue.
        incident: whose schedule it is: the one that lent, made a step, or put it off.
        lease: what the event says, and when.
    """
    kept = ScheduledLease(until=lease.at, extension=lease.extension)
    names = runtime.environment
    if not (names.lease_group and names.lease_role and names.lease_queue):
        return ScheduledLease(extension=lease.extension, lost="no schedule group is deployed")
    name = schedule_name(incident)
    try:
        AwsClient(runtime.clients, [CREATE]).call(
            "scheduler:CreateSchedule",
            Name=name,
            GroupName=names.lease_group,
            ClientToken=name,
            Description=f"What incident {lease.incident} has lent is looked at again",
            ScheduleExpression=at_expression(lease.at),
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": names.lease_queue,
                "RoleArn": names.lease_role,
                "Input": canonical(lease_event(lease)),
                "RetryPolicy": {"MaximumEventAgeInSeconds": RETRIED_FOR_S, "MaximumRetryAttempts": RETRIES},
                **({"DeadLetterConfig": {"Arn": names.lease_dead}} if names.lease_dead else {}),
            },
        )
    except Rejected as refused:
        if refused.code == THERE_ALREADY:
            return kept
        return ScheduledLease(extension=lease.extension, lost=outside(str(refused), LOST_CHARS))
    except RemediatorError as error:
        return ScheduledLease(extension=lease.extension, lost=outside(str(error), LOST_CHARS))
    return kept
