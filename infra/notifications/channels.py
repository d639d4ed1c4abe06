"""Where people are told: one topic per level and one for pagers, encrypted, TLS only."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

TOPICS = ("high", "medium", "low", "pager")
KEY_USE = ("kms:Decrypt", "kms:GenerateDataKey*")


class Channels(Construct):
    """The topics by name, and their key: CloudWatch and EventBridge cannot publish under AWS's own SNS key."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(
            self,
            "Key",
            description="Topics of the remediator",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,  # topics keep no messages
        )
        self.topics: Mapping[str, sns.Topic] = {name: self._topic(name) for name in TOPICS}
        self._let_alarms_publish()
        self._let_events_publish()

    @property
    def high(self) -> sns.Topic:
        """Where trouble with the program itself is told, too."""
        return self.topics["high"]

    def let_publish(self, role: iam.Role) -> None:
        """Lets `role` publish on every topic."""
        publishes = iam.PolicyStatement(actions=["sns:Publish"], resources=[t.topic_arn for t in self.topics.values()])
        uses_key = iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self.key.key_arn])
        role.add_to_policy(publishes)
        role.add_to_policy(uses_key)

    def _topic(self, name: str) -> sns.Topic:
        return sns.Topic(
            self,
            name.capitalize(),
            display_name=f"Remediator, {name}",
            master_key=self.key,
            enforce_ssl=True,
        )

    def _let_alarms_publish(self) -> None:
        stack = Stack.of(self)
        alarms = stack.format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        alarm_service = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        ours = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}}
        self.high.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[alarm_service],
                actions=["sns:Publish"],
                resources=[self.high.topic_arn],
                conditions=ours,
            )
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[alarm_service],
                actions=list(KEY_USE),
                resources=["*"],
                conditions=ours,
            )
        )

    def _let_events_publish(self) -> None:
        # EventBridge tells SNS neither account nor rule, so a condition here would refuse everything (security.md)
        rules = iam.ServicePrincipal("events.amazonaws.com")
        self.high.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Rules", principals=[rules], actions=["sns:Publish"], resources=[self.high.topic_arn]
            )
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(sid="Rules", principals=[rules], actions=list(KEY_USE), resources=["*"])
        )
