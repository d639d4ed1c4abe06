from dataclasses import replace

import pytest

from remediator.incidents.diagnosis import diagnose
from remediator.problems.alb_slow_response.latency import NatTrouble
from remediator.problems.alb_slow_response.runbook import RUNBOOK
from remediator.resources.vpc.flow_logs import Flows, Path

from ..alb_targets_unhealthy.samples import gap
from .samples import evidence, load, table, times, zones
from .setting import BUSY, SETTING

ID = "alb_slow_response"


def cause(e, setting=SETTING):
    return diagnose(RUNBOOK, e, setting).cause


def busy_in(minutes):
    """CPU is short in the newest minutes only."""
    calm, busy = load(), load(cpu=90.0)
    return replace(calm, cpu_pct={**calm.cpu_pct, **dict(list(busy.cpu_pct.items())[-minutes:])})


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        (BUSY, "task_resources"),
        ({"times": times(4), "load": load(memory=92.0)}, "task_resources"),
        ({"times": times(4), "tables": (table(refused=10),)}, "dynamodb_latency"),
        ({"times": times(4), "tables": (table(slow_ms=120.0),)}, "dynamodb_latency"),
        ({**BUSY, "tables": (table(refused=10),)}, "dynamodb_latency"),
        ({"times": times(4, zones=zones(a=45.0, c=270.0))}, "network_congestion"),
        ({"times": times(4), "nats": (NatTrouble(id="nat-1", ports_refused=7),)}, "network_congestion"),
        ({"times": times(4), "flows": Flows(rejected=3, refused=(Path(source="a", target="b", port=8000, flows=30),))},
         "network_congestion"),
        ({"times": times(4)}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_what_stands_beside_the_slow_minutes_names_the_row(changes, row):
    assert cause(evidence(**changes)) == (row and f"{ID}.{row}")


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({**BUSY, "tables": (table(refused=1, minutes=1),)}, "task_resources"),  # refused in one minute of four
        ({**BUSY, "tables": (table(slow_ms=60.0, minutes=1),)}, "task_resources"),
        ({"times": times(4), "load": busy_in(1)}, None),  # busy in one slow minute of four
        ({"times": times(4, zones=zones(a=20.0, c=45.0))}, None),  # twice as long, and within the target
        ({"times": times(4), "nats": (NatTrouble(id="nat-1", packets_dropped=1, packets=100_000),)}, None),
        (
            {"times": times(4), "flows": Flows(rejected=1, refused=(Path(source="a", target="b", port=1, flows=1),))},
            None,
        ),
        ({**BUSY, "times": times(4, zones=zones(a=45.0, c=270.0))}, "task_resources"),
        ({"times": times(4, zones=zones(a=200.0, c=270.0))}, None),  # both zones are slow
    ],
)
def test_a_look_alike_fact_alone_names_no_row(changes, row):
    assert cause(evidence(**changes)) == (row and f"{ID}.{row}")


def test_one_slow_minute_alone_is_no_trouble():
    assert cause(evidence(**{**BUSY, "times": times(1)})) is None


def test_busy_minutes_count_only_where_it_was_slow_at_the_same_time():
    busy_before = load()
    busy_before = replace(busy_before, cpu_pct={**busy_before.cpu_pct, times().minutes[0].at: 95.0})
    assert cause(evidence(times=times(4), load=busy_before)) is None


@pytest.mark.parametrize("gone", ["times", "load", "tables"])
def test_what_could_not_be_read_leaves_the_row_open(gone):
    diagnosis = diagnose(RUNBOOK, evidence(**{**BUSY, gone: gap()}), SETTING)
    assert f"{ID}.task_resources" in {o.cause for o in diagnosis.unchecked}
    assert diagnosis.cause is None


def test_without_a_declared_table_no_table_is_to_blame():
    diagnosis = diagnose(RUNBOOK, evidence(**BUSY, tables=()), SETTING)
    assert diagnosis.cause == f"{ID}.task_resources"
    assert f"{ID}.dynamodb_latency" in {o.cause for o in diagnosis.unchecked}


@pytest.mark.parametrize("flows", [Flows(unread=500), Flows(complete=False)])
def test_a_flow_log_that_is_half_read_does_not_rule_the_network_out(flows):
    diagnosis = diagnose(RUNBOOK, evidence(times=times(4), flows=flows), SETTING)
    assert f"{ID}.network_congestion" in {o.cause for o in diagnosis.unchecked}


def test_missing_flow_logs_do_not_rule_the_network_out():
    diagnosis = diagnose(
        RUNBOOK, evidence(times=times(4), flows=gap("NotFound: no flow log group is declared")), SETTING
    )
    assert f"{ID}.network_congestion" in {o.cause for o in diagnosis.unchecked}
