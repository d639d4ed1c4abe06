"""Seeded defects: each contract test must turn red on the fault that it is there for."""

import pytest

from remediator.core.model import Resource
from remediator.core.plan import Call
from remediator.core.ports import Permission, reads
from remediator.core.runbook import writes
from remediator.core.text import same
from tests.contracts import test_every_runbook as contracts

NOTHING = same("nothing")
UPDATE = Permission("ecs:UpdateService", "arn:{partition}:ecs:{region}:{account}:service/*")


@reads(Permission("ecs:DescribeTasks", "x"))
def calls_another(aws, scope):
    return aws.call("ecs:DescribeServices", services=["s"])


@reads(Permission("ecs:DescribeServices", "x"))
def misspells(aws, scope):
    return aws.call("ecs:DescribeServices", servicez=["s"])


@reads(Permission("ecs:UpdateService", "x"))
def writes_as_a_reader(aws, scope):
    return aws.call("ecs:UpdateService", service="s")


@writes(UPDATE, Permission("ecs:StopTask", "arn:x"), does=NOTHING)
def declares_too_much(evidence, setting):
    return _call()


@writes(does=NOTHING)
def declares_nothing(evidence, setting):
    return _call()


@writes(Permission("ecs:UpdateService", "*"), does=NOTHING)
def writes_anywhere(evidence, setting):
    return _call()


@writes(Permission("dynamodb:DeleteTable", "arn:x"), does=NOTHING)
def deletes(evidence, setting):
    return None


def _call():
    return Call(action="ecs:UpdateService", parameters={}, arn=Resource("x", "arn:x").arn)


@pytest.fixture(autouse=True)
def product_code(monkeypatch):
    """The source reader follows product code only; these stand for it."""
    monkeypatch.setattr("tests.contracts.source.PRODUCT", ("remediator", "tests.contracts"))


@pytest.mark.parametrize(
    ("contract", "defect"),
    [
        (contracts.test_a_reader_declares_exactly_what_it_calls, calls_another),
        (contracts.test_a_reader_spells_every_parameter_as_aws_does, misspells),
        (contracts.test_a_reader_only_reads, writes_as_a_reader),
        (contracts.test_a_planner_declares_exactly_what_its_plans_call, declares_too_much),
        (contracts.test_a_planner_declares_exactly_what_its_plans_call, declares_nothing),
        (contracts.test_a_planner_names_the_resources_it_writes_to_and_deletes_nothing, writes_anywhere),
        (contracts.test_a_planner_names_the_resources_it_writes_to_and_deletes_nothing, deletes),
    ],
)
def test_a_seeded_defect_turns_its_contract_red(contract, defect):
    with pytest.raises(AssertionError):
        contract(defect)
