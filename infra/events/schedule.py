"""The schedule of the alarm sweep: an order to the intake queue every quarter of an hour."""

from aws_cdk import Stack
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from remediator.core.serialization import canonical
from remediator.events.internal import sweep_event

from .leases import SchedulesRole

EVERY = "rate(15 minutes)"  # architecture: "every 15 minutes a sweep"
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"  # EventBridge Scheduler puts the moment in
RETRIED_FOR_S = 600  # the next order is due soon after; an older one says nothing that it does not


class SweepSchedule(Construct):
    """Sends the program's own event; what cannot be sent lies in the rules' dead-letter queue, whose alarm reaches people.

    The role may send to the intake queue and to the dead-letter queue. Scheduler tells IAM the schedule *group*, never the
    schedule, so the sweep has a group of its own. Source: AWS, EventBridge Scheduler, "Confused deputy prevention".
    """

    def __init__(self, scope: Construct, id: str, *, intake: sqs.IQueue, dead: sqs.IQueue) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        group = scheduler.CfnScheduleGroup(self, "Group", name=f"remediator-sweep-{stack.region}")
        self.role = SchedulesRole(
            self,
            "Role",
            sends="Sends the order to sweep to the intake queue",
            group_arn=group.attr_arn,
            to=(intake, dead),
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            description="Alarms that are in ALARM and that no incident looks after",
            group_name=group.ref,
            schedule_expression=EVERY,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=intake.queue_arn,
                role_arn=self.role.role_arn,
                input=canonical(sweep_event(SCHEDULED_TIME)),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead.queue_arn),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=RETRIED_FOR_S, maximum_retry_attempts=10
                ),
            ),
        )
