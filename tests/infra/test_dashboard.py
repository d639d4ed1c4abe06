"""The dashboard: the ledger, the alarms by level, what is watched, the program itself; and that it can be left out."""

import json
import re
from typing import Any

import pytest

from infra.declared import Declared, cdk_context, declared_from
from infra.golden import synthesised
from remediator.incidents.metrics import API_CALLS, CHANGES, CLOCKS, DURATIONS, GATE_ANSWERS, INCIDENTS, VERDICTS

from .reading import Stack, said
from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
WATCHED = {
    "load_balancer": "app/alb/50dc6c495c0c9188",
    "target_group": "targetgroup/api/73e2d6bc24d8a067",
    "distribution": "E1EXAMPLE",
}


def _with(workload: Any = None, language: str = "en", **context: Any) -> Declared:
    found = dict(cdk_context())
    (portfolio,) = found["remediator"]["workloads"]
    found["remediator"] = {"language": language, "workloads": [{**portfolio, **(workload or {})}]}
    return declared_from({**found, **context}.get)


def _widgets(stack: Stack) -> list[dict[str, Any]]:
    """The widgets, each token of the template as `${its name}`."""
    (dashboard,) = stack.of("AWS::CloudWatch::Dashboard").values()
    between, parts = dashboard["DashboardBody"]["Fn::Join"]
    body = between.join(p if isinstance(p, str) else f"${{{p.get('Ref') or p['Fn::GetAtt'][0]}}}" for p in parts)
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return widgets


@pytest.fixture(scope="module")
def whole() -> Stack:
    return Stack(synthesised((stand_in(),), _with(WATCHED)))


def _graphed(stack: Stack) -> set[str]:
    graphs = [
        w["properties"]["metrics"] for w in _widgets(stack) if w["type"] == "metric" and "metrics" in w["properties"]
    ]
    return {said(line) for lines in graphs for line in lines}


def test_the_ledger_stands_first_and_as_wide_as_the_dashboard(small: Stack) -> None:
    board = _widgets(small)[0]
    assert (board["type"], board["width"], board["y"]) == ("custom", 24, 0)
    assert board["properties"]["endpoint"] == f"${{{small.id('AWS::Lambda::Function', 'FunctionsWidget')}}}"
    assert board["properties"]["updateOn"]["refresh"] is True


def test_alarms_stand_under_their_levels_and_the_programs_own_beside_them(whole: Stack) -> None:
    alarms = whole.of("AWS::CloudWatch::Alarm")
    names = {k: a.get("AlarmName", k) for k, a in alarms.items()}
    shown = {}
    for widget in _widgets(whole):
        if widget["type"] == "alarm":
            shown[widget["properties"]["title"]] = {names[arn[2:-1]] for arn in widget["properties"]["alarms"]}
    assert {"portfolio-elb-503", "portfolio-target-5xx", "portfolio-targets-unhealthy"} <= shown["Alarms, high"]
    assert {"portfolio-slow-response", "portfolio-cpu-high"} <= shown["Alarms, medium"]
    assert "portfolio-portfolio-users-write-throttled" in shown["Alarms, medium"]
    assert len(shown["The remediator itself"]) == len([k for k in alarms if k.startswith("OwnAlarms")])
    assert sum(map(len, shown.values())) == len(alarms)


def test_every_kind_of_metric_of_a_workload_is_drawn(whole: Stack) -> None:
    drawn = " ".join(_graphed(whole))
    for metric in (
        "RequestCount", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "TargetResponseTime", "HealthyHostCount", "UnHealthyHostCount",
        "CPUUtilization", "MemoryUtilization", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents",
        "AWS/CloudFront", "4xxErrorRate", "5xxErrorRate",
    ):  # fmt: skip
        assert metric in drawn, metric


def test_cloudfront_is_drawn_from_where_its_metrics_are(whole: Stack) -> None:
    (site,) = [w["properties"] for w in _widgets(whole) if "CloudFront" in w["properties"].get("title", "")]
    assert site["region"] == "us-east-1"


def test_the_promise_of_the_latency_is_drawn_beside_the_latency(whole: Stack) -> None:
    (times,) = [w["properties"] for w in _widgets(whole) if w["properties"].get("title") == "Response time, s"]
    assert [(a["value"], a["label"]) for a in times["annotations"]["horizontal"]] == [(0.1, "100 ms")]


@pytest.mark.parametrize(
    "metric", [INCIDENTS, VERDICTS, CHANGES, GATE_ANSWERS, CLOCKS, DURATIONS, API_CALLS], ids=lambda m: m.name
)
def test_the_programs_own_metrics_are_found_whatever_their_dimensions_say(small: Stack, metric: Any) -> None:
    schema = ",".join(("Remediator", *metric.dimensions))
    assert any(f"{{{schema}}}" in line and metric.name in line for line in _graphed(small))


def test_a_name_that_is_given_at_deployment_is_drawn_nowhere_and_said_to_be_missing(small: Stack) -> None:
    assert "PortfolioLoadBalancer" not in json.dumps(_widgets(small))
    texts = [w["properties"]["markdown"] for w in _widgets(small) if w["type"] == "text"]
    assert any("`load_balancer`, `target_group`" in t for t in texts)


def test_an_alarm_that_may_not_be_there_is_not_shown(small: Stack) -> None:
    conditional = [k for k, r in small.template["Resources"].items() if "Condition" in r]
    assert conditional
    shown = json.dumps([w for w in _widgets(small) if w["type"] == "alarm"])
    assert not [k for k in conditional if k in shown]


def test_its_words_are_the_deployments(whole: Stack) -> None:
    titles = [
        w["properties"].get("title", "") for w in _widgets(Stack(synthesised((stand_in(),), _with(WATCHED, "ja"))))
    ]
    assert {"インシデント", "アラーム（高）", "自動復旧プログラム自体"} <= set(titles)
    english = [w["properties"].get("title", "") + w["properties"].get("markdown", "") for w in _widgets(whole)]
    assert all(t.isascii() for t in english)


def test_widgets_lie_beside_one_another_and_none_on_another(whole: Stack) -> None:
    cells: set[tuple[int, int]] = set()
    for w in _widgets(whole):
        assert w["x"] + w["width"] <= 24
        own = {(x, y) for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])}
        assert not cells & own
        cells |= own


def test_its_name_is_the_regions_and_its_address_an_output(small: Stack) -> None:
    (dashboard,) = small.of("AWS::CloudWatch::Dashboard").values()
    assert "AWS::Region" in said(dashboard["DashboardName"])
    assert "#dashboards/dashboard/remediator-" in said(small.template["Outputs"]["DashboardUrl"])


def test_it_can_be_left_out() -> None:
    without = Stack(synthesised((stand_in(),), _with(dashboard=False)))
    kinds = {r["Type"] for r in without.template["Resources"].values()}
    assert "AWS::CloudWatch::Dashboard" not in kinds
    assert "DashboardUrl" not in without.template["Outputs"]


def test_the_widget_only_looks(small: Stack) -> None:
    role = small.id("AWS::IAM::Role", "FunctionsWidgetRole")
    policies = [p for p in small.of("AWS::IAM::Policy").values() if {"Ref": role} in p["Roles"]]
    actions = {a for p in policies for s in p["PolicyDocument"]["Statement"] for a in _listed(s["Action"])}
    own = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    assert actions - own == {"dynamodb:GetItem", "dynamodb:Scan"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_its_buttons_know_the_approve_function_and_its_own_role_may_not_call_it(small: Stack) -> None:
    widget = small.named("AWS::Lambda::Function", "FunctionsWidget")
    approve = small.id("AWS::Lambda::Function", "FunctionsApprove")
    assert widget["Environment"]["Variables"]["APPROVE_FUNCTION"] == {"Fn::GetAtt": [approve, "Arn"]}
    assert widget["FunctionName"] == "remediator-widget"
    assert re.fullmatch(r"remediator\.handlers\.widget\.handle", widget["Handler"])


def test_a_resource_that_is_declared_by_its_arn_has_a_graph_of_what_its_kind_plots() -> None:
    orders = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/orders"
    graphed = _graphed(Stack(synthesised((stand_in(),), _with({"resources": [orders]}))))
    of_orders = [line for line in graphed if '"orders"' in line]
    assert len(of_orders) == 4
    assert any("WriteThrottleEvents" in line for line in of_orders)
