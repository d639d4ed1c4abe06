"""Whose a recovery is."""

from dataclasses import replace

import pytest

from remediator.core.credit import credited, new_targets_serve
from remediator.core.model import Call, Change, Plan, Resource, Verdict
from remediator.core.text import same
from tests.runbooks.evidence_of_targets import group, target
from tests.samples import NOW

ARN = "arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service"
BEFORE = (group(target(0), target(1)),)
ADDED = replace(target(0), id="10.0.1.11")


def change(action="ecs:UpdateService"):
    plan = Plan(
        runbook="r", cause="r.c", fix="f", title=same("t"), resource=Resource("ecs_service", ARN),
        calls=(Call(action=action, parameters={}, arn=ARN),), before={}, after={}, no_undo=same("-"),
    )  # fmt: skip
    return Change(plan=plan, applied_at=NOW)


def test_without_a_change_nothing_is_ours():
    assert credited(None, in_effect=True) is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(("in_effect", "verdict"), [(True, Verdict.FIXED), (False, Verdict.RECOVERED_WITHOUT_US)])
def test_a_change_has_the_credit_only_where_it_was_at_work(in_effect, verdict):
    assert credited(change(), in_effect=in_effect) is verdict


def test_more_tasks_are_in_effect_once_a_new_one_passes():
    assert not new_targets_serve(change(), BEFORE, BEFORE)
    assert not new_targets_serve(change(), BEFORE, (group(*BEFORE[0].targets, replace(ADDED, state="initial")),))
    assert new_targets_serve(change(), BEFORE, (group(*BEFORE[0].targets, ADDED),))


def test_on_an_instance_another_port_is_another_task():
    assert new_targets_serve(change(), BEFORE, (group(*BEFORE[0].targets, replace(target(0), port=32_768)),))


def test_a_setting_of_the_load_balancer_is_in_effect_at_once():
    assert new_targets_serve(change("elasticloadbalancing:ModifyTargetGroup"), BEFORE, BEFORE)


def test_where_nobody_knows_the_targets_before_nothing_speaks_against_the_change():
    assert new_targets_serve(change(), None, BEFORE)
