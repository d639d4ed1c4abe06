"""The queues: what waits for intake, and where everything lands that could not be handled."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

INTAKE_TIMEOUT = Duration.seconds(30)
TRIES = 5  # of one message, before it counts as undeliverable


class Inbox(Construct):
    """The intake queue and a dead-letter queue for each way that an event can be lost."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.intake_dead = self._dead("IntakeDead")
        self.rules_dead = self._dead("RulesDead")
        self.remediate_dead = self._dead("RemediateDead")
        self.intake = sqs.Queue(
            self,
            "Intake",
            visibility_timeout=Duration.seconds(6 * INTAKE_TIMEOUT.to_seconds()),  # AWS Lambda's advice for queues
            retention_period=Duration.days(4),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.intake_dead, max_receive_count=TRIES),
        )

    @property
    def dead(self) -> Mapping[str, sqs.Queue]:
        """Each dead-letter queue by what lands in it."""
        return {
            "messages that intake could not handle": self.intake_dead,
            "events that a rule could not deliver": self.rules_dead,
            "incidents that could not be started": self.remediate_dead,
        }

    def let_send(self, role: iam.Role) -> None:
        """Lets `role` put a signal into the queue, and nothing more: the CDK's own grant lets it look at the queue too."""
        role.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.intake.queue_arn]))

    def _dead(self, id: str) -> sqs.Queue:
        return sqs.Queue(
            self,
            id,
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
