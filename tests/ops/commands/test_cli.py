"""The command as an engineer types it."""

import json
import re

import boto3
import pytest
import typer
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from ops import cli
from ops.deployment import deployed
from remediator.core.errors import ForAPerson
from sandbox import applications as programs
from sandbox.laptop import Laptop
from sandbox.wire import WIRE
from tests.corpus import EVENTS

RUN = CliRunner()
OUTPUTS = {"LedgerTable": "ledger", "IntakeFunction": "i", "ApproveFunction": "a"}


@pytest.fixture
def account(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        yield


@pytest.fixture
def stack(account, monkeypatch):
    monkeypatch.setattr(deployed.Deployment, "_outputs", OUTPUTS)
    boto3.client("dynamodb").create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for n in (1, 2):
        boto3.client("dynamodb").put_item(
            TableName="ledger",
            Item={"pk": {"S": f"incident#i{n}"}, "opened_at": {"S": f"2026-11-2{n}"}, "verdict": {"S": "fixed"}},
        )


def said(*words, typed=None):
    ran = RUN.invoke(cli.app, list(words), input=typed)
    return ran.exit_code, re.sub(r"\x1b\[[0-9;]*m", "", ran.output)


@pytest.mark.parametrize("command", ["demo", "replay", "incidents", "approve", "refuse", "hold", "redrive", "undo"])
def test_every_command_explains_itself(command):
    status, found = said(command, "--help")
    assert status == 0
    assert len(found) > 200


@pytest.mark.parametrize("command", [c.name or c.callback.__name__ for c in cli.app.registered_commands])
def test_every_command_speaks_both_languages(command):
    assert "--language" in said(command, "--help")[1]


def test_the_command_alone_lists_its_commands():
    assert "replay" in said("--help")[1]


def test_the_demo_lists_its_scenarios_in_both_languages():
    assert "out-of-memory" in said("demo", "--list")[1]
    assert "メモリ" in said("demo", "--list", "--language", "ja")[1]
    assert said("demo", "--list", "--language", "fr")[0] == 2


def test_an_unknown_scenario_exits_with_2():
    assert said("demo", "no-such-scenario")[0] == 2


def test_replaying_a_scale_in_says_that_it_is_no_incident():
    status, found = said("replay", str(EVENTS / "ecs_task_scaling_in_exit137.json"))
    assert (status, "no incident" in found) == (0, True)


def test_replaying_a_kill_looks_at_the_account_reports_and_writes_nothing(tmp_path):
    with Laptop() as laptop:
        laptop.world.run_service(tags={"auto-remediation": "observe"})
        laptop.world.fall_ill(programs.LEAKS)
        laptop.run()
        stops = [e for e in laptop.world.events if e["detail"]["lastStatus"] == "STOPPED"]
        (tmp_path / "event.json").write_text(json.dumps(stops[-1]))
        before = len(laptop.world.requests)
        with WIRE.sessions():
            status, found = said("replay", str(tmp_path / "event.json"))
        asked = {r.action for r in laptop.world.requests[before:]}
    assert status == 0
    assert "Out of memory (ecs_task_restarting.out_of_memory)" in found
    assert "ecs:DescribeServices" in asked
    assert all(a.split(":")[1].startswith(("Describe", "Get", "List")) for a in asked)


def test_an_event_can_come_from_standard_input():
    event = (EVENTS / "ecs_task_scaling_in_exit137.json").read_text()
    assert "no incident" in said("replay", "-", typed=event)[1]


@pytest.mark.parametrize("text", ["not json", "[1, 2]", ""])
def test_a_file_that_is_no_event_is_refused_with_a_word(tmp_path, text):
    (tmp_path / "event.json").write_text(text)
    assert said("replay", str(tmp_path / "event.json"))[0] == 2


def test_a_file_that_is_not_there_is_refused_with_a_word(tmp_path):
    assert said("replay", str(tmp_path / "nothing.json"))[0] == 2


def test_incidents_are_listed_newest_first(stack):
    status, found = said("incidents", "--json")
    assert status == 0
    assert [i["incident"] for i in json.loads(found)] == ["i2", "i1"]
    assert "2 incidents" in said("incidents")[1]


def test_a_missing_stack_is_named(account, monkeypatch):
    def refuse(*_, **__):
        raise ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks")

    monkeypatch.setattr(BaseClient, "_make_api_call", refuse)
    with pytest.raises(ForAPerson, match="stack remediator cannot be read"):
        deployed.Deployment("remediator", None).incidents(5)


@pytest.mark.parametrize(("accepted", "status"), [(True, 0), (False, 1)])
def test_an_answer_that_was_not_taken_exits_with_1(stack, monkeypatch, accepted, status):
    asked = []

    def invoke(self, output, payload):
        asked.append((output, payload))
        return {"accepted": accepted}

    monkeypatch.setattr(deployed.Deployment, "_invoke", invoke)
    assert said("approve", "incident-12345678")[0] == status
    assert asked[0][0] == "ApproveFunction"
    assert asked[0][1]["reference"] == "incident-12345678"
    assert asked[0][1]["by"].startswith("arn:aws:sts::")


def answered(monkeypatch, outcome):
    monkeypatch.setattr(deployed.Deployment, "_invoke", lambda *_: outcome)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"accepted": True, "answer": "approve", "incident": "i-1"}, ("Approved", "remediator incident i-1")),
        ({"accepted": False, "why": "another plan", "asked_now": "i-1-0badcafe", "plan_now": "Raise memory"},
         ("Not taken: another plan", "Asked now: Raise memory", "remediator approve i-1-0badcafe")),
    ],
)  # fmt: skip
def test_what_became_of_an_answer_is_said_in_a_sentence_and_on_request_as_json(stack, monkeypatch, outcome, words):
    answered(monkeypatch, outcome)
    _, found = said("approve", "i-1-12345678")
    assert [w for w in words if w not in found] == []
    assert json.loads(said("approve", "i-1-12345678", "--json")[1]) == outcome


@pytest.mark.parametrize(
    ("outcome", "status", "word"),
    [
        ([{"incident": "i-2", "how": "undo"}], 0, "remediator incident i-2"),
        ([{"refused": "nothing was changed"}], 1, "Refused: nothing was changed"),
        ([{"ignored": "no runbook"}], 1, "No incident: no runbook"),
    ],
)
def test_an_order_that_began_nothing_exits_with_1(stack, monkeypatch, outcome, status, word):
    answered(monkeypatch, outcome)
    exited, found = said("undo", "i-1")
    assert (exited, word in found) == (status, True)
    assert json.loads(said("undo", "i-1", "--json")[1]) == outcome


def test_a_replay_tells_programs_why_there_is_no_incident():
    _, found = said("replay", str(EVENTS / "ecs_task_scaling_in_exit137.json"), "--json")
    assert list(json.loads(found)[0]) == ["no_incident"]


def test_every_command_has_json():
    commands = typer.main.get_command(cli.app).commands
    lone = [c for name, c in commands.items() if name != "recover"] + list(commands["recover"].commands.values())
    assert [c.name for c in lone if not any("--json" in p.opts or "--jsonl" in p.opts for p in c.params)] == []


def test_only_the_deployed_function_applies_a_replay(stack, monkeypatch):
    asked = []
    monkeypatch.setattr(
        deployed.Deployment, "_invoke", lambda self, output, payload: asked.append((output, payload)) or []
    )
    assert said("replay", str(EVENTS / "own_ecs_task_service_out_of_memory.json"), "--apply")[0] == 0
    assert (asked[0][0], asked[0][1]["apply"]) == ("IntakeFunction", True)
    assert said("undo", "some-incident")[0] == 0
    assert asked[1][1]["undo"] == "some-incident"


def test_an_answer_goes_to_the_url_where_the_deployment_has_one(stack, monkeypatch):
    sent = []
    monkeypatch.setattr(deployed.Deployment, "_outputs", {**OUTPUTS, "ApproveUrl": "https://url/"})
    monkeypatch.setattr(deployed.signed, "post", lambda _, url, body: sent.append((url, body)) or {"accepted": True})
    assert said("hold", "incident-12345678")[0] == 0
    assert sent == [("https://url/", {"reference": "incident-12345678", "answer": "hold"})]
