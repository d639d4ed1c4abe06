"""Security groups: a rule is what it admits, once."""

from collections.abc import Mapping
from typing import Any

from ministack.services import ec2

from .patches import patch, silent

EC2 = "ministack.services.ec2"


@patch(
    of=f"{EC2}._rules_match",
    lacks="tells two equal rules apart where one names its group's account and the other does not",
    still=silent(f"{EC2}._strip_descriptions", "UserId"),
)
def compare_what_is_admitted(_original: Any) -> Any:
    """Rules are equal where they admit the same: protocol, ports, groups and addresses."""
    return lambda one, other: _admits(one) == _admits(other)


def _admits(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    def listed(name: str, member: str) -> list[str]:
        return sorted(str(each.get(member)) for each in rule.get(name) or ())

    return (
        str(rule.get("IpProtocol")),
        str(rule.get("FromPort")),
        str(rule.get("ToPort")),
        listed("UserIdGroupPairs", "GroupId"),
        listed("IpRanges", "CidrIp"),
        listed("Ipv6Ranges", "CidrIpv6"),
        listed("PrefixListIds", "PrefixListId"),
    )


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("AuthorizeSecurityGroupIngress",),
    lacks="accepts an ingress rule that is there already",
    still=silent(f"{EC2}._authorize_sg_ingress", '_error("InvalidPermission.Duplicate'),
)
def refuse_duplicates(original: Any) -> Any:
    """A rule that exists is `InvalidPermission.Duplicate`, as AWS says it."""

    def authorize(params: dict[str, Any]) -> Any:
        group = ec2._security_groups.get(ec2._p(params, "GroupId"))
        for rule in ec2._parse_ip_permissions(params, "IpPermissions"):
            if group and any(ec2._rules_match(rule, there) for there in group["IpPermissions"]):
                said = "the specified rule already exists"
                return ec2._error("InvalidPermission.Duplicate", said, 400)
        return original(params)

    return authorize


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("RevokeSecurityGroupIngress",),
    lacks="says that it has removed an ingress rule that is not there",
    still=silent(f"{EC2}._revoke_sg_ingress", "InvalidPermission.NotFound"),
)
def refuse_unknown_rules(original: Any) -> Any:
    """A rule that does not exist is `InvalidPermission.NotFound`."""

    def revoke(params: dict[str, Any]) -> Any:
        group = ec2._security_groups.get(ec2._p(params, "GroupId"))
        for rule in ec2._parse_ip_permissions(params, "IpPermissions"):
            if group and not any(ec2._rules_match(rule, there) for there in group["IpPermissions"]):
                said = "The specified rule does not exist in this security group."
                return ec2._error("InvalidPermission.NotFound", said, 400)
        return original(params)

    return revoke
