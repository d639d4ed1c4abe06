from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.core.timestamps import after
from remediator.resources.ecs.backends import Behind
from remediator.resources.load_balancing.target_health import HostCount, HostCounts

from ...samples import NOW
from .samples import ADDRESSES, GROUP_ARN, OF_ECS, PLAIN, REFUSED, TIMEOUT, evidence, gap, group, hosts, service, target
from .setting import PLAIN_WRONG, WRONG_CHECK, cause_of, decision_on, with_path, with_port


def test_a_services_targets_are_checked_on_their_own_port_again():
    plan = decision_on(WRONG_CHECK)
    assert plan.calls[0].parameters == {"TargetGroupArn": GROUP_ARN, "HealthCheckPort": "traffic-port"}
    assert plan.undo[0].parameters["HealthCheckPort"] == "9000"
    assert plan.response == "auto"


@pytest.mark.parametrize(
    "changes", [{"behind": PLAIN}, {"hosts": gap()}, {"hosts": hosts(healthy_before=False)}], ids=str
)
def test_a_health_check_port_that_is_not_proved_is_asked(changes):
    assert decision_on(with_port("9000", **changes)).response == "ask"


def test_plain_targets_are_registered_on_the_right_port_before_the_wrong_one_is_taken_away():
    plan = decision_on(PLAIN_WRONG)
    register, deregister = plan.calls
    assert register.action.endswith(":RegisterTargets")
    assert register.parameters["Targets"] == [{"Id": ADDRESSES[0], "Port": 8000}]
    assert deregister.action.endswith(":DeregisterTargets")
    assert deregister.parameters["Targets"] == [{"Id": ADDRESSES[0], "Port": 80}]
    assert [c.parameters["Targets"] for c in plan.undo] == [
        [{"Id": ADDRESSES[0], "Port": 80}],
        [{"Id": ADDRESSES[0], "Port": 8000}],
    ]
    assert plan.response == "auto"


def test_without_a_healthy_target_on_the_right_port_a_person_is_asked():
    none = evidence(group=group(target(0, 80, **TIMEOUT), target(1, 80, **TIMEOUT)), behind=PLAIN)
    assert decision_on(none).response == "ask"


def test_a_healthy_target_on_another_port_does_not_prove_the_declared_one():
    other = evidence(group=group(target(0, 80, **TIMEOUT), target(1, 9090)), behind=PLAIN)
    assert decision_on(other).response == "ask"


def test_targets_that_passed_only_while_others_failed_do_not_prove_the_declared_path():
    count = HostCount(at=after(NOW, -3600), hosts=1)
    meanwhile = HostCounts(healthy=(count,), unhealthy=(count, replace(count, at=after(NOW, -300))))
    assert decision_on(with_path("/helth", hosts=meanwhile)).response == "ask"


def test_a_registration_that_stands_already_is_neither_repeated_nor_undone():
    both = evidence(group=group(target(0, 80, **TIMEOUT), target(0), target(1)), behind=PLAIN)
    plan = decision_on(both)
    assert [c.action.split(":")[1] for c in plan.calls] == ["DeregisterTargets"]
    assert [c.action.split(":")[1] for c in plan.undo] == ["RegisterTargets"]


def test_an_address_outside_of_the_network_keeps_its_zone():
    outside = evidence(group=group(target(0, 80, zone="all", **TIMEOUT), target(1)), behind=PLAIN)
    assert decision_on(outside).calls[0].parameters["Targets"][0]["AvailabilityZone"] == "all"


@pytest.mark.parametrize("owner", [OF_ECS, Behind(managed=True)])
def test_targets_of_a_service_are_never_registered_by_hand(owner):
    wrong = evidence(group=group(target(0, 80, **TIMEOUT), target(1)), behind=owner)
    assert cause_of(wrong) == "alb_targets_unhealthy.wrong_port"
    found = decision_on(wrong)
    assert isinstance(found, Advise)
    assert "ECS registers" in found.why.en


@pytest.mark.parametrize("kind", ["lambda", "alb"])
def test_targets_of_another_kind_are_told(kind):
    odd = evidence(group=group(target(0, 80, **TIMEOUT), target(1), target_type=kind), behind=PLAIN)
    assert isinstance(decision_on(odd), Advise)


def test_registration_and_check_both_wrong_are_told():
    both = evidence(group=group(target(0, 80, **TIMEOUT), target(1), health_port="9000"), behind=PLAIN)
    assert isinstance(decision_on(both), Advise)


def test_a_services_mapping_that_differs_from_the_declared_port_is_told_as_a_difference():
    mapping = {"targetGroupArn": GROUP_ARN, "containerName": "api", "containerPort": 80}
    mapped = Behind(managed=True, service=service(load_balancers=(mapping,)))
    wrong = evidence(group=group(target(0, 80, **REFUSED), target(1, 80, **REFUSED)), behind=mapped)
    assert "containerPort 80 -> 8000" in decision_on(wrong).why.en
