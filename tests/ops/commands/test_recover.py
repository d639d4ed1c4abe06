"""`remediator recover` as an engineer types it, on the sandbox's account and with the product's own functions."""

import json
import re
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from ops import cli
from ops.commands import recover_session as recover_run
from ops.commands import recovery_look as recovering
from remediator.core.errors import ForAPerson
from remediator.ledger.incidents import Ledger
from sandbox import names
from sandbox.dynamodb.demand import Demand
from sandbox.laptop import Laptop
from sandbox.scenarios.recovery import PLAIN, SOMEBODY, invoke, plain_targets

RUN = CliRunner()
SERVICE = f"{names.CLUSTER}/{names.SERVICE}"


class Deployed:
    """The deployment, reached without CloudFormation: intake runs here."""

    def __init__(self, laptop):
        self._laptop = laptop
        self.asked = []

    def invoke_intake(self, payload):
        self.asked.append(payload)
        return json.loads(json.dumps(invoke(payload)))

    def record(self, incident):
        with self._laptop.world.behind_the_scenes():
            return Ledger(self._laptop.runtime).load(incident)


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


@pytest.fixture
def deployed(laptop, monkeypatch):
    there = Deployed(laptop)
    who = recovering.Caller(arn=SOMEBODY, region=names.REGION, runtime=laptop.runtime)
    monkeypatch.setattr(recover_run, "connected", lambda _: (who, there))
    monkeypatch.setattr(recover_run, "pause", lambda _: laptop.run())
    return there


def said(*words):
    ran = RUN.invoke(cli.app, ["recover", *words])
    return ran.exit_code, re.sub(r"\x1b\[[0-9;]*m", "", ran.output), ran


def writes(laptop):
    return [w.action for w in laptop.world.writes]


@pytest.mark.parametrize("procedure", ["ecs", "dynamodb", "alb"])
def test_every_procedure_explains_itself_and_its_exit_status(procedure):
    status, found, _ = said(procedure, "--help")
    assert status == 0
    assert "Exit status" in found


def test_without_an_action_it_looks_and_changes_nothing(laptop, deployed):
    laptop.world.run_service()
    status, found, _ = said("ecs", SERVICE)
    assert status == 0
    assert re.search(r"tasks running / desired: 2 / 2 +\(ecs:DescribeServices, 2026-", found)
    assert "--restart" in found
    assert "-> Replace all tasks" in found
    assert "Nothing was changed." in found
    assert (writes(laptop), deployed.asked) == ([], [])


def test_it_looks_in_japanese_too(laptop, deployed):
    laptop.world.run_service()
    _, found, _ = said("dynamodb", names.TABLE, "--language", "ja")
    assert "DynamoDB テーブルの復旧" in found
    assert "変更していません。" in found


def test_as_json_it_prints_one_document(laptop, deployed):
    laptop.world.run_service()
    status, _, ran = said("alb", laptop.world.portfolio.target_group, "--json")
    parsed = json.loads(ran.stdout)
    assert status == 0
    assert parsed["resource"] == laptop.world.portfolio.target_group
    assert {"what", "value", "read_by", "at"} == set(parsed["state"][0])
    assert parsed["actions"][0]["action"] == "targets"


def test_it_shows_the_plan_and_waits_until_it_is_proved(laptop, deployed):
    laptop.world.run_service()
    status, found, _ = said("ecs", SERVICE, "--count", "3", "--yes", "--wait")
    assert status == 0, found
    assert "desiredCount: 2 -> 3" in found
    assert re.search(r"call: aws ecs update-service .*--desired-count 3", found)
    assert re.search(r"undo: aws ecs update-service .*--desired-count 2", found)
    assert re.search(r"remediator undo ecs-task-restarting-\w+", found)
    assert "fixed: Set the number of tasks: 2 -> 3" in found
    assert writes(laptop) == ["ecs:UpdateService"]
    assert laptop.world.writes[0].role.endswith("remediator-fix-ecs-task-restarting")
    assert deployed.asked[0]["by"] == SOMEBODY


def test_without_waiting_it_ends_once_it_is_started(laptop, deployed):
    laptop.world.run_service()
    status, _, ran = said("ecs", SERVICE, "--restart", "--yes", "--json")
    parsed = json.loads(ran.stdout)
    assert status == 0
    assert (parsed["how"], parsed["incident"][:19]) == ("recover", "ecs-task-restarting")
    assert parsed["plan"]["plan"] == deployed.asked[0]["recover"]["plan"]
    assert writes(laptop) == []


def test_nobody_is_taken_to_have_agreed_where_there_is_no_terminal(laptop, deployed):
    laptop.world.run_service()
    status, found, _ = said("ecs", SERVICE, "--restart")
    assert status == 2
    assert "add --yes" in found
    assert deployed.asked == []


@pytest.mark.parametrize(("answer", "status"), [(True, 0), (False, 3)])
def test_a_terminal_asks(laptop, deployed, monkeypatch, answer, status):
    laptop.world.run_service()
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(recover_run, "sys", SimpleNamespace(stdin=terminal))
    monkeypatch.setattr(recover_run.typer, "confirm", lambda _: answer)
    assert said("ecs", SERVICE, "--restart")[0] == status
    assert len(deployed.asked) == int(answer)


def test_what_is_refused_on_the_spot_is_not_even_asked_for(laptop, deployed):
    laptop.world.run_service()
    status, found, _ = said("ecs", SERVICE, "--count", "2", "--yes")
    assert status == 3
    assert "the service wants 2 tasks already" in found
    assert deployed.asked == []


def test_what_the_gates_refuse_is_told_with_the_gate(laptop, deployed):
    laptop.world.run_service(tags={})
    status, found, _ = said("ecs", SERVICE, "--restart", "--yes", "--wait")
    assert status == 3
    assert "[opt_in]" in found
    assert writes(laptop) == []


def test_capacity_is_raised_and_its_proof_reads_no_item(laptop, deployed):
    laptop.world.run_service()
    laptop.world.around.table.ask(Demand(read=14))
    status, found, _ = said("dynamodb", names.TABLE, "--read", "20", "--yes", "--wait")
    assert status == 0, found
    assert "cost a month, at most: USD" in found
    scans = [r for r in laptop.world.requests if r.operation == "Scan" and r.parameters["TableName"] == names.TABLE]
    assert scans
    assert all((s.parameters["Limit"], s.parameters["Select"]) == (1, "COUNT") for s in scans)


def test_targets_are_named_by_the_groups_name_and_by_address(laptop, deployed):
    plain_targets(laptop.world)
    status, found, _ = said("alb", "portfolio-api", "--deregister", PLAIN[0], "--yes", "--wait")
    assert status == 0, found
    assert writes(laptop) == ["elasticloadbalancing:DeregisterTargets"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ecs", f"{names.CLUSTER}/no-such-service"), "there is no ecs service"),
        (("ecs", names.SERVICE), "CLUSTER/SERVICE"),
        (("dynamodb", "no-such-table"), "there is no table"),
        (("alb", "no-such-group"), "TargetGroupNotFound"),
        (("ecs", f"arn:aws:ecs:{names.REGION}:999999999999:service/a/b"), "of account 999999999999; you are in"),
        (("ecs", f"arn:aws:ecs:eu-west-1:{names.ACCOUNT}:service/a/b"), "is in eu-west-1"),
        (("ecs", SERVICE, "--restart", "--count", "2"), "one change at a time"),
        (("ecs", SERVICE, "--count", "0"), "--count"),
        (("dynamodb", names.TABLE, "--on-demand", "--read", "5"), "--on-demand goes for the whole table"),
        (("dynamodb", names.TABLE, "--index", "a b", "--read", "5"), "no name of an index"),
        (("alb", "portfolio-api", "--register", "10.0.0.1"), "is no target: ID:PORT"),
        (("ecs", SERVICE, "--language", "fr"), "en or ja"),
    ],
)
def test_a_wrong_name_or_option_exits_with_2_and_says_what_is_wrong(laptop, deployed, words, why):
    laptop.world.run_service()
    status, found, _ = said(*words)
    assert status == 2, found
    assert why in " ".join(re.sub(r"[│╭╰─╮╯]", " ", found).split())
    assert writes(laptop) == []


def test_an_account_that_cannot_be_read_exits_with_1(laptop, deployed):
    laptop.world.run_service()
    laptop.world.deny("ecs:DescribeServices")
    status, found, _ = said("ecs", SERVICE)
    assert status == 1
    assert "ecs:DescribeServices is not allowed" in found


def test_a_deployment_that_is_not_there_exits_with_1(laptop, deployed, monkeypatch):
    def gone(_):
        raise ForAPerson("stack Remediator cannot be read")

    laptop.world.run_service()
    monkeypatch.setattr(deployed, "invoke_intake", gone)
    status, found, _ = said("ecs", SERVICE, "--restart", "--yes")
    assert status == 1
    assert "stack Remediator cannot be read" in found


def test_the_function_refuses_a_resource_of_another_account(laptop):
    there = f"arn:aws:ecs:{names.REGION}:999999999999:service/a/b"
    asked = {"procedure": "ecs", "action": "restart", "resource": there, "plan": "00000000"}
    (found,) = invoke({"recover": asked})
    assert "not of this deployment's region and account" in found["refused"]
    assert laptop.durable.names == ()


def test_a_second_recovery_of_the_same_resource_has_to_rest(laptop, deployed):
    laptop.world.run_service()
    assert said("ecs", SERVICE, "--count", "3", "--yes", "--wait")[0] == 0
    status, found, _ = said("ecs", SERVICE, "--count", "4", "--yes", "--wait")
    assert status == 3
    assert "[change_limits]" in found
    assert writes(laptop) == ["ecs:UpdateService"]


def test_a_recovery_keeps_out_of_the_way_of_the_incident_of_the_same_problem(laptop, deployed):
    laptop.world.run_service()
    said("ecs", SERVICE, "--restart", "--yes")
    slots = [r["slot"] for r in laptop.records()]
    assert [s.split("#")[:2] for s in slots] == [["slot", "recover"]]


def test_the_undo_of_a_recovery_restores_what_was_before(played):
    went = played("recover-and-undo")
    assert [(w.parameters["desiredCount"], w.error) for w in went.writes] == [(3, ""), (2, "")]
    undone = went.records[-1]
    assert (undone["origin"], undone["verdict"]) == ("undo", "fixed")
