from dataclasses import replace

import pytest

from remediator.resources.vpc.network_path import Rule

from .samples import PLAIN, REFUSED, TIMEOUT, code, evidence, gap, group, groups, target
from .setting import UNDECLARED, cause_of, diagnosed, unchecked, with_path


def test_health_that_could_not_be_read_rules_nothing_out():
    found = diagnosed(evidence(group=gap()))
    assert found.held == found.ruled_out == ()
    assert len(found.unchecked) == 4


@pytest.mark.parametrize("missing", ["balancer", "interfaces", "security_groups", "acls"])
def test_half_a_network_path_neither_closes_a_group_nor_blames_the_application(missing):
    e = evidence(TIMEOUT, TIMEOUT, **{missing: gap()})
    assert cause_of(e) is None
    assert set(unchecked(e)) == {"security_group_closed", "application_failing"}


def test_an_unknown_owner_leaves_the_port_open():
    e = evidence(TIMEOUT, TIMEOUT, behind=gap())
    assert cause_of(e) is None
    assert {"wrong_port", "application_failing"} <= set(unchecked(e))


def test_plain_targets_without_a_declared_port_cannot_be_checked_for_it():
    e = evidence(REFUSED, behind=PLAIN)
    assert set(unchecked(e, UNDECLARED)) == {"wrong_port", "application_failing"}


def test_a_service_on_instances_has_ports_that_ecs_chose():
    bridged = group(target(0, 49153, **TIMEOUT), target_type="instance")
    assert unchecked(evidence(group=replace(bridged, health_port="8000")))["wrong_port"].startswith("ECS chooses")
    assert "wrong_port" not in unchecked(evidence(group=bridged))


def test_a_prefix_list_is_not_taken_for_closed():
    listed = Rule(protocol="tcp", from_port=8000, to_port=8000, prefix_lists=("pl-1",))
    assert "prefix list" in unchecked(evidence(TIMEOUT, security_groups=groups(listed)))["security_group_closed"]


def test_an_answer_on_an_undeclared_path_tells_nothing_of_the_application():
    assert "application_failing" in unchecked(with_path("/admin", code(401)))
