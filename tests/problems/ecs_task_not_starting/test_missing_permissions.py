import pytest

from remediator.incidents.diagnosis import diagnose
from remediator.problems.ecs_task_not_starting.runbook import RUNBOOK

from ..ecs_task_restarting.samples import gap
from .samples import REFUSED, SECRET, SECRET_REFUSED, evidence, loop, refusal, role, with_secret
from .setting import PERMISSIONS, SETTING, cause_of, decision_on, document_in


def test_the_least_statement_that_is_missing_is_told():
    words, document = document_in(decision_on(evidence(*loop(SECRET_REFUSED), setup=with_secret())))
    assert words[words.index("--role-name") + 1] == "portfolio-execution"
    (statement,) = document["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": SECRET}


def test_what_the_same_service_would_refuse_next_is_told_with_it():
    _, document = document_in(decision_on(evidence(*loop(REFUSED), roles=(role("logs:*"),))))
    assert {a for s in document["Statement"] for a in s["Action"]} == {
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    }


def test_the_new_policys_name_overwrites_no_inline_policy():
    taken = role("logs:*", inline=("ecs-task-start", "ecs-task-start-2"))
    words, _ = document_in(decision_on(evidence(*loop(REFUSED), roles=(taken,))))
    assert words[words.index("--policy-name") + 1] == "ecs-task-start-3"


def test_where_not_every_policy_was_read_no_policy_name_is_offered():
    found = decision_on(evidence(*loop(REFUSED), roles=(role("logs:*", whole=False),)))
    assert not any("put-role-policy" in c for c in found.commands)


def test_a_denial_that_the_roles_own_policies_do_not_explain_says_where_to_look():
    found = decision_on(evidence(*loop(REFUSED)))
    assert "permissions boundary" in found.why.en
    assert "simulate-principal-policy" in found.commands[0]


@pytest.mark.parametrize(
    ("changed", "command"),
    [(role(exists=False), "aws iam create-role"), (role("*", trusts_tasks=False), "aws iam update-assume-role-policy")],
)
def test_a_role_that_is_gone_or_not_trusted_tells_the_trust_statement(changed, command):
    found = decision_on(evidence(*loop(REFUSED), roles=(changed,)))
    assert any(c.startswith(command) for c in found.commands)
    assert any('"Service": "ecs-tasks.amazonaws.com"' in c for c in found.commands)


def test_what_cloudtrail_recorded_for_the_role_is_among_the_facts():
    (held, *_) = diagnose(RUNBOOK, evidence(*loop(SECRET_REFUSED), refused=refusal()), SETTING).held
    assert any("secretsmanager:GetSecretValue" in f.value for f in held.facts if "CloudTrail" in f.label.en)


def test_a_trail_that_could_not_be_read_changes_nothing():
    assert cause_of(evidence(*loop(REFUSED), refused=gap("throttled"))) == PERMISSIONS


def test_roles_that_could_not_be_read_name_the_row_and_decide_nothing():
    e = evidence(*loop(REFUSED), roles=gap("Denied: iam:GetRole"))
    assert cause_of(e) == PERMISSIONS
    assert "Denied: iam:GetRole" in decision_on(e).why.en
