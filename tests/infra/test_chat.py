"""The chat channel: off unless it is declared, and held to one function whatever somebody types there."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.acknowledged import acknowledge
from infra.bundle.build import Bundle
from infra.declared import Declared, cdk_context, declared_from
from infra.golden import permissions_held, synthesised
from infra.notifications.chat import COMMAND_CHARS
from infra.permissions import REGION_CHARS
from infra.stack import RemediatorStack
from remediator.approvals.request import WORDS, answer_from
from remediator.reports.channels.amazon_q import chat_message
from remediator.reports.compose import compose
from tests.reports.cases import CASES, SETTINGS

from .reading import Stack, said
from .stand_in import stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
CHANNEL = {"workspace": "T0123456789", "channel": "C0123456789"}
CHAT = ("AWS::Chatbot::SlackChannelConfiguration", "AWS::Chatbot::CustomAction")


def _with(approvals: str = "off", language: str = "en", **channel: Any) -> Declared:
    context = dict(cdk_context())
    context["remediator"] = {**context["remediator"], "chat_approvals": approvals, "language": language}
    return declared_from({**context, "chat": {**CHANNEL, **channel}}.get)


@pytest.fixture(scope="module")
def by_role() -> Stack:
    return Stack(synthesised((stand_in(),), _with("channel_role")))


@pytest.fixture(scope="module")
def by_users() -> Stack:
    return Stack(synthesised((stand_in(),), _with("user_roles_required")))


@pytest.fixture(scope="module")
def only_told() -> Stack:
    return Stack(synthesised((stand_in(),), _with()))


def test_nothing_of_it_is_there_unless_a_channel_is_declared(small: Stack) -> None:
    assert not [r for r in small.template["Resources"].values() if r["Type"].startswith("AWS::Chatbot")]


def test_the_channel_is_told_by_the_topics_of_all_levels(only_told: Stack) -> None:
    (channel,) = only_told.of(CHAT[0]).values()
    assert (channel["SlackWorkspaceId"], channel["SlackChannelId"]) == ("T0123456789", "C0123456789")
    wanted = [{"Ref": only_told.id("AWS::SNS::Topic", f"Channels{level}")} for level in ("High", "Medium", "Low")]
    assert channel["SnsTopicArns"] == wanted
    assert channel["LoggingLevel"] == "ERROR"


def test_a_channel_may_be_for_some_levels_only() -> None:
    (channel,) = Stack(synthesised((stand_in(),), _with(topics=["high"]))).of(CHAT[0]).values()
    assert len(channel["SnsTopicArns"]) == 1


@pytest.mark.parametrize("name", ["only_told", "by_role", "by_users"])
def test_the_guardrail_lets_nobody_do_anything_but_call_approve(name: str, request: pytest.FixtureRequest) -> None:
    stack = request.getfixturevalue(name)
    (channel,) = stack.of(CHAT[0]).values()
    ((guardrail, policy),) = stack.of("AWS::IAM::ManagedPolicy").items()
    assert channel["GuardrailPolicies"] == [{"Ref": guardrail}]  # unset it would be AdministratorAccess
    approve = {"Fn::GetAtt": [stack.id("AWS::Lambda::Function", "FunctionsApprove"), "Arn"]}
    assert policy["PolicyDocument"]["Statement"] == [
        {"Action": "lambda:InvokeFunction", "Effect": "Allow", "Resource": approve}
    ]


def test_the_channels_role_may_answer_only_where_the_owner_says_that_it_answers(
    only_told: Stack, by_role: Stack, by_users: Stack
) -> None:
    held = {
        name: stack.named("AWS::IAM::Role", "ChatRole").get("ManagedPolicyArns", [])
        for name, stack in (("told", only_told), ("role", by_role), ("users", by_users))
    }
    assert (len(held["told"]), len(held["role"]), len(held["users"])) == (0, 1, 0)
    for stack in (only_told, by_role, by_users):
        role = stack.id("AWS::IAM::Role", "ChatRole")
        assert not [p for p in stack.of("AWS::IAM::Policy").values() if {"Ref": role} in p["Roles"]]


def test_users_need_their_own_role_where_the_owner_asks_for_it(
    only_told: Stack, by_role: Stack, by_users: Stack
) -> None:
    asked = [next(iter(s.of(CHAT[0]).values()))["UserRoleRequired"] for s in (only_told, by_role, by_users)]
    assert asked == [False, False, True]


def test_where_a_chat_may_not_answer_there_are_no_buttons(only_told: Stack) -> None:
    assert CHAT[1] not in {r["Type"] for r in only_told.template["Resources"].values()}
    assert "CustomizationResourceArns" not in said(list(only_told.of(CHAT[0]).values()))


def test_every_button_belongs_to_the_channel(by_role: Stack) -> None:
    (channel,) = by_role.of(CHAT[0]).values()
    actions = by_role.of(CHAT[1])
    assert len(actions) == len(WORDS)
    assert {c["Fn::GetAtt"][0] for c in channel["CustomizationResourceArns"]} == set(actions)


def _command(action: Mapping[str, Any], region: str) -> str:
    between, parts = action["Definition"]["CommandText"]["Fn::Join"]
    return str(between.join(p if isinstance(p, str) else region for p in parts))


def test_every_button_keeps_to_the_limits_of_the_service(by_role: Stack) -> None:
    for action in by_role.of(CHAT[1]).values():
        assert len(_command(action, "x" * REGION_CHARS)) <= COMMAND_CHARS
        assert len(said(action["ActionName"]).encode()) < 100
        for attachment in action["Attachments"]:
            assert 1 <= len(attachment["ButtonText"]) <= 50
            assert 1 <= len(attachment["Criteria"]) <= 5
            assert 1 <= len(attachment["Variables"]) <= 5
            assert attachment["NotificationType"] == "Custom"
            assert {c["VariableName"] for c in attachment["Criteria"]} <= set(attachment["Variables"])


def test_the_buttons_speak_the_language_of_the_deployment(by_role: Stack) -> None:
    japanese = Stack(synthesised((stand_in(),), _with("channel_role", "ja")))
    for stack, found in ((by_role, {"Approve", "Undo"}), (japanese, {"承認", "取り消す"})):
        assert found <= {a["ButtonText"] for c in stack.of(CHAT[1]).values() for a in c["Attachments"]}


# -- what the service would make of it -------------------------------------------------------------------------------


def _at(event: Mapping[str, Any], path: str) -> str:
    value: Any = event
    for name in path.removeprefix("event.").split("."):
        value = value.get(name, {}) if isinstance(value, Mapping) else {}
    return value if isinstance(value, str) else ""


def _pressed(stack: Stack, event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What each button that the notification shows would send to the function."""
    for action in stack.of(CHAT[1]).values():
        for attachment in action["Attachments"]:
            values = {name: _at(event, path) for name, path in attachment["Variables"].items()}
            held = [
                values[c["VariableName"]] == c["Value"]
                if c["Operator"] == "EQUALS"
                else bool(values[c["VariableName"]])
                for c in attachment["Criteria"]
            ]
            if all(held):
                command = _command(action, "ap-northeast-1")
                for name, value in values.items():
                    command = command.replace(f"${name}", value)
                sent = re.search(r"--payload (\{.*\}) --region", command)
                assert sent, command
                yield json.loads(sent[1])


def test_under_each_report_stand_the_buttons_that_can_be_meant_each_once(by_role: Stack) -> None:
    seen: dict[str, set[str]] = {}
    for case in CASES.values():
        report = compose(case, SETTINGS)
        words = [answer_from(sent).answer for sent in _pressed(by_role, chat_message(report, "en"))]
        assert len(words) == len(set(words))
        assert ("approve" in words) == bool(report.reference)
        seen.setdefault(report.stage, set()).update(words)
    assert {"approve", "refuse", "hold", "ack"} <= seen["ask"]
    assert seen["final"] == {"undo", "replay"}
    assert "undo" not in seen["first"]


def test_a_button_sends_the_plans_reference_or_the_incident_and_nothing_else(by_role: Stack) -> None:
    asked = next(r for r in (compose(c, SETTINGS) for c in CASES.values()) if r.reference and r.stage == "ask")
    values = {a.answer: a for a in map(answer_from, _pressed(by_role, chat_message(asked, "ja")))}
    assert {values[w].reference for w in ("approve", "refuse", "hold")} == {asked.reference}
    assert values["ack"].reference == asked.incident
    assert {a.way for a in values.values()} == {"chat"}


def test_under_somebody_elses_notification_stands_none_of_them(by_role: Stack) -> None:
    foreign = {
        "metadata": {"eventType": "remediator.final", "additionalContext": {"ActionGroup": "x", "incidentId": "i"}}
    }
    assert list(_pressed(by_role, foreign)) == []


# -- what is reviewed -------------------------------------------------------------------------------------------------


def test_what_the_chat_may_is_written_here_in_full(by_users: Stack, by_role: Stack) -> None:
    ours = {k: v for k, v in permissions_held(by_role.template).items() if k.startswith("Chat")}
    guardrail = ["allow lambda:InvokeFunction on ${FunctionsApprove.Arn}"]
    assert ours == {
        "ChatGuardrail": guardrail,
        "ChatRole": [
            "managed policy ${ChatGuardrail}",
            '{"Service": "chatbot.amazonaws.com"}: allow sts:AssumeRole on this role',
        ],
    }
    theirs = {k: v for k, v in permissions_held(by_users.template).items() if k.startswith("Chat")}
    assert theirs == {"ChatGuardrail": guardrail, "ChatRole": ours["ChatRole"][1:]}


def test_topics_and_key_stay_as_closed_as_they_are_without_a_chat(small: Stack, by_role: Stack) -> None:
    for kind in ("AWS::SNS::TopicPolicy", "AWS::KMS::Key"):
        assert said(list(by_role.of(kind).values())) == said(list(small.of(kind).values()))


@pytest.mark.parametrize("approvals", ["off", "channel_role", "user_roles_required"])
def test_cdk_nag_finds_nothing_with_a_chat(tmp_path: Path, approvals: str) -> None:
    (tmp_path / "code").mkdir()
    app = App(outdir=str(tmp_path / "out"), context=dict(cdk_context()))
    declared, runbooks = _with(approvals), (stand_in(),)
    code = Bundle(tmp_path / "code", "0" * 64)
    stack = RemediatorStack(app, "Remediator", runbooks=runbooks, declared=declared, bundle=code)
    acknowledge(stack, runbooks, declared)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
