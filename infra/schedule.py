"""The schedule of the alarm sweep: an order to the intake queue every quarter of an hour."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from remediator.core.plain import canonical
from remediator.core.signals.own import sweep_event

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
        self.role = iam.Role(
            self,
            "Role",
            description="Sends the order to sweep to the intake queue",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnEquals": {"aws:SourceArn": group.attr_arn},
                },
            ),
            inline_policies={
                "Send": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[intake.queue_arn, dead.queue_arn])
                    ]
                )
            },
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
