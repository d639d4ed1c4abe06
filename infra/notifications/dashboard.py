"""The CloudWatch dashboard: the ledger, the alarms by level, the watched workloads, the program itself.

What is watched stands here only as far as `cdk.json` names it: a graph of a name that is given at deployment could be of
nothing, and CloudWatch refuses a dashboard for that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from remediator.core.model import Level
from remediator.core.ports import GLOBAL_REGION
from remediator.core.settings import Settings, Workload
from remediator.core.text import Text, same
from remediator.incidents import metrics
from remediator.resources.cloudfront.kind import NAMESPACE as CLOUDFRONT
from remediator.resources.cloudfront.kind import distribution_dimensions
from remediator.resources.dynamodb.kind import NAMESPACE as DYNAMODB
from remediator.resources.dynamodb.kind import table_dimensions
from remediator.resources.ecs.kind import NAMESPACE as ECS
from remediator.resources.ecs.kind import service_dimensions
from remediator.resources.kinds import kind_of, of_arn
from remediator.resources.load_balancing.kind import NAMESPACE as ALB
from remediator.resources.load_balancing.kind import balancer_dimensions, target_dimensions

MINUTE, HOUR = Duration.minutes(1), Duration.hours(1)
FULL, THIRD = 24, 8  # of the grid's 24 columns
BOARD_ROWS, GRAPH_ROWS, ALARM_ROWS = 16, 6, 4
ALARMS_MOST = 100  # AWS: of one alarm status widget
LEVELS: Mapping[Level, Text] = {
    "high": Text("Alarms, high", "アラーム（高）"),
    "medium": Text("Alarms, medium", "アラーム（中）"),
    "low": Text("Alarms, low", "アラーム（低）"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the dashboard shows besides the workloads' metrics.

    Attributes:
        widget: the function that shows the ledger.
        functions: whose errors and times are shown, by name.
        queue: that waits for intake.
        alarms: of the workloads, with their levels.
        own_alarms: on the program itself.
    """

    widget: lambda_.Function
    functions: Mapping[str, lambda_.Function]
    queue: sqs.Queue
    alarms: tuple[tuple[Level, cloudwatch.Alarm], ...]
    own_alarms: tuple[cloudwatch.Alarm, ...]


class Dashboard(Construct):
    """One dashboard for one deployment.

    Attributes:
        url: where it is seen.
    """

    def __init__(self, scope: Construct, id: str, settings: Settings, shown: Shown) -> None:
        super().__init__(scope, id)
        self._says = settings.language
        name = f"remediator-{Aws.REGION}"  # dashboards are the account's, not the region's
        self.url = f"https://console.aws.amazon.com/cloudwatch/home?region={Aws.REGION}#dashboards/dashboard/{name}"
        rows = [[self._board(shown.widget)], self._alarms(shown)]
        for workload in settings.workloads:
            rows += self._workload(workload)
        rows += self._own(shown)
        cloudwatch.Dashboard(self, "Dashboard", dashboard_name=name, default_interval=Duration.hours(3), widgets=rows)

    # -- the parts ------------------------------------------------------------------------------------------------

    def _board(self, widget: lambda_.Function) -> cloudwatch.IWidget:
        return cloudwatch.CustomWidget(
            function_arn=widget.function_arn,
            title=Text("Incidents", "インシデント").in_(self._says),
            width=FULL,
            height=BOARD_ROWS,
            update_on_refresh=True,
            update_on_resize=False,
            update_on_time_range_change=False,  # it tells the last seven days, whatever the graphs show
        )

    def _alarms(self, shown: Shown) -> list[cloudwatch.IWidget]:
        by_level = {level: [alarm for of, alarm in shown.alarms if of == level] for level in LEVELS}
        titled = [(LEVELS[level], alarms) for level, alarms in by_level.items() if alarms]
        titled.append((Text("The remediator itself", "自動復旧プログラム自体"), list(shown.own_alarms)))
        return [self._alarm_list(title, alarms, FULL // len(titled)) for title, alarms in titled]

    def _alarm_list(self, title: Text, alarms: list[cloudwatch.Alarm], width: int) -> cloudwatch.IWidget:
        more = Text(f" ({ALARMS_MOST} of {len(alarms)})", f"（{len(alarms)} 件中 {ALARMS_MOST} 件）")
        words = title + more if len(alarms) > ALARMS_MOST else title
        return cloudwatch.AlarmStatusWidget(
            title=words.in_(self._says), alarms=alarms[:ALARMS_MOST], width=width, height=ALARM_ROWS
        )

    def _workload(self, workload: Workload) -> Iterator[list[cloudwatch.IWidget]]:
        yield [self._heading(workload)]
        if workload.load_balancer:
            yield self._load_balancer(workload)
        graphs = (
            *self._service(workload),
            *(g for table in workload.tables for g in self._table(table)),
            *self._site(workload),
            *(g for arn in workload.resources for g in self._further(arn, workload)),
        )
        yield from ([*graphs[first : first + 3]] for first in range(0, len(graphs), 3))

    def _heading(self, workload: Workload) -> cloudwatch.IWidget:
        missing = [
            name for name in ("load_balancer", "target_group") if workload.service and not getattr(workload, name)
        ]
        text = f"## {workload.name}"
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            text += Text(
                f"\nDeclare {names} in `cdk.json` to see its requests here.",
                f"\nリクエストを表示するには {names} を `cdk.json` に記述してください。",
            ).in_(self._says)
        return cloudwatch.TextWidget(markdown=text, width=FULL, height=2 if missing else 1)

    def _load_balancer(self, workload: Workload) -> list[cloudwatch.IWidget]:
        balancer, group = balancer_dimensions(workload.load_balancer), workload.target_group
        targets = target_dimensions(workload.load_balancer, group) if group else balancer
        requests = [_metric(ALB, "RequestCount", "Sum", balancer)]
        errors = [
            _metric(ALB, "HTTPCode_ELB_5XX_Count", "Sum", balancer),
            _metric(ALB, "HTTPCode_Target_5XX_Count", "Sum", targets),
        ]
        times = [_metric(ALB, "TargetResponseTime", statistic, targets) for statistic in ("p50", "p99")]
        hosts = [_metric(ALB, f"{kind}HostCount", "Maximum", targets) for kind in ("Healthy", "UnHealthy")]
        target_s = workload.latency_target_ms / 1000
        promised = [cloudwatch.HorizontalAnnotation(value=target_s, label=f"{workload.latency_target_ms} ms")]
        graphs = [
            self._graph(Text("Requests and 5xx a minute", "1 分あたりのリクエストと 5xx"), requests, right=errors),
            self._graph(Text("Response time, s", "応答時間（秒）"), times, lines=promised if target_s else []),
        ]
        if workload.target_group:
            graphs.append(self._graph(Text("Targets", "ターゲット"), hosts))
        return graphs

    def _service(self, workload: Workload) -> Iterator[cloudwatch.IWidget]:
        if workload.service:
            service = service_dimensions(workload.cluster, workload.service)
            used = [_metric(ECS, f"{of}Utilization", "Average", service) for of in ("CPU", "Memory")]
            yield self._graph(same(f"ECS {workload.service}, %"), used)

    def _table(self, table: str) -> Iterator[cloudwatch.IWidget]:
        of = table_dimensions(table)
        ways = ("Read", "Write")
        used = [_metric(DYNAMODB, f"Consumed{way}CapacityUnits", "Sum", of) for way in ways]
        refused = [_metric(DYNAMODB, f"{way}ThrottleEvents", "Sum", of) for way in ways]
        title = Text(f"{table}: units used, requests throttled", f"{table}: 消費ユニットとスロットリング")
        yield self._graph(title, used, right=refused)

    def _site(self, workload: Workload) -> Iterator[cloudwatch.IWidget]:
        if workload.distribution:
            of = distribution_dimensions(workload.distribution)
            requests = [_metric(CLOUDFRONT, "Requests", "Sum", of, GLOBAL_REGION)]
            rates = [_metric(CLOUDFRONT, f"{k}ErrorRate", "Average", of, GLOBAL_REGION) for k in ("4xx", "5xx")]
            title = Text("CloudFront: requests, errors in %", "CloudFront: リクエストとエラー率（%）")
            yield self._graph(title, requests, right=rates, region=GLOBAL_REGION)

    def _further(self, arn: str, workload: Workload) -> Iterator[cloudwatch.IWidget]:
        """What the page of an incident would draw of a resource of any other kind."""
        resource = of_arn(arn)
        wanted = kind_of(resource).plotted_metrics(resource, workload) if resource else ()
        if resource and wanted:
            drawn = [_metric(w.namespace, w.name, w.stat, w.dimensions, w.region or None) for w in wanted]
            yield self._graph(same(resource.name), drawn, region=wanted[0].region or None)

    # -- the program itself ---------------------------------------------------------------------------------------

    def _own(self, shown: Shown) -> list[list[cloudwatch.IWidget]]:
        title = Text("## The remediator itself", "## 自動復旧プログラム自体")
        heading = cloudwatch.TextWidget(markdown=title.in_(self._says), width=FULL, height=1)
        counted = (
            (metrics.INCIDENTS, Text("Incidents, by runbook", "インシデント（ランブック別）")),
            (metrics.VERDICTS, Text("How they ended", "結果")),
            (metrics.CHANGES, Text("Changes", "変更")),
            (metrics.GATE_ANSWERS, Text("What the gates said", "変更前のチェック")),
            (metrics.CLOCKS, Text("The four clocks", "対応時間の目標（4 段階）")),
            (metrics.API_CALLS, Text("Requests to AWS", "AWS へのリクエスト")),
        )
        graphs = [self._graph(words, [_searched(metric, "Sum")]) for metric, words in counted]
        return [[heading], graphs[:3], graphs[3:], [self._times(), *self._functions(shown)]]

    def _times(self) -> cloudwatch.IWidget:
        both = [_searched(metrics.DURATIONS, statistic) for statistic in ("p50", "p95")]
        return self._graph(Text("Time to report, change, recovery, s", "報告・変更・復旧までの時間（秒）"), both)

    def _functions(self, shown: Shown) -> Iterator[cloudwatch.IWidget]:
        errors = [f.metric_errors(period=MINUTE, label=name) for name, f in shown.functions.items()]
        waits = shown.queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic="Maximum")
        title = Text("Errors; oldest event waiting, s", "エラー、最も古い待機イベント（秒）")
        yield self._graph(title, errors, right=[waits])
        times = [f.metric_duration(period=MINUTE, statistic="Maximum", label=n) for n, f in shown.functions.items()]
        yield self._graph(Text("Longest run, ms", "最長の実行時間（ミリ秒）"), times)

    def _graph(
        self,
        title: Text,
        left: Iterable[cloudwatch.IMetric],
        *,
        right: Iterable[cloudwatch.IMetric] = (),
        lines: Iterable[cloudwatch.HorizontalAnnotation] = (),
        region: str | None = None,
    ) -> cloudwatch.IWidget:
        return cloudwatch.GraphWidget(
            title=title.in_(self._says),
            left=list(left),
            right=list(right),
            left_annotations=list(lines),
            left_y_axis=cloudwatch.YAxisProps(min=0),
            right_y_axis=cloudwatch.YAxisProps(min=0),
            region=region,
            width=THIRD,
            height=GRAPH_ROWS,
        )


def _metric(
    namespace: str, name: str, statistic: str, dimensions: Mapping[str, str], region: str | None = None
) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        statistic=statistic,
        dimensions_map=dimensions,
        period=MINUTE,
        region=region,
        label=f"{name} {statistic}" if statistic.startswith("p") else name,
    )


def _searched(metric: metrics.Metric, statistic: str) -> cloudwatch.IMetric:
    """Every combination of the metric's dimensions that there is, found when the dashboard is looked at."""
    schema = ",".join((metrics.NAMESPACE, *metric.dimensions))
    query = f"""SEARCH('{{{schema}}} MetricName="{metric.name}"', '{statistic}', {HOUR.to_seconds()})"""
    label = f"{statistic} " if statistic.startswith("p") else ""
    return cloudwatch.MathExpression(expression=query, using_metrics={}, label=label, period=HOUR)
