"""The sandbox's network: who is admitted where, and whose interface has which address."""

import pytest

from sandbox import names
from sandbox.vpc.network import NODES, TASKS, denial, rule_for
from sandbox.wire import AwsError

from ..workflow.asking import ask
from .sandbox_world import let_pass, open_world

OTHER_PORT = 8080


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened


def _someone(world, operation, **parameters):
    world.someone("ec2", operation, **parameters)


def _open(world, rule):
    place = world.portfolio.network
    _someone(world, "authorize_security_group_ingress", GroupId=place.task_group, IpPermissions=[rule])


def _close(world):
    place = world.portfolio.network
    own = rule_for(place.balancer_group)
    _someone(world, "revoke_security_group_ingress", GroupId=place.task_group, IpPermissions=[own])


def _from(*cidrs):
    return {
        "IpProtocol": "tcp",
        "FromPort": names.PORT,
        "ToPort": names.PORT,
        "IpRanges": [{"CidrIp": c} for c in cidrs],
    }


def test_only_the_port_that_the_tasks_group_admits_is_reached(world):
    assert world.portfolio.network.lets_through(names.PORT)
    assert not world.portfolio.network.lets_through(OTHER_PORT)


def test_without_the_rule_nothing_is_reached_and_with_it_again(world):
    _close(world)
    assert not world.portfolio.network.lets_through(names.PORT)
    _open(world, rule_for(world.portfolio.network.balancer_group))
    assert world.portfolio.network.lets_through(names.PORT)


def test_a_rule_for_another_group_admits_nobody_else(world):
    _close(world)
    _open(world, rule_for(world.portfolio.network.task_group))
    assert not world.portfolio.network.lets_through(names.PORT)


@pytest.mark.parametrize(
    ("cidrs", "admitted"),
    [(("10.0.0.0/16",), True), (tuple(f"{n}/32" for n in NODES[:1]), False), (("192.168.0.0/16",), False)],
    ids=["the VPC", "one of two nodes", "elsewhere"],
)
def test_a_range_admits_the_load_balancer_only_where_it_holds_all_its_nodes(world, cidrs, admitted):
    _close(world)
    _open(world, _from(*cidrs))
    assert world.portfolio.network.lets_through(names.PORT) is admitted


@pytest.mark.parametrize(("to", "reached"), [(f"{TASKS}/21", True), ("192.168.0.0/16", False)])
def test_the_load_balancers_own_group_must_let_its_packets_out(world, to, reached):
    group = world.portfolio.network.balancer_group
    every = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    _someone(world, "revoke_security_group_egress", GroupId=group, IpPermissions=[every])
    _someone(world, "authorize_security_group_egress", GroupId=group, IpPermissions=[_from(to)])
    assert world.portfolio.network.lets_through(names.PORT) is reached


def test_an_entry_of_the_acl_that_denies_and_stands_first_decides(world):
    place = world.portfolio.network
    _someone(world, "create_network_acl_entry", **denial(place, OTHER_PORT))
    assert place.lets_through(names.PORT)
    _someone(world, "delete_network_acl_entry", NetworkAclId=place.task_acl, RuleNumber=50, Egress=False)
    _someone(world, "create_network_acl_entry", **denial(place))
    assert not place.lets_through(names.PORT)


def test_an_entry_that_stands_behind_the_one_that_allows_changes_nothing(world):
    place = world.portfolio.network
    _someone(world, "create_network_acl_entry", **{**denial(place), "RuleNumber": 200})
    assert place.lets_through(names.PORT)


def _interfaces(world, **filters):
    named = [{"Name": name.replace("_", "-"), "Values": values} for name, values in filters.items()]
    response = ask(world, "ec2:DescribeNetworkInterfaces", **({"Filters": named} if named else {}))
    return response["NetworkInterfaces"]


def test_each_task_and_each_node_of_the_load_balancer_has_an_interface_in_its_own_group(world):
    world.run_service()
    place = world.portfolio.network
    groups = [i["Groups"][0]["GroupId"] for i in _interfaces(world)]
    assert sorted(groups) == sorted([place.task_group] * 2 + [place.balancer_group] * len(NODES))


def test_the_load_balancers_interfaces_are_found_by_the_description_that_aws_gives_them(world):
    found = _interfaces(world, description=[f"ELB {world.portfolio.load_balancer_suffix}"])
    assert {i["PrivateIpAddress"] for i in found} == set(NODES)


def test_the_interface_of_a_task_that_ended_is_gone(world):
    world.run_service()
    address = world.fleet.tasks[0].address
    (found,) = _interfaces(world, private_ip_address=[address])
    assert found["SubnetId"] == world.portfolio.network.task_subnet
    ask(world, "ecs:StopTask", cluster=names.CLUSTER, task=world.fleet.tasks[0].id)
    let_pass(world, 300)
    assert _interfaces(world, private_ip_address=[address]) == []


def test_filters_narrow_together(world):
    world.run_service()
    place = world.portfolio.network
    both = _interfaces(world, vpc_id=[place.vpc], group_id=[place.task_group])
    assert len(both) == 2
    assert _interfaces(world, subnet_id=[place.task_subnet], group_id=[place.balancer_group]) == []


def test_a_filter_that_is_not_modelled_is_not_guessed(world):
    with pytest.raises(NotImplementedError, match="attachment"):
        _interfaces(world, **{"attachment.status": ["attached"]})


def test_an_interface_that_is_not_there_is_an_error(world):
    with pytest.raises(AwsError, match="NotFound"):
        ask(world, "ec2:DescribeNetworkInterfaces", NetworkInterfaceIds=["eni-0123456789abcdef0"])
