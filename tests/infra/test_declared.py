"""What the owner writes into cdk.json is understood as it is meant, or refused."""

import json
from typing import Any

import pytest

from infra.declared import cdk_context, declared_from

CHANNEL = {"workspace": "T0123456789", "channel": "C0123456789"}


def _from(**context: Any) -> Any:
    return declared_from({**cdk_context(), **context}.get)


def test_the_default_is_the_guides_portfolio() -> None:
    (workload,) = _from().settings.workloads
    assert (workload.cluster, workload.service) == ("portfolio-cluster", "portfolio-api-service")
    assert (workload.tables, workload.port, workload.health_path) == (("portfolio-users",), 8000, "/health")
    assert workload.latency_target_ms == 100


def test_the_default_switch_only_observes() -> None:
    assert _from().switch == "observe"


def test_a_switch_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="switch: on is none of off, observe, approve, auto"):
        _from(switch="on")


def test_a_misspelt_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown memory_ceiling_mb"):
        _from(remediator={"limits": {"memory_ceiling_mb": 1}})


def test_a_misspelt_key_of_a_workload_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown helth_path"):
        _from(remediator={"workloads": [{"name": "x", "helth_path": "/"}]})


def test_the_functions_get_the_settings_as_they_were_declared() -> None:
    declared = _from()
    assert json.loads(declared.settings_json) == cdk_context()["remediator"]


def test_values_from_the_command_line_are_understood() -> None:
    declared = _from(intake_concurrency="9", durable_regions="ap-northeast-1, eu-west-2", pass_roles="role/a")
    assert declared.intake_concurrency == 9
    assert declared.durable_regions == ("ap-northeast-1", "eu-west-2")
    assert declared.pass_roles == ("role/a",)


@pytest.mark.parametrize("said_nothing", [None, {}, {"workspace": "", "channel": ""}])
def test_no_channel_is_no_chat(said_nothing: Any) -> None:
    assert _from(chat=said_nothing).chat is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"workspace": "T0123456789"},
        {"workspace": "my-team", "channel": "C0123456789"},
        {"workspace": "T0123456789", "channel": "#alerts"},
        {**CHANNEL, "topics": ["pager"]},
        {**CHANNEL, "topic": ["high"]},
        "T0123456789",
    ],
)
def test_a_channel_that_cannot_be_meant_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="chat: "):
        _from(chat=wrong)


@pytest.mark.parametrize(
    ("found", "meant"), [(None, True), (True, True), ("true", True), (False, False), ("false", False)]
)
def test_a_dashboard_is_made_unless_the_owner_says_no(found: Any, meant: bool) -> None:
    assert _from(dashboard=found).dashboard is meant


@pytest.mark.parametrize("found", ["no", 0, [], "False"])
def test_a_word_that_is_neither_yes_nor_no_is_refused(found: Any) -> None:
    with pytest.raises(ValueError, match="dashboard: "):
        _from(dashboard=found)
