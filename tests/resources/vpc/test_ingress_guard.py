"""A security group is opened to another group or not at all."""

import pytest

from remediator.core.errors import Defect
from remediator.core.plan import Call, Copy
from remediator.resources.vpc.ingress_guard import refuse_addresses

PEER = [{"GroupId": "sg-1"}]
RULE = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": PEER}


def call(rule=None, action="ec2:AuthorizeSecurityGroupIngress", **more):
    return Call(action=action, parameters={"GroupId": "sg-2", "IpPermissions": [rule or RULE], **more}, arn="arn")


def test_a_rule_between_groups_may_pass_and_other_calls_are_none_of_its_business():
    refuse_addresses((call(), call(action="ec2:RevokeSecurityGroupIngress")))
    refuse_addresses((Call(action="ecs:UpdateService", parameters={"IpRanges": []}, arn="arn"),))


@pytest.mark.parametrize(
    "more",
    [
        {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
        {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
        {"PrefixListIds": [{"PrefixListId": "pl-1"}]},
        {"IpRanges": []},
        {"UserIdGroupPairs": []},
        {"UserIdGroupPairs": [{"Description": "nobody"}]},
        {"SomethingNew": "0.0.0.0/0"},
    ],
)
@pytest.mark.parametrize("action", ["ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress"])
def test_whatever_else_a_rule_names_is_refused(more, action):
    with pytest.raises(Defect):
        refuse_addresses((call({**RULE, **more}, action),))


@pytest.mark.parametrize("more", [{"CidrIp": "0.0.0.0/0"}, {"SourceSecurityGroupName": "x"}, {"IpPermissions": []}])
def test_so_is_a_call_that_says_it_in_another_way(more):
    with pytest.raises(Defect):
        refuse_addresses((call(**more),))


def test_so_is_a_call_whose_rules_come_from_somewhere_else():
    copied = Copy(action="ec2:DescribeSecurityGroups", parameters={}, at="SecurityGroups", keep=("IpPermissions",))
    with pytest.raises(Defect):
        refuse_addresses((Call(action="ec2:AuthorizeSecurityGroupIngress", parameters={}, arn="arn", copy=copied),))
