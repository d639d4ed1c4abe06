"""Readers of a service's way out on answers in AWS's own shape."""

import pytest

from remediator.core.errors import NotFound
from remediator.core.ports import Scope
from remediator.core.settings import Settings
from remediator.resources.ecs.readers import egress as ways_out
from remediator.resources.vpc.egress import Route
from tests.fakes import FakeAws
from tests.problems.ecs_task_not_starting.samples import ALL_ENDPOINTS, place
from tests.problems.ecs_task_restarting.samples import service
from tests.samples import NOW, incident

SCOPE = Scope(incident=incident(), now=NOW, settings=Settings())
VPC = {"awsvpcConfiguration": {"subnets": ["subnet-a"], "securityGroups": ["sg-t"], "assignPublicIp": "ENABLED"}}
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
MAIN = {"RouteTableId": "rtb-main", "Associations": [{"Main": True}], "Routes": [LOCAL]}
OWN = {
    "RouteTableId": "rtb-own",
    "Associations": [{"Main": False, "SubnetId": "subnet-a"}],
    "Routes": [
        LOCAL,
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-s3", "State": "active"},
        {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-a", "State": "blackhole"},
    ],
}
ENDPOINTS = [
    {
        "VpcEndpointId": "vpce-a",
        "ServiceName": "com.amazonaws.ap-northeast-1.ecr.api",
        "VpcEndpointType": "Interface",
        "State": "Available",
        "PrivateDnsEnabled": True,
        "Groups": [{"GroupId": "sg-e"}],
    },
    {
        "VpcEndpointId": "vpce-s3",
        "ServiceName": "com.amazonaws.ap-northeast-1.s3",
        "VpcEndpointType": "Gateway",
        "State": "available",
        "RouteTableIds": ["rtb-own"],
    },
]


def read(*tables, endpoints=()):
    answers = {
        "ec2:DescribeSubnets": {"Subnets": [{"SubnetId": "subnet-a", "VpcId": "vpc-a", "CidrBlock": "10.0.8.0/21"}]},
        "ec2:DescribeRouteTables": {"RouteTables": list(tables)},
        "ec2:DescribeVpcEndpoints": {"VpcEndpoints": list(endpoints)},
    }
    return ways_out.place(FakeAws(answers), SCOPE, service(network=VPC))


def test_a_subnet_has_the_routes_of_its_own_table():
    (subnet,) = read(MAIN, OWN).subnets
    assert (subnet.table, subnet.cidr) == ("rtb-own", "10.0.8.0/21")
    assert subnet.routes == (
        Route(to="0.0.0.0/0", via="nat-a", active=False),
        Route(to="10.0.0.0/16", via="local"),
        Route(to="pl-s3", via="vpce-s3"),
    )


def test_a_subnet_without_a_table_of_its_own_has_the_main_one():
    (subnet,) = read(MAIN).subnets
    assert subnet.table == "rtb-main"


def test_without_any_table_nothing_is_guessed():
    with pytest.raises(NotFound, match="route table"):
        read()


def test_endpoints_are_named_by_their_service():
    found = read(OWN, endpoints=ENDPOINTS)
    assert [(e.service, e.gateway, e.available, e.private_dns) for e in found.endpoints] == [
        ("ecr.api", False, True, True),
        ("s3", True, True, False),
    ]
    assert found.public_address
    assert found.groups == ("sg-t",)


def test_tasks_on_their_hosts_network_have_no_place_of_their_own():
    with pytest.raises(NotFound, match="hosts"):
        ways_out.place(FakeAws({}), SCOPE, service())


def test_groups_of_tasks_and_endpoints_are_read_in_one_call():
    aws = FakeAws({"ec2:DescribeSecurityGroups": {"SecurityGroups": [{"GroupId": "sg-0tasks", "OwnerId": "1"}]}})
    (group,) = ways_out.way_groups(aws, SCOPE, place(endpoints=ALL_ENDPOINTS))
    assert group.id == "sg-0tasks"
    assert aws.calls[0][1]["GroupIds"] == ["sg-0endpoints", "sg-0tasks"]


def test_acls_are_those_before_the_services_subnets():
    entry = {"RuleNumber": 100, "Egress": True, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}
    values = {"NetworkAclId": "acl-a", "Associations": [{"SubnetId": "subnet-0a"}], "Entries": [entry]}
    aws = FakeAws({"ec2:DescribeNetworkAcls": {"NetworkAcls": [values]}})
    (acl,) = ways_out.way_acls(aws, SCOPE, place())
    assert (acl.id, acl.subnets, len(acl.entries)) == ("acl-a", ("subnet-0a",), 1)
    assert aws.calls[0][1]["Filters"] == [{"Name": "association.subnet-id", "Values": ["subnet-0a"]}]
