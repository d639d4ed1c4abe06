"""Alarms: what they watch decides, never their name; what is muted, suppressed or of no resource starts nothing."""

import json
from typing import Any

import pytest

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Ignored, Notice, Resource, Signal
from remediator.events import parse
from remediator.events.alarms import Composite

from ..corpus import event

HERE = "ap-northeast-1:123456789012"
TARGET_GROUP = "targetgroup/portfolio-api/73e2d6bc24d8a067"
BALANCER = "app/portfolio-alb/50dc6c495c0c9188"
FLEET = 'SELECT SUM(ReadThrottleEvents) FROM SCHEMA("AWS/DynamoDB", TableName)'


def stat(namespace: str, name: str, **dimensions: str) -> dict[str, Any]:
    return {"id": "m", "metricStat": {"metric": {"namespace": namespace, "name": name, "dimensions": dimensions}}}


def query(expression: str) -> dict[str, Any]:
    return {"id": "q", "expression": expression, "returnData": True, "period": 60}


def alarm_on(*metrics: dict[str, Any], **state: Any) -> dict[str, Any]:
    raw = event("own_alarm_target_5xx_event.json")
    raw["detail"]["configuration"]["metrics"] = list(metrics)
    raw["detail"]["state"] |= state
    return raw


def told(raw: dict[str, Any]) -> Any:
    (parsed,) = parse(raw)
    return parsed


def test_an_alarm_on_a_target_group_says_all_that_it_knows() -> None:
    assert told(event("own_alarm_target_5xx_event.json")) == Signal(
        kind="alarm",
        resource=Resource("target_group", f"arn:aws:elasticloadbalancing:{HERE}:{TARGET_GROUP}"),
        level="high",
        at="2026-11-23T03:15:02.481Z",
        key=f"arn:aws:cloudwatch:{HERE}:alarm:api-target-5xx@2026-11-23T03:15:02.481Z",
        facts={
            "alarm": "api-target-5xx",
            "namespace": "AWS/ApplicationELB",
            "metric": "HTTPCode_Target_5XX_Count",
            "dimensions": {"TargetGroup": TARGET_GROUP, "LoadBalancer": BALANCER},
            "reason": event("own_alarm_target_5xx_event.json")["detail"]["state"]["reason"],
        },
    )


def test_one_contributor_names_its_own_table() -> None:
    signal = told(event("own_alarm_contributor_event.json"))
    assert signal.resource == Resource("table", f"arn:aws:dynamodb:{HERE}:table/portfolio-users")
    assert signal.facts["contributor"] == "6d442278dba546f6"
    assert (signal.facts["namespace"], signal.facts["metric"]) == ("AWS/DynamoDB", "ReadThrottleEvents")
    assert "+6d442278dba546f6@" in signal.key


def test_metric_math_is_about_what_its_operand_names() -> None:
    signal = told(event("own_alarm_metric_math_sns_in_queue.json"))
    assert signal.resource == Resource("table", f"arn:aws:dynamodb:{HERE}:table/portfolio-users")
    assert signal.facts["index"] == "by-email"
    assert signal.level == "medium"


def test_a_distribution_stands_in_no_region() -> None:
    signal = told(event("own_alarm_distribution_event.json"))
    arn = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE1PORT"
    assert signal.resource == Resource("distribution", arn)


@pytest.mark.parametrize(
    ("metric", "kind", "path", "level"),
    [
        (
            stat("AWS/ECS", "CPUUtilization", ClusterName="portfolio-cluster", ServiceName="portfolio-api-service"),
            "ecs_service",
            "service/portfolio-cluster/portfolio-api-service",
            "medium",
        ),
        (
            stat("ECS/ContainerInsights", "RunningTaskCount", ClusterName="portfolio-cluster", ServiceName="api"),
            "ecs_service",
            "service/portfolio-cluster/api",
            "high",
        ),
        (
            stat("AWS/ApplicationELB", "UnHealthyHostCount", TargetGroup=TARGET_GROUP, LoadBalancer=BALANCER),
            "target_group",
            TARGET_GROUP,
            "high",
        ),
        (
            stat("AWS/ApplicationELB", "HTTPCode_ELB_502_Count", LoadBalancer=BALANCER),
            "load_balancer",
            f"loadbalancer/{BALANCER}",
            "high",
        ),
        (
            stat("AWS/ApplicationELB", "TargetResponseTime", LoadBalancer=BALANCER),
            "load_balancer",
            f"loadbalancer/{BALANCER}",
            "medium",
        ),
        (stat("AWS/ApplicationELB", "RequestCount", LoadBalancer=BALANCER), "load_balancer", None, "low"),
        (
            stat("AWS/DynamoDB", "ThrottledRequests", TableName="portfolio-users", Operation="PutItem"),
            "table",
            "table/portfolio-users",
            "medium",
        ),
    ],
)
def test_namespace_metric_and_dimensions_name_resource_and_level(
    metric: dict[str, Any], kind: str, path: str | None, level: str
) -> None:
    signal = told(alarm_on(metric))
    assert (signal.resource.kind, signal.level) == (kind, level)
    assert path is None or signal.resource.path == path


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        (f"{FLEET} WHERE TableName = 'portfolio-users'", "table/portfolio-users"),
        (
            "SELECT AVG(SuccessfulRequestLatency) FROM \"AWS/DynamoDB\" WHERE TableName='t' GROUP BY Operation",
            "table/t",
        ),
        (
            'select max("CPUUtilization") from "AWS/ECS" where "ClusterName"=\'c\' and "ServiceName"=\'s\' limit 5',
            "service/c/s",
        ),
    ],
)
def test_a_query_held_to_one_resource_names_it(expression: str, path: str) -> None:
    assert told(alarm_on(query(expression))).resource.path == path


@pytest.mark.parametrize(
    "expression",
    [
        FLEET,
        f"{FLEET} GROUP BY TableName ORDER BY SUM() DESC",
        f"{FLEET} WHERE TableName != 'portfolio-users'",
        f"{FLEET} WHERE TableName = 'a' OR TableName = 'b'",
        f"{FLEET} WHERE TableName = '../secret'",
    ],
)
def test_a_query_over_the_fleet_is_told_to_people(expression: str) -> None:
    notice = told(alarm_on(query(expression)))
    assert isinstance(notice, Notice)
    assert notice.level == "medium"
    assert "AWS/DynamoDB ReadThrottleEvents" in notice.text.en


def test_a_grouped_query_takes_the_rest_of_the_dimensions_from_its_contributor() -> None:
    raw = event("own_alarm_contributor_event.json")
    raw["detail"]["configuration"]["metrics"] = [
        query(
            "SELECT MAX(MemoryUtilization) FROM SCHEMA(\"AWS/ECS\", ClusterName, ServiceName) WHERE ClusterName = 'c' GROUP BY ServiceName"
        )
    ]
    raw["detail"]["alarmContributor"]["attributes"] = {"ServiceName": "s"}
    assert told(raw).resource.path == "service/c/s"


@pytest.mark.parametrize(
    "metric",
    [
        stat("AWS/ECS", "CPUUtilization", ClusterName="portfolio-cluster"),
        stat("AWS/DynamoDB", "UserErrors"),
        stat("AWS/ApplicationELB", "UnHealthyHostCount", TargetGroup="targetgroup/../x", LoadBalancer=BALANCER),
        stat("AWS/CloudFront", "5xxErrorRate", DistributionId="E1/../*", Region="Global"),
    ],
)
def test_dimensions_that_name_no_one_resource_are_told_to_people(metric: dict[str, Any]) -> None:
    assert isinstance(told(alarm_on(metric)), Notice)


def test_the_worst_metric_of_an_expression_is_the_one_that_counts() -> None:
    requests = stat("AWS/ApplicationELB", "RequestCount", LoadBalancer=BALANCER)
    errors = stat("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", TargetGroup=TARGET_GROUP, LoadBalancer=BALANCER)
    signal = told(alarm_on(query("100 * errors / requests"), requests, errors))
    assert signal.facts["metric"] == "HTTPCode_Target_5XX_Count"
    assert signal.resource.kind == "target_group"


def test_an_expression_over_two_tables_is_told_because_nobody_knows_which() -> None:
    tables = [stat("AWS/DynamoDB", "WriteThrottleEvents", TableName=name) for name in ("a", "b")]
    notice = told(alarm_on(query("SUM(METRICS())"), *tables))
    assert isinstance(notice, Notice)
    assert "several resources" in notice.text.en


def test_a_metric_of_another_account_is_never_taken_for_ones_own() -> None:
    metric = stat("AWS/DynamoDB", "ThrottledRequests", TableName="portfolio-users")
    assert isinstance(told(alarm_on(metric | {"accountId": "123456789012"})), Signal)
    notice = told(alarm_on(metric | {"accountId": "999999999999"}))
    assert isinstance(notice, Notice)
    assert "another AWS account" in notice.text.en


@pytest.mark.parametrize("namespace", ["AWS/EC2", "AWS/Lambda", "Custom/App"])
def test_a_metric_that_the_guide_does_not_know_is_ignored(namespace: str) -> None:
    assert told(alarm_on(stat(namespace, "Errors"))) == Ignored(f"no resource of the guide: {namespace}")


def test_an_alarm_that_watches_no_metric_is_ignored() -> None:
    assert told(alarm_on()) == Ignored("no resource of the guide: alarm api-target-5xx watches no metric")


def test_partial_data_of_a_service_that_the_guide_does_not_know_is_ignored_too() -> None:
    partial = alarm_on(stat("AWS/EC2", "CPUUtilization", InstanceId="i-1"), evaluationState="PARTIAL_DATA")
    assert isinstance(told(partial), Ignored)


def test_partial_data_is_told_even_where_the_resource_is_known() -> None:
    table = stat("AWS/DynamoDB", "ThrottledRequests", TableName="portfolio-users")
    notice = told(alarm_on(table, evaluationState="PARTIAL_DATA"))
    assert isinstance(notice, Notice)
    assert "PARTIAL_DATA" in notice.text.ja


@pytest.mark.parametrize("value", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_is_not_in_alarm_is_ignored(value: str) -> None:
    raw = event("own_alarm_target_5xx_event.json")
    raw["detail"]["state"]["value"] = value
    assert told(raw) == Ignored(f"alarm api-target-5xx is {value}")


def test_a_state_that_cloudwatch_does_not_document_is_not_overlooked() -> None:
    with pytest.raises(EventNotUnderstood, match="none of ALARM, OK, INSUFFICIENT_DATA"):
        parse(alarm_on(value="ALARMING"))


def test_a_muted_alarm_is_ignored_and_the_rule_named() -> None:
    raw = event("own_alarm_contributor_event.json")
    raw["detail"]["muteDetail"] = {"mutedByArn": f"arn:aws:cloudwatch:{HERE}:alarm-mute-rule:release"}
    assert told(raw) == Ignored(f"alarm is muted by arn:aws:cloudwatch:{HERE}:alarm-mute-rule:release")


@pytest.mark.parametrize("by", ["WaitPeriod", "ExtensionPeriod", "Alarm"])
def test_a_suppressed_composite_alarm_is_ignored(by: str) -> None:
    raw = event("own_alarm_composite_event.json")
    raw["detail"]["state"]["actionsSuppressedBy"] = by
    assert told(raw) == Ignored(f"actions of alarm portfolio-down are suppressed by {by}")


def test_children_of_another_place_are_none_of_ours() -> None:
    raw = event("own_alarm_composite_event.json")
    arns = ["arn:aws:cloudwatch:us-east-1:999999999999:alarm:x", "nonsense", f"arn:aws:cloudwatch:{HERE}:alarm:own"]
    children = [{"arn": arn, "state": {"value": "ALARM"}} for arn in (*arns, arns[2])]
    raw["detail"]["state"]["reasonData"] = json.dumps({"triggeringAlarms": children})
    assert told(raw).children == (arns[2],)


def test_a_composite_alarm_without_children_in_alarm_is_still_told_of() -> None:
    raw = event("own_alarm_composite_event.json")
    del raw["detail"]["state"]["reasonData"]
    composite = told(raw)
    assert isinstance(composite, Composite)
    assert composite.children == ()


@pytest.mark.parametrize("broken", ["{", "[]", 7])
def test_unreadable_reason_data_of_a_composite_alarm_is_named(broken: object) -> None:
    raw = event("own_alarm_composite_event.json")
    raw["detail"]["state"]["reasonData"] = broken
    with pytest.raises(EventNotUnderstood, match=r"detail\.state\.reasonData"):
        parse(raw)


def test_the_reason_is_bounded_in_signals_and_in_notices() -> None:
    long = "Threshold Crossed\x07 " + "9" * 5000
    assert (
        len(told(alarm_on(stat("AWS/DynamoDB", "ReadThrottleEvents", TableName="t"), reason=long)).facts["reason"])
        == 1000
    )
    assert len(told(alarm_on(query(FLEET), reason=long)).text.en) < 1200


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        (("detail",), "detail is missing"),
        (("detail", "state"), r"detail\.state is missing"),
        (("detail", "state", "value"), r"detail\.state\.value is missing"),
        (("detail", "configuration"), r"detail\.configuration is missing"),
        (("detail", "alarmName"), r"detail\.alarmName is missing"),
        (("resources",), "the alarm's ARN is no ARN of cloudwatch"),
        (("source",), "source is missing"),
        (("detail-type",), "detail-type is missing"),
    ],
)
def test_a_missing_member_is_named(path: tuple[str, ...], missing: str) -> None:
    raw = event("own_alarm_target_5xx_event.json")
    holder = raw
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    with pytest.raises(EventNotUnderstood, match=missing):
        parse(raw)


def test_a_message_without_a_trigger_is_not_understood() -> None:
    message = json.loads(event("own_alarm_target_5xx_sns_in_queue.json")["Message"])
    del message["Trigger"]
    with pytest.raises(EventNotUnderstood, match="Trigger is missing"):
        parse(message)
