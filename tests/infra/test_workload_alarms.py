"""Alarms of declared workloads: what is watched, and what is left out where a name is unknown."""

from typing import Any

import pytest

from infra.declared import Declared, cdk_context, declared_from
from infra.golden import synthesised

from .reading import Stack
from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis


def _declaring(**workload: Any) -> Declared:
    context = dict(cdk_context())
    (portfolio,) = context["remediator"]["workloads"]
    context["remediator"] = {"workloads": [{**portfolio, **workload}]}
    return declared_from(context.get)


@pytest.fixture(scope="module")
def known() -> Stack:
    declared = _declaring(load_balancer="app/alb/50dc6c495c0c9188", target_group="targetgroup/api/73e2d6bc24d8a067")
    return Stack(synthesised((stand_in(),), declared))


def _of_workload(stack: Stack) -> dict[str, Any]:
    alarms = stack.of("AWS::CloudWatch::Alarm").values()
    return {a["AlarmName"]: a for a in alarms if a.get("AlarmName", "").startswith("portfolio-")}


def test_the_guides_portfolio_is_watched(known: Stack) -> None:
    assert set(_of_workload(known)) == {
        "portfolio-cpu-high",
        "portfolio-memory-high",
        "portfolio-portfolio-users-read-throttled",
        "portfolio-portfolio-users-write-throttled",
        "portfolio-elb-502",
        "portfolio-elb-503",
        "portfolio-elb-504",
        "portfolio-elb-5xx",
        "portfolio-target-5xx",
        "portfolio-targets-unhealthy",
        "portfolio-slow-response",
    }


def test_latency_is_compared_in_the_metrics_own_unit(known: Stack) -> None:
    slow = _of_workload(known)["portfolio-slow-response"]
    assert (slow["ExtendedStatistic"], slow["Threshold"]) == ("p99", 0.1)
    assert slow["Dimensions"] == [
        {"Name": "LoadBalancer", "Value": "app/alb/50dc6c495c0c9188"},
        {"Name": "TargetGroup", "Value": "targetgroup/api/73e2d6bc24d8a067"},
    ]


def test_gateway_errors_are_the_load_balancers_alone(known: Stack) -> None:
    for code in ("502", "503", "504", "5xx"):
        assert [d["Name"] for d in _of_workload(known)[f"portfolio-elb-{code}"]["Dimensions"]] == ["LoadBalancer"]


def test_throttling_ends_when_no_data_comes(known: Stack) -> None:
    throttled = _of_workload(known)["portfolio-portfolio-users-write-throttled"]
    (returned,) = [m for m in throttled["Metrics"] if m.get("ReturnData", True)]
    assert returned["Expression"] == "FILL(throttled, 0)"
    (metric,) = [m["MetricStat"]["Metric"] for m in throttled["Metrics"] if "MetricStat" in m]
    assert (metric["Namespace"], metric["MetricName"]) == ("AWS/DynamoDB", "WriteThrottleEvents")


def test_no_data_is_no_alarm(known: Stack) -> None:
    assert {a["TreatMissingData"] for a in _of_workload(known).values()} == {"notBreaching"}


def test_without_a_load_balancers_name_its_alarms_are_left_out_until_it_is_given(small: Stack) -> None:
    parameters = small.template["Parameters"]
    assert parameters["PortfolioLoadBalancer"]["Default"] == ""
    assert parameters["PortfolioTargetGroup"]["Default"] == ""
    conditional = {
        r["Properties"]["AlarmName"]: r.get("Condition")
        for r in small.template["Resources"].values()
        if r["Type"] == "AWS::CloudWatch::Alarm" and "AlarmName" in r["Properties"]
    }
    assert conditional["portfolio-elb-502"]
    assert conditional["portfolio-slow-response"]
    assert conditional["portfolio-cpu-high"] is None


def test_what_is_given_at_deployment_reaches_the_functions(small: Stack) -> None:
    found = [
        f["Environment"]["Variables"]["WORKLOADS_GIVEN"]
        for f in small.of("AWS::Lambda::Function").values()
        if "WORKLOADS_GIVEN" in f["Environment"]["Variables"]
    ]
    assert len(found) == 2  # intake and remediate
    words = {part if isinstance(part, str) else part["Ref"] for part in found[0]["Fn::Join"][1]}
    assert {"PortfolioLoadBalancer", "PortfolioTargetGroup"} <= words


def test_declared_names_reach_the_functions_by_their_settings_alone(known: Stack) -> None:
    for function in known.of("AWS::Lambda::Function").values():
        assert "WORKLOADS_GIVEN" not in function["Environment"]["Variables"]


def test_declared_names_need_no_parameter_and_no_condition(known: Stack) -> None:
    assert set(known.template["Parameters"]) == {"BootstrapVersion"}
    assert [c for c in known.template["Conditions"] if "HasUrls" not in c] == []


def test_a_workload_without_a_latency_target_has_no_latency_alarm() -> None:
    declared = _declaring(load_balancer="app/a/1", target_group="targetgroup/b/2", latency_target_ms=0)
    assert "portfolio-slow-response" not in _of_workload(Stack(synthesised((stand_in(),), declared)))
