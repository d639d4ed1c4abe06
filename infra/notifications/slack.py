"""The messages of the levels' topics to a Slack webhook: only where `slack_webhook_secret` names its secret."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..functions import Functions
from ..ledger import Ledger
from .channels import Channels

LEVELS = ("high", "medium", "low")
TRIED_FOR = Duration.hours(1)  # an older message about an incident tells nobody anything
RETRIES = 2  # Lambda's most for an asynchronous invoke: after one and after two minutes


class Slack(Construct):
    """The function that posts, and the queue where everything lands that Slack did not take.

    It may read the ledger's items and this one secret, and write nothing but its log.
    """

    def __init__(
        self, scope: Construct, id: str, *, functions: Functions, channels: Channels, ledger: Ledger, secret: str
    ) -> None:
        super().__init__(scope, id)
        self.dead = sqs.Queue(
            self,
            "Dead",
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        self.function = functions.beside_them(
            "Slack",
            "remediator.handlers.slack.handle",
            timeout=Duration.seconds(45),  # two posts of eight seconds, some seconds for the ledger, a cold start
            environment={"SLACK_SECRET": secret},
            dead_letter_queue=self.dead,
            retry_attempts=RETRIES,
            max_event_age=TRIED_FOR,
        )
        role = self._role()
        role.add_to_policy(iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret]))
        ledger.let_slack(role)
        for level in LEVELS:
            channels.topics[level].add_subscription(
                subscriptions.LambdaSubscription(self.function, dead_letter_queue=self.dead)
            )

    def _role(self) -> iam.Role:
        role = self.function.role
        assert isinstance(role, iam.Role)  # noqa: S101  # each function is given one
        return role
