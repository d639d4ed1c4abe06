"""Alarms of the declared workloads. They have no actions: their state changes reach intake through the rules."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import CfnCondition, CfnParameter, Duration, Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from remediator.core.model import Level
from remediator.core.settings import Workload
from remediator.events.alarm_metrics import Metric as Watched
from remediator.resources.dynamodb.kind import NAMESPACE as DYNAMODB
from remediator.resources.dynamodb.kind import table_dimensions
from remediator.resources.ecs.kind import NAMESPACE as ECS
from remediator.resources.ecs.kind import service_dimensions
from remediator.resources.load_balancing.kind import NAMESPACE as ALB
from remediator.resources.load_balancing.kind import balancer_dimensions, target_dimensions

MINUTE = Duration.minutes(1)
# Ours, not AWS's: a single error is no incident, several in a minute are.
GATEWAY_ERRORS_PER_MINUTE = 5
TARGET_ERRORS_PER_MINUTE = 10
BUSY_PCT = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One alarm: what is compared, with what, and in how many of the last minutes."""

    id: str
    metric: cloudwatch.IMetric
    above: float
    minutes: int
    of: int
    meaning: str

    @property
    def level(self) -> Level:
        """What level a signal of this alarm has."""
        metric = self.metric
        if isinstance(metric, cloudwatch.MathExpression):
            (metric,) = (metric.using_metrics or {}).values()
        assert isinstance(metric, cloudwatch.Metric)  # noqa: S101  # each alarm here watches one
        return Watched(namespace=metric.namespace, name=metric.metric_name).level


class WorkloadAlarms(Construct):
    """The alarms of one workload but of its distribution (`edge_stack`); those of a load balancer only where its name is declared or given at deployment.

    Attributes:
        given: what of the workload is given at deployment only, by its name in the settings.
        made: the alarms that there always are, with their levels, for the dashboard.
    """

    def __init__(self, scope: Construct, id: str, workload: Workload) -> None:
        super().__init__(scope, id)
        self._workload = workload
        self.given: dict[str, str] = {}
        self.made: list[tuple[Level, cloudwatch.Alarm]] = []
        for watch in (*_service(workload), *_tables(workload)):
            self._alarm(watch)
        self._behind_load_balancer()

    def _behind_load_balancer(self) -> None:
        if not self._workload.service:
            return
        title = _title(self._workload.name)
        balancer = self._given("load_balancer", f"{title}LoadBalancer", "app/NAME/ID")
        group = self._given("target_group", f"{title}TargetGroup", "targetgroup/NAME/ID")
        for watch in _load_balancer(balancer.value):
            self._alarm(watch, balancer.condition)
        both = _both(self, balancer.condition, group.condition)
        for watch in _targets(balancer.value, group.value, self._workload.latency_target_ms):
            self._alarm(watch, both)

    def _given(self, setting: str, parameter: str, form: str) -> "Given":
        """The declared value, else a parameter of the stack whose emptiness leaves the alarms out."""
        if declared := getattr(self._workload, setting):
            return Given(declared, None)
        asked = CfnParameter(
            Stack.of(self),
            parameter,
            default="",
            description=f"ARN suffix {form} of {self._workload.name}; empty: no alarms. Better: declare it in cdk.json.",
        )
        id = f"{_title(setting)}Known"
        known = CfnCondition(self, id, expression=Fn.condition_not(Fn.condition_equals(asked, "")))
        self.given[setting] = asked.value_as_string
        return Given(asked.value_as_string, known)

    def _alarm(self, watch: Watch, condition: CfnCondition | None = None) -> None:
        alarm = cloudwatch.Alarm(
            self,
            watch.id,
            alarm_name=f"{self._workload.name}-{watch.id}",
            alarm_description=watch.meaning,
            metric=watch.metric,
            threshold=watch.above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=watch.minutes,
            evaluation_periods=watch.of,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        resource = alarm.node.default_child
        assert isinstance(resource, cloudwatch.CfnAlarm)  # noqa: S101  # what Alarm makes
        resource.cfn_options.condition = condition
        if condition is None:
            self.made.append((watch.level, alarm))


@dataclass(frozen=True, slots=True)
class Given:
    """A value, and the condition under which there is one; None: always."""

    value: str
    condition: CfnCondition | None


def _both(scope: Construct, one: CfnCondition | None, other: CfnCondition | None) -> CfnCondition | None:
    if one is None or other is None:
        return one or other
    known = Fn.condition_and(one, other)  # type: ignore[arg-type]  # jsii leaves a protocol member out of CfnCondition
    return CfnCondition(scope, "TargetsKnown", expression=known)


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace("_", "-").split("-"))


def _metric(namespace: str, name: str, statistic: str, dimensions: Mapping[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=name, statistic=statistic, dimensions_map=dimensions, period=MINUTE
    )


def _service(workload: Workload) -> tuple[Watch, ...]:
    if not workload.service:
        return ()
    service = service_dimensions(workload.cluster, workload.service)
    return tuple(
        Watch(
            id=f"{what}-high",
            metric=_metric(ECS, f"{what.upper() if what == 'cpu' else 'Memory'}Utilization", "Average", service),
            above=BUSY_PCT,
            minutes=3,
            of=5,
            meaning=f"Tasks use more than {BUSY_PCT} % of their {what}",
        )
        for what in ("cpu", "memory")
    )


def _tables(workload: Workload) -> tuple[Watch, ...]:
    return tuple(
        Watch(
            id=f"{table}-{direction.lower()}-throttled",
            metric=_filled(_metric(DYNAMODB, f"{direction}ThrottleEvents", "Sum", table_dimensions(table)), direction),
            above=0,
            minutes=2,
            of=3,
            meaning=f"{direction} requests to the table {table} are throttled",
        )
        for table in workload.tables
        for direction in ("Read", "Write")
    )


def _filled(metric: cloudwatch.Metric, direction: str) -> cloudwatch.MathExpression:
    # AWS/DynamoDB alarms ignore missing data whatever they are told, and would stay in ALARM for ever
    return cloudwatch.MathExpression(
        expression="FILL(throttled, 0)",
        using_metrics={"throttled": metric},
        label=f"{direction}ThrottleEvents",
        period=MINUTE,
    )


def _load_balancer(balancer: str) -> tuple[Watch, ...]:
    dimensions = balancer_dimensions(balancer)
    meanings = {
        "502": "it does not understand its targets",
        "503": "it has no healthy target",
        "504": "it waits too long for them",
        "5XX": "whatever the code",  # 500, 501, 505 and 561 have no target and no cause of their own in the guide
    }
    return tuple(
        Watch(
            id=f"elb-{code.lower()}",
            metric=_metric(ALB, f"HTTPCode_ELB_{code}_Count", "Sum", dimensions),
            above=GATEWAY_ERRORS_PER_MINUTE,
            minutes=2,
            of=3,
            meaning=f"The load balancer itself answers {code}: {meaning}",
        )
        for code, meaning in meanings.items()
    )


def _targets(balancer: str, group: str, latency_target_ms: int) -> tuple[Watch, ...]:
    targets = target_dimensions(balancer, group)
    errors = Watch(
        id="target-5xx",
        metric=_metric(ALB, "HTTPCode_Target_5XX_Count", "Sum", targets),
        above=TARGET_ERRORS_PER_MINUTE,
        minutes=2,
        of=3,
        meaning="The application answers 5xx",
    )
    unhealthy = Watch(
        id="targets-unhealthy",
        metric=_metric(ALB, "UnHealthyHostCount", "Maximum", targets),
        above=0,
        minutes=2,
        of=3,
        meaning="Targets fail their health check",
    )
    slow = Watch(
        id="slow-response",
        metric=_metric(ALB, "TargetResponseTime", "p99", targets),
        above=latency_target_ms / 1000,  # the metric is in seconds
        minutes=3,
        of=5,
        meaning=f"One request in a hundred takes more than {latency_target_ms} ms",
    )
    return (errors, unhealthy, slow) if latency_target_ms else (errors, unhealthy)
