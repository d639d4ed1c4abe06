"""The line that no change of a security group crosses: a port is opened to another group, never to addresses.

The plans are made so; this holds them to it once more where they are carried out, whoever made them.
"""

from collections.abc import Mapping
from typing import Any

from ...core.errors import Defect
from ...core.plan import Call

# What an ingress call may name. Source: the request of AuthorizeSecurityGroupIngress in botocore's model of EC2; the members
# that are left out name addresses (CidrIp, IpRanges, Ipv6Ranges, PrefixListIds) or another way to say the same.
CALL = frozenset(("GroupId", "IpPermissions"))
RULE = frozenset(("IpProtocol", "FromPort", "ToPort", "UserIdGroupPairs"))


def refuse_addresses(calls: tuple[Call, ...]) -> None:
    """Raises where a call would let addresses into a security group.

    Raises:
        Defect: a call on a security group's rules names anything but other groups, or no group at all.
    """
    for call in calls:
        if call.action.startswith("ec2:") and call.action.endswith(("Ingress", "Egress")):
            _refuse(call)


def _refuse(call: Call) -> None:
    rules = call.parameters.get("IpPermissions", ())
    foreign = sorted(set(call.parameters) - CALL) + sorted({name for rule in rules for name in set(rule) - RULE})
    if foreign or call.copy is not None or not rules or not all(_between_groups(rule) for rule in rules):
        raise Defect(f"{call.action}: a rule is between security groups only, this one names {foreign or 'no group'}")


def _between_groups(rule: Mapping[str, Any]) -> bool:
    pairs = rule.get("UserIdGroupPairs", ())
    return bool(pairs) and all(pair.get("GroupId") for pair in pairs)
