"""Alarms on the program itself: each way in which it can fail people has one, and they get it."""

from typing import Any, get_args

import pytest

from remediator.incidents.case import Stage

from .reading import Stack

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
FUNCTIONS = ("Intake", "Remediate", "Approve")


def _own(stack: Stack, name: str) -> Any:
    return stack.named("AWS::CloudWatch::Alarm", f"OwnAlarms{name}")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_fails_is_told_with_its_first_error(small: Stack, function: str) -> None:
    alarm = _own(small, f"{function}Fails")
    assert (alarm["MetricName"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Errors", 0, 1)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_is_throttled_for_long_is_told_and_a_burst_is_not(small: Stack, function: str) -> None:
    alarm = _own(small, f"{function}Throttled")
    assert (alarm["MetricName"], alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == ("Throttles", 3, 5)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_before_its_timeout_cuts_it_off(small: Stack, function: str) -> None:
    alarm = _own(small, f"{function}Slow")
    timeout_s = small.named("AWS::Lambda::Function", f"Functions{function}")["Timeout"]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("Duration", "Maximum")
    assert 0.5 * timeout_s * 1000 < alarm["Threshold"] < timeout_s * 1000


def test_silence_is_told_since_the_sweep_comes_every_quarter_and_not_before_anything_was_heard(small: Stack) -> None:
    alarm = _own(small, "IntakeSilent")
    assert (alarm["MetricName"], alarm["Period"] * alarm["EvaluationPeriods"]) == ("Invocations", 1800)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    assert alarm["TreatMissingData"] == "missing"  # a new alarm has no data, and only a change of state is told
    assert alarm["InsufficientDataActions"] == alarm["AlarmActions"]


def test_a_report_that_cannot_be_sent_is_told_whatever_its_stage(small: Stack) -> None:
    alarm = _own(small, "ReportsFail")
    stages = [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m]
    assert {m["MetricName"] for m in stages} == {"ReportsFailed"}
    assert {d["Value"] for m in stages for d in m["Dimensions"]} == set(get_args(Stage))
    (summed,) = [m["Expression"] for m in alarm["Metrics"] if "Expression" in m]
    assert summed.count("FILL(") == len(stages)


def test_only_silence_itself_counts_as_trouble_where_there_is_no_data(small: Stack) -> None:
    own = {k: a for k, a in small.of("AWS::CloudWatch::Alarm").items() if k.startswith("OwnAlarms")}
    found = [k for k, a in own.items() if a["TreatMissingData"] != "notBreaching" or a.get("InsufficientDataActions")]
    assert [k.rstrip("0123456789ABCDEF") for k in found] == ["OwnAlarmsIntakeSilent"]


def test_each_says_what_it_means_and_reaches_people(small: Stack) -> None:
    high = {"Ref": small.id("AWS::SNS::Topic", "ChannelsHigh")}
    for name, alarm in small.of("AWS::CloudWatch::Alarm").items():
        if name.startswith("OwnAlarms"):
            assert alarm["AlarmDescription"].startswith("Remediator: ")
            assert alarm["AlarmActions"] == [high]
