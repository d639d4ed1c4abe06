"""Events in: each derived rule lets its runbook's real events through, and nothing is lost on the way."""

import json
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from infra.declared import Declared
from infra.golden import synthesised
from remediator.problems import load_all

from .reading import Stack, said
from .stand_in import STOPPED, stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
EVENTS = Path(__file__).parents[1] / "events"

# Health-check kills among them: ECS calls their stop code ServiceSchedulerInitiated, like a scale-in's.
OF_RUNBOOK = [
    ("ecs_task_restarting", "ecs_task_elb_health_failed.json"),
    ("ecs_task_restarting", "ecs_task_defra_task_stop_out_of_memory.json"),
    ("ecs_task_restarting", "ecs_task_defra_task_stop_timeout_sidecar.json"),
    ("ecs_task_restarting", "ecs_task_two_containers_exit1_137.json"),
]
OF_NOBODY = [
    "ecs_task_defra_task_start_running.json",
    "ecs_task_defra_task_start_starting.json",
    "ecs_task_state_dotnet.json",
    "ecs_instance_state_go.json",
    "autoscaling_terminate_action.json",
]


def _event(name: str) -> Any:
    event = json.loads((EVENTS / name).read_text(encoding="utf-8"))
    return event.get("event", event)


def _trigger_rules(stack: Stack) -> dict[str, Any]:
    return {k: p for k, p in stack.of("AWS::Events::Rule").items() if k.startswith("Rules")}


def _matching(stack: Stack, event: Any) -> list[Any]:
    return [
        rule for rule in _trigger_rules(stack).values() if EventPattern(None, rule["EventPattern"]).matches_event(event)
    ]


@pytest.mark.parametrize(("runbook", "event"), OF_RUNBOOK)
def test_a_rule_lets_the_real_events_of_its_runbook_through(stack: Stack, runbook: str, event: str) -> None:
    assert any(runbook in rule["Description"] for rule in _matching(stack, _event(event)))


@pytest.mark.parametrize("event", OF_NOBODY)
def test_no_rule_lets_through_what_no_runbook_looks_at(stack: Stack, event: str) -> None:
    assert _matching(stack, _event(event)) == []


def test_every_trigger_of_every_runbook_has_its_rule(stack: Stack) -> None:
    patterns = [said(rule["EventPattern"]) for rule in _trigger_rules(stack).values()]
    for runbook in load_all():
        for trigger in runbook.triggers:
            assert said(json.loads(json.dumps(trigger.pattern, default=list))) in patterns
    assert len(patterns) == len(set(patterns))


def test_runbooks_with_the_same_pattern_share_a_rule_that_names_both(small: Stack) -> None:
    (rule,) = _trigger_rules(small).values()
    assert rule["Description"] == "Starts: ecs_one, ecs_two"


def test_different_patterns_of_one_kind_are_rules_of_their_own(declared: Declared) -> None:
    other = {**STOPPED, "detail": {"lastStatus": ["STOPPED"]}}
    two = Stack(synthesised((stand_in("ecs_one"), stand_in("ecs_two", pattern=other)), declared))
    assert len(_trigger_rules(two)) == 2


def test_a_rule_sends_to_intake_and_keeps_what_it_cannot_deliver(small: Stack) -> None:
    intake, dead = (small.id("AWS::SQS::Queue", i) for i in ("InboxIntakeCC", "InboxRulesDead"))
    for rule in small.of("AWS::Events::Rule").values():
        for target in rule["Targets"]:
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [dead, "Arn"]}}
            assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 3600
    for rule in _trigger_rules(small).values():
        assert [t["Arn"] for t in rule["Targets"]] == [{"Fn::GetAtt": [intake, "Arn"]}]


def test_only_our_own_rules_may_send_to_the_queues(small: Stack) -> None:
    for queue, rules in (("InboxIntakeCC", 2), ("InboxRulesDead", 2)):
        statements = small.policy_of("AWS::SQS::QueuePolicy", "Queues", small.id("AWS::SQS::Queue", queue))
        (sends,) = [s for s in statements if s["Effect"] == "Allow"]
        sources = sends["Condition"]["ArnEquals"]["aws:SourceArn"]
        assert len(sources if isinstance(sources, list) and rules > 1 else [sources]) == rules
        assert sends["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


@pytest.mark.parametrize(("status", "count"), [("FAILED", 1), ("TIMED_OUT", 1), ("STOPPED", 1), ("SUCCEEDED", 0)])
def test_an_execution_that_does_not_finish_is_told_to_people(small: Stack, status: str, count: int) -> None:
    rule = small.named("AWS::Events::Rule", "NotFinished")
    pattern = json.loads(json.dumps(rule["EventPattern"]))
    pattern["detail"]["functionArn"] = [{"prefix": "arn:aws:lambda:ap-northeast-1:123456789012:function:remediate:"}]
    event = {
        "source": "aws.lambda",
        "detail-type": "Durable Execution Status Change",
        "detail": {
            "status": status,
            "functionArn": "arn:aws:lambda:ap-northeast-1:123456789012:function:remediate:3",
        },
    }
    assert EventPattern(None, pattern).matches_event(event) is bool(count)
    people, intake = small.id("AWS::SNS::Topic", "ChannelsHigh"), small.id("AWS::SQS::Queue", "InboxIntakeCC")
    assert [t["Arn"] for t in rule["Targets"]] == [{"Ref": people}, {"Fn::GetAtt": [intake, "Arn"]}]


def test_what_people_are_told_then_is_a_sentence_that_chat_shows(small: Stack) -> None:
    target, untold = small.named("AWS::Events::Rule", "NotFinished")["Targets"]
    assert "InputTransformer" not in untold  # intake reads the event itself
    shown = target["InputTransformer"]["InputTemplate"]
    for name, value in (("incident", "3f2a9c"), ("status", "TIMED_OUT"), ("at", "2026-11-23T10:00:00Z")):
        assert name in target["InputTransformer"]["InputPathsMap"]
        shown = shown.replace(f"<{name}>", value)
    message = json.loads(shown)
    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert message["content"]["description"].startswith("The remediation of incident 3f2a9c ended as TIMED_OUT")
