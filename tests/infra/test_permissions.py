"""Who may do what: derived from the runbooks, listed in one file, writes only in fix roles."""

import json
import re

import pytest

from infra.declared import Declared
from infra.golden import GOLDEN, Template, permissions_held, synthesised, write
from infra.permissions import (
    exact_arn_writes,
    fix_role_suffix,
    is_write,
    opt_in_tag_writes,
    read_statements,
    write_statements,
)
from remediator.core.ports import Permission
from remediator.gates.evidence import GateEvidence
from remediator.problems import load_all
from remediator.recovery.runbook import BOUND
from remediator.remediation.context_evidence import ContextEvidence

from .reading import Stack, said
from .stand_in import SERVICE, stand_in

pytestmark = [pytest.mark.synth, pytest.mark.xdist_group("stacks")]  # one worker, one synthesis
REGISTER = Permission("ecs:RegisterTaskDefinition", "arn:{partition}:ecs:{region}:{account}:task-definition/*:*")
PASS = Permission("iam:PassRole", "arn:{partition}:iam::{account}:role/*", called=False)

# Where a role that is no fix role may write: only on what belongs to the program itself.
OWN = {
    "dynamodb": r"\$\{LedgerTable\.Arn\}",
    "iam": r"\$\{LeasesRole\.Arn\}",  # PassRole of the one role that schedules send with
    "kms": r"\$\{ChannelsKey\.Arn\}",
    "lambda": r"\$\{Functions(Intake\.Arn|Remediate\.Arn|RemediateAliaslive)\}(:\*)?",
    "logs": r"\$\{Functions\w+Log\.Arn\}",
    "scheduler": r"arn:\S+:schedule/remediator-leases-\S+/\*",
    "sns": r"\$\{Channels(High|Medium|Low|Pager)\}",
    "sqs": r"\$\{Inbox\w+\.Arn\}",
    "sts": r"\$\{RolesFix\w+\.Arn\}|this role",
    "xray": r"\*",
}


def test_the_list_of_permissions_is_the_one_that_was_reviewed(
    template: Template, request: pytest.FixtureRequest
) -> None:
    held = permissions_held(template)
    if request.config.getoption("--golden", default=False):
        write(held)
    reviewed = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert held == reviewed, "run `make golden` and read the diff: it is the security review"


def _granted(lines: list[str]) -> list[tuple[str, str]]:
    found = [re.search(r"(?:^|: )allow (\S+) on (.+?)(?: if .*)?$", line) for line in lines]
    return [(m.group(1), m.group(2)) for m in found if m]


def test_no_role_but_a_fix_role_writes_anything_that_is_not_its_own(template: Template) -> None:
    roles = {name for name in permissions_held(template) if "Role" in name and not name.startswith("RolesFix")}
    functions = {"FunctionsApproveRole", "FunctionsIntakeRole", "FunctionsRemediateRole", "FunctionsWidgetRole"}
    assert roles == {*functions, "LeasesRole", "SweepRole"}
    for name in roles:
        writes = [(a, on) for a, on in _granted(permissions_held(template)[name]) if is_write(a)]
        assert writes, f"{name}: nothing was found to check"
        foreign = [(a, on) for a, on in writes if not re.fullmatch(OWN.get(a.split(":")[0], "nothing"), on)]
        assert foreign == [], name


def test_an_unknown_verb_counts_as_a_write() -> None:
    assert is_write("ecs:FrobnicateService")
    assert is_write("lambda:InvokeFunction")
    assert not is_write("logs:StartQuery")
    assert not is_write("ecs:DescribeServices")


def test_no_role_has_a_managed_policy_or_every_action(template: Template) -> None:
    lines = [line for held in permissions_held(template).values() for line in held if "root" not in line]
    assert lines
    assert not [line for line in lines if "managed policy" in line or "allow * " in line]


def test_remediate_reads_just_what_runbooks_procedures_and_background_declare(small: Stack) -> None:
    lines = permissions_held(small.template)["FunctionsRemediateRole"]
    reads = {a for a, _ in _granted(lines) if not is_write(a) and a.split(":")[0] in ("ecs", "cloudwatch")}
    around = {
        p.action
        for p in (*ContextEvidence.reads(), *GateEvidence.reads())
        if p.action.startswith(("ecs:", "cloudwatch:"))
    }
    assert reads == {"ecs:DescribeServices", "cloudwatch:GetMetricData"} | around
    assert "allow ecs:DescribeServices on arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/*" in lines


def test_each_runbook_that_writes_has_a_fix_role_that_only_remediate_may_assume(small: Stack) -> None:
    roles = {k: p for k, p in small.of("AWS::IAM::Role").items() if k.startswith("RolesFix")}
    assert len(roles) == 2
    remediate = small.id("AWS::IAM::Role", "FunctionsRemediateRole")
    for role in roles.values():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"] == {"ArnEquals": {"aws:PrincipalArn": {"Fn::GetAtt": [remediate, "Arn"]}}}
        assert role["MaxSessionDuration"] == 3600


def test_fix_roles_are_named_as_remediate_looks_for_them(small: Stack) -> None:
    prefix = small.named("AWS::Lambda::Function", "FunctionsRemediate")["Environment"]["Variables"]["FIX_ROLE_PREFIX"]
    name = small.named("AWS::IAM::Role", "RolesFixEcsOne")["RoleName"]
    assert said(prefix).endswith(said({"Ref": "AWS::Region"}) + ', "-fix-"]]}')
    assert name == {"Fn::Join": ["", ["remediator-", {"Ref": "AWS::Region"}, "-fix-ecs-one"]]}


def test_a_write_on_a_tagged_resource_is_bound_to_the_opt_in() -> None:
    (update, *_) = write_statements(stand_in(), ())
    assert update.actions == ("ecs:UpdateService",)
    assert update.conditions == {"StringEquals": {"aws:ResourceTag/auto-remediation": ["auto", "approve"]}}


def test_roles_are_passed_to_ecs_tasks_only_and_only_those_that_are_declared() -> None:
    statements = write_statements(stand_in("ecs_x", REGISTER, PASS), ("role/portfolio-*",))
    (passing,) = [s for s in statements if s.actions == ("iam:PassRole",)]
    assert passing.resources == ("arn:{partition}:iam::{account}:role/portfolio-*",)
    assert passing.conditions == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_without_declared_roles_none_is_passed() -> None:
    statements = write_statements(stand_in("ecs_x", REGISTER, PASS), ())
    assert not [s for s in statements if s.effect == "Allow" and "iam:PassRole" in s.actions]


@pytest.mark.parametrize(
    "forbidden", ["ecs:DeleteService", "iam:PutRolePolicy", "ecs:TagResource", "ec2:TerminateInstances"]
)
def test_a_runbook_that_would_destroy_or_retag_or_write_iam_does_not_synthesise(forbidden: str) -> None:
    with pytest.raises(ValueError, match=f"no fix may do {forbidden}"):
        write_statements(stand_in("ecs_x", Permission(forbidden, SERVICE)), ())


def test_a_write_of_which_nobody_said_how_iam_sees_it_does_not_synthesise() -> None:
    with pytest.raises(ValueError, match="whether IAM can see the opt-in tag for ecs:UpdateCluster"):
        write_statements(stand_in("ecs_x", Permission("ecs:UpdateCluster", SERVICE)), ())


def test_a_reader_that_declares_a_write_does_not_synthesise() -> None:
    class Greedy:
        @staticmethod
        def reads() -> tuple[Permission, ...]:
            return (Permission("ecs:UpdateService", SERVICE),)

    with pytest.raises(ValueError, match="not a read: ecs:UpdateService"):
        read_statements((Greedy(),))  # type: ignore[arg-type]


def test_a_table_may_be_scanned_for_a_count_and_for_nothing_else() -> None:
    scans = [s for s in read_statements(BOUND) if "dynamodb:Scan" in s.actions]
    assert [(s.actions, s.conditions) for s in scans] == [
        (("dynamodb:Scan",), {"StringEquals": {"dynamodb:Select": ["COUNT"]}})
    ]


@pytest.mark.parametrize("denied", ["ecs:Delete*", "iam:Put*", "ecs:TagResource", "elasticloadbalancing:RemoveTags"])
def test_fix_roles_are_denied_deletes_iam_and_the_tag_that_opts_in(small: Stack, denied: str) -> None:
    for name, lines in permissions_held(small.template).items():
        if name.startswith("RolesFix"):
            assert f"deny {denied} on *" in lines


def test_a_fix_role_fits_into_iam_limits(stack: Stack) -> None:
    for name, role in stack.of("AWS::IAM::Role").items():
        for policy in role.get("Policies", ()):
            assert len(json.dumps(policy["PolicyDocument"], separators=(",", ":"))) < 10_240, name


def test_a_runbook_whose_name_is_too_long_for_a_role_is_refused() -> None:
    assert fix_role_suffix("dynamodb_table_undeletable") == "dynamodb-table-undeletable"
    with pytest.raises(ValueError, match="exceed 64"):
        fix_role_suffix("a" * 40)


def test_every_write_of_every_runbook_stands_in_the_security_page() -> None:
    page = (GOLDEN.parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    for action in (*opt_in_tag_writes(), *exact_arn_writes()):
        assert f"`{action}`" in page, action
    for runbook in load_all():
        for permission in runbook.writes():
            assert f"`{permission.action}`" in page


def test_a_runbook_that_writes_nothing_has_no_fix_role(declared: Declared) -> None:
    class Silent:
        id = "silent"
        triggers = stand_in().triggers

        @staticmethod
        def reads() -> tuple[Permission, ...]:
            return (Permission("ecs:DescribeServices", SERVICE),)

        @staticmethod
        def writes() -> tuple[Permission, ...]:
            return ()

    quiet = Stack(synthesised((Silent(),), declared))  # type: ignore[arg-type]
    assert not [k for k in quiet.of("AWS::IAM::Role") if k.startswith("RolesFix")]
