"""Alarms on the program itself, told on the high topic: silence is failure."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .inbox import Inbox

MINUTE = Duration.minutes(1)
WAITS_TOO_LONG_S = 300  # intake answers in seconds; the guide's first clock is five minutes


class OwnAlarms(Construct):
    """Dead letters, a queue that is not worked off, functions that fail."""

    def __init__(
        self, scope: Construct, id: str, *, inbox: Inbox, functions: dict[str, lambda_.Function], topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        self._action = actions.SnsAction(topic)
        for what, queue in inbox.dead.items():
            self.tell_of_dead_letters(queue.node.id, what, queue)
        age = inbox.intake.metric_approximate_age_of_oldest_message(period=MINUTE, statistic="Maximum")
        self._alarm("IntakeWaits", age, WAITS_TOO_LONG_S, "Remediator: events wait and are not looked at")
        for name, function in functions.items():
            errors = function.metric_errors(period=MINUTE, statistic="Sum")
            self._alarm(f"{name.capitalize()}Fails", errors, 0, f"Remediator: {name} fails; its log says why")

    def tell_of_dead_letters(self, id: str, what: str, queue: sqs.Queue) -> None:
        """An alarm for a queue that is there only in some deployments."""
        visible = queue.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum")
        self._alarm(id, visible, 0, f"Remediator: {what} wait in the dead-letter queue")

    def _alarm(self, id: str, metric: cloudwatch.IMetric, above: float, meaning: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_description=meaning,
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
