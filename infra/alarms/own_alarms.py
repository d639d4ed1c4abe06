"""Alarms on the program itself, told on the high topic: silence is failure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from remediator.incidents.case import Stage
from remediator.incidents.metrics import NAMESPACE, REPORTS_FAILED

from ..events.inbox import Inbox

MINUTE, QUARTER = Duration.minutes(1), Duration.minutes(15)
WAITS_TOO_LONG_S = 300  # intake answers in seconds; the guide's first clock is five minutes
NEAR_TIMEOUT = 0.8  # ours: of a function's time; what takes longer is soon cut off
THROTTLED_MINUTES, OF = 3, 5  # ours: a burst is taken again by itself
SILENT_QUARTERS = 2  # the sweep's order reaches intake every quarter; CloudWatch looks at some more before it says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """When an alarm goes off: above it (below where `below`) in `points` of the last `of` periods.

    Attributes:
        needs_data: it goes off too when its metric, once there, has no data any more. A new alarm has no data yet and is
            silent: people hear nothing of a deployment that has just begun.
    """

    value: float
    points: int = 1
    of: int = 1
    below: bool = False
    needs_data: bool = False


class OwnAlarms(Construct):
    """Dead letters, a queue that is not worked off, reports that are not sent, functions that fail, wait, tarry or are silent.

    Attributes:
        made: every alarm, for the dashboard.
    """

    def __init__(
        self, scope: Construct, id: str, *, inbox: Inbox, functions: Mapping[str, lambda_.Function], topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        self._action = actions.SnsAction(topic)
        self.made: list[cloudwatch.Alarm] = []
        for what, queue in inbox.dead.items():
            self.tell_of_dead_letters(queue.node.id, what, queue)
        age = inbox.intake.metric_approximate_age_of_oldest_message(period=MINUTE, statistic="Maximum")
        waits = "Remediator: events wait and are not looked at"
        self._alarm("IntakeWaits", age, Limit(value=WAITS_TOO_LONG_S), waits)
        for name, function in functions.items():
            self._of_function(name, function)
        self._silent(functions["intake"])
        unsent = "Remediator: reports cannot be sent; the log of remediate says why"
        self._alarm("ReportsFail", _reports_failed(), Limit(value=0), unsent)

    def _of_function(self, name: str, function: lambda_.Function) -> None:
        title = name.capitalize()
        errors = function.metric_errors(period=MINUTE, statistic="Sum")
        self._alarm(f"{title}Fails", errors, Limit(value=0), f"Remediator: {name} fails; its log says why")
        throttles = function.metric_throttles(period=MINUTE, statistic="Sum")
        bounded = f"Remediator: {name} is throttled; look at the account's concurrency and reserved_concurrency"
        self._alarm(f"{title}Throttled", throttles, Limit(value=0, points=THROTTLED_MINUTES, of=OF), bounded)
        timeout = function.timeout
        if timeout is None:
            raise ValueError(f"{name} has no timeout of its own")
        slow = function.metric_duration(period=MINUTE, statistic="Maximum")
        most_ms = NEAR_TIMEOUT * timeout.to_milliseconds()
        self._alarm(f"{title}Slow", slow, Limit(value=most_ms), f"Remediator: {name} is close to its timeout")

    def _silent(self, intake: lambda_.Function) -> None:
        """Nothing reaches intake, not even the sweep's order: rules, schedule or queue are broken, and nobody would know."""
        invoked = intake.metric_invocations(period=QUARTER, statistic="Sum")
        silent = Limit(value=1, points=SILENT_QUARTERS, of=SILENT_QUARTERS, below=True, needs_data=True)
        self._alarm(
            "IntakeSilent",
            invoked,
            silent,
            "Remediator: nothing reaches intake any more, neither an event nor the sweep's order",
        )

    def tell_of_dead_letters(self, id: str, what: str, queue: sqs.Queue) -> None:
        """An alarm for a queue of what could not be handled, also one that is there only in some deployments."""
        visible = queue.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum")
        self._alarm(id, visible, Limit(value=0), f"Remediator: {what} wait in the dead-letter queue")

    def _alarm(self, id: str, metric: cloudwatch.IMetric, limit: Limit, meaning: str) -> None:
        compare, missing = cloudwatch.ComparisonOperator, cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            id,
            alarm_description=meaning,
            metric=metric,
            threshold=limit.value,
            comparison_operator=compare.LESS_THAN_THRESHOLD if limit.below else compare.GREATER_THAN_THRESHOLD,
            evaluation_periods=limit.of,
            datapoints_to_alarm=limit.points,
            treat_missing_data=missing.MISSING if limit.needs_data else missing.NOT_BREACHING,
        )
        alarm.add_alarm_action(self._action)
        if limit.needs_data:
            alarm.add_insufficient_data_action(self._action)
        self.made.append(alarm)


def _reports_failed() -> cloudwatch.IMetric:
    """All stages together: an alarm takes no search, so each is named."""
    stages: dict[str, cloudwatch.IMetric] = {f"of_{stage}": _of_stage(stage) for stage in get_args(Stage)}
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({id}, 0)" for id in stages),
        using_metrics=stages,
        label=REPORTS_FAILED.name,
        period=MINUTE,
    )


def _of_stage(stage: str) -> cloudwatch.Metric:
    (dimension,) = REPORTS_FAILED.dimensions
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=REPORTS_FAILED.name,
        dimensions_map={dimension: stage},
        statistic="Sum",
        period=MINUTE,
    )
