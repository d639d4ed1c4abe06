"""Where the schedules of loans live, and what they may do: a group of their own, one role, and who may make them."""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .inbox import Inbox

SCHEDULER = "scheduler.amazonaws.com"


class SchedulesRole(iam.Role):
    """What Scheduler sends with: to the intake queue and to a dead-letter queue, for schedules of one group only.

    Scheduler tells IAM the schedule *group*, never the schedule. Source: AWS, EventBridge Scheduler, "Confused deputy
    prevention".
    """

    def __init__(self, scope: Construct, id: str, *, sends: str, group_arn: str, to: tuple[sqs.IQueue, ...]) -> None:
        send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn for queue in to])
        super().__init__(
            scope,
            id,
            description=sends,
            assumed_by=iam.ServicePrincipal(
                SCHEDULER,
                conditions={
                    "StringEquals": {"aws:SourceAccount": Stack.of(scope).account},
                    "ArnEquals": {"aws:SourceArn": group_arn},
                },
            ),
            inline_policies={"Send": iam.PolicyDocument(statements=[send])},
        )


class Leases(Construct):
    """The group that loans are put down in; what cannot be sent lies in the rules' dead-letter queue, whose alarm reaches people."""

    def __init__(self, scope: Construct, id: str, *, inbox: Inbox) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        self._name = f"remediator-leases-{stack.region}"
        self.group = scheduler.CfnScheduleGroup(self, "Group", name=self._name)
        self._inbox = inbox
        self.role = SchedulesRole(
            self,
            "Role",
            sends="Sends to the intake queue that a loan is due",
            group_arn=self.group.attr_arn,
            to=(inbox.intake, inbox.rules_dead),
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """What the function that puts loans down must know."""
        return {
            "LEASE_GROUP": self.group.ref,
            "LEASE_ROLE": self.role.role_arn,
            "LEASE_QUEUE": self._inbox.intake.queue_arn,
            "LEASE_DEAD": self._inbox.rules_dead.queue_arn,
        }

    def let_put_down(self, role: iam.Role) -> None:
        """Lets `role` make schedules in this group, and hand this one role to Scheduler; it may change and delete none."""
        schedules = Stack.of(self).format_arn(service="scheduler", resource="schedule", resource_name=f"{self._name}/*")
        role.add_to_policy(iam.PolicyStatement(actions=["scheduler:CreateSchedule"], resources=[schedules]))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[self.role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": SCHEDULER}},
            )
        )
