"""Least privilege in its short form, and that it would notice."""

import json

import pytest

from tests.prove import least_privilege
from tests.prove.iam import Ask, Rule, allows
from tests.prove.least_privilege import UNUSED, Seen, faults, neighbours, session_faults, unused_rights
from tests.prove.running import prove

pytestmark = [pytest.mark.synth]
SERVICE = "arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service"
UPDATE = Ask("ecs:UpdateService", SERVICE)


def rule(action="ecs:UpdateService", on="*", effect="Allow", **conditions):
    return Rule(effect, (action,), (on,), conditions)


def policy(*actions, on=SERVICE):
    return json.dumps({"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": on}]})


def test_every_call_of_a_story_of_each_runbook_is_allowed_and_each_session_allows_its_own_calls_only(
    template, monkeypatch
):
    monkeypatch.setattr(least_privilege, "synthesised", lambda *_: template)
    ((outcome, _),) = prove(("least_privilege",), bounded=True, jobs=1)
    assert outcome.violations == ()
    assert int(outcome.figures["sessions"]) >= 7


def test_every_excuse_gives_a_reason():
    assert all(len(why) > 20 for why in UNUSED.values())


def test_a_call_that_no_statement_allows_is_noticed():
    seen = Seen("story", asked={"remediate": [UPDATE]})
    assert list(faults(seen, {"remediate": (rule("ecs:DescribeServices"),)}))
    assert list(faults(seen, {"remediate": (rule(on=f"{SERVICE}-2"),)}))
    assert list(faults(seen, {})) == ["story: no such role: remediate"]
    assert list(faults(seen, {"remediate": (rule(),)})) == []


def test_a_deny_wins_and_a_tag_that_is_not_known_meets_no_condition():
    tagged = rule(StringEquals={"aws:ResourceTag/auto-remediation": ["auto", "approve"]})
    assert not allows((rule(), rule("ecs:Update*", effect="Deny")), UPDATE)
    assert not allows((tagged,), UPDATE)
    assert allows((tagged,), Ask(UPDATE.action, UPDATE.arn, {"aws:ResourceTag/auto-remediation": "auto"}))


@pytest.mark.parametrize(
    "wide",
    [
        policy("ecs:UpdateService", on="*"),
        policy("ecs:UpdateService", on=f"{SERVICE}*"),
        policy("ecs:UpdateService", on=SERVICE.replace("123456789012", "*")),
        policy("ecs:UpdateService", "ecs:StopTask"),
        policy("ecs:UpdateService", "ecs:DeleteService"),
        policy("ecs:*"),
        policy("ecs:StopTask"),
    ],
)
def test_a_session_that_may_do_more_or_less_than_its_calls_is_noticed(wide):
    assert list(session_faults(wide, [UPDATE]))


def test_a_session_for_exactly_its_calls_is_not():
    assert list(session_faults(policy("ecs:UpdateService"), [UPDATE])) == []
    assert SERVICE not in neighbours(UPDATE)


def test_a_right_that_no_story_uses_is_named_and_so_is_an_excuse_that_is_not_needed():
    roles = {"remediate": (rule("ecs:UpdateService"), rule("lambda:CheckpointDurableExecution"), rule("s3:GetObject"))}
    unused, idle = unused_rights([Seen("s", asked={"remediate": [UPDATE]})], roles)
    assert unused == [("remediate", "s3:GetObject")]
    assert ("remediate", "lambda:CheckpointDurableExecution") not in idle
    assert ("remediate", "kms:Decrypt") in idle
