from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.incidents.diagnosis import diagnose
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK

from ..ecs_task_restarting.samples import gap
from .samples import INDEX, evidence, flow, hour, minutes, on_demand
from .setting import PEAK, SETTING, SHORT, cause_of, decision_on


@pytest.mark.parametrize(
    ("bad", "changes", "cause"),
    [
        (flow(provisioned=60), {}, "dynamodb_throttling.insufficient_capacity"),
        (flow("read", provisioned=60), {}, "dynamodb_throttling.insufficient_capacity"),
        (flow(index=INDEX, provisioned=60), {}, "dynamodb_throttling.insufficient_capacity"),
        (flow(key_range=60), {}, "dynamodb_throttling.hot_key"),
        (flow(key_range=60, provisioned=5), {}, "dynamodb_throttling.hot_key"),
        (flow(key_range=60, provisioned=60), {}, "dynamodb_throttling.hot_key"),
        (flow(provisioned=600), {"load": PEAK}, "dynamodb_throttling.burst_traffic"),
        (flow(max_on_demand=60), {"table": on_demand(max_write=10)}, "dynamodb_throttling.on_demand_maximum"),
        (flow(account_limit=60), {"table": on_demand()}, "dynamodb_throttling.account_limit"),
        (flow(), {}, None),
    ],
)
def test_the_throttle_cause_metrics_name_the_row_of_the_guide(bad, changes, cause):
    assert cause_of(evidence(bad, **changes)) == cause


@pytest.mark.parametrize(
    ("why", "load", "burst"),
    [
        ("steady and short: the hour is like its peak", hour(usual=5, peak=5, refused=600), False),
        ("a retry storm repeats few requests", hour(usual=1, peak=5, refused=800), False),
        ("served by saved-up capacity, far beyond one step", hour(usual=1, peak=25, refused=60), True),
        ("refused beyond what retries explain", hour(usual=2, peak=5, refused=9000), True),
        ("the hour has long been like that: capacity was lowered", hour(usual=20, peak=25, refused=600), False),
        ("twice as much is one step, however calm the hour", hour(usual=1, peak=9, refused=60), False),
    ],
)
def test_a_burst_is_told_from_capacity_that_is_short(why, load, burst):
    row = "burst_traffic" if burst else "insufficient_capacity"
    assert cause_of(evidence(SHORT, load=(hour("read"), load))) == f"dynamodb_throttling.{row}", why


def test_an_hour_with_gaps_counts_idle_minutes_as_idle():
    once_an_hour = hour(usual=0, peak=25, refused=600)
    assert (once_an_hour.datapoints, once_an_hour.median_per_s) == (5, 0)
    assert cause_of(evidence(SHORT, load=(hour("read"), once_an_hour))) == "dynamodb_throttling.burst_traffic"


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("throttles unreadable", {"throttles": gap()}),
        ("other indexes unreadable", {"other_throttles": gap()}),
        ("load unreadable", {"load": gap()}),
        ("load without a datapoint", {"load": (hour("read"),)}),
        ("table gone", {"table": gap("NotFound: no such table")}),
    ],
)
def test_what_could_not_be_read_leaves_capacity_open_and_changes_nothing(why, changes):
    diagnosis = diagnose(RUNBOOK, evidence(SHORT, **changes), SETTING)
    open_rows = {o.cause for o in diagnosis.unchecked}
    assert "dynamodb_throttling.insufficient_capacity" in open_rows, why
    assert isinstance(decision_on(evidence(SHORT, **changes)), Advise)


def test_throttling_without_a_cause_metric_is_open_and_not_ruled_out():
    nameless = replace(flow(), refused=minutes(60, range(1, 6)))
    diagnosis = diagnose(RUNBOOK, evidence(nameless), SETTING)
    assert diagnosis.held == diagnosis.ruled_out == ()
    assert len(diagnosis.unchecked) == 5
    assert "no metric that says why" in diagnosis.unchecked[0].why


def test_what_is_certain_holds_although_another_reading_failed():
    assert cause_of(evidence(flow(key_range=60), other_throttles=gap())) == "dynamodb_throttling.hot_key"


def test_a_table_that_went_on_demand_meanwhile_is_not_short_of_units():
    diagnosis = diagnose(RUNBOOK, evidence(SHORT, table=on_demand()), SETTING)
    assert diagnosis.cause is None


def test_every_fact_says_where_and_when_it_was_read():
    for bad in (SHORT, flow(key_range=9), flow(max_on_demand=9), flow(account_limit=9)):
        for held in diagnose(RUNBOOK, evidence(bad), SETTING).held:
            assert held.facts
            assert all(f.source and f.at for f in held.facts)
