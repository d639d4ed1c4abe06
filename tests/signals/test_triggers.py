"""The rules' patterns against real events, judged by moto's own matcher of EventBridge patterns."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from moto.events.models import EventPattern

from remediator.core.model import Signal
from remediator.core.runbook import Trigger
from remediator.core.serialization import to_json
from remediator.events import parse
from remediator.events.triggers import (
    alarm_on,
    ecs_deployment_failed,
    ecs_service_action,
    ecs_task_stopped,
    table_delete_refused,
)

from ..corpus import event, files

RESTARTING = ecs_task_stopped("out_of_memory", "health_check", "application_error", "unknown")
EVERY_TRIGGER = [
    RESTARTING,
    ecs_task_stopped("failed_to_start"),
    ecs_deployment_failed(),
    ecs_service_action(),
    ecs_service_action("SERVICE_TASK_PLACEMENT_FAILURE", "SERVICE_TASK_START_IMPAIRED"),
    alarm_on("AWS/DynamoDB"),
    alarm_on("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"),
    alarm_on("AWS/CloudFront", "5xxErrorRate"),
    table_delete_refused(),
]
ON_THE_BUS = [file for file in files() if "detail-type" in event(file)]


def let_through(trigger: Trigger, raw: dict[str, Any]) -> bool:
    return EventPattern.load(json.dumps(to_json(trigger.pattern))).matches_event(raw)


def accepted(trigger: Trigger, raw: dict[str, Any]) -> bool:
    return any(isinstance(p, Signal) and p.kind == trigger.kind and trigger.accepts(p) for p in parse(raw))


@pytest.mark.parametrize("file", [file for file in files("ecs_task_restarting.") if file in ON_THE_BUS])
def test_every_stop_of_a_restarting_service_comes_through_its_rule_and_is_accepted(file: str) -> None:
    assert let_through(RESTARTING, event(file))
    assert accepted(RESTARTING, event(file))


def test_a_kill_by_the_load_balancers_health_check_is_among_them() -> None:
    raw = event("ecs_task_elb_health_failed.json")
    assert raw["detail"]["stopCode"] == "ServiceSchedulerInitiated"  # as a scale-in's
    assert let_through(RESTARTING, raw)
    assert accepted(RESTARTING, raw)


@pytest.mark.parametrize("trigger", EVERY_TRIGGER)
def test_no_rule_is_narrower_than_what_the_parser_accepts(trigger: Trigger) -> None:
    taken = [file for file in ON_THE_BUS if accepted(trigger, event(file))]
    assert [file for file in taken if let_through(trigger, event(file))] == taken


@pytest.mark.parametrize("trigger", EVERY_TRIGGER)
def test_each_trigger_accepts_at_least_one_real_event_and_not_all(trigger: Trigger) -> None:
    taken = [file for file in ON_THE_BUS if accepted(trigger, event(file))]
    assert 0 < len(taken) < len(ON_THE_BUS)


@pytest.mark.parametrize("file", [file for file in files("ignore") if file in ON_THE_BUS])
def test_what_is_ignored_is_accepted_by_no_trigger(file: str) -> None:
    assert not any(accepted(trigger, event(file)) for trigger in EVERY_TRIGGER)


@pytest.mark.parametrize(
    "file",
    [
        "ecs_task_defra_task_start_running.json",
        "ecs_task_spot_notice.json",
        "alarm_ok_transition_real.json",
        "constructed_cloudtrail_delete_table_success.json",
    ],
)
def test_noise_does_not_even_pass_the_rules(file: str) -> None:
    assert not any(let_through(trigger, event(file)) for trigger in EVERY_TRIGGER)


@pytest.mark.parametrize(
    ("made", "file", "other"),
    [
        (
            lambda: ecs_task_stopped("out_of_memory"),
            "own_ecs_task_service_out_of_memory.json",
            "own_ecs_task_service_exit_1.json",
        ),
        (
            lambda: ecs_service_action("SERVICE_TASK_PLACEMENT_FAILURE"),
            "ecs_service_task_placement_failure_awsdoc.json",
            "ecs_service_task_start_impaired_real.json",
        ),
        (
            lambda: alarm_on("AWS/DynamoDB", "ReadThrottleEvents"),
            "own_alarm_contributor_event.json",
            "own_alarm_target_5xx_event.json",
        ),
        (
            lambda: alarm_on("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"),
            "own_alarm_target_5xx_action.json",
            "own_alarm_distribution_event.json",
        ),
        (
            table_delete_refused,
            "constructed_cloudtrail_delete_table_error_4_ddb_delete_inuse.json",
            "constructed_cloudtrail_delete_table_success.json",
        ),
        (ecs_deployment_failed, "own_ecs_deployment_failed.json", "ecs_deployment_in_progress_2026.json"),
    ],
)
def test_a_trigger_takes_what_it_names_and_nothing_else(made: Callable[[], Trigger], file: str, other: str) -> None:
    assert accepted(made(), event(file))
    assert not accepted(made(), event(other))
